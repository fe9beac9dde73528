//! The record keys that a city has had.
//!
//! The first key is `record.key` in the folder of keys, the second `record-2/record.key`, and so on,
//! each with its public half beside it. Which of them signs is not said here: the city's log says it
//! (R49). A private half that is not needed any more may be destroyed; its public half stays.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use verifier::note::VerifierKey;

use super::{
    Access, KeyError, Kind, Passphrase, RecordSigner, Token, Wanted, off_line, token::Place,
};

/// All record keys of a folder, oldest first.
pub struct RecordKeys {
    keys: Vec<Key>,
}

struct Key {
    public: VerifierKey,
    /// None where the private half was destroyed.
    signer: Option<RecordSigner>,
}

impl RecordKeys {
    /// Makes the folder's first key.
    pub fn create(folder: &Path, name: &str, passphrase: &Passphrase) -> Result<Self, KeyError> {
        let first = RecordSigner::create(folder, name, passphrase)?;
        let keys = vec![Key::of(first)];
        Ok(Self { keys })
    }

    /// Makes the folder's first key in a token, or takes one that is there.
    pub fn create_in_token(
        folder: &Path,
        name: &str,
        token: &Token,
        wanted: Wanted<'_>,
    ) -> Result<Self, KeyError> {
        let first = RecordSigner::create_in_token(folder, name, token, wanted)?;
        let keys = vec![Key::of(first)];
        Ok(Self { keys })
    }

    /// Takes the public half of the folder's first key, which is on a machine without network.
    pub fn take_off_line(folder: &Path, key: &VerifierKey) -> Result<Self, KeyError> {
        let first = RecordSigner::take_off_line(folder, key)?;
        let keys = vec![Key::of(first)];
        Ok(Self { keys })
    }

    /// Opens all keys of the folder.
    pub fn open<'a>(folder: &Path, access: impl Into<Access<'a>>) -> Result<Self, KeyError> {
        let access = access.into();
        let mut keys = Vec::new();
        loop {
            let place = place(folder, keys.len() + 1);
            let path = Kind::Record.path(&place);
            let elsewhere = [
                Place::path(&place, Kind::Record),
                off_line::path(&place, Kind::Record),
            ];
            if is_there(&path)? || is_there(&elsewhere[0])? || is_there(&elsewhere[1])? {
                keys.push(Key::of(RecordSigner::open(&place, access)?));
            } else if let Some(public) = read_public(&path)? {
                keys.push(Key {
                    public,
                    signer: None,
                });
            } else {
                break;
            }
        }
        if keys.iter().all(|key| key.signer.is_none()) {
            // Says what is missing, and what to do.
            keys.push(Key::of(RecordSigner::open(folder, access)?));
        }
        Ok(Self { keys })
    }

    /// Whether a folder has a record key, or the public half of one.
    #[must_use]
    pub fn exist(folder: &Path) -> bool {
        let path = Kind::Record.path(folder);
        let halves = [
            &path,
            &path.with_extension("token"),
            &path.with_extension("offline"),
            &path.with_extension("vkey"),
        ];
        halves.iter().any(|half| half.exists())
    }

    /// Makes the folder's next key, which signs nothing until the log says so.
    pub fn add(&mut self, folder: &Path, passphrase: &Passphrase) -> Result<(), KeyError> {
        let (place, name) = self.next(folder);
        let made = RecordSigner::create(&place, &name, passphrase)?;
        self.keys.push(Key::of(made));
        Ok(())
    }

    /// The same in a token.
    pub fn add_in_token(
        &mut self,
        folder: &Path,
        token: &Token,
        wanted: Wanted<'_>,
    ) -> Result<(), KeyError> {
        let (place, name) = self.next(folder);
        let made = RecordSigner::create_in_token(&place, &name, token, wanted)?;
        self.keys.push(Key::of(made));
        Ok(())
    }

    /// Takes the public half of the next key, which is on a machine without network.
    pub fn add_off_line(&mut self, folder: &Path, key: &VerifierKey) -> Result<(), KeyError> {
        let (place, _) = self.next(folder);
        let taken = RecordSigner::take_off_line(&place, key)?;
        self.keys.push(Key::of(taken));
        Ok(())
    }

    /// Folder and name of the key after these.
    fn next(&self, folder: &Path) -> (PathBuf, String) {
        let generation = self.keys.len() + 1;
        let name = format!("{}-{generation}", self.first().name());
        (place(folder, generation), name)
    }

    /// The public half of the first key, which the public has pinned.
    #[must_use]
    pub fn first(&self) -> &VerifierKey {
        &self.keys[0].public
    }

    /// The newest key, where its private half is here.
    #[must_use]
    pub fn newest(&self) -> Option<&RecordSigner> {
        self.keys.last()?.signer.as_ref()
    }

    /// The public halves, oldest first.
    pub fn public_halves(&self) -> impl Iterator<Item = &VerifierKey> {
        self.keys.iter().map(|key| &key.public)
    }

    /// Those whose private half is not elsewhere, on a machine without network.
    pub fn signers(&self) -> impl Iterator<Item = &RecordSigner> {
        let signers = self.keys.iter().filter_map(|key| key.signer.as_ref());
        signers.filter(|signer| !signer.is_off_line())
    }

    /// Who signs with one of these keys, if somebody here does.
    #[must_use]
    pub fn find(&self, wanted: &[VerifierKey]) -> Option<&RecordSigner> {
        let mut signers = self.keys.iter().rev().filter_map(|key| key.signer.as_ref());
        signers.find(|signer| wanted.contains(signer.key()))
    }
}

impl Key {
    fn of(signer: RecordSigner) -> Self {
        Self {
            public: signer.key().clone(),
            signer: Some(signer),
        }
    }
}

impl fmt::Debug for RecordKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.public_halves()).finish()
    }
}

/// The folder of a generation's key, counted from 1.
fn place(folder: &Path, generation: usize) -> PathBuf {
    if generation == 1 {
        folder.to_owned()
    } else {
        folder.join(format!("record-{generation}"))
    }
}

fn is_there(path: &Path) -> Result<bool, KeyError> {
    fs::exists(path).map_err(|source| KeyError::io("read", path, source))
}

/// The public half beside a key file, if there is one.
fn read_public(path: &Path) -> Result<Option<VerifierKey>, KeyError> {
    let path = path.with_extension("vkey");
    if !is_there(&path)? {
        return Ok(None);
    }
    let text = fs::read_to_string(&path).map_err(|source| KeyError::io("read", &path, source))?;
    let key = text.trim_end().parse().map_err(|_| KeyError::Malformed {
        path: path.clone(),
        found: "a file without a verifier key".to_owned(),
    })?;
    Ok(Some(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase() -> Passphrase {
        Passphrase::new("seven grey herons").unwrap()
    }

    #[test]
    fn keys_are_made_beside_each_other_and_found_by_what_the_log_names() {
        let folder = tempfile::tempdir().unwrap();
        let (path, passphrase) = (folder.path(), passphrase());
        let mut keys = RecordKeys::create(path, "city.example/records", &passphrase).unwrap();
        keys.add(path, &passphrase).unwrap();

        let opened = RecordKeys::open(path, &passphrase).unwrap();

        let halves: Vec<_> = opened.public_halves().cloned().collect();
        assert_eq!(halves.len(), 2);
        assert_eq!(halves[1].name(), "city.example/records-2");
        assert_eq!(opened.first(), &halves[0]);
        for half in &halves {
            let signer = opened.find(std::slice::from_ref(half)).unwrap();
            assert_eq!(signer.key(), half);
        }
        assert_eq!(opened.newest().unwrap().key(), &halves[1]);
        let other = tempfile::tempdir().unwrap();
        let stranger = RecordSigner::create(other.path(), "a.example/r", &passphrase).unwrap();
        assert!(opened.find(&[stranger.key().clone()]).is_none());
    }

    #[test]
    fn a_destroyed_key_leaves_its_public_half_and_signs_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (path, passphrase) = (folder.path(), passphrase());
        let mut keys = RecordKeys::create(path, "city.example/records", &passphrase).unwrap();
        keys.add(path, &passphrase).unwrap();
        let first = keys.first().clone();
        fs::remove_file(path.join("record.key")).unwrap();

        let opened = RecordKeys::open(path, &passphrase).unwrap();

        assert_eq!(opened.first(), &first);
        assert!(opened.find(&[first]).is_none());
        assert!(RecordKeys::exist(path));
        fs::remove_dir_all(path.join("record-2")).unwrap();
        let missing = RecordKeys::open(path, &passphrase).unwrap_err();
        assert!(matches!(missing, KeyError::Missing { .. }), "{missing}");
    }

    #[test]
    fn a_key_whose_public_half_a_crash_left_unwritten_is_whole_again_when_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let (path, passphrase) = (folder.path(), passphrase());
        let mut keys = RecordKeys::create(path, "city.example/records", &passphrase).unwrap();
        keys.add(path, &passphrase).unwrap();
        let half = path.join("record-2/record.vkey");
        fs::remove_file(&half).unwrap();

        let opened = RecordKeys::open(path, &passphrase).unwrap();

        let newest = format!("{}\n", opened.newest().unwrap().key());
        assert_eq!(fs::read_to_string(half).unwrap(), newest);
    }
}
