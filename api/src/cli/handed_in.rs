//! What contributors have handed in as files: read whole, compared with the draw, and refused with
//! file and line before anything is done.

use std::path::Path;

use verifier::{
    contribution::{Commitment, Reveal},
    record::{Announce, RecordError},
};

use crate::{
    App,
    error::{Error, Result},
    service::ceremony::Sealing,
};

/// The commitment of a file, for this draw.
pub(super) fn read_commitment(app: &App, draw: &str, file: &Path) -> Result<Sealing> {
    let option = "--sealed-file";
    let refuse = |error: RecordError| refused(option, file, &error);
    let handed_in = Commitment::parse(&read(option, file)?).map_err(refuse)?;
    let contributor = &handed_in.contributor;
    contributor.check_draw(&app.origin, draw).map_err(refuse)?;
    Ok(Sealing {
        name: contributor.name.clone(),
        commitment: handed_in.commitment,
    })
}

/// Name and secret of a file, for a draw that was announced so.
pub(super) fn read_reveal(announce: &Announce, file: &Path) -> Result<(String, [u8; 32])> {
    let option = "--reveal-file";
    let refuse = |error: RecordError| refused(option, file, &error);
    let handed_in = Reveal::parse(&read(option, file)?).map_err(refuse)?;
    handed_in.check_announced(announce).map_err(refuse)?;
    Ok((handed_in.contributor.name, handed_in.secret))
}

/// Bytes that no such text exceeds: three names of at most 255 bytes, a digest, and their keys.
const MAX_BYTES: u64 = 1_024;

fn read(option: &str, file: &Path) -> Result<String> {
    let refuse = |why: String| Error::invalid(option, format!("{}: {why}", file.display()));
    let length = std::fs::metadata(file).map_err(|cause| refuse(cause.to_string()))?;
    if length.len() > MAX_BYTES {
        let found = length.len();
        let why = format!(
            "expected at most {MAX_BYTES} bytes, found {found}; give the file that the contributor has handed in"
        );
        return Err(refuse(why));
    }
    let bytes = std::fs::read(file).map_err(|cause| refuse(cause.to_string()))?;
    String::from_utf8(bytes)
        .map_err(|_| refuse("expected text in UTF-8, found other bytes".to_owned()))
}

fn refused(option: &str, file: &Path, error: &RecordError) -> Error {
    let why = format!("{}, {error}; nothing was done", file.display());
    Error::invalid(option, why)
}
