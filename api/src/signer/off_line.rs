//! A key on a machine without network: its public half, and that nobody here can sign with it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use verifier::note::VerifierKey;

use super::{KeyError, Kind, file};

/// Where a folder says it.
pub(super) fn path(folder: &Path, kind: Kind) -> PathBuf {
    kind.path(folder).with_extension("offline")
}

/// Reads the public half, where the folder says that the key is off line.
pub(super) fn find(folder: &Path, kind: Kind) -> Result<Option<VerifierKey>, KeyError> {
    let path = path(folder, kind);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(KeyError::io("read", &path, source)),
    };
    let key = parse(&text, kind).ok_or_else(|| KeyError::Malformed {
        path,
        found: format!("a file that does not name the public half of the {kind} key"),
    })?;
    Ok(Some(key))
}

/// Writes it, where nothing is yet.
pub(super) fn write(folder: &Path, kind: Kind, key: &VerifierKey) -> Result<(), KeyError> {
    file::write_new(&path(folder, kind), text(kind, key).as_bytes(), 0o644)
}

fn text(kind: Kind, key: &VerifierKey) -> String {
    format!("Fairplate {kind} key off line\n{key}\n")
}

/// Reads the one spelling of it.
fn parse(text: &str, kind: Kind) -> Option<VerifierKey> {
    let key: VerifierKey = text.lines().nth(1)?.parse().ok()?;
    (self::text(kind, &key) == text).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signer::{Passphrase, RecordKeys, RecordSigner, SignError};

    #[test]
    fn a_key_off_line_opens_without_its_private_half_and_signs_nothing() {
        let [folder, away] = [0, 1].map(|_| tempfile::tempdir().unwrap());
        let (folder, passphrase) = (folder.path(), Passphrase::new("seven grey herons").unwrap());
        let made = RecordSigner::create(away.path(), "a.example/records", &passphrase).unwrap();
        RecordKeys::take_off_line(folder, made.key()).unwrap();

        let opened = RecordKeys::open(folder, &passphrase).unwrap();

        assert_eq!(opened.first(), made.key());
        let signer = opened.find(std::slice::from_ref(made.key())).unwrap();
        assert!(signer.is_off_line() && signer.reach().is_ok());
        let refused = signer.sign("fairplate/v1 void\n".to_owned()).unwrap_err();
        assert!(matches!(refused, SignError::OffLine { .. }), "{refused}");
        assert!(RecordKeys::exist(folder));
        let half = fs::read_to_string(folder.join("record.vkey")).unwrap();
        assert_eq!(half, format!("{}\n", made.key()));

        let again = RecordKeys::take_off_line(folder, made.key()).unwrap_err();
        assert!(matches!(again, KeyError::Exists { .. }), "{again}");
        fs::copy(away.path().join("record.key"), folder.join("record.key")).unwrap();
        let twice = RecordKeys::open(folder, &passphrase).unwrap_err();
        assert!(matches!(twice, KeyError::Twice { .. }), "{twice}");
    }

    #[test]
    fn what_is_said_of_a_key_off_line_has_one_spelling() {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = Passphrase::new("seven grey herons").unwrap();
        let made = RecordSigner::create(folder.path(), "a.example/records", &passphrase).unwrap();
        let text = text(Kind::Record, made.key());
        assert_eq!(parse(&text, Kind::Record).as_ref(), Some(made.key()));
        assert!(parse(&text, Kind::Log).is_none());
        for wrong in [
            format!("{text}\n"),
            text.replace("off line", "away"),
            String::new(),
        ] {
            assert!(parse(&wrong, Kind::Record).is_none(), "{wrong}");
        }
    }
}
