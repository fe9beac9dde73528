//! What the folder of keys says of a key that is in a token.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use crate::{
    ids,
    signer::{KeyError, Kind, file},
};

const ID_BYTES: usize = 8;

/// Which key of a token: `CKA_LABEL`, and `CKA_ID` where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::signer) struct Object {
    pub(super) label: String,
    pub(super) id: Vec<u8>,
}

impl Object {
    /// A new one of this label.
    pub(in crate::signer) fn fresh(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            id: ids::random::<ID_BYTES>().to_vec(),
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (id {})", self.label, file::hex(&self.id))
    }
}

/// A key that is in a token: the public half, and which object it is.
pub(in crate::signer) struct Place {
    pub(in crate::signer) public: String,
    pub(in crate::signer) object: Object,
}

impl Place {
    /// Where a folder keeps it.
    pub(in crate::signer) fn path(folder: &Path, kind: Kind) -> PathBuf {
        kind.path(folder).with_extension("token")
    }

    /// Reads it, where the folder has it.
    pub(in crate::signer) fn find(folder: &Path, kind: Kind) -> Result<Option<Self>, KeyError> {
        let path = Self::path(folder, kind);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(KeyError::io("read", &path, source)),
        };
        let place = Self::parse(&text, kind).ok_or_else(|| KeyError::Malformed {
            path,
            found: format!("a file that does not say which key of a token is the {kind} key"),
        })?;
        Ok(Some(place))
    }

    /// Writes it, where nothing is yet.
    pub(in crate::signer) fn create(&self, folder: &Path, kind: Kind) -> Result<(), KeyError> {
        let text = self.text(kind);
        file::write_new(&Self::path(folder, kind), text.as_bytes(), 0o644)
    }

    fn text(&self, kind: Kind) -> String {
        let Object { label, id } = &self.object;
        let (head, public, id) = (headline(kind), &self.public, file::hex(id));
        format!("{head}\n{public}\nlabel {label}\nid {id}\n")
    }

    /// Reads the one spelling of it.
    fn parse(text: &str, kind: Kind) -> Option<Self> {
        let mut lines = text.lines();
        let (head, public) = (lines.next()?, lines.next()?);
        let label = lines.next()?.strip_prefix("label ")?.to_owned();
        let id = unhex(lines.next()?.strip_prefix("id ")?)?;
        let place = Self {
            public: public.to_owned(),
            object: Object { label, id },
        };
        (head == headline(kind) && place.text(kind) == text).then_some(place)
    }
}

fn headline(kind: Kind) -> String {
    format!("Fairplate {kind} key in a token")
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    if !digits.is_ascii() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let byte = |at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    (0..digits.len()).step_by(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_key_has_one_spelling_and_one_purpose() {
        let place = Place {
            public: "a.example/records+00000000+AQ==".to_owned(),
            object: Object {
                label: "a b".to_owned(),
                id: vec![0, 0xab],
            },
        };
        let text = place.text(Kind::Record);
        assert_eq!(
            text,
            "Fairplate record key in a token\na.example/records+00000000+AQ==\nlabel a b\nid 00ab\n"
        );
        let read = Place::parse(&text, Kind::Record).unwrap();
        assert_eq!((read.public, read.object), (place.public, place.object));
        assert!(Place::parse(&text, Kind::Log).is_none());
        for wrong in [
            text.replace("00ab", "00AB"),
            text.replace("00ab", "0ab"),
            text.replace("00ab", "é"),
            format!("{text}\n"),
            text.replace("label ", ""),
            text.trim_end().to_owned(),
        ] {
            assert!(Place::parse(&wrong, Kind::Record).is_none(), "{wrong}");
        }
    }
}
