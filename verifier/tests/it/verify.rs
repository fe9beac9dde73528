//! Verifying what the city published.

use fairplate_verifier::{Options, Report, Trust, verify_folder};

use crate::city::{Files, Scenario, write_files};

impl Scenario {
    pub(crate) fn verify(&self) -> Report {
        verify_files(&self.files(), &self.trust(), &Options::default())
    }
}

/// Verifies files with their log, from a folder of their own.
pub(crate) fn verify_files(files: &Files, trust: &Trust, options: &Options) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    write_files(files, folder.path());
    let mut options = options.clone();
    options.log = Some(folder.path().join("log"));
    verify_folder(folder.path(), trust, &options, &mut |_| {})
}
