//! The operator's command line, and the public's verifier, as programs.

use std::{
    fs,
    net::TcpListener,
    process::{Command, Output},
};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use fairplate::{
    clock::{Clock as _, SystemClock},
    signer::{ChainKey, Passphrase},
};
use fairplate_tests::{
    city::{databases, run},
    database::TestDatabase,
    operator::{Operator, PASSPHRASE},
    publication::files_under,
    relay::Relay,
};
use serde_json::Value;

fn code_of(output: &Output) -> Option<i32> {
    output.status.code()
}

fn errors_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_demo_runs_under_both_policies_and_the_verifier_agrees() {
    for policy in ["hangzhou-2018", "beijing-2016"] {
        let operator = Operator::in_an_empty_folder();
        let demo = format!("demo --applicants 300 --no-serve --policy {policy}");
        let first = operator.run(&demo);
        assert_eq!(code_of(&first), Some(0), "{policy}: {first:?}");
        assert_eq!(operator.verify_all(), 2);
        let files = files_under(&operator.path().join("public"));

        let again = operator.run(&demo);

        assert_eq!(code_of(&again), Some(0), "{policy}: {again:?}");
        assert!(
            files == files_under(&operator.path().join("public")),
            "a second run changes nothing"
        );
    }
}

#[test]
fn the_demo_runs_on_postgres() {
    for kind in databases().into_iter().skip(1) {
        let mut operator = Operator::in_an_empty_folder();
        let database = run(TestDatabase::create(&kind, operator.path()));
        operator.url = Some(database.url().to_owned());

        let output = operator.run("demo --applicants 300 --no-serve");

        assert_eq!(code_of(&output), Some(0), "{output:?}");
        assert_eq!(operator.verify_all(), 2);
        assert!(!operator.path().join("fairplate.db").exists());
    }
}

#[test]
fn a_second_start_of_the_demo_serves_until_it_is_told_to_stop() {
    let operator = Operator::in_an_empty_folder();
    assert_eq!(
        code_of(&operator.run("demo --applicants 100 --no-serve")),
        Some(0)
    );
    let doctor = operator.run("doctor --json");
    let findings: Vec<Value> = serde_json::from_slice(&doctor.stdout).expect("JSON");
    assert!(
        findings.iter().all(|finding| finding["ok"] == true),
        "{findings:?}"
    );
    assert_eq!(code_of(&doctor), Some(0));
    let port = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address")
        .port();
    let mut serving = operator
        .command(&format!("demo --listen 127.0.0.1:{port}"))
        .spawn()
        .expect("started");

    let health = until(|| {
        ureq::get(format!("http://127.0.0.1:{port}/readyz"))
            .call()
            .ok()
    });

    assert_eq!(health.status(), 200);
    let stopped = Command::new("kill")
        .args(["-TERM", &serving.id().to_string()])
        .status();
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
    let operator = Operator::in_an_empty_folder();
    operator.done("key new");
    let keys = files_under(&operator.path().join("keys"));
    for (path, _) in keys
        .iter()
        .filter(|(path, _)| path.extension().is_some_and(|end| end == "key"))
    {
        let mode = fs::metadata(operator.path().join("keys").join(path))
            .expect("a key")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }

    let again = operator
        .command("key new")
        .env("FAIRPLATE_PASSPHRASE", PASSPHRASE)
        .output()
        .expect("run");

    assert_eq!(code_of(&again), Some(2));
    assert!(
        errors_of(&again).contains("a key is never overwritten"),
        "{again:?}"
    );
    assert!(keys == files_under(&operator.path().join("keys")));
    assert!(
        operator
            .output_of("key show")
            .starts_with("records hangzhou.example/records+")
    );
}

#[test]
fn a_wrong_passphrase_is_told_in_a_sentence() {
    let operator = Operator::in_an_empty_folder();
    operator.done("key new");
    operator.done("migrate");

    let wrong = operator
        .command("draw status")
        .env("FAIRPLATE_PASSPHRASE", "wrong")
        .output()
        .expect("run");

    assert_eq!(code_of(&wrong), Some(2));
    let sentence = errors_of(&wrong);
    assert!(
        sentence.contains("passphrase") && sentence.ends_with("[NOT_SET_UP]\n"),
        "{sentence}"
    );
    assert!(
        !sentence.contains("wrong\"") && !sentence.contains(PASSPHRASE),
        "{sentence}"
    );
}

#[test]
fn a_folder_without_keys_is_told_how_to_make_them_and_nobody_is_asked_for_a_passphrase() {
    let operator = Operator::in_an_empty_folder();

    let served = operator.run("serve");

    assert_eq!(code_of(&served), Some(2));
    let sentence = errors_of(&served);
    assert!(sentence.contains("fairplate key new"), "{sentence}");
    assert!(!sentence.contains("passphrase"), "{sentence}");
    assert_eq!(files_under(operator.path()).len(), 0);
}

#[test]
fn the_doctor_says_what_is_missing_and_changes_nothing() {
    let operator = Operator::in_an_empty_folder();

    let before = operator.run("doctor");

    assert_eq!(code_of(&before), Some(2));
    let text = String::from_utf8_lossy(&before.stdout).into_owned();
    assert!(
        text.contains("make them with `fairplate key new`"),
        "{text}"
    );
    assert!(text.contains("make it with `fairplate migrate`"), "{text}");
    assert_eq!(files_under(operator.path()).len(), 0);
}

#[test]
fn a_call_that_makes_no_sense_ends_with_2() {
    let operator = Operator::in_an_empty_folder();
    for words in [
        "draw",
        "demo --applicants 3",
        "period open 202606",
        "draw announce x --sealed y",
    ] {
        assert_eq!(code_of(&operator.run(words)), Some(2), "{words}");
    }
    fs::write(
        operator.path().join("fairplate.toml"),
        "policy = \"hangzhou-2018\"\nport = 80\n",
    )
    .expect("written");
    let settings = operator.run("migrate");
    assert_eq!(code_of(&settings), Some(2));
    assert!(
        errors_of(&settings).contains("fairplate.toml:2"),
        "{settings:?}"
    );
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Runs `draw finish` with these relays, in this order.
fn finish(operator: &Operator, relays: &[&Relay]) -> Output {
    let words: Vec<_> = relays
        .iter()
        .map(|relay| format!("--beacon {}", relay.address()))
        .collect();
    let mut command = operator.command(&format!("draw finish 202606 {}", words.join(" ")));
    command
        .env("FAIRPLATE_PASSPHRASE", PASSPHRASE)
        .output()
        .expect("run")
}

/// What a relay says of a round, with the signature of this or another one.
fn answer(operator: &Operator, round: u64, signed: u64) -> String {
    let passphrase = Passphrase::new(PASSPHRASE).expect("a passphrase");
    let key = ChainKey::open(&operator.path().join("keys"), &passphrase).expect("a key");
    let signature = key
        .sign_round(signed)
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let randomness = "00".repeat(32);
    format!(
        "{{\"round\": {round}, \"randomness\": \"{randomness}\", \"signature\": \"{signature}\"}}"
    )
}

#[test]
fn a_draw_is_finished_with_a_round_from_whichever_relay_tells_the_truth() {
    let operator = Operator::with_a_frozen_pool();
    let closes = written(SystemClock.now() + TimeDelta::seconds(15));
    operator.agreed(&format!(
        "draw announce 202606 --window-secs 1 --margin-secs 1 --closes-at {closes}"
    ));
    operator.done("draw close 202606");
    let status: Value =
        serde_json::from_str(&operator.output_of("draw status 202606 --json")).expect("JSON");
    let round = status["round"].as_u64().expect("a round");
    let liar = Relay::answering(&answer(&operator, round, round + 1));
    let honest = Relay::answering(&answer(&operator, round, round));
    let early = finish(&operator, &[&honest]);
    assert_eq!((code_of(&early), honest.asked()), (Some(3), 0), "{early:?}");
    assert!(errors_of(&early).contains("[TOO_EARLY]"), "{early:?}");

    let is_due = |output: &Output| !errors_of(output).contains("TOO_EARLY");
    let lied = until(|| Some(finish(&operator, &[&liar])).filter(is_due));
    assert_eq!((code_of(&lied), liar.asked()), (Some(3), 1), "{lied:?}");
    assert!(errors_of(&lied).contains("[UNAVAILABLE]"), "{lied:?}");
    let told = finish(&operator, &[&liar, &honest]);

    assert_eq!(code_of(&told), Some(0), "{told:?}");
    assert_eq!(
        String::from_utf8_lossy(&told.stdout),
        "draw 202606 is FINISHED\n"
    );
    assert_eq!(operator.verify_all(), 1);
}
