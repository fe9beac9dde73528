//! The demo city's folder: settings, keys, a witness, and a beacon chain of its own.

use std::{fs, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

use verifier::text::Digest;

use crate::{
    cli::{Global, key, start},
    config::Config,
    error::{Error, Result},
    ids,
    signer::Passphrase,
};

/// Seconds between the rounds of the demo's own chain.
const ROUND_SECS: u32 = 1;

/// Makes whatever is missing of the city's folder.
pub(super) fn make_city(global: &Global, policy: &str) -> Result<()> {
    let layout = global.layout();
    let settings = layout.config();
    if settings.exists() {
        let there = Config::load(&layout)?.policy;
        if there != policy {
            return Err(Error::NotSetUp(format!(
                "{} holds a city under {there}; name another folder with --data for {policy}",
                layout.root().display()
            )));
        }
    } else {
        start::load_policy(&layout, policy)?;
    }
    key::make(&layout.keys())?;
    let passphrase = passphrase(&layout.keys().join("passphrase"))?;
    write_new(&settings, &text(policy), 0o644)?;
    if !layout.keys().join("record.key").exists() {
        key::create(global, None, [None, None], &passphrase)?;
    }
    let witness = layout.root().join("witness");
    if !witness.join("witness.key").exists() {
        key::create_witness(&witness, "witness.example/demo", &passphrase)?;
    }
    if !layout.keys().join("chain.key").exists() {
        key::create_chain(global, "fairplate-demo", ROUND_SECS, &passphrase)?;
    }
    Ok(())
}

/// The settings, as `serve` and every other command read them later.
fn text(policy: &str) -> String {
    format!(
        "# Written by `fairplate demo`. A real city keeps its passphrase elsewhere, names witnesses\n\
         # that it does not run, and takes its randomness from a beacon that it does not own.\n\
         policy = \"{policy}\"\n\
         passphrase_file = \"keys/passphrase\"\n\n\
         [beacon]\n\
         source = \"own\"\n\
         chain = \"chain.json\"\n\n\
         [[witness]]\n\
         name = \"demo-witness\"\n\
         local = \"witness\"\n"
    )
}

/// The demo's passphrase: random, and only as safe as its folder.
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
