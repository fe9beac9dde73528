//! The operator's own programs: one with the city, and one on a machine that has a folder of keys and
//! nothing else.

use std::{fs, path::Path, process::Output};

use chrono::{SecondsFormat, TimeDelta};
use fairplate::{
    clock::{Clock as _, SystemClock},
    signer::Request,
};
use fairplate_tests::{
    operator::{Operator, PASSPHRASE},
    programs,
};
use tempfile::TempDir;

const NAME: &str = "hangzhou.example/records";

const VOID: &str = "fairplate/v1 void\n\
    origin hangzhou.example/draws\n\
    draw 202606\n\
    announce 4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b\n\
    issued 2026-06-29T01:00:00Z\n\
    reason flooded\n";

/// A machine without network, and the public half of the key that it has.
struct Away {
    folder: TempDir,
    key: String,
}

impl Away {
    fn with_a_key() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let key = String::new();
        let mut away = Self { folder, key };
        let made = away.run(&format!("key new-record --name {NAME}"));
        assert!(made.status.success(), "{made:?}");
        let printed = String::from_utf8(made.stdout).expect("text");
        printed.trim().clone_into(&mut away.key);
        away
    }

    fn run(&self, words: &str) -> Output {
        let mut command = programs::fairplate();
        command
            .arg("--data")
            .arg(self.folder.path())
            .args(words.split_whitespace())
            .env("FAIRPLATE_PASSPHRASE", PASSPHRASE);
        command.output().expect("fairplate runs")
    }
}

/// A command at the city that need not succeed.
fn run(operator: &Operator, words: &str) -> Output {
    let mut command = operator.command(words);
    command.env("FAIRPLATE_PASSPHRASE", PASSPHRASE);
    command.output().expect("fairplate runs")
}

/// Carries what waits to the machine and back; gives what the import says.
fn carry(operator: &Operator, away: &Away, kind: &str) -> String {
    let stick = tempfile::tempdir().expect("a stick");
    let place = |name: &str| stick.path().join(name).display().to_string();
    let (request, signed) = (place("request"), place("signed"));
    let told = operator.output_of(&format!("draw export 202606 --out {request}"));
    assert!(told.contains(&away.key), "{told}");
    let shown = away.run(&format!("draw sign {request}"));
    let text = String::from_utf8(shown.stdout).expect("text");
    assert!(text.contains("nothing is signed"), "{text}");
    assert!(!Path::new(&signed).exists());

    let keys = away.folder.path().join("keys");
    let words = format!(
        "draw sign {request} --keys {} --out {signed}",
        keys.display()
    );
    let made = away.run(&words);
    assert!(made.status.success(), "{made:?}");
    let text = String::from_utf8(made.stdout).expect("text");
    let whole = fs::read_to_string(&request).expect("the request");
    assert!(text.contains(&whole), "{text}");
    let hash = whole.lines().find_map(|line| line.strip_prefix("sha256 "));
    assert!(told.contains(hash.expect("a hash")), "{told}");

    let imported = operator.output_of(&format!("draw import {signed}"));
    let said = format!("the {kind} of 202606 is recorded");
    assert!(imported.contains(&said), "{imported}");
    let again = operator.output_of(&format!("draw import {signed}"));
    assert!(again.contains(&said), "{again}");
    imported
}

/// A city with a frozen pool, which has the public half of the record key alone.
fn frozen(away: &Away) -> Operator {
    let made = format!("key new --record-off-line {}", away.key);
    let operator = Operator::in_an_empty_folder().with_a_pool_after(&made);
    let keys = operator.path().join("keys");
    assert!(keys.join("record.offline").exists() && !keys.join("record.key").exists());
    let settings = operator.path().join("fairplate.toml");
    let text = fs::read_to_string(&settings).expect("settings");
    let text = text.replace("source = \"relays\"\nurls = []", "source = \"own\"");
    fs::write(&settings, text).expect("written");
    operator
}

#[test]
fn a_draw_is_led_by_programs_of_which_only_the_one_without_network_has_the_key() {
    let away = Away::with_a_key();
    let operator = frozen(&away);
    let doctor = run(&operator, "doctor");
    let doctor = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(
        doctor.contains("signs on a machine without network"),
        "{doctor}"
    );

    let closes = SystemClock.now() + TimeDelta::seconds(60);
    let closes = closes.to_rfc3339_opts(SecondsFormat::Secs, true);
    operator.agreed(&format!(
        "draw announce 202606 --window-secs 1 --margin-secs 1 --closes-at {closes}"
    ));
    let status = operator.output_of("draw status 202606 --json");
    assert!(status.contains("\"unsigned\":\"announce\""), "{status}");
    let refused = run(&operator, "draw close 202606");
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    let imported = carry(&operator, &away, "announce");
    assert!(imported.contains("draw 202606 is ANNOUNCED"), "{imported}");
    let waits = operator.output_of("draw close 202606");
    assert!(waits.contains("waits for its signature"), "{waits}");
    carry(&operator, &away, "close");
    loop {
        let finished = run(&operator, "draw finish 202606");
        match finished.status.code() {
            Some(0) => break,
            code => assert_eq!(code, Some(3), "{finished:?}"),
        }
    }
    let imported = carry(&operator, &away, "result");
    assert!(imported.contains("draw 202606 is FINISHED"), "{imported}");
    assert_eq!(operator.verify_all(), 1);

    let folder = operator.path().join("public/draws/202606");
    let result = fs::read_to_string(folder.join("result-individual.csv")).expect("a result");
    let first = result.split(',').nth(1).expect("a code");
    operator.agreed(&format!(
        "draw amend 202606 --drop individual/{first}=forged"
    ));
    assert!(!folder.join("amend-1.note").exists());
    carry(&operator, &away, "amend");
    let amend = fs::read_to_string(folder.join("amend-1.note")).expect("published");
    assert!(
        amend.contains(&format!("drop individual 1 {first} forged\n")),
        "{amend}"
    );
    assert_eq!(operator.verify_all(), 1);
}

#[test]
fn a_machine_without_network_signs_nothing_but_a_record_that_is_meant_for_its_key() {
    let (away, other) = (Away::with_a_key(), Away::with_a_key());
    let key = away.key.parse().expect("a key");
    let request = Request::new(VOID.to_owned(), vec![key]);
    let request = request.expect("a request").to_string();
    let file = away.folder.path().join("request");
    let out = away.folder.path().join("signed");
    let sign = |machine: &Away, text: &str| {
        fs::write(&file, text).expect("written");
        let words = format!("draw sign {} --out {}", file.display(), out.display());
        machine.run(&words)
    };
    for (machine, text, says) in [
        (&other, request.clone(), "it is to be signed by"),
        (
            &away,
            request.replace("flooded", "burnt"),
            "does not belong to the record under it",
        ),
        (&away, VOID.to_owned(), "found another file"),
        (
            &away,
            request.replace("fairplate/v1 void", "fairplate/v1 vote"),
            "no record that we know",
        ),
    ] {
        let output = sign(machine, &text);
        assert_eq!(output.status.code(), Some(2), "{says}: {output:?}");
        let sentence = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(sentence.contains(says), "{sentence}");
        assert!(!out.exists());
    }

    let signed = sign(&away, &request);
    assert!(signed.status.success(), "{signed:?}");
    let again = sign(&away, &request);
    assert_eq!(again.status.code(), Some(2), "nothing is overwritten");
    let chinese = away.run(&format!("draw sign {} --lang zh-CN", file.display()));
    let text = String::from_utf8(chinese.stdout).expect("text");
    assert!(text.contains("作废 202606 号摇号，理由：flooded"), "{text}");
}
