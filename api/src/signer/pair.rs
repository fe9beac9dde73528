//! A private Ed25519 key together with the public key it signs under.

use std::{fs, io, path::Path};

use ed25519_dalek::{Signer as _, SigningKey};
use verifier::note::{KeyKind, VerifierKey};

use super::{
    KeyError, Kind, Passphrase,
    file::{self, Secret},
};

pub(super) struct Pair {
    private: SigningKey,
    pub(super) key: VerifierKey,
}

impl Pair {
    pub(super) fn create(
        folder: &Path,
        kind: Kind,
        name: &str,
        passphrase: &Passphrase,
    ) -> Result<Self, KeyError> {
        let vkey = kind.path(folder).with_extension("vkey");
        // A public half without its private half may be all that is left of a lost key: keep it.
        if fs::exists(&vkey).map_err(|source| KeyError::io("read", &vkey, source))? {
            return Err(KeyError::Exists { path: vkey });
        }
        let secret = file::fresh();
        let pair = Self::new(&secret, kind, name)?;
        file::create(folder, kind, &pair.key.to_string(), &secret, passphrase)?;
        settle_public(&pair.key, &vkey)?;
        Ok(pair)
    }

    /// Opens the key and writes its `.vkey` again when a crash or an operator lost it.
    pub(super) fn open(
        folder: &Path,
        kind: Kind,
        passphrase: &Passphrase,
    ) -> Result<Self, KeyError> {
        let (public, secret) = file::open(folder, kind, passphrase)?;
        let path = kind.path(folder);
        let mismatch = || KeyError::Mismatch {
            private: path.clone(),
            public: path.clone(),
        };
        let named: VerifierKey = public.parse().map_err(|_| mismatch())?;
        let pair = Self::new(&secret, kind, named.name())?;
        if pair.key != named {
            return Err(mismatch());
        }
        settle_public(&pair.key, &path)?;
        Ok(pair)
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.private.sign(message).to_bytes()
    }

    fn new(secret: &Secret, kind: Kind, name: &str) -> Result<Self, KeyError> {
        let private = SigningKey::from_bytes(secret);
        let signs = match kind {
            Kind::Witness => KeyKind::CosignatureV1,
            _ => KeyKind::Ed25519,
        };
        let key = VerifierKey::new(name, signs, private.verifying_key().to_bytes())?;
        Ok(Self { private, key })
    }
}

/// Sees to it that the public half stands beside the file that has or names the private one.
pub(super) fn settle_public(key: &VerifierKey, private: &Path) -> Result<(), KeyError> {
    let vkey = private.with_extension("vkey");
    let text = format!("{key}\n");
    match fs::read_to_string(&vkey) {
        Ok(there) if there == text => Ok(()),
        Ok(_) => Err(KeyError::Mismatch {
            private: private.to_owned(),
            public: vkey,
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            file::write_new(&vkey, text.as_bytes(), 0o644)
        }
        Err(source) => Err(KeyError::io("read", &vkey, source)),
    }
}
