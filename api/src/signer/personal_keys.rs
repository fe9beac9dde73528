//! The keys of personal data that a city has had.
//!
//! The first key is `personal.key` in the folder of keys, the second `personal-2/personal.key`, and
//! so on. What is sealed names its key, so every one of them still opens; new values are sealed with
//! the one in use. Blind indexes are made with the first key for ever: a look-up finds the row
//! whatever key has sealed it since.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use zeroize::Zeroizing;

use super::{KeyError, Kind, Passphrase, PersonalKey, SealError};

/// All keys of personal data of a folder, oldest first, and which of them is in use.
pub struct PersonalKeys {
    first: PersonalKey,
    later: Vec<PersonalKey>,
    in_use: AtomicUsize,
}

impl PersonalKeys {
    /// Makes the folder's first key.
    pub fn create(folder: &Path, passphrase: &Passphrase) -> Result<Self, KeyError> {
        Ok(Self::of(PersonalKey::create(folder, passphrase)?))
    }

    /// Opens all keys of the folder. The first is in use until [`Self::use_generation`].
    pub fn open(folder: &Path, passphrase: &Passphrase) -> Result<Self, KeyError> {
        let mut keys = Self::of(PersonalKey::open(folder, passphrase)?);
        loop {
            let next = place(folder, keys.generations() + 1);
            if !Kind::Personal.path(&next).exists() {
                return Ok(keys);
            }
            keys.later.push(PersonalKey::open(&next, passphrase)?);
        }
    }

    /// Makes the folder's next key and leaves the one in use as it is; gives the generation of the
    /// new one, counted from 1.
    pub fn add(&self, folder: &Path, passphrase: &Passphrase) -> Result<usize, KeyError> {
        let generation = self.generations() + 1;
        PersonalKey::create(&place(folder, generation), passphrase)?;
        Ok(generation)
    }

    /// How many keys there are.
    #[must_use]
    pub fn generations(&self) -> usize {
        1 + self.later.len()
    }

    /// The generation that seals, counted from 1.
    #[must_use]
    pub fn generation(&self) -> usize {
        self.in_use.load(Ordering::SeqCst)
    }

    /// The id of a generation's key, 16 hex digits; none if the folder has no such key.
    #[must_use]
    pub fn find_id(&self, generation: usize) -> Option<String> {
        self.find(generation).map(PersonalKey::id)
    }

    /// Seals with a generation from now on; `false` if the folder has no such key.
    #[must_use]
    pub fn use_generation(&self, generation: usize) -> bool {
        let is_there = self.find(generation).is_some();
        if is_there {
            self.in_use.store(generation, Ordering::SeqCst);
        }
        is_there
    }

    /// The id of the key in use, as sealed values carry it.
    #[must_use]
    pub fn id(&self) -> String {
        self.current().id()
    }

    /// The same as the eight bytes that stand in the value.
    #[must_use]
    pub fn id_bytes(&self) -> [u8; 8] {
        self.current().id_bytes()
    }

    /// Encrypts a value for one place with the key in use; see [`PersonalKey::seal`].
    ///
    /// # Panics
    /// When the value is longer than the cipher allows, 256 GB.
    #[must_use]
    pub fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        self.current().seal(context, plain)
    }

    /// Decrypts a value found in the place it was sealed for, with whichever key sealed it.
    pub fn unseal(&self, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let found = self.all().find(|key| key.has_sealed(sealed));
        found.unwrap_or(self.current()).unseal(context, sealed)
    }

    /// Whether the key in use has sealed a value.
    #[must_use]
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        self.current().has_sealed(sealed)
    }

    /// A keyed fingerprint under which an equal value can be found again; see
    /// [`PersonalKey::blind_index`]. It is the same whichever key is in use.
    #[must_use]
    pub fn blind_index(&self, purpose: &str, value: &str) -> [u8; 32] {
        self.first.blind_index(purpose, value)
    }

    fn of(first: PersonalKey) -> Self {
        Self {
            first,
            later: Vec::new(),
            in_use: AtomicUsize::new(1),
        }
    }

    fn all(&self) -> impl Iterator<Item = &PersonalKey> {
        std::iter::once(&self.first).chain(&self.later)
    }

    fn find(&self, generation: usize) -> Option<&PersonalKey> {
        self.all().nth(generation.checked_sub(1)?)
    }

    fn current(&self) -> &PersonalKey {
        self.find(self.generation()).unwrap_or(&self.first)
    }
}

impl fmt::Debug for PersonalKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all()).finish()
    }
}

/// The folder of a generation's key.
fn place(folder: &Path, generation: usize) -> PathBuf {
    if generation == 1 {
        folder.to_owned()
    } else {
        folder.join(format!("personal-{generation}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_key_sealed_still_opens_and_is_found_after_a_new_key_is_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = Passphrase::new("seven grey herons").unwrap();
        let first = PersonalKeys::create(folder.path(), &passphrase).unwrap();
        let (old, index) = (
            first.seal("a", b"330100"),
            first.blind_index("phone", "137"),
        );
        assert_eq!(first.add(folder.path(), &passphrase).unwrap(), 2);
        assert!(
            first.add(folder.path(), &passphrase).is_err(),
            "never overwritten"
        );

        let both = PersonalKeys::open(folder.path(), &passphrase).unwrap();
        assert_eq!((both.generations(), both.generation()), (2, 1));
        assert!(both.is_current(&old));
        assert!(!both.use_generation(3) && both.use_generation(2));

        let new = both.seal("a", b"330100");
        assert!(both.is_current(&new) && !both.is_current(&old));
        for sealed in [&old, &new] {
            assert_eq!(both.unseal("a", sealed).unwrap().as_slice(), b"330100");
            assert_eq!(both.unseal("b", sealed), Err(SealError::Changed));
        }
        assert_eq!(both.blind_index("phone", "137"), index);
        let error = first.unseal("a", &new).unwrap_err();
        assert!(matches!(error, SealError::AnotherKey { .. }), "{error}");
    }
}
