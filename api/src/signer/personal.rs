//! A key that encrypts personal data and makes it findable.
//!
//! A sealed value is `0x01 ‖ key id (8) ‖ nonce (24) ‖ XChaCha20-Poly1305 ciphertext and tag`, 49
//! bytes more than the plain one. Its associated data are the first nine bytes and the context, so
//! that a value cannot be moved to another row or column.

use std::{fmt, path::Path};

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{
    KeyError, Kind, Passphrase,
    file::{self, Secret},
};
use crate::ids;

const VERSION: u8 = 1;
const ID_BYTES: usize = 8;
const HEAD_BYTES: usize = 1 + ID_BYTES;
const NONCE_BYTES: usize = 24;

/// Why a sealed value does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not a sealed value of this version.
    #[error(
        "expected a sealed value of version 1, found other bytes; a newer program may have written it"
    )]
    Shape,
    /// Sealed with another key.
    #[error(
        "expected a value sealed with the personal key {expected}, found one of key {found}; start the process again with the folder of keys that it was sealed with"
    )]
    AnotherKey {
        /// This key's id.
        expected: String,
        /// The value's key id.
        found: String,
    },
    /// The value, or the place it was found in, is not what was sealed.
    #[error(
        "expected the value that was sealed for this place, found a changed or moved one; restore it from a backup"
    )]
    Changed,
}

/// Encrypts personal data, and indexes it blindly.
pub struct PersonalKey {
    seal: Secret,
    index: Secret,
    id: [u8; ID_BYTES],
}

impl PersonalKey {
    /// Makes `personal.key` in the folder.
    pub fn create(folder: &Path, passphrase: &Passphrase) -> Result<Self, KeyError> {
        let secret = file::fresh();
        let key = Self::derive(&secret);
        file::create(folder, Kind::Personal, &key.id(), &secret, passphrase)?;
        Ok(key)
    }

    /// Opens the folder's `personal.key`.
    pub fn open(folder: &Path, passphrase: &Passphrase) -> Result<Self, KeyError> {
        let (id, secret) = file::open(folder, Kind::Personal, passphrase)?;
        let key = Self::derive(&secret);
        if key.id() != id {
            let path = Kind::Personal.path(folder);
            return Err(KeyError::Mismatch {
                private: path.clone(),
                public: path,
            });
        }
        Ok(key)
    }

    /// The id that sealed values carry, 16 hex digits; it tells nothing of the key.
    #[must_use]
    pub fn id(&self) -> String {
        file::hex(&self.id)
    }

    /// The same as the bytes that stand in a sealed value.
    #[must_use]
    pub fn id_bytes(&self) -> [u8; ID_BYTES] {
        self.id
    }

    /// Whether this key has sealed a value, as its head says.
    #[must_use]
    pub fn has_sealed(&self, sealed: &[u8]) -> bool {
        sealed
            .get(..HEAD_BYTES)
            .is_some_and(|head| head[0] == VERSION && head[1..] == self.id)
    }

    /// Encrypts a value for one place, named by its context: table, column and row. The same value
    /// sealed twice gives different bytes.
    ///
    /// # Panics
    /// When the value is longer than the cipher allows, 256 GB.
    #[must_use]
    pub fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        let nonce = ids::random::<NONCE_BYTES>();
        let mut sealed = vec![VERSION];
        sealed.extend_from_slice(&self.id);
        let aad = bound(&sealed, context);
        let payload = Payload {
            msg: plain,
            aad: &aad,
        };
        let encrypted = self
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .expect("a value shorter than 256 GB");
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&encrypted);
        sealed
    }

    /// Decrypts a value found in the place it was sealed for.
    pub fn unseal(&self, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (head, rest) = sealed
            .split_at_checked(HEAD_BYTES)
            .filter(|(head, _)| head[0] == VERSION)
            .ok_or(SealError::Shape)?;
        if head[1..] != self.id {
            return Err(SealError::AnotherKey {
                expected: self.id(),
                found: file::hex(&head[1..]),
            });
        }
        let (nonce, encrypted) = rest
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(SealError::Shape)?;
        let payload = Payload {
            msg: encrypted,
            aad: &bound(head, context),
        };
        self.cipher()
            .decrypt(&XNonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| SealError::Changed)
    }

    /// A keyed fingerprint under which an equal value can be found again: HMAC-SHA256 with a key
    /// of its own. The purpose keeps the fingerprints of different columns apart.
    #[must_use]
    pub fn blind_index(&self, purpose: &str, value: &str) -> [u8; 32] {
        // The purpose's length goes first, so that no two pairs spell the same message.
        let length = (purpose.len() as u64).to_be_bytes();
        mac(
            &self.index,
            &[&length, purpose.as_bytes(), value.as_bytes()],
        )
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.seal).into())
    }

    fn derive(secret: &Secret) -> Self {
        // HKDF-Expand (RFC 5869) of one block: the label, then 0x01.
        let expand = |label: &str| mac(secret, &[b"fairplate/v1 ", label.as_bytes(), &[1]]);
        let mut id = [0; ID_BYTES];
        id.copy_from_slice(&expand("personal key id")[..ID_BYTES]);
        Self {
            seal: Zeroizing::new(expand("personal seal")),
            index: Zeroizing::new(expand("personal index")),
            id,
        }
    }
}

impl fmt::Debug for PersonalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonalKey({})", self.id())
    }
}

fn bound(head: &[u8], context: &str) -> Vec<u8> {
    [head, context.as_bytes()].concat()
}

fn mac(key: &Secret, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.as_slice()).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase() -> Passphrase {
        Passphrase::new("seven grey herons").unwrap()
    }

    fn fresh() -> PersonalKey {
        PersonalKey::create(tempfile::tempdir().unwrap().path(), &passphrase()).unwrap()
    }

    #[test]
    fn a_sealed_value_opens_unchanged_in_its_own_place_only() {
        let key = fresh();
        let place = "applicant.phone 018f";
        let sealed = key.seal(place, b"13800138000");
        assert_eq!(
            key.unseal(place, &sealed).unwrap().as_slice(),
            b"13800138000"
        );
        assert_eq!(
            key.unseal("applicant.phone 0190", &sealed),
            Err(SealError::Changed)
        );
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.unseal(place, &changed).is_err(), "byte {at}");
            assert!(key.unseal(place, &sealed[..at]).is_err(), "cut at {at}");
        }
        let empty = key.seal(place, b"");
        assert!(key.unseal(place, &empty).unwrap().is_empty());
        let other = fresh();
        let error = other.unseal(place, &sealed).unwrap_err();
        assert!(matches!(error, SealError::AnotherKey { .. }), "{error}");
    }

    #[test]
    fn the_same_value_sealed_twice_differs_and_is_still_found() {
        let folder = tempfile::tempdir().unwrap();
        let key = PersonalKey::create(folder.path(), &passphrase()).unwrap();
        let again = PersonalKey::open(folder.path(), &passphrase()).unwrap();
        assert_ne!(key.seal("a", b"330100"), key.seal("a", b"330100"));
        let index = key.blind_index("phone", "13800138000");
        assert_eq!(again.blind_index("phone", "13800138000"), index);
        assert_ne!(key.blind_index("identity", "13800138000"), index);
        assert_ne!(key.blind_index("phone", "13800138001"), index);
        assert_ne!(key.blind_index("phone1", "3800138000"), index);
        let other = fresh();
        assert_ne!(other.blind_index("phone", "13800138000"), index);
    }
}
