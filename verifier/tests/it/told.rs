//! What the command tells single people and auditors: the numbers in its sentences, and what only the
//! log beside the draws knows.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use fairplate_verifier::{
    bundle::Bundle,
    note::{KeyKind, Note},
    receipt::make,
};

use crate::city::{Files, Pair, Rotation, Scenario, write_files};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fairplate-verifier"));
    command
        .current_dir(folder)
        .args(arguments)
        .env("XDG_STATE_HOME", folder.join("state"))
        .env("LC_ALL", "C");
    command.output().expect("a run")
}

fn shown(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A city's public folder, its draw at `draws/202607`.
fn publish(scenario: &Scenario) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let trust = scenario.trust();
    let place = |name: String| {
        if name.starts_with("log/") {
            name
        } else {
            format!("draws/202607/{name}")
        }
    };
    let files = scenario.files().into_iter();
    let mut files: Files = files.map(|(name, bytes)| (place(name), bytes)).collect();
    let policy = trust.policy.to_string().into_bytes();
    files.insert("trust.policy".to_owned(), policy);
    let records = format!("{}\n", trust.records).into_bytes();
    files.insert("records.vkey".to_owned(), records);
    write_files(&files, folder.path());
    folder
}

#[test]
fn a_receipt_says_whose_tickets_they_are_and_which_is_the_best() {
    let folder = tempfile::tempdir().expect("a folder");
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/accept/example");
    let path = |name: &str| example.join(name).to_str().expect("a path").to_owned();
    let (trust, records) = (path("trust.policy"), path("records.vkey"));
    for (code, sentence) in [
        (
            "5422103493799",
            "individual: tickets 22 to 41, the best is 33 with score 0ca9a322678f3d2a; won with \
             rank 2 of 2",
        ),
        (
            "8801109990001",
            "individual: tickets 42 to 44, the best is 43 with score 023aa1640bbc761c; won with \
             rank 1 of 2",
        ),
    ] {
        let made = run(
            folder.path(),
            &["receipt", "make", &path(""), code, "--out", "mine"],
        );
        assert_eq!(made.status.code(), Some(0));
        let pins = ["--trust", &trust, "--records", &records];
        let output = run(
            folder.path(),
            &[&["receipt", "check", "mine"][..], &pins].concat(),
        );
        assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
        let sentence = format!("\n{code} · {sentence}\n");
        assert!(shown(&output).ends_with(&sentence), "{}", shown(&output));
    }
}

#[test]
fn a_receipt_by_a_newer_key_is_checked_with_a_copy_of_the_log() {
    let mut scenario = Scenario::new();
    let pair = |name: &str| Pair::new(name, KeyKind::Ed25519);
    let names = ["linan.example/records", "linan.example/records-2"];
    scenario.rotations.push(Rotation {
        before: "announce".to_owned(),
        successor: pair(names[1]),
        signs_from: "announce".to_owned(),
        signers: names.map(pair).into(),
        witness: None,
        log: None,
        is_ignored: false,
    });
    let city = publish(&scenario);
    let draw = Bundle::open_folder(&city.path().join("draws/202607")).expect("a draw");
    let code = "1204100000007".parse().expect("a code");
    let receipt = make(&draw, code).expect("a receipt").to_string();
    fs::write(city.path().join("mine"), receipt).expect("a file");
    let check = ["receipt", "check", "mine", "--trust", "trust.policy"];
    let check = [&check[..], &["--records", "records.vkey"]].concat();
    for (log, code, verdict) in [
        (&["--log", "log"][..], 0, "\nVERIFIED: "),
        (&[], 1, "\nFALSE: "),
    ] {
        let output = run(city.path(), &[&check, log].concat());
        assert_eq!(output.status.code(), Some(code), "{}", shown(&output));
        assert!(shown(&output).contains(verdict), "{}", shown(&output));
    }
}

#[test]
fn the_log_beside_the_draws_is_searched_for_a_second_announce() {
    let plain = Scenario::new();
    let announce = Note::parse(&plain.files()["announce.note"]).expect("a note");
    let mut twice = Scenario::new();
    twice.hidden.push(("close".to_owned(), announce.text));
    for (scenario, verdict, code) in [(plain, "VERIFIED: ", 0), (twice, "FALSE: ", 1)] {
        let city = publish(&scenario);
        let ticket = run(city.path(), &["ticket", "draws/202607", "1204100000007"]);
        assert_eq!(ticket.status.code(), Some(code), "{}", shown(&ticket));
        assert!(shown(&ticket).starts_with(verdict), "{}", shown(&ticket));
        // The winners are in the later pool, where it is the same draw.
        let audit = run(city.path(), &["audit", "draws/202607", "draws/202607"]);
        assert_eq!(audit.status.code(), Some(1), "{}", shown(&audit));
        let told = format!("draws/202607: {verdict}");
        assert!(shown(&audit).starts_with(&told), "{}", shown(&audit));
    }
}

/// Four applicants, of whom one wins and two are reserves.
fn four() -> Scenario {
    let mut scenario = Scenario::new();
    (scenario.pools[0].quota, scenario.pools[0].reserve) = (1, 2);
    scenario.pools[0].bytes = b"A,24\nB,25\nC,26\nD,1\n".to_vec();
    scenario
}

#[test]
fn everybody_is_told_their_place_and_the_first_twenty_four_tickets() {
    let city = publish(&four());
    let result = city.path().join("draws/202607/result-individual.csv");
    let result = fs::read_to_string(result).expect("a result");
    let placed: Vec<&str> = result
        .lines()
        .filter_map(|line| line.split(',').nth(1))
        .collect();
    for (code, weight) in [("A", 24), ("B", 25), ("C", 26), ("D", 1)] {
        let output = run(city.path(), &["ticket", "draws/202607", code]);
        assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
        let text = shown(&output);
        let fate = match placed.iter().position(|placed| *placed == code) {
            Some(0) => "rank 1 of 4 applicants; the first 1 win: this code won\n".to_owned(),
            Some(place) => format!(
                "rank {} of 4 applicants; the first 1 win: this code is reserve {place} of 2\n",
                place + 1
            ),
            None => "rank 4 of 4 applicants; the first 1 win: this code did not win\n".to_owned(),
        };
        assert!(text.ends_with(&fate), "{text}");
        let listed = text.lines().filter(|line| line.starts_with("    "));
        assert_eq!(listed.count(), weight.min(24), "{text}");
        let rest = (weight > 24).then(|| format!("\n  … {}\n", weight - 24));
        match rest {
            Some(rest) => assert!(text.contains(&rest), "{text}"),
            None => assert!(!text.contains('…'), "{text}"),
        }
    }
}

#[test]
fn an_old_draw_of_ten_winners_is_listed_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    for (quota, lines, leaves_out) in [("9", 9, false), ("10", 10, false), ("11", 12, true)] {
        let arguments = ["--seed", "026498", "--total", "100", "--quota", quota];
        let output = run(
            folder.path(),
            &[&["legacy-beijing"][..], &arguments].concat(),
        );
        let text = shown(&output);
        assert_eq!(text.lines().count(), lines, "{text}");
        assert_eq!(text.contains('…'), leaves_out, "{text}");
    }
}

#[test]
fn what_was_remembered_and_cannot_be_read_is_not_forgotten() {
    let city = publish(&Scenario::new());
    let draw = || run(city.path(), &["draw", "draws/202607"]);
    assert_eq!(draw().status.code(), Some(0));
    let state = city.path().join("state/fairplate-verifier");
    let files: Vec<PathBuf> = fs::read_dir(state)
        .expect("a state folder")
        .map(|file| file.expect("a file").path())
        .collect();
    let [file] = files.as_slice() else {
        panic!("one log was seen, found {files:?}");
    };
    fs::remove_file(file).expect("a file");
    fs::create_dir(file).expect("a folder in the file's place");
    let output = draw();
    assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
    let error = String::from_utf8_lossy(&output.stderr);
    let expected = format!("expected to read {}, found ", file.display());
    assert!(error.starts_with(&expected), "{error}");
}
