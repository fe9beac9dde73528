//! What contributors hand in as files, from their own machine to the officer's command line.

use std::{fs, path::PathBuf, process::Output};

use chrono::{SecondsFormat, TimeDelta};
use fairplate::clock::{Clock as _, SystemClock};
use fairplate_tests::{
    operator::{Operator, PASSPHRASE},
    programs,
};

const ORIGIN: &str = "hangzhou.example/draws";

/// Somebody at their own machine.
struct Contributor {
    folder: tempfile::TempDir,
    name: &'static str,
}

impl Contributor {
    fn new(name: &'static str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, name }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, words: &str) -> Output {
        let mut command = programs::verifier();
        command
            .current_dir(&self.folder)
            .args(words.split_whitespace());
        command.output().expect("fairplate-verifier runs")
    }

    fn seal(&self, origin: &str, draw: &str, file: &str) -> String {
        let words = format!(
            "contribute seal --origin {origin} --draw {draw} --name {} --out {file}.contribution --commitment {file}.commitment",
            self.name
        );
        let output = self.run(&words);
        assert!(output.status.success(), "{output:?}");
        self.path(&format!("{file}.commitment"))
            .display()
            .to_string()
    }

    /// Compares the published announce with what was sealed, and writes what to hand in.
    fn open(&self, operator: &Operator) -> String {
        let public = operator.path().join("public");
        let words = format!(
            "contribute open mine.contribution --announce {0}/draws/202606/announce.note --records {0}/records.vkey --out mine.reveal",
            public.display()
        );
        let output = self.run(&words);
        assert!(output.status.success(), "{output:?}");
        self.path("mine.reveal").display().to_string()
    }
}

fn run(operator: &Operator, words: &str) -> Output {
    let mut command = operator.command(words);
    command.env("FAIRPLATE_PASSPHRASE", PASSPHRASE);
    command.output().expect("fairplate runs")
}

/// The sentence of a refusal; the draw stands where it stood.
fn refused(operator: &Operator, words: &str) -> String {
    let before = operator.output_of("draw status 202606 --json");
    let output = run(operator, words);
    assert_eq!(output.status.code(), Some(2), "{words}: {output:?}");
    assert_eq!(operator.output_of("draw status 202606 --json"), before);
    String::from_utf8(output.stderr).expect("a sentence")
}

/// A city whose pool is frozen, two contributors, and the files of their commitments.
fn sealed() -> (Operator, [Contributor; 2], [String; 2]) {
    let contributors = ["notary.example/c1", "court.example/c1"].map(Contributor::new);
    let files = contributors
        .each_ref()
        .map(|who| who.seal(ORIGIN, "202606", "mine"));
    (Operator::with_a_frozen_pool(), contributors, files)
}

/// The call that announces with these files.
fn announcing(files: &[&str]) -> String {
    let closes = SystemClock.now() + TimeDelta::seconds(600);
    let closes = closes.to_rfc3339_opts(SecondsFormat::Secs, true);
    let files: Vec<_> = files
        .iter()
        .map(|file| format!("--sealed-file {file}"))
        .collect();
    format!(
        "draw announce 202606 --open ball-machine --window-secs 1 --margin-secs 1 --closes-at {closes} {}",
        files.join(" ")
    )
}

/// The same in the name of an officer.
fn proposing(operator: &Operator, files: &[&str]) -> String {
    let session = operator.session_of("li");
    format!("{} --session-file {session}", announcing(files))
}

/// The call that closes with these files and the balls.
fn closing(files: &[&str]) -> String {
    let files: Vec<_> = files
        .iter()
        .map(|file| format!("--reveal-file {file}"))
        .collect();
    let files = files.join(" ");
    format!("draw close 202606 --open ball-machine=374478 {files}")
}

#[test]
fn a_commitment_to_another_draw_or_a_secret_in_its_place_is_refused_whole() {
    let (operator, [notary, _court], sealed) = sealed();
    for (origin, draw, line) in [
        (ORIGIN, "202607", "line 3: expected `draw 202606`"),
        (
            "beijing.example/draws",
            "202606",
            "line 2: expected `origin hangzhou.example/draws`",
        ),
    ] {
        let other = notary.seal(origin, draw, draw);
        let told = refused(&operator, &proposing(&operator, &[&sealed[1], &other]));
        let place = format!("--sealed-file: {other}, {line}");
        assert!(told.contains(&place), "{told}");
    }
    let early = notary.path("mine.contribution").display().to_string();
    let told = refused(&operator, &proposing(&operator, &[&sealed[0], &early]));
    let place = "line 1: expected fairplate/v1 commitment";
    assert!(told.contains(place), "{told}");
    let told = refused(&operator, &proposing(&operator, &[&sealed[0], &sealed[0]]));
    assert!(told.contains("each once"), "{told}");
    let none = notary.path("none").display().to_string();
    let told = refused(&operator, &proposing(&operator, &[&none]));
    assert!(told.contains(&none), "{told}");
}

#[test]
fn what_contributors_hand_in_as_files_is_announced_and_written_down() {
    let (operator, contributors, sealed) = sealed();
    operator.agreed(&announcing(&[&sealed[0], &sealed[1]]));
    let opened = contributors.each_ref().map(|who| who.open(&operator));
    let text = fs::read_to_string(&opened[0]).expect("a reveal");
    let secret = text.lines().last().expect("a secret")[7..].to_owned();
    for (edit, line) in [
        (
            text.replace(&secret, &"0".repeat(64)),
            "line 5: expected the secret of the announced",
        ),
        (
            text.replace("notary.example", "press.example"),
            "line 4: expected a name",
        ),
        (
            text.replace("202606", "202607"),
            "line 3: expected `draw 202606`",
        ),
        (
            text.replace("reveal", "contribution"),
            "line 1: expected fairplate/v1 reveal",
        ),
        (text.repeat(20), "expected at most 1024 bytes"),
        (
            text.replace("secret ", "secret  "),
            "line 5: expected `secret <64 hex digits>`",
        ),
    ] {
        let file = contributors[0].path("other.reveal");
        fs::write(&file, edit).expect("written");
        let file = file.display().to_string();
        let told = refused(&operator, &closing(&[&opened[1], &file]));
        let place = format!("--reveal-file: {file}");
        assert!(told.contains(&place) && told.contains(line), "{told}");
        assert!(!told.contains(&secret[..8]), "{told}");
    }
    operator.done(&closing(&[&opened[0], &opened[1]]));

    let close = operator.path().join("public/draws/202606/close.note");
    let close = fs::read_to_string(close).expect("the close");
    let line = format!("\nreveal notary.example/c1 {secret}\nreveal court");
    assert!(close.contains(&line), "{close}");
    assert!(close.contains("\nopen ball-machine 374478\n"), "{close}");
}
