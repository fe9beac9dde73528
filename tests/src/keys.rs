//! Keys of all kinds, made once for all test processes and then kept beside the programs.
//!
//! A real key file costs 100 ms to open, so that a passphrase is hard to guess. Tests open hundreds:
//! theirs are written again at the least cost that the format knows. The reader is the real one.

use std::{
    fs,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use fairplate::signer::{
    ChainKey, Cosigner, LogSigner, Passphrase, PersonalKey, RecordKeys, RecordSigner,
};
use pkcs8::{
    EncryptedPrivateKeyInfoRef, LineEnding, PrivateKeyInfoRef, SecretDocument,
    pkcs5::{pbes2, scrypt},
};

use crate::programs;

/// Origin of every test city's log, and so the name of its log key.
pub const ORIGIN: &str = "city.example/draws";

/// Name of the record key.
pub const RECORDS: &str = "city.example/records";

/// Name of the witness's key.
pub const WITNESS: &str = "witness.example/w1";

/// What opens the keys, for programs.
pub const PASSPHRASE: &str = "the keys of the tests";

/// Raised when the folder's content changes.
const VERSION: u32 = 1;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(make_once);

/// The folder that holds one key of every kind.
#[must_use]
pub fn folder() -> &'static Path {
    &FOLDER
}

/// What opens them.
#[must_use]
pub fn passphrase() -> Passphrase {
    Passphrase::new(PASSPHRASE).expect("a passphrase")
}

/// The key of the test cities' own beacon chain.
#[must_use]
pub fn chain_key() -> Arc<ChainKey> {
    Arc::new(ChainKey::open(folder(), &passphrase()).expect("a chain key"))
}

/// Whoever comes first makes the folder; a rename keeps two processes apart.
fn make_once() -> PathBuf {
    let home = programs::folder();
    let folder = home.join(format!("test-keys-{VERSION}"));
    if folder.join("record.key").exists() {
        return folder;
    }
    let draft = tempfile::tempdir_in(home).expect("a folder for keys");
    make(draft.path());
    let draft = draft.keep();
    if fs::rename(&draft, &folder).is_err() {
        fs::remove_dir_all(&draft).expect("the loser's keys removed");
    }
    folder
}

fn make(folder: &Path) {
    let passphrase = passphrase();
    RecordSigner::create(folder, RECORDS, &passphrase).expect("a record key");
    LogSigner::create(folder, ORIGIN, &passphrase).expect("a log key");
    Cosigner::create(folder, WITNESS, &passphrase).expect("a witness key");
    ChainKey::create(folder, &passphrase).expect("a chain key");
    PersonalKey::create(folder, &passphrase).expect("a personal key");
    for kind in ["record", "log", "witness", "chain", "personal"] {
        cheapen(&folder.join(format!("{kind}.key")));
    }
}

/// Gives a city record keys of its own: the usual one, and one that waits to take its place.
pub fn with_a_second_record_key(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder of keys");
    for name in ["record.key", "record.vkey"] {
        let (from, to) = (self::folder().join(name), folder.join(name));
        fs::copy(from, to).expect("a copy of the usual key");
    }
    add_record_key(folder);
}

/// Makes one more record key, which waits to take the place of the one that signs.
pub fn add_record_key(folder: &Path) {
    let mut keys = RecordKeys::open(folder, &passphrase()).expect("record keys");
    keys.add(folder, &passphrase()).expect("one more key");
    let generation = keys.public_halves().count();
    cheapen(&folder.join(format!("record-{generation}/record.key")));
}

/// Gives a city another log key, in the place of the usual one.
pub fn with_another_log_key(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder of keys");
    LogSigner::create(folder, ORIGIN, &passphrase()).expect("a log key");
    cheapen(&folder.join("log.key"));
}

/// Gives a city another witness, in the place of the usual one.
pub fn with_another_witness(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder of keys");
    Cosigner::create(folder, "court.example/w2", &passphrase()).expect("a witness key");
    cheapen(&folder.join("witness.key"));
}

/// Encrypts a key file again, at the least cost.
fn cheapen(path: &Path) {
    let text = fs::read_to_string(path).expect("a key file");
    let start = text.find("-----BEGIN").expect("a PEM block");
    let (head, pem) = text.split_at(start);
    let (_, document) = SecretDocument::from_pem(pem).expect("a PEM block");
    let label = "ENCRYPTED PRIVATE KEY";
    let dear = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).expect("PKCS#8");
    let plain = dear.decrypt(PASSPHRASE).expect("the passphrase fits");
    let key = PrivateKeyInfoRef::try_from(plain.as_bytes()).expect("a private key");
    let cost = scrypt::Params::new(1, 1, 1).expect("the least cost");
    let scheme =
        pbes2::Parameters::generate_scrypt_aes256cbc(cost, &[7; 16], [9; 16]).expect("a scheme");
    let cheap = key
        .encrypt_with_params(scheme, PASSPHRASE)
        .expect("encrypted");
    let pem = cheap.to_pem(label, LineEnding::LF).expect("a PEM block");
    fs::remove_file(path).expect("the dear file removed");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .expect("a file");
    std::io::Write::write_all(&mut file, format!("{head}{}", *pem).as_bytes()).expect("written");
}
