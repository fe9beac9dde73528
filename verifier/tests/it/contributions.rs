//! What contributors keep and hand in: every file of `vectors/contribution`, and the command as a
//! notary uses it.
//!
//! The ending of a vector's name is the kind of text. One to be refused begins with the number of the
//! line that is refused.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use fairplate_verifier::{
    contribution::{Commitment, Contribution, Reveal},
    record::RecordError,
};
use serde_json::{Value, json};

fn vectors(kind: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/contribution");
    let files = fs::read_dir(folder.join(kind)).expect("the vectors");
    let read = |file: std::io::Result<fs::DirEntry>| {
        let path = file.expect("a file").path();
        let text = fs::read_to_string(&path).expect("text");
        (path, text)
    };
    let found: Vec<_> = files.map(read).collect();
    assert!(found.len() > 5, "{kind}");
    found
}

/// What the reader of the kind that the path names writes again.
fn read(path: &Path, text: &str) -> Result<String, RecordError> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("contribution") => Contribution::parse(text).map(|read| read.to_string()),
        Some("commitment") => Commitment::parse(text).map(|read| read.to_string()),
        Some("reveal") => Reveal::parse(text).map(|read| read.to_string()),
        _ => panic!("{}: no kind of text", path.display()),
    }
}

#[test]
fn what_is_accepted_has_one_spelling_and_belongs_together() {
    for (path, text) in vectors("accept") {
        assert_eq!(read(&path, &text), Ok(text.clone()), "{}", path.display());
        if path
            .extension()
            .is_some_and(|ending| ending == "contribution")
        {
            let kept = Contribution::parse(&text).expect("accepted");
            let beside = |ending| fs::read_to_string(path.with_extension(ending)).expect("beside");
            assert_eq!(kept.commitment().to_string(), beside("commitment"));
            assert_eq!(kept.reveal().to_string(), beside("reveal"));
        }
    }
}

#[test]
fn what_is_refused_is_refused_at_the_line_that_its_name_says() {
    for (path, text) in vectors("reject") {
        let name = path.file_name().expect("a name").to_string_lossy();
        let (line, _) = name.split_once('-').expect("a line");
        let refused = read(&path, &text).map_err(|error| error.line.to_string());
        assert_eq!(refused, Err(line.to_owned()), "{name}");
    }
}

fn example(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/accept/example");
    folder.join(name).to_str().expect("a path").to_owned()
}

fn vector(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/contribution/accept");
    folder.join(name).to_str().expect("a path").to_owned()
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fairplate-verifier"));
    command
        .current_dir(folder)
        .arg("contribute")
        .args(arguments)
        .env("LC_ALL", "C");
    command.output().expect("a run")
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const WHOSE: [&str; 7] = [
    "seal",
    "--origin",
    "hangzhou.example/draws",
    "--draw",
    "202607",
    "--name",
    "notary.example/c1",
];

fn seal(folder: &Path, more: &[&str]) -> Output {
    run(folder, &[&WHOSE[..], more].concat())
}

#[test]
fn a_sealed_secret_is_kept_in_one_new_file_and_its_commitment_is_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = seal(folder.path(), &["--out", "mine"]);
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output.stderr));
    let text = fs::read_to_string(folder.path().join("mine")).expect("the secret");
    let kept = Contribution::parse(&text).expect("a contribution");
    assert_eq!(shown(&output.stdout), kept.commitment().to_string());
    assert_eq!(kept.contributor.draw, "202607");

    // Another file, another secret; the same file is refused and stays.
    let again = seal(folder.path(), &["--out", "mine", "--json"]);
    assert_eq!(again.status.code(), Some(2));
    assert_eq!(shown(&again.stdout), "");
    let complaint = shown(&again.stderr);
    assert!(complaint.contains("nothing is overwritten"), "{complaint}");
    let after = fs::read_to_string(folder.path().join("mine")).expect("the secret");
    assert_eq!(after, text);
    let other = seal(folder.path(), &["--out", "other", "--json"]);
    let told: Value = serde_json::from_slice(&other.stdout).expect("JSON");
    let text = fs::read_to_string(folder.path().join("other")).expect("the secret");
    let other = Contribution::parse(&text).expect("a contribution");
    assert_ne!(other.secret, kept.secret);
    let expected = json!({
        "schema": "fairplate-verifier/commitment/1",
        "origin": "hangzhou.example/draws",
        "draw": "202607",
        "name": "notary.example/c1",
        "commitment": other.commitment().commitment.to_string(),
    });
    assert_eq!(told, expected);
}

#[test]
fn a_commitment_is_written_into_a_file_where_one_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = seal(
        folder.path(),
        &["--out", "mine", "--commitment", "commitment"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output.stderr));
    assert_eq!(shown(&output.stdout), "");
    let text = fs::read_to_string(folder.path().join("commitment")).expect("the commitment");
    Commitment::parse(&text).expect("a commitment");
}

#[test]
fn names_that_no_announce_could_carry_are_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    for (place, name) in [(2, "hang zhou"), (4, "2026/07"), (6, "the notary")] {
        let mut arguments = WHOSE.to_vec();
        arguments[place] = name;
        arguments.extend(["--out", "mine"]);
        let output = run(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(!folder.path().join("mine").exists(), "{name}");
    }
}

/// What `open` answers for the notary of the example, against this announce.
fn open_against(folder: &Path, file: &str, announce: &str, more: &[&str]) -> Output {
    let records = example("records.vkey");
    let pinned = [
        "open",
        file,
        "--announce",
        announce,
        "--records",
        records.as_str(),
    ];
    run(folder, &[&pinned[..], more].concat())
}

#[test]
fn what_was_announced_as_it_was_sealed_may_be_handed_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, announce) = (vector("notary.contribution"), example("announce.note"));
    let output = open_against(folder.path(), &file, &announce, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output.stderr));
    let reveal = fs::read_to_string(vector("notary.reveal")).expect("the vector");
    assert_eq!(shown(&output.stdout), reveal);
    let told = shown(&output.stderr);
    assert!(told.contains("before 2026-06-30T07:00:00Z"), "{told}");

    let output = open_against(folder.path(), &file, &announce, &["--json"]);
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let secret = Reveal::parse(&reveal).expect("a reveal").secret;
    let expected = json!({
        "schema": "fairplate-verifier/reveal/1",
        "origin": "hangzhou.example/draws",
        "draw": "202606",
        "name": "notary.example/c1",
        "commitment": "413ae24a6a8e4f2b58763d00ee32f2fb337539fe425a6d7bc47be6faab0e5782",
        "secret": fairplate_verifier::Digest(secret).to_string(),
        "announced": true,
        "closes": "2026-06-30T07:00:00Z",
    });
    assert_eq!(told, expected);

    let output = open_against(folder.path(), &file, &announce, &["--out", "mine.reveal"]);
    assert_eq!(shown(&output.stdout), "");
    let written = fs::read_to_string(folder.path().join("mine.reveal"));
    assert_eq!(written.expect("the reveal"), reveal);
}

#[test]
fn without_an_announce_the_secret_is_given_with_a_warning() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(folder.path(), &["open", &vector("notary.contribution")]);
    assert_eq!(output.status.code(), Some(0));
    assert!(shown(&output.stderr).contains("not compared"));
    let json = run(
        folder.path(),
        &["open", &vector("notary.contribution"), "--json"],
    );
    let told: Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(
        (&told["announced"], &told["closes"]),
        (&json!(false), &Value::Null)
    );
}

#[test]
fn a_secret_that_was_not_announced_stays_with_its_contributor() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = fs::read_to_string(vector("notary.contribution")).expect("the vector");
    let announce = example("announce.note");
    for (edit, line, expected) in [
        (("2708a0d6", "2708a0d7"), 10, "sealed notary.example/c1 "),
        (
            ("notary.example/c1", "court.example/c1"),
            13,
            "sealed court.example/c1 ",
        ),
        (("draw 202606", "draw 202607"), 3, "draw 202607"),
        (
            ("hangzhou.example", "beijing.example"),
            2,
            "origin beijing.example/draws",
        ),
    ] {
        let file = folder.path().join("mine");
        fs::write(&file, text.replace(edit.0, edit.1)).expect("a file");
        let output = open_against(folder.path(), "mine", &announce, &[]);
        assert_eq!(output.status.code(), Some(1), "{edit:?}");
        assert_eq!(shown(&output.stdout), "", "{edit:?}");
        let told = shown(&output.stderr);
        let place = format!("FALSE: {announce} line {line}: expected `{expected}");
        assert!(told.starts_with(&place), "{told}");
        let output = open_against(folder.path(), "mine", &announce, &["--json"]);
        assert_eq!(output.status.code(), Some(1), "{edit:?}");
        let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(told["failure"]["line"], line, "{told}");
        assert_eq!(told.get("secret"), None, "{told}");
    }
}

#[test]
fn an_announce_that_the_city_did_not_sign_is_no_reason_to_hand_a_secret_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let note = fs::read_to_string(example("announce.note")).expect("the example");
    let forged = folder.path().join("forged.note");
    let file = vector("notary.contribution");
    for (text, told) in [
        (
            note.replace("window 86400", "window 86401"),
            "does not verify",
        ),
        (note.replace("window 86400\n", ""), "does not verify"),
        (
            note.split("\n\n").next().unwrap().to_owned(),
            "a signed note",
        ),
        (
            fs::read_to_string(example("close.note")).unwrap(),
            "fairplate/v1 announce",
        ),
    ] {
        fs::write(&forged, text).expect("a file");
        let output = open_against(folder.path(), &file, "forged.note", &[]);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert_eq!(shown(&output.stdout), "", "{told}");
        let complaint = shown(&output.stderr);
        assert!(complaint.starts_with("FALSE: forged.note"), "{complaint}");
        assert!(complaint.contains(told), "{complaint}");
    }
}

#[test]
fn what_cannot_be_read_could_not_be_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("mine"), "a secret\n").expect("a file");
    fs::write(folder.path().join("bytes"), [0xff]).expect("a file");
    let announce = example("announce.note");
    for (file, announce) in [
        ("none", announce.as_str()),
        ("mine", announce.as_str()),
        ("bytes", announce.as_str()),
        (&vector("notary.contribution"), "none"),
        (&vector("notary.reveal"), announce.as_str()),
    ] {
        let output = open_against(folder.path(), file, announce, &[]);
        assert_eq!(output.status.code(), Some(2), "{file}");
        assert_eq!(shown(&output.stdout), "", "{file}");
    }
}

#[test]
fn the_command_speaks_chinese() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = seal(folder.path(), &["--out", "mine", "--lang", "zh-CN"]);
    assert!(shown(&output.stderr).contains("请妥善保存"));
    let announce = example("announce.note");
    for (file, told) in [
        (
            vector("notary.contribution"),
            "请在 2026-06-30T07:00:00Z 之前交出随机数",
        ),
        (
            "mine".to_owned(),
            "第 3 行：应为 `draw 202607`，实为 `draw 202606`；请勿交出随机数",
        ),
    ] {
        let output = open_against(folder.path(), &file, &announce, &["--lang", "zh-CN"]);
        let complaint = shown(&output.stderr);
        assert!(complaint.contains(told), "{complaint}");
    }
}
