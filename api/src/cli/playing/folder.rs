//! The folder of such a city: settings, keys, witnesses inside the process, and a beacon chain of its own.

use std::{fs, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

use verifier::text::{Digest, Time};

use crate::{
    cli::{Global, key, signers::Source, start},
    error::{Error, Result},
    ids,
    signer::Passphrase,
};

/// What is in the folder.
pub(in crate::cli) struct Folder<'a> {
    /// The settings, as `serve` and every other command read them later. They name
    /// [`PASSPHRASE_FILE`].
    pub(in crate::cli) settings: String,
    /// Folders of witnesses in the folder, and the names of their keys.
    pub(in crate::cli) witnesses: Vec<(String, String)>,
    /// Beacon id of the chain.
    pub(in crate::cli) chain: &'a str,
    /// Seconds between its rounds.
    pub(in crate::cli) round_secs: u32,
    /// When it begins.
    pub(in crate::cli) genesis: Time,
}

/// The file with the passphrase, in the folder.
pub(in crate::cli) const PASSPHRASE_FILE: &str = "keys/passphrase";

/// Makes whatever is missing of the folder.
pub(in crate::cli) fn make(global: &Global, wanted: &Folder<'_>) -> Result<()> {
    let layout = global.layout();
    key::make(&layout.keys())?;
    let passphrase = passphrase(&layout.root().join(PASSPHRASE_FILE))?;
    write_new(&layout.config(), &wanted.settings, 0o644)?;
    if !layout.keys().join("record.key").exists() {
        key::create(global, None, (Source::Made, None), &passphrase)?;
    }
    for (folder, name) in &wanted.witnesses {
        let folder = layout.root().join(folder);
        if !folder.join("witness.key").exists() {
            key::create_witness(&folder, name, &passphrase)?;
        }
    }
    if !layout.keys().join("chain.key").exists() {
        let (chain, secs) = (wanted.chain, wanted.round_secs);
        key::create_chain(global, chain, secs, wanted.genesis, &passphrase)?;
    }
    Ok(())
}

/// The folder's passphrase: random, and only as safe as the folder.
fn passphrase(path: &Path) -> Result<Passphrase> {
    let fresh = Digest(ids::random());
    write_new(path, &format!("{fresh}\n"), 0o600)?;
    Passphrase::from_file(path).map_err(start::key_error)
}

/// Writes a file unless it is there already.
fn write_new(path: &Path, text: &str, mode: u32) -> Result<()> {
    let opened = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path);
    let written = match opened {
        Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => return Ok(()),
        Err(cause) => Err(cause),
        Ok(mut file) => file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_all()),
    };
    written
        .map_err(|cause| Error::NotSetUp(format!("{} cannot be written: {cause}", path.display())))
}
