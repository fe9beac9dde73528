//! A key that signs for the city, wherever its private half is: here, in a token, or on a machine without
//! network.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ed25519_dalek::VerifyingKey;
use verifier::note::{KeyKind, Note, Signature, VerifierKey};

use super::{
    KeyError, Kind, Passphrase, SignError, Token, TokenError, Wanted, file, off_line,
    pair::{self, Pair},
    token::{Object, Place},
};

/// What opens the keys of a folder.
#[derive(Clone, Copy, Debug)]
pub struct Access<'a> {
    /// That of the files.
    pub passphrase: &'a Passphrase,
    /// The token, where keys are in one.
    pub token: Option<&'a Token>,
}

impl<'a> From<&'a Passphrase> for Access<'a> {
    fn from(passphrase: &'a Passphrase) -> Self {
        let token = None;
        Self { passphrase, token }
    }
}

pub(super) enum Custody {
    /// In a file of ours.
    Here(Pair),
    /// In a token.
    InToken(InToken),
    /// On a machine without network; only the public half is here.
    OffLine(VerifierKey),
}

/// A key of a token, with the public half that everybody knows.
pub(super) struct InToken {
    token: Token,
    object: Object,
    key: VerifierKey,
}

impl Custody {
    /// Makes the key in a file.
    pub(super) fn create(
        folder: &Path,
        kind: Kind,
        name: &str,
        passphrase: &Passphrase,
    ) -> Result<Self, KeyError> {
        require_none(&Place::path(folder, kind))?;
        require_none(&off_line::path(folder, kind))?;
        Ok(Self::Here(Pair::create(folder, kind, name, passphrase)?))
    }

    /// Makes the key in a token, or takes one that is there, and writes down which it is.
    pub(super) fn create_in_token(
        folder: &Path,
        kind: Kind,
        name: &str,
        token: &Token,
        wanted: Wanted<'_>,
    ) -> Result<Self, KeyError> {
        let (path, place) = (kind.path(folder), Place::path(folder, kind));
        let vkey = path.with_extension("vkey");
        for taken in [&path, &place, &vkey, &off_line::path(folder, kind)] {
            require_none(taken)?;
        }
        file::make_folder(folder)?;
        let (object, public) = match wanted {
            Wanted::Fresh => {
                let object = Object::fresh(name);
                let public = token.generate(&object)?;
                (object, public)
            }
            Wanted::There(label) => token.adopt(label)?,
        };
        let key = VerifierKey::new(name, KeyKind::Ed25519, public)?;
        let written = Place {
            public: key.to_string(),
            object: object.clone(),
        };
        written.create(folder, kind)?;
        pair::settle_public(&key, &place)?;
        let token = token.clone();
        Ok(Self::InToken(InToken { token, object, key }))
    }

    /// Takes the public half of a key that is on a machine without network.
    pub(super) fn take_off_line(
        folder: &Path,
        kind: Kind,
        key: &VerifierKey,
    ) -> Result<Self, KeyError> {
        let path = kind.path(folder);
        let place = off_line::path(folder, kind);
        let vkey = path.with_extension("vkey");
        for taken in [&path, &place, &vkey, &Place::path(folder, kind)] {
            require_none(taken)?;
        }
        file::make_folder(folder)?;
        off_line::write(folder, kind, key)?;
        pair::settle_public(key, &place)?;
        Ok(Self::OffLine(key.clone()))
    }

    /// Opens the key. Of one in a token only the public half is read: the token is asked when it is to
    /// sign, so that a city whose token is away serves everything else.
    pub(super) fn open(folder: &Path, kind: Kind, access: Access<'_>) -> Result<Self, KeyError> {
        if let Some(key) = off_line::find(folder, kind)? {
            let path = off_line::path(folder, kind);
            if is_there(&kind.path(folder))? || is_there(&Place::path(folder, kind))? {
                return Err(KeyError::Twice { kind, path });
            }
            pair::settle_public(&key, &path)?;
            return Ok(Self::OffLine(key));
        }
        let Some(place) = Place::find(folder, kind)? else {
            return Ok(Self::Here(Pair::open(folder, kind, access.passphrase)?));
        };
        let path = Place::path(folder, kind);
        if is_there(&kind.path(folder))? {
            return Err(KeyError::Twice { kind, path });
        }
        let Some(token) = access.token.cloned() else {
            return Err(KeyError::NoToken { kind, path });
        };
        let key: VerifierKey = place.public.parse()?;
        pair::settle_public(&key, &path)?;
        let object = place.object;
        Ok(Self::InToken(InToken { token, object, key }))
    }

    /// The public half.
    pub(super) fn key(&self) -> &VerifierKey {
        match self {
            Self::Here(pair) => &pair.key,
            Self::InToken(there) => &there.key,
            Self::OffLine(key) => key,
        }
    }

    /// Whether it signs elsewhere, on a machine without network.
    pub(super) fn is_off_line(&self) -> bool {
        matches!(self, Self::OffLine(_))
    }

    /// A text with its signature.
    pub(super) fn sign(&self, text: String) -> Result<Note, SignError> {
        let mut note = Note::new(text)?;
        let message = note.text.as_bytes();
        let signature = match self {
            Self::Here(pair) => pair.sign(message),
            Self::InToken(there) => there.sign(message)?,
            Self::OffLine(key) => {
                let key = key.to_string();
                return Err(SignError::OffLine { key });
            }
        };
        note.signatures
            .push(Signature::ed25519(self.key(), signature));
        Ok(note)
    }

    /// Whether it could sign now: the key is here, or its token shows it. One that is off line is not asked.
    pub(super) fn reach(&self) -> Result<(), SignError> {
        match self {
            Self::Here(_) | Self::OffLine(_) => Ok(()),
            Self::InToken(there) => Ok(there.token.reach(&there.object)?),
        }
    }
}

impl InToken {
    /// What the token answers is used only where it is what every verifier accepts: a token may be
    /// broken, and under a label may lie another key.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], TokenError> {
        let answer = self.token.sign(&self.object, message)?;
        let is_ours = |signature: &[u8; 64]| {
            let signature = ed25519_dalek::Signature::from_bytes(signature);
            VerifyingKey::from_bytes(&self.key.public())
                .is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
        };
        let signature = <[u8; 64]>::try_from(answer.as_slice()).ok();
        let refused = || TokenError::NotASignature {
            token: self.token.label().to_owned(),
            key: self.key.to_string(),
            object: self.object.to_string(),
        };
        signature.filter(is_ours).ok_or_else(refused)
    }
}

fn is_there(path: &Path) -> Result<bool, KeyError> {
    fs::exists(path).map_err(|source| KeyError::io("read", path, source))
}

/// A key is made once; what is left of a lost one is kept.
fn require_none(path: &Path) -> Result<(), KeyError> {
    if is_there(path)? {
        let path: PathBuf = path.to_owned();
        return Err(KeyError::Exists { path });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::Error,
        signer::{Pin, RecordSigner},
    };

    #[test]
    fn a_key_in_a_token_opens_without_it_and_signs_nothing() {
        let [folder, other] = [0, 1].map(|_| tempfile::tempdir().unwrap());
        let passphrase = Passphrase::new("seven grey herons").unwrap();
        let made = RecordSigner::create(other.path(), "a.example/records", &passphrase).unwrap();
        let place = Place {
            public: made.key().to_string(),
            object: Object::fresh("a.example/records"),
        };
        place.create(folder.path(), Kind::Record).unwrap();
        let alone = RecordSigner::open(folder.path(), &passphrase).unwrap_err();
        assert!(matches!(alone, KeyError::NoToken { .. }), "{alone}");

        let pin = Pin::new("271828").unwrap();
        let token = Token::new("/nowhere/module.so".into(), "city".to_owned(), pin);
        let access = Access {
            passphrase: &passphrase,
            token: Some(&token),
        };
        let signer = RecordSigner::open(folder.path(), access).unwrap();

        assert_eq!(signer.key(), made.key());
        let vkey = fs::read_to_string(folder.path().join("record.vkey")).unwrap();
        assert_eq!(vkey, format!("{}\n", made.key()));
        let other_text = signer.sign("no record\n".to_owned());
        assert_eq!(other_text.unwrap_err(), SignError::NotARecord);
        let refused = signer.sign("fairplate/v1 void\n".to_owned()).unwrap_err();
        let is_about_the_module = matches!(&refused, SignError::Token(TokenError::Module { .. }));
        assert!(is_about_the_module, "{refused}");
        assert!(matches!(Error::from(refused), Error::NotSetUp(_)));
        assert!(!format!("{token:?} {signer:?}").contains("271828"));

        let file = folder.path().join("record.key");
        fs::copy(other.path().join("record.key"), file).unwrap();
        let twice = RecordSigner::open(folder.path(), access).unwrap_err();
        assert!(matches!(twice, KeyError::Twice { .. }), "{twice}");
    }
}
