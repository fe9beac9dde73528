//! A draw as one file, the way the command reads it.

use std::{fs, io, path::PathBuf, sync::LazyLock};

use fairplate_verifier::bundle::Bundle;

use crate::example::Files;

static PATH: LazyLock<PathBuf> = LazyLock::new(|| {
    let name = format!("fairplate-fuzz-{}.tar", std::process::id());
    std::env::temp_dir().join(name)
});

/// The files as a plain ustar archive, in one folder.
#[must_use]
pub fn tar(files: &Files) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, bytes) in files {
        archive.extend(header(&format!("202606/{name}"), bytes.len()));
        archive.extend_from_slice(bytes);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1_024, 0);
    archive
}

fn header(path: &str, length: usize) -> [u8; 512] {
    let mut header = [0; 512];
    let path = &path.as_bytes()[..path.len().min(100)];
    header[..path.len()].copy_from_slice(path);
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{length:011o}\0").as_bytes());
    header[148..156].copy_from_slice(b"        ");
    header[156] = b'0';
    header[257..263].copy_from_slice(b"ustar\0");
    sum(&mut header);
    header
}

/// Writes the checksum that belongs to a header.
pub fn sum(header: &mut [u8; 512]) {
    header[148..156].copy_from_slice(b"        ");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// Opens an archive as the command does: from a file, by its path.
///
/// # Errors
/// What the verifier refuses it for.
///
/// # Panics
/// When the file cannot be written.
pub fn open(archive: &[u8]) -> io::Result<Bundle> {
    fs::write(&*PATH, archive).expect("a file");
    Bundle::open_path(&PATH)
}
