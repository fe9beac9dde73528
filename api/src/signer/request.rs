//! A record on its way to a machine without network: a head that says what it is and who is to sign it,
//! an empty line, and exactly the text that is signed. A person reads it there.
//!
//! What comes back is the signed note itself, as it will stand in the log.

use std::fmt;

use verifier::{
    note::{Note, VerifierKey},
    record::{Record, RecordError},
    text::Digest,
};

use super::{RecordKeys, SignError};

const HEAD: &str = "Fairplate record to be signed";

/// A record, and the keys that are to sign it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    text: String,
    record: Record,
    keys: Vec<VerifierKey>,
}

/// Why a file is not signed.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The file is no request.
    #[error(
        "expected a record to be signed, as `fairplate draw export` writes it, found another file; export it again"
    )]
    Shape,
    /// The text is no record.
    #[error(
        "the text under the head is no record that we know: {0}; export it again, with the same version of this program"
    )]
    Record(#[from] RecordError),
    /// The head speaks of another record.
    #[error(
        "the head of the file does not belong to the record under it; carry it here anew, and look at what has changed it"
    )]
    Altered,
    /// The folder has none of the keys.
    #[error(
        "it is to be signed by {}, and the folder of keys has {}; take the folder of that key",
        words(wanted),
        words(found)
    )]
    AnotherKey {
        /// Who is to sign.
        wanted: Vec<String>,
        /// Who could.
        found: Vec<String>,
    },
    /// A key of the folder did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

fn words(keys: &[String]) -> String {
    if keys.is_empty() {
        return "none".to_owned();
    }
    keys.join(" and ")
}

impl Request {
    /// A record for these keys.
    ///
    /// # Errors
    ///
    /// [`RequestError::Record`] for another text.
    pub fn new(text: String, keys: Vec<VerifierKey>) -> Result<Self, RequestError> {
        let record = Record::parse(&text)?;
        Ok(Self { text, record, keys })
    }

    /// Reads the one spelling of a request.
    pub fn parse(file: &str) -> Result<Self, RequestError> {
        let (head, text) = file.split_once("\n\n").ok_or(RequestError::Shape)?;
        if head.lines().next() != Some(HEAD) {
            return Err(RequestError::Shape);
        }
        let named = head.lines().filter_map(|line| line.strip_prefix("key "));
        let keys: Result<Vec<VerifierKey>, _> = named.map(str::parse).collect();
        let keys = keys.map_err(|_| RequestError::Altered)?;
        let request = Self::new(text.to_owned(), keys)?;
        if request.keys.is_empty() || request.to_string() != file {
            return Err(RequestError::Altered);
        }
        Ok(request)
    }

    /// The record.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// What is signed, to its last newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of it.
    #[must_use]
    pub fn hash(&self) -> Digest {
        Record::hash(&self.text)
    }

    /// Who is to sign.
    #[must_use]
    pub fn keys(&self) -> &[VerifierKey] {
        &self.keys
    }

    /// The record with the signature of each of its keys that is in one of these folders.
    ///
    /// # Errors
    ///
    /// [`RequestError::AnotherKey`] where none is; those of the signing.
    pub fn sign(&self, held: &[RecordKeys]) -> Result<Note, RequestError> {
        let mut note = Note::new(self.text.clone()).map_err(SignError::from)?;
        for key in &self.keys {
            let mut here = held.iter().flat_map(RecordKeys::signers);
            if let Some(signer) = here.find(|it| it.key() == key) {
                let by_key = signer.sign(self.text.clone())?;
                note.signatures.extend(by_key.signatures);
            }
        }
        if note.signatures.is_empty() {
            return Err(RequestError::AnotherKey {
                wanted: self.keys.iter().map(ToString::to_string).collect(),
                found: held
                    .iter()
                    .flat_map(RecordKeys::signers)
                    .map(|it| it.key().to_string())
                    .collect(),
            });
        }
        Ok(note)
    }
}

/// The file.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_draw = self.record.draw().map(|draw| format!(" of draw {draw}"));
        let kind = self.record.kind();
        writeln!(f, "{HEAD}")?;
        writeln!(f, "record {kind}{}", of_draw.unwrap_or_default())?;
        writeln!(f, "log {}", self.record.origin())?;
        writeln!(f, "sha256 {}", self.hash())?;
        for key in &self.keys {
            writeln!(f, "key {key}")?;
        }
        write!(f, "\n{}", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signer::Passphrase;

    const VOID: &str = "fairplate/v1 void\norigin a.example/draws\ndraw 202606\nannounce 4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b\nissued 2026-06-29T01:00:00Z\nreason the hall was flooded\n";

    #[test]
    fn a_request_is_read_as_it_was_written_and_signed_by_its_key_alone() {
        let [folder, other] = [0, 1].map(|_| tempfile::tempdir().unwrap());
        let passphrase = Passphrase::new("seven grey herons").unwrap();
        let create = |folder: &tempfile::TempDir| {
            RecordKeys::create(folder.path(), "a.example/records", &passphrase).unwrap()
        };
        let (held, foreign) = ([create(&folder)], [create(&other)]);
        let request = Request::new(VOID.to_owned(), vec![held[0].first().clone()]).unwrap();
        let file = request.to_string();

        let read = Request::parse(&file).unwrap();

        assert_eq!(read, request);
        let note = read.sign(&held).unwrap();
        assert_eq!(note.text, VOID);
        note.verify(held[0].first()).unwrap();
        let refused = read.sign(&foreign).unwrap_err();
        assert!(
            matches!(refused, RequestError::AnotherKey { .. }),
            "{refused}"
        );
        for wrong in [
            file.replace("flooded", "on fire"),
            file.replace("of draw 202606", "of draw 202607"),
            file.replace("log a.", "log b."),
            file.replace("key ", "keys "),
            file.trim_end().to_owned(),
            VOID.to_owned(),
            file.replace("fairplate/v1 void", "fairplate/v2 void"),
            String::new(),
        ] {
            assert!(Request::parse(&wrong).is_err(), "{wrong}");
        }
    }
}
