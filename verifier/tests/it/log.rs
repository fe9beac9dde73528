//! The log's folder as a server leaves it that has gone on: the files of a checkpoint may be there
//! only as the beginnings of fuller ones.

use std::{fs, path::Path};

use fairplate_verifier::{
    log::{
        Checkpoint, LogError, LogFolder, consistency_proof, inclusion_proof, leaf_hash,
        read_entries, root_hash, tiles,
    },
    note::{KeyKind, Note},
};

use crate::city::{Files, Pair, write_files};

const ORIGIN: &str = "linan.example/draws";

fn entries_of(count: usize) -> Vec<Vec<u8>> {
    let entries = 0..count;
    entries
        .map(|entry| format!("entry {entry}\n").into_bytes())
        .collect()
}

/// A folder with the files of the second number of entries, and the checkpoint of the first.
fn publish(folder: &Path, signed: usize, grown: usize) -> LogFolder {
    let log = Pair::new(ORIGIN, KeyKind::Ed25519);
    let files: Files = tiles(&entries_of(grown)).into_iter().collect();
    write_files(&files, folder);
    let leaves: Vec<_> = entries_of(signed)
        .iter()
        .map(|entry| leaf_hash(entry))
        .collect();
    let checkpoint = Checkpoint {
        origin: ORIGIN.to_owned(),
        size: signed as u64,
        root: root_hash(&leaves),
    };
    let mut note = Note::new(checkpoint.to_string()).expect("a text");
    log.sign(&mut note);
    fs::write(folder.join("checkpoint"), note.to_string()).expect("a file");
    LogFolder::open(folder, &log.key).expect("a log")
}

#[test]
fn a_full_file_stands_for_the_partial_one_that_was_dropped() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = publish(folder.path(), 300, 512);
    let full = [
        "tile/entries/000",
        "tile/entries/001",
        "tile/0/000",
        "tile/0/001",
    ];
    for path in full {
        assert!(folder.path().join(path).is_file(), "{path}");
    }
    for path in ["tile/entries/001.p/44", "tile/0/001.p/44", "tile/1/000.p/1"] {
        assert!(!folder.path().join(path).exists(), "{path}");
    }
    let path = folder.path().join("tile/1/000.p/2");
    let roots = fs::read(&path).expect("the roots of two tiles");
    let missing = log.check_tiles(folder.path());
    let expected = "the hashes or entries that its place demands";
    let refused = |path: &str| {
        let path = path.to_owned();
        Err(LogError::File { path, expected })
    };
    assert_eq!(missing, refused("tile/1/000.p/1"));
    let full = folder.path().join("tile/1/000");
    fs::write(&full, &roots).expect("a file");
    assert_eq!(log.check_tiles(folder.path()), Ok(5));
    fs::write(&full, &roots[1..]).expect("a file");
    assert_eq!(log.check_tiles(folder.path()), refused("tile/1/000.p/1"));
}

#[test]
fn a_partial_file_that_cannot_be_read_is_not_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = publish(folder.path(), 300, 512);
    let root = root_hash(&log.leaves[..256]);
    fs::write(folder.path().join("tile/1/000"), root.0).expect("a file");
    assert_eq!(log.check_tiles(folder.path()), Ok(5));
    for path in ["tile/0/001.p/44", "tile/entries/001.p/44"] {
        let unreadable = folder.path().join(path);
        fs::create_dir_all(&unreadable).expect("a folder in a file's place");
        let refused = log.check_tiles(folder.path());
        assert!(
            matches!(&refused, Err(LogError::File { path: found, .. }) if found == path),
            "{refused:?}"
        );
        let read = read_entries(folder.path(), 300);
        if path.starts_with("tile/entries/") {
            let (path, expected) = (path.to_owned(), "a file that can be read");
            assert_eq!(read, Err(LogError::File { path, expected }));
        } else {
            assert_eq!(read, Ok(entries_of(300)));
        }
        fs::remove_dir(&unreadable).expect("an empty folder");
    }
}

#[test]
fn there_is_no_proof_of_what_is_not_in_the_log() {
    for count in 1..9 {
        let leaves: Vec<_> = entries_of(count)
            .iter()
            .map(|entry| leaf_hash(entry))
            .collect();
        let count = count as u64;
        for beyond in [count, count + 1, u64::MAX] {
            assert_eq!(inclusion_proof(&leaves, beyond), [], "{beyond} of {count}");
            assert_eq!(
                consistency_proof(&leaves, beyond),
                [],
                "{beyond} of {count}"
            );
        }
        let last = inclusion_proof(&leaves, count - 1);
        assert_eq!(last.is_empty(), count == 1, "{count}");
    }
}

#[test]
fn a_checkpoint_in_another_spelling_is_blamed_to_the_line() {
    let root = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let line = |text: &str| match Checkpoint::parse(text) {
        Err(LogError::Line { line, found, .. }) => (line, found),
        other => panic!("{text:?} gave {other:?}"),
    };
    for (text, blamed, found) in [
        (format!("a log\n7\n{root}\n"), 1, "a log"),
        (format!("\n7\n{root}\n"), 1, ""),
        (format!("log\n07\n{root}\n"), 2, "07"),
        ("log\n7\nAAAA\n".to_owned(), 3, "AAAA"),
        (format!("log\n7\n{root}\nmore\n"), 4, "more"),
        (format!("log\n7\n{root}"), 4, ""),
        ("log\n7\n".to_owned(), 4, ""),
    ] {
        assert_eq!(line(&text), (blamed, found.to_owned()), "{text:?}");
    }
    assert!(Checkpoint::parse(&format!("log\n7\n{root}\n")).is_ok());
}
