//! The operator's command line, and the public's verifier, as programs.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Command, Output},
};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use fairplate::{
    clock::{Clock as _, SystemClock},
    domain::code::ApplicationCode,
    signer::{ChainKey, Passphrase},
};
use fairplate_tests::{
    city::{databases, run},
    database::TestDatabase,
    people::person,
    programs,
    publication::files_under,
    relay::Relay,
    stages::{IMPORT_HEADER, old_periods},
};
use serde_json::Value;
use tempfile::TempDir;
use verifier::beacon::Chain;

const PASSPHRASE: &str = "seven words that nobody says in a row";

/// A data folder, and the operator at it.
struct Operator {
    folder: TempDir,
    url: Option<String>,
}

impl Operator {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), url: None }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, words: &str) -> Command {
        let mut command = programs::fairplate();
        command.arg("--data").arg(self.path()).args(words.split_whitespace());
        if let Some(url) = &self.url {
            command.env("FAIRPLATE_DATABASE_URL", url);
        }
        command
    }

    /// Runs a command without a passphrase of its own.
    fn run(&self, words: &str) -> Output {
        self.command(words).output().expect("fairplate runs")
    }

    /// Runs a command with the passphrase; it has to succeed, and its output is given.
    fn done(&self, words: &str) -> String {
        let output = self.command(words).env("FAIRPLATE_PASSPHRASE", PASSPHRASE).output();
        let output = output.expect("fairplate runs");
        assert!(output.status.success(), "{words}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

fn code_of(output: &Output) -> Option<i32> {
    output.status.code()
}

fn errors_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every published draw, by the verifier as a stranger runs it.
fn verify_all(operator: &Operator) -> usize {
    let draws = fs::read_dir(operator.path().join("public/draws")).expect("draws");
    let mut count = 0;
    for draw in draws {
        let folder = draw.expect("a draw").path();
        let output = programs::verifier().arg("draw").arg(&folder).arg("--no-state").output();
        let output = output.expect("fairplate-verifier runs");
        assert!(output.status.success(), "{}: {output:?}", folder.display());
        assert!(String::from_utf8_lossy(&output.stdout).contains("VERIFIED"));
        count += 1;
    }
    count
}

#[test]
fn the_demo_runs_under_both_policies_and_the_verifier_agrees() {
    for policy in ["hangzhou-2018", "beijing-2016"] {
        let operator = Operator::new();
        let demo = format!("demo --applicants 300 --no-serve --policy {policy}");
        let first = operator.run(&demo);
        assert_eq!(code_of(&first), Some(0), "{policy}: {first:?}");
        assert_eq!(verify_all(&operator), 2);
        let files = files_under(&operator.path().join("public"));

        let again = operator.run(&demo);

        assert_eq!(code_of(&again), Some(0), "{policy}: {again:?}");
        assert!(files == files_under(&operator.path().join("public")), "a second run changes nothing");
    }
}

#[test]
fn the_demo_runs_on_postgres() {
    for kind in databases().into_iter().skip(1) {
        let mut operator = Operator::new();
        let database = run(TestDatabase::create(&kind, operator.path()));
        operator.url = Some(database.url().to_owned());

        let output = operator.run("demo --applicants 300 --no-serve");

        assert_eq!(code_of(&output), Some(0), "{output:?}");
        assert_eq!(verify_all(&operator), 2);
        assert!(!operator.path().join("fairplate.db").exists());
    }
}

#[test]
fn a_second_start_of_the_demo_serves_until_it_is_told_to_stop() {
    let operator = Operator::new();
    assert_eq!(code_of(&operator.run("demo --applicants 100 --no-serve")), Some(0));
    let doctor = operator.run("doctor --json");
    let findings: Vec<Value> = serde_json::from_slice(&doctor.stdout).expect("JSON");
    assert!(findings.iter().all(|finding| finding["ok"] == true), "{findings:?}");
    assert_eq!(code_of(&doctor), Some(0));
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let mut serving = operator.command(&format!("demo --listen 127.0.0.1:{port}")).spawn().expect("started");

    let health = until(|| ureq::get(format!("http://127.0.0.1:{port}/readyz")).call().ok());

    assert_eq!(health.status(), 200);
    let stopped = Command::new("kill").args(["-TERM", &serving.id().to_string()]).status();
    assert!(stopped.expect("told").success());
    assert_eq!(serving.wait().expect("an end").code(), Some(0));
}

/// Asks until there is an answer, at most half a minute.
fn until<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(answer) = ask() {
            return answer;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("no answer within half a minute");
}

#[test]
fn keys_are_never_overwritten_and_nobody_else_reads_them() {
    use std::os::unix::fs::PermissionsExt as _;
    let operator = Operator::new();
    operator.done("key new");
    let keys = files_under(&operator.path().join("keys"));
    for (path, _) in keys.iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "key")) {
        let mode = fs::metadata(operator.path().join("keys").join(path)).expect("a key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }

    let again = operator.command("key new").env("FAIRPLATE_PASSPHRASE", PASSPHRASE).output().expect("run");

    assert_eq!(code_of(&again), Some(2));
    assert!(errors_of(&again).contains("a key is never overwritten"), "{again:?}");
    assert!(keys == files_under(&operator.path().join("keys")));
    assert!(operator.done("key show").starts_with("records hangzhou.example/records+"));
}

#[test]
fn a_wrong_passphrase_is_told_in_a_sentence() {
    let operator = Operator::new();
    operator.done("key new");
    operator.done("migrate");

    let wrong = operator.command("draw status").env("FAIRPLATE_PASSPHRASE", "wrong").output().expect("run");

    assert_eq!(code_of(&wrong), Some(2));
    let sentence = errors_of(&wrong);
    assert!(sentence.contains("passphrase") && sentence.ends_with("[NOT_SET_UP]\n"), "{sentence}");
    assert!(!sentence.contains("wrong\"") && !sentence.contains(PASSPHRASE), "{sentence}");
}

#[test]
fn the_doctor_says_what_is_missing_and_changes_nothing() {
    let operator = Operator::new();

    let before = operator.run("doctor");

    assert_eq!(code_of(&before), Some(2));
    let text = String::from_utf8_lossy(&before.stdout).into_owned();
    assert!(text.contains("make them with `fairplate key new`"), "{text}");
    assert!(text.contains("make it with `fairplate migrate`"), "{text}");
    assert_eq!(files_under(operator.path()).len(), 0);
}

#[test]
fn a_call_that_makes_no_sense_ends_with_2() {
    let operator = Operator::new();
    for words in ["draw", "demo --applicants 3", "period open 202606", "draw announce x --sealed y"] {
        assert_eq!(code_of(&operator.run(words)), Some(2), "{words}");
    }
    fs::write(operator.path().join("fairplate.toml"), "policy = \"hangzhou-2018\"\nport = 80\n").expect("written");
    let settings = operator.run("migrate");
    assert_eq!(code_of(&settings), Some(2));
    assert!(errors_of(&settings).contains("fairplate.toml:2"), "{settings:?}");
}

/// A city under settings of its own, with two people in a period whose pool is frozen.
fn frozen_city() -> Operator {
    let operator = Operator::new();
    let settings = "[beacon]\nsource = \"relays\"\nurls = []\nchain = \"chain.json\"\n\n[[witness]]\nname = \"w\"\nlocal = \"witness\"\n";
    for step in ["key new", "key new-chain --id tests --period-secs 1"] {
        operator.done(step);
    }
    let witness = programs::fairplate()
        .arg("--data")
        .arg(operator.path().join("notary"))
        .args(["key", "new-witness", "--name", "witness.example/w"])
        .env("FAIRPLATE_PASSPHRASE", PASSPHRASE)
        .output();
    assert!(witness.expect("run").status.success());
    fs::rename(operator.path().join("notary/keys"), operator.path().join("witness")).expect("moved");
    fs::write(operator.path().join("fairplate.toml"), settings).expect("written");
    operator.done("migrate");
    let code = |number| ApplicationCode::from_number(number).to_string();
    let lines = [
        person(1).line(&code(271_828_182_845), "201405-201408"),
        person(2).line(&code(31_415_926_535), ""),
    ];
    fs::write(operator.path().join("p.csv"), old_periods()).expect("written");
    fs::write(operator.path().join("a.csv"), format!("{IMPORT_HEADER}{}\n", lines.join("\n"))).expect("written");
    let folder = operator.path().display().to_string();
    operator.done(&format!("import --periods {folder}/p.csv --applicants {folder}/a.csv"));
    operator.done("policy confirm --officer li");
    operator.done("period open 202606 --from 2026-06-01 --until 2026-06-02 --review 2026-06-03 --draw 2026-06-04 --quota individual=1+1");
    for step in ["period close 202606", "period publish-review 202606", "draw freeze 202606 --officer li"] {
        operator.done(step);
    }
    operator
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[test]
fn a_draw_is_finished_with_a_round_from_whichever_relay_tells_the_truth() {
    let operator = frozen_city();
    let closes = written(SystemClock.now() + TimeDelta::seconds(4));
    operator.done(&format!("draw announce 202606 --window-secs 1 --margin-secs 1 --closes-at {closes}"));
    operator.done("draw close 202606");
    let status: Value = serde_json::from_str(&operator.done("draw status 202606 --json")).expect("JSON");
    let round = status["round"].as_u64().expect("a round");
    let key = ChainKey::open(&operator.path().join("keys"), &Passphrase::new(PASSPHRASE).expect("one"));
    let (key, json) = (key.expect("a key"), fs::read(operator.path().join("chain.json")).expect("a chain"));
    assert!(Chain::parse(&json).is_ok());
    let answer = |signed: u64| {
        let signature: String = key.sign_round(signed).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{{\"round\": {round}, \"randomness\": \"{}\", \"signature\": \"{signature}\"}}", "00".repeat(32))
    };
    let (liar, honest) = (Relay::answering(&answer(round + 1)), Relay::answering(&answer(round)));
    let finish = |relays: &[&Relay]| {
        let words: Vec<_> = relays.iter().map(|relay| format!("--beacon {}", relay.address())).collect();
        let mut command = operator.command(&format!("draw finish 202606 {}", words.join(" ")));
        command.env("FAIRPLATE_PASSPHRASE", PASSPHRASE).output().expect("run")
    };
    let early = finish(&[&honest]);
    assert_eq!((code_of(&early), honest.asked()), (Some(3), 0), "{early:?}");
    assert!(errors_of(&early).contains("[TOO_EARLY]"), "{early:?}");

    let lied = until(|| Some(finish(&[&liar])).filter(|output| !errors_of(output).contains("TOO_EARLY")));
    assert_eq!(code_of(&lied), Some(3), "{lied:?}");
    assert!(errors_of(&lied).contains("[UNAVAILABLE]") && liar.asked() == 1, "{lied:?}");
    let told = finish(&[&liar, &honest]);

    assert_eq!(code_of(&told), Some(0), "{told:?}");
    assert_eq!(String::from_utf8_lossy(&told.stdout), "draw 202606 is FINISHED\n");
    assert_eq!(verify_all(&operator), 1);
}
