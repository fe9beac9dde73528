//! A draw's folder as an archive whose last bytes are the last file's, or not all of them.

use std::fs;

use fairplate_verifier::{archive::Spool, bundle::Bundle};

use crate::command::tar;

/// What a refusal says, or the names of the files.
fn open(archive: &[u8]) -> Result<Vec<String>, String> {
    let spool = Spool::new(archive).expect("a temporary file");
    let bundle = Bundle::open_tar(spool.path()).map_err(|error| error.to_string())?;
    Ok(bundle.names().map(str::to_owned).collect())
}

#[test]
fn an_archive_may_end_with_its_last_file() {
    // The second file fills its block, the end is not marked.
    let archive = tar(&[("202606/a", b"one".to_vec()), ("202606/b", vec![b'b'; 512])]);
    let marked = archive.len();
    let end = marked - 1_024;
    let names = Ok(vec!["a".to_owned(), "b".to_owned()]);
    for length in [end, end + 512, marked] {
        assert_eq!(open(&archive[..length]), names, "{length}");
    }
    let cut = "expected a whole tar archive, found one that is cut short";
    assert_eq!(open(&archive[..end - 1]), Err(cut.to_owned()));
    assert_eq!(open(&archive[..end - 512]), Err(cut.to_owned()));
    // A piece of a header is no header.
    assert!(open(&archive[..end - 513]).is_err());
    assert_eq!(open(&[]), Ok(Vec::new()));
}

#[test]
fn what_came_through_a_pipe_is_gone_in_the_end() {
    let spool = Spool::new(&b"a draw"[..]).expect("a temporary file");
    let path = spool.path().to_owned();
    assert_eq!(fs::read(&path).expect("the file"), b"a draw");
    let another = Spool::new(&b"another"[..]).expect("a temporary file");
    assert_ne!(another.path(), path);
    drop(spool);
    assert!(!path.exists());
    assert_eq!(fs::read(another.path()).expect("the file"), b"another");
}

#[test]
fn the_last_bytes_of_a_file_are_its_own() {
    let archive = tar(&[
        ("a", b"before".to_vec()),
        ("b", b"0123456789".to_vec()),
        ("c", b"after".to_vec()),
    ]);
    let spool = Spool::new(archive.as_slice()).expect("a temporary file");
    let packed = Bundle::open_tar(spool.path()).expect("an archive");
    let files = [("b".to_owned(), b"0123456789".to_vec())];
    for bundle in [packed, Bundle::of_files(files.into())] {
        for (most, tail) in [(0, ""), (3, "789"), (10, "0123456789"), (11, "0123456789")] {
            let found = bundle
                .find_tail("b", most)
                .expect("a file that can be read");
            assert_eq!(found.as_deref(), Some(tail.as_bytes()), "{most}");
        }
        assert_eq!(bundle.find_tail("d", 3).expect("no fault"), None);
    }
}
