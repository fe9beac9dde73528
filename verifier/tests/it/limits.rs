//! The last value that a record, a proof or a receipt may have, and the first that it may not.

use std::{fs, path::Path};

use fairplate_verifier::{
    bundle::Bundle,
    log::{InclusionBundle, LogError},
    note::Note,
    receipt::{Receipt, ReceiptError, make},
    record::{Record, is_draw_id, is_open_value},
};

fn example() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/accept/example")
}

fn text_of(name: &str) -> String {
    let bytes = fs::read(example().join(name)).expect(name);
    Note::parse(&bytes).expect(name).text
}

fn line<'a>(text: &'a str, head: &str) -> &'a str {
    let line = text.lines().find(|line| line.starts_with(head));
    line.expect("a line of the record")
}

/// The line and what would have been accepted there; none when the record is accepted.
#[track_caller]
fn refused(text: &str) -> Option<(usize, String)> {
    match Record::parse(text) {
        Ok(record) => {
            assert_eq!(record.to_string(), text);
            None
        }
        Err(error) => Some((error.line, error.expected)),
    }
}

#[test]
fn names_have_1_to_64_letters_of_their_alphabet() {
    let longest = "a".repeat(64);
    for good in ["a", "A", "9", "-", "c-1", &longest] {
        assert!(is_draw_id(good), "{good}");
    }
    let longer = "a".repeat(65);
    for bad in ["", "a.b", "a/b", "a_", "é", " ", "a b", &longer] {
        assert!(!is_draw_id(bad), "{bad}");
    }
    let longest = "7Z".repeat(32);
    for good in ["0", "A", "374478", &longest] {
        assert!(is_open_value(good), "{good}");
    }
    let longer = longest.clone() + "0";
    for bad in ["", "a", "-", "37 4", &longer] {
        assert!(!is_open_value(bad), "{bad}");
    }
}

#[test]
fn an_announce_has_at_most_so_many_categories_seals_and_labels() {
    let announce = text_of("announce.note");
    let zeros = "0".repeat(64);
    let unit = line(&announce, "pool unit");
    let sealed = line(&announce, "sealed rep-b");
    let open = line(&announce, "open ");
    let many = |head: &str, tail: &str, count: usize| {
        let lines: Vec<String> = (0..count).map(|at| format!("{head}{at}{tail}")).collect();
        lines.join("\n")
    };
    let pool = unit.strip_prefix("pool unit").expect("a pool");
    let seal = format!(" {zeros}");
    // The line that gives way to many, and how many there may be beside the example's others.
    for (old, head, tail, most, first, expected) in [
        (unit, "pool c", pool, 63, 9, "at most 64 categories"),
        (
            sealed,
            "sealed s",
            seal.as_str(),
            62,
            12,
            "at most 64 names without spaces or plus, each once",
        ),
        (open, "open o", "", 8, 13, "at most 8 labels, each once"),
    ] {
        let text = announce.replace(old, &many(head, tail, most));
        assert_eq!(refused(&text), None, "{head}");
        let text = announce.replace(old, &many(head, tail, most + 1));
        let (line, why) = refused(&text).expect("a refusal");
        assert_eq!((line, why.as_str()), (first + most, expected));
        let twice = format!("{old}\n{old}");
        assert!(refused(&announce.replace(old, &twice)).is_some(), "{twice}");
    }
    let named = announce.replace("sealed rep-b.example/c1", "sealed rep+b.example/c1");
    assert!(refused(&named).is_some());
}

#[test]
fn a_pools_numbers_and_a_round_have_their_least_and_most() {
    let announce = text_of("announce.note");
    for (old, new, good) in [
        (" 600 1800 ", " 134217728 1800 ", true),
        (" 600 1800 ", " 134217729 1800 ", false),
        (" 600 1800 ", " 600 4294967295 ", true),
        (" 600 1800 ", " 600 4294967296 ", false),
        (" 30000000\n", " 1\n", true),
        (" 30000000\n", " 0\n", false),
        ("drand ", "dran ", false),
        ("pool unit", "pool u_t", false),
    ] {
        assert!(announce.contains(old), "{old}");
        assert_eq!(
            refused(&announce.replace(old, new)).is_none(),
            good,
            "{new}"
        );
    }
    let result = text_of("result.note");
    for (new, good) in [(" 1 ", true), (" 0 ", false)] {
        let text = result.replace(" 30000000 ", new);
        assert_ne!(text, result);
        assert_eq!(refused(&text).is_none(), good, "{text}");
    }
}

#[test]
fn a_label_its_value_and_a_change_have_their_alphabet_and_words() {
    let close = text_of("close.note");
    let value = "open ball-machine 374478";
    for (new, good) in [
        ("open ball-machine Z", true),
        ("open ball-machine z", false),
        ("open ball_machine 374478", false),
        ("open ball-machine 374478 ", false),
        ("open ball-machine 374478 1", false),
        ("open ball-machine  374478", false),
        ("open ball-machine", false),
        ("open ball-machine ", false),
    ] {
        let text = close.replace(value, new);
        assert_eq!(refused(&text).is_none(), good, "{new}");
    }
    for words in [
        "open ball-machine",
        "open ball-machine 374478 1",
        "open  374478",
    ] {
        let expected = Some((9, "`open <label> <value>`".to_owned()));
        assert_eq!(refused(&close.replace(value, words)), expected, "{words}");
    }
    let more = refused(&(close.clone() + "more\n")).expect("a refusal");
    assert_eq!(
        more,
        (
            close.lines().count() + 1,
            "the end of the record".to_owned()
        )
    );
    let zeros = "0".repeat(64);
    for (change, good) in [
        ("drop c 1 A1 came too late", true),
        ("drop c 0 A1 came too late", false),
        ("drop c_ 1 A1 came too late", false),
        ("drop c 1 a1 came too late", false),
        ("promote c 3 B2", true),
        ("promote c 0 B2", false),
        ("promote c_ 3 B2", false),
    ] {
        let text = format!(
            "fairplate/v1 amend\norigin a.example\ndraw 1\nresult {zeros}\n\
             issued 2026-01-01T00:00:00Z\n{change}\n"
        );
        assert_eq!(refused(&text).is_none(), good, "{change}");
    }
}

#[test]
fn a_proof_has_at_most_64_hashes() {
    let proof = fs::read_to_string(example().join("result.tlog-proof")).expect("a proof");
    let hash = proof.lines().nth(2).expect("a hash");
    for (hashes, good) in [(64, true), (65, false)] {
        let path = vec![hash; hashes].join("\n");
        let read = InclusionBundle::parse(proof.replacen(hash, &path, 1).as_bytes());
        match read {
            Ok(read) => assert!(good && read.proof.len() == hashes),
            Err(LogError::Line { line, .. }) => assert_eq!((good, line), (false, 67)),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_receipts_numbers_have_their_most_and_a_refusal_names_the_line() {
    let bundle = Bundle::open_folder(&example()).expect("the example");
    let receipt = make(&bundle, "5422103493799".parse().expect("a code"));
    let receipt = receipt.expect("a receipt").to_string();
    let refused = |text: &str| match Receipt::parse(text) {
        Ok(_) => None,
        Err(ReceiptError::Line { line, expected, .. }) => Some((line, expected)),
        Err(error) => panic!("{error}"),
    };
    let row = "`row <number below 134217728>`";
    let ticket = "`first-ticket <number up to 4294967295>`";
    let rank = "`rank <number from 1>`";
    for (old, new, expected) in [
        ("row 3\n", "row 134217727\n", None),
        ("row 3\n", "row 134217728\n", Some((4, row))),
        ("first-ticket 0\n", "first-ticket 4294967295\n", None),
        (
            "first-ticket 0\n",
            "first-ticket 4294967296\n",
            Some((5, ticket)),
        ),
        ("rank 2\n", "rank 1\n", None),
        ("rank 2\n", "rank 0\n", Some((7, rank))),
    ] {
        assert!(receipt.contains(old), "{old}");
        assert_eq!(refused(&receipt.replacen(old, new, 1)), expected, "{new}");
    }
    // A file's lines count where a later one is to blame.
    let before = receipt.find("file close.note").expect("a file");
    let other = receipt.replacen("file close.note", "file clothes.note", 1);
    let at = receipt[..before].lines().count() + 1;
    assert_eq!(refused(&other), Some((at, "`file <name> <bytes>`")));
    let head = "fairplate/v1 receipt";
    let longest = "x".repeat(1 << 20);
    assert_eq!(refused(&longest), Some((1, head)));
    assert_eq!(
        refused(&(longest + "x")),
        Some((0, "at most 1048576 bytes"))
    );
}
