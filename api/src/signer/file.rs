//! The form of a key at rest.
//!
//! ```text
//! Fairplate record key
//! hangzhou.example/records+d8882638+ARto…
//! -----BEGIN ENCRYPTED PRIVATE KEY-----
//! …
//! ```
//! Two lines that say what the key is for and what its public half is, then an RFC 7468 PEM block:
//! PKCS#8 `EncryptedPrivateKeyInfo`, PBES2 (RFC 8018) with scrypt and AES-256-CBC. Inside, 32 bytes:
//! an Ed25519 private key (RFC 8410; OpenSSL 3 reads these files too), or input of HKDF-SHA256
//! (RFC 8619) from which the chain key and the keys for personal data are derived. The public half
//! authenticates the rest: what was decrypted must give it again.

use std::{
    fmt, fs,
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use pkcs8::{
    EncryptedPrivateKeyInfoRef, LineEnding, ObjectIdentifier, PrivateKeyInfoRef, SecretDocument,
    der::asn1::OctetStringRef,
    pkcs5::{pbes2, scrypt},
    spki::AlgorithmIdentifierRef,
};
use zeroize::Zeroizing;

use super::{KeyError, Passphrase};
use crate::ids;

/// Costs about 100 ms and 16 MiB, within what OpenSSL agrees to open.
const SCRYPT_LOG_N: u8 = 14;
const SCRYPT_R: u32 = 8;
const SCRYPT_P: u32 = 4;

const PEM_LABEL: &str = "ENCRYPTED PRIVATE KEY";
/// id-Ed25519, RFC 8410.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// id-alg-hkdf-with-sha256, RFC 8619.
const HKDF_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.3.28");

/// What a key is for. It gives the file its name: `<kind>.key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Signs a city's records.
    Record,
    /// Signs the checkpoints of a city's log.
    Log,
    /// Cosigns checkpoints as a witness.
    Witness,
    /// Signs the rounds of a city's own beacon chain.
    Chain,
    /// Encrypts personal data.
    Personal,
}

impl Kind {
    /// The word used in file names and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Log => "log",
            Self::Witness => "witness",
            Self::Chain => "chain",
            Self::Personal => "personal",
        }
    }

    /// Where a folder keeps this key.
    #[must_use]
    pub fn path(self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.key", self.name()))
    }

    fn algorithm(self) -> ObjectIdentifier {
        match self {
            Self::Record | Self::Log | Self::Witness => ED25519,
            Self::Chain | Self::Personal => HKDF_SHA256,
        }
    }

    fn headline(self) -> String {
        format!("Fairplate {} key", self.name())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The 32 bytes that everything depends on.
pub(super) type Secret = Zeroizing<[u8; 32]>;

/// A fresh secret.
pub(super) fn fresh() -> Secret {
    Zeroizing::new(ids::random())
}

/// Encrypts a secret into the folder, which is made (mode 0700) when missing. Refused when the key
/// exists; a crash leaves the whole file or none.
pub(super) fn create(
    folder: &Path,
    kind: Kind,
    public: &str,
    secret: &Secret,
    passphrase: &Passphrase,
) -> Result<(), KeyError> {
    let path = kind.path(folder);
    make_folder(folder)?;
    let pem = encrypt(kind, secret, passphrase).map_err(|error| KeyError::Malformed {
        path: path.clone(),
        found: error.to_string(),
    })?;
    let text = Zeroizing::new(format!("{}\n{public}\n{}", kind.headline(), *pem));
    write_new(&path, text.as_bytes(), 0o600)
}

/// Makes a folder that nobody else may look into, if it is missing.
pub(super) fn make_folder(folder: &Path) -> Result<(), KeyError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| KeyError::io("make the folder", folder, source))
}

/// Decrypts a folder's key: the public half its head names, and the secret. The caller compares
/// the two.
pub(super) fn open(
    folder: &Path,
    kind: Kind,
    passphrase: &Passphrase,
) -> Result<(String, Secret), KeyError> {
    let path = kind.path(folder);
    let text = read_private(&path, kind)?;
    let malformed = |found: &str| KeyError::Malformed {
        path: path.clone(),
        found: found.to_owned(),
    };
    let mut lines = text.splitn(3, '\n');
    let (Some(headline), Some(public), Some(pem)) = (lines.next(), lines.next(), lines.next())
    else {
        return Err(malformed("a file without its two lines of head"));
    };
    if headline != kind.headline() {
        let found = headline.strip_prefix("Fairplate ").map_or_else(
            || "a file without `Fairplate … key` in its first line".to_owned(),
            |found| format!("a {found}"),
        );
        return Err(KeyError::AnotherKind {
            path,
            expected: kind,
            found,
        });
    }
    let (label, document) =
        SecretDocument::from_pem(pem).map_err(|_| malformed("no PEM block under the head"))?;
    if label != PEM_LABEL {
        return Err(malformed("a PEM block of another label"));
    }
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes())
        .map_err(|_| malformed("a PEM block that is not PKCS#8"))?;
    let plain = encrypted
        .decrypt(passphrase.bytes())
        .map_err(|_| KeyError::WrongPassphrase { path: path.clone() })?;
    let secret = unwrap(kind, &plain).ok_or(KeyError::WrongPassphrase { path })?;
    Ok((public.to_owned(), secret))
}

fn encrypt(
    kind: Kind,
    secret: &Secret,
    passphrase: &Passphrase,
) -> Result<Zeroizing<String>, pkcs8::Error> {
    let oid = kind.algorithm();
    let mut inner = Zeroizing::new(Vec::with_capacity(34));
    if oid == ED25519 {
        // RFC 8410 wraps the key in one more octet string.
        inner.extend_from_slice(&[0x04, 0x20]);
    }
    inner.extend_from_slice(secret.as_slice());
    let algorithm = AlgorithmIdentifierRef {
        oid,
        parameters: None,
    };
    let key = PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(&inner)?);
    let cost = scrypt::Params::new(SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P)
        .map_err(|_| pkcs8::Error::ParametersMalformed)?;
    let scheme = pbes2::Parameters::generate_scrypt_aes256cbc(
        cost,
        &ids::random::<16>(),
        ids::random::<16>(),
    )?;
    let document = key.encrypt_with_params(scheme, passphrase.bytes())?;
    Ok(document.to_pem(PEM_LABEL, LineEnding::LF)?)
}

fn unwrap(kind: Kind, plain: &SecretDocument) -> Option<Secret> {
    let key = PrivateKeyInfoRef::try_from(plain.as_bytes()).ok()?;
    let oid = kind.algorithm();
    if key.algorithm.oid != oid || key.algorithm.parameters.is_some() {
        return None;
    }
    let bytes = key.private_key.as_bytes();
    let bytes = if oid == ED25519 {
        bytes.strip_prefix(&[0x04, 0x20])?
    } else {
        bytes
    };
    <[u8; 32]>::try_from(bytes).ok().map(Zeroizing::new)
}

fn read_private(path: &Path, kind: Kind) -> Result<Zeroizing<String>, KeyError> {
    let metadata = fs::metadata(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => KeyError::Missing {
            kind,
            path: path.to_owned(),
        },
        _ => KeyError::io("read", path, source),
    })?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyError::ReadableByOthers {
            path: path.to_owned(),
            mode,
        });
    }
    fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|source| KeyError::io("read", path, source))
}

/// Writes a file that did not exist: temporary file, fsync, link under its name, fsync of the
/// folder. A link, unlike a rename, fails when the name is taken.
pub(super) fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), KeyError> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let draft = path.with_extension(format!("{:016x}.draft", u64::from_ne_bytes(ids::random())));
    let written = write_draft(&draft, bytes, mode)
        .and_then(|()| fs::hard_link(&draft, path))
        .map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyError::Exists {
                path: path.to_owned(),
            },
            _ => KeyError::io("write", path, source),
        });
    let removed = fs::remove_file(&draft);
    written?;
    removed
        .and_then(|()| fs::File::open(folder)?.sync_all())
        .map_err(|source| KeyError::io("write", path, source))
}

fn write_draft(draft: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(draft)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Lowercase hex digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
