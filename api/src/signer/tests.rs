//! Keys on a real file system.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use verifier::{
    log::Checkpoint,
    note::{KeyKind, Note},
    text::{Digest, Time},
};

use super::{
    ChainKey, Cosigner, KeyError, Kind, LogSigner, Passphrase, PersonalKey, RecordSigner,
    SignError, file,
};

const PHRASE: &str = "seven grey herons";
const KINDS: [Kind; 5] = [
    Kind::Record,
    Kind::Log,
    Kind::Witness,
    Kind::Chain,
    Kind::Personal,
];

fn passphrase() -> Passphrase {
    Passphrase::new(PHRASE).unwrap()
}

/// Makes a key of this kind and gives what `Debug` shows of it.
fn create(kind: Kind, folder: &Path) -> Result<String, KeyError> {
    let passphrase = passphrase();
    Ok(match kind {
        Kind::Record => format!(
            "{:?}",
            RecordSigner::create(folder, "a.example/records", &passphrase)?
        ),
        Kind::Log => format!(
            "{:?}",
            LogSigner::create(folder, "a.example/draws", &passphrase)?
        ),
        Kind::Witness => format!(
            "{:?}",
            Cosigner::create(folder, "b.example/w1", &passphrase)?
        ),
        Kind::Chain => format!("{:?}", ChainKey::create(folder, &passphrase)?),
        Kind::Personal => format!("{:?}", PersonalKey::create(folder, &passphrase)?),
    })
}

fn open(kind: Kind, folder: &Path, passphrase: &Passphrase) -> Result<String, KeyError> {
    Ok(match kind {
        Kind::Record => format!("{:?}", RecordSigner::open(folder, passphrase)?),
        Kind::Log => format!("{:?}", LogSigner::open(folder, passphrase)?),
        Kind::Witness => format!("{:?}", Cosigner::open(folder, passphrase)?),
        Kind::Chain => format!("{:?}", ChainKey::open(folder, passphrase)?),
        Kind::Personal => format!("{:?}", PersonalKey::open(folder, passphrase)?),
    })
}

/// A folder with a key of every kind.
fn keys() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for kind in KINDS {
        create(kind, folder.path()).unwrap();
    }
    folder
}

/// Every file of a folder, with its bytes.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_key_opens_as_what_it_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("keys");
    for kind in KINDS {
        let made = create(kind, &folder).unwrap();
        assert_eq!(open(kind, &folder, &passphrase()).unwrap(), made);
    }
    assert_eq!(mode(&folder), 0o700);
}

#[test]
fn private_halves_are_closed_to_others_and_nothing_else_is_left_behind() {
    let folder = keys();
    let files: Vec<_> = contents(folder.path())
        .into_iter()
        .map(|(path, _)| {
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                mode(&path),
            )
        })
        .collect();
    let expected = [
        ("chain.key", 0o600),
        ("log.key", 0o600),
        ("log.vkey", 0o644),
        ("personal.key", 0o600),
        ("record.key", 0o600),
        ("record.vkey", 0o644),
        ("witness.key", 0o600),
        ("witness.vkey", 0o644),
    ];
    assert_eq!(files, expected.map(|(name, mode)| (name.to_owned(), mode)));
}

#[test]
fn a_wrong_passphrase_opens_nothing() {
    let folder = keys();
    let wrong = Passphrase::new("seven grey heron").unwrap();
    for kind in KINDS {
        let error = open(kind, folder.path(), &wrong).unwrap_err();
        assert!(matches!(error, KeyError::WrongPassphrase { .. }), "{error}");
    }
}

#[test]
fn an_existing_key_is_never_overwritten() {
    let folder = keys();
    let before = contents(folder.path());
    for kind in KINDS {
        let error = create(kind, folder.path()).unwrap_err();
        assert!(matches!(error, KeyError::Exists { .. }), "{error}");
    }
    assert_eq!(contents(folder.path()), before);
    // A public half alone may be all that is left of a lost key.
    let vkey = folder.path().join("record.vkey");
    fs::remove_file(folder.path().join("record.key")).unwrap();
    let error = create(Kind::Record, folder.path()).unwrap_err();
    assert!(matches!(error, KeyError::Exists { path } if path == vkey));
    assert!(!folder.path().join("record.key").exists());
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let folder = keys();
    for kind in KINDS {
        for open_to in [0o640, 0o604, 0o620] {
            let path = kind.path(folder.path());
            fs::set_permissions(&path, fs::Permissions::from_mode(open_to)).unwrap();
            let error = open(kind, folder.path(), &passphrase()).unwrap_err();
            assert!(matches!(error, KeyError::ReadableByOthers { mode, .. } if mode == open_to));
            assert!(error.to_string().contains("chmod 600"));
        }
    }
}

#[test]
fn a_missing_key_is_named_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    for kind in KINDS {
        let error = open(kind, folder.path(), &passphrase()).unwrap_err();
        assert!(matches!(error, KeyError::Missing { .. }), "{error}");
        assert!(error.to_string().contains(&format!("{kind}.key")));
    }
}

#[test]
fn a_key_of_another_kind_is_refused() {
    let folder = keys();
    for (from, to) in [
        ("record", "log"),
        ("log", "record"),
        ("log", "witness"),
        ("personal", "chain"),
    ] {
        let mixed = tempfile::tempdir().unwrap();
        fs::copy(
            folder.path().join(format!("{from}.key")),
            mixed.path().join(format!("{to}.key")),
        )
        .unwrap();
        let kind = KINDS.into_iter().find(|kind| kind.name() == to).unwrap();
        let error = open(kind, mixed.path(), &passphrase()).unwrap_err();
        assert!(
            matches!(&error, KeyError::AnotherKind { found, .. } if *found == format!("a {from} key")),
            "{error}"
        );
        // Nor does a relabelled one pass, where the public half can tell.
        let path = kind.path(mixed.path());
        let text = fs::read_to_string(&path).unwrap();
        fs::write(
            &path,
            text.replace(&format!("Fairplate {from}"), &format!("Fairplate {to}")),
        )
        .unwrap();
        if matches!(kind, Kind::Witness | Kind::Chain) {
            let error = open(kind, mixed.path(), &passphrase()).unwrap_err();
            assert!(matches!(error, KeyError::Mismatch { .. }), "{error}");
        }
    }
}

#[test]
fn a_public_half_of_another_key_is_refused_and_a_lost_one_written_again() {
    let (folder, other) = (keys(), keys());
    for name in ["record", "log", "witness"] {
        let kind = KINDS.into_iter().find(|kind| kind.name() == name).unwrap();
        let vkey = folder.path().join(format!("{name}.vkey"));
        let right = fs::read(&vkey).unwrap();
        fs::copy(other.path().join(format!("{name}.vkey")), &vkey).unwrap();
        let error = open(kind, folder.path(), &passphrase()).unwrap_err();
        assert!(
            matches!(&error, KeyError::Mismatch { public, .. } if *public == vkey),
            "{error}"
        );
        fs::remove_file(&vkey).unwrap();
        open(kind, folder.path(), &passphrase()).unwrap();
        assert_eq!(fs::read(&vkey).unwrap(), right);
    }
}

#[test]
fn a_damaged_key_file_is_refused() {
    let folder = keys();
    let path = Kind::Record.path(folder.path());
    let whole = fs::read_to_string(&path).unwrap();
    for (damaged, wrong) in [
        ("", "two lines of head"),
        ("-----BEGIN\nPRIVATE\nKEY-----\n", "first line"),
        ("Fairplate record key\na.example/records\n", "no PEM block"),
        ("Fairplate record key\n", "two lines of head"),
        (&whole[..whole.len() / 2], "no PEM block"),
        (
            &whole.replace("ENCRYPTED PRIVATE KEY", "PRIVATE KEY"),
            "another label",
        ),
        (
            &whole.replace("a.example/records", "a.example/other"),
            "another key",
        ),
    ] {
        fs::write(&path, damaged).unwrap();
        let sentence = open(Kind::Record, folder.path(), &passphrase())
            .unwrap_err()
            .to_string();
        assert!(sentence.contains(wrong), "{wrong}: {sentence}");
    }
}

#[test]
fn nothing_shows_a_secret_or_the_passphrase() {
    let folder = keys();
    let wrong = Passphrase::new("another phrase").unwrap();
    let mut shown = vec![format!("{:?}", passphrase()), format!("{:?}", Some(&wrong))];
    let mut secrets = vec![PHRASE.to_owned(), "another phrase".to_owned()];
    for kind in KINDS {
        shown.push(open(kind, folder.path(), &passphrase()).unwrap());
        for error in [
            open(kind, folder.path(), &wrong).unwrap_err(),
            create(kind, folder.path()).unwrap_err(),
        ] {
            shown.extend([format!("{error:?}"), error.to_string()]);
        }
        let (_, secret) = file::open(folder.path(), kind, &passphrase()).unwrap();
        let decimals = format!("{:?}", &secret[..]);
        secrets.extend([
            file::hex(&secret[..]),
            decimals.trim_matches(['[', ']']).to_owned(),
        ]);
    }
    for (path, bytes) in contents(folder.path()) {
        shown.push(format!("{path:?} {}", String::from_utf8(bytes).unwrap()));
    }
    for secret in &secrets {
        assert!(shown.iter().all(|text| !text.contains(secret)));
    }
}

#[test]
fn a_passphrase_is_the_first_line_of_a_closed_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("phrase");
    let write = |text: &str, mode| {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    };
    for text in [
        PHRASE,
        "seven grey herons\n",
        "seven grey herons\r\nand a note\n",
    ] {
        write(text, 0o400);
        let read = Passphrase::from_file(&path).unwrap();
        assert_eq!(read.bytes(), PHRASE.as_bytes());
        fs::remove_file(&path).unwrap();
    }
    for text in ["", "\n", "\nseven grey herons\n"] {
        write(text, 0o600);
        let error = Passphrase::from_file(&path).unwrap_err();
        assert!(matches!(error, KeyError::EmptyPassphrase { .. }), "{error}");
    }
    write(PHRASE, 0o644);
    let error = Passphrase::from_file(&path).unwrap_err();
    assert!(
        matches!(error, KeyError::ReadableByOthers { .. }),
        "{error}"
    );
    assert!(matches!(
        Passphrase::new(""),
        Err(KeyError::EmptyPassphrase { file: None })
    ));
}

#[test]
fn a_name_that_no_key_can_have_makes_no_key() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["", "a b", "a+b", "a\nb"] {
        let error = RecordSigner::create(folder.path(), name, &passphrase()).unwrap_err();
        assert!(matches!(error, KeyError::Name(_)), "{error}");
    }
    assert_eq!(contents(folder.path()), []);
}

#[test]
fn a_record_key_signs_records_and_a_log_key_its_own_checkpoints() {
    let folder = keys();
    let records = RecordSigner::open(folder.path(), &passphrase()).unwrap();
    let log = LogSigner::open(folder.path(), &passphrase()).unwrap();
    let record = "fairplate/v1 void\norigin a.example/draws\n".to_owned();
    let checkpoint = |origin: &str| {
        let origin = origin.to_owned();
        let (size, root) = (1, Digest::of(b"entry"));
        Checkpoint { origin, size, root }.to_string()
    };
    let own = checkpoint("a.example/draws");

    let note = records.sign(record.clone()).unwrap();
    assert_eq!(note.verify(records.key()), Ok(()));
    assert!(note.verify(log.key()).is_err());
    assert_eq!(records.sign(record.clone()), Ok(note));
    assert_eq!(records.sign(own.clone()), Err(SignError::NotARecord));

    let note = log.sign(own).unwrap();
    assert_eq!(note.verify(log.key()), Ok(()));
    assert!(note.verify(records.key()).is_err());
    assert_eq!(log.sign(record), Err(SignError::NotACheckpoint));
    let other = log.sign(checkpoint("a.example/elsewhere"));
    assert!(matches!(other, Err(SignError::AnotherLog { .. })));
}

#[test]
fn a_cosignature_carries_its_time_and_covers_the_text() {
    let folder = keys();
    let cosigner = Cosigner::open(folder.path(), &passphrase()).unwrap();
    assert_eq!(cosigner.key().kind(), KeyKind::CosignatureV1);
    let mut note = Note::new("a.example/draws\n1\nroot\n".to_owned()).unwrap();
    let line = cosigner.cosign(&note, Time(1_782_608_400));
    note.signatures.push(line);
    assert_eq!(
        note.cosigned_at(cosigner.key()),
        Ok(Some(Time(1_782_608_400)))
    );
    note.text = note.text.replace("\n1\n", "\n2\n");
    assert!(note.cosigned_at(cosigner.key()).is_err());
}

#[test]
fn a_chain_key_signs_rounds_that_its_chain_verifies() {
    let folder = keys();
    let key = ChainKey::open(folder.path(), &passphrase()).unwrap();
    let chain = key.chain(1, Time(1_782_608_400), "demo");
    let signature = key.sign_round(7);
    assert_eq!(chain.verify(7, &signature), Ok(()));
    assert!(chain.verify(8, &signature).is_err());
    let other = ChainKey::create(tempfile::tempdir().unwrap().path(), &passphrase()).unwrap();
    assert!(chain.verify(7, &other.sign_round(7)).is_err());
}
