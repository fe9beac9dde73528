//! A disk that fails under a program: its files cannot be made durable, or it is full.
//!
//! `fixtures/failing_disk.c` stands between the program and the kernel. The program is the real one and
//! sees the error that a real disk gives; no privilege is needed, and the failing call can be chosen.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// How a disk fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// One call of fsync fails with EIO, and the next succeeds: an error is told once.
    Fsync,
    /// From one call on there is no room for content, files and folders.
    Full,
}

/// The library that fails.
pub struct FailingDisk {
    folder: TempDir,
}

impl Default for FailingDisk {
    fn default() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/failing_disk.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-o"])
            .arg(folder.path().join("failing_disk.so"))
            .arg(source)
            .status();
        assert!(built.expect("a C compiler").success());
        Self { folder }
    }
}

impl FailingDisk {
    /// Lets the n-th call of a program fail that is about something below these folders.
    pub fn stand_under(
        &self,
        program: &mut Command,
        folders: &[PathBuf],
        failure: Failure,
        nth: u32,
    ) {
        let folders: Vec<_> = folders
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        let call = match failure {
            Failure::Fsync => "fsync",
            Failure::Full => "write",
        };
        program
            .env("LD_PRELOAD", self.folder.path().join("failing_disk.so"))
            .env("FAILING_DISK_UNDER", folders.join(":"))
            .env("FAILING_DISK_CALL", call)
            .env("FAILING_DISK_NTH", nth.to_string())
            .env("FAILING_DISK_TOLD", self.told());
    }

    /// Whether it has failed since this was asked last.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        fs::remove_file(self.told()).is_ok()
    }

    fn told(&self) -> PathBuf {
        self.folder.path().join("told")
    }
}
