//! The rules at the command line: a file that is put there changes nothing, two officers do.

use std::{fs, process::Output};

use fairplate::policy::find_builtin;
use fairplate_tests::{
    city::databases,
    database::{Kind, TestDatabase},
    operator::{Operator, PASSPHRASE},
};
use verifier::text::Digest;

fn text_of(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

fn output_of(operator: &Operator, words: &str) -> Output {
    let mut command = operator.command(words);
    let output = command.env("FAIRPLATE_PASSPHRASE", PASSPHRASE).output();
    output.expect("fairplate runs")
}

/// What an operator is told who may not do this.
fn refusal_of(operator: &Operator, words: &str) -> String {
    let output = output_of(operator, words);
    assert_eq!(output.status.code(), Some(2), "{words}: {output:?}");
    text_of(&output.stderr)
}

/// A city whose settings name a file of rules.
fn settled(url: Option<String>) -> (Operator, String) {
    let mut operator = Operator::in_an_empty_folder();
    operator.url = url;
    let hangzhou = find_builtin("hangzhou-2018").expect("built in").text;
    fs::write(operator.path().join("city.toml"), hangzhou).expect("written");
    fs::write(
        operator.path().join("fairplate.toml"),
        "policy = \"city.toml\"\n",
    )
    .expect("written");
    operator.done("key new");
    operator.done("migrate");
    (operator, hangzhou.to_owned())
}

fn sha256(text: &str) -> String {
    Digest::of(text.as_bytes()).to_string()
}

#[test]
fn a_file_that_is_put_in_the_place_of_the_rules_is_offered_and_stops_nothing() {
    let (operator, old) = settled(None);
    let new = old.replace("\nban_months = 24\n", "\nban_months = 36\n");
    fs::write(operator.path().join("city.toml"), &new).expect("written");

    let migrated = operator.output_of("migrate");
    assert!(migrated.contains("which is not adopted"), "{migrated}");
    let worked = output_of(&operator, "work --once --json");
    assert!(worked.status.success(), "{worked:?}");
    let logged = text_of(&worked.stderr);
    let said = "the settings offer another text of the rules";
    assert_eq!(logged.matches(said).count(), 1, "{logged}");
    let doctor = text_of(&output_of(&operator, "doctor").stdout);
    let line = doctor.lines().find(|line| line.contains(" rules "));
    let line = line.expect("a line about the rules");
    for part in [&*sha256(&old), &*sha256(&new), "fairplate policy propose"] {
        assert!(line.contains(part), "{line}");
    }
    assert_eq!(operator.output_of("policy show --text"), old);
    let differing = operator.output_of("policy diff");
    assert!(
        differing.ends_with("\ncertificate.forfeit.ban_months\n  - 24\n  + 36\n"),
        "{differing}"
    );
    let as_json = operator.output_of("policy diff --json");
    let as_json: serde_json::Value = serde_json::from_str(&as_json).expect("JSON");
    assert_eq!(as_json["adopted"]["sha256"], sha256(&old));
    assert_eq!(as_json["differences"][0]["new"], "36");
}

#[test]
fn at_the_command_line_two_officers_change_the_rules_and_one_does_not() {
    for kind in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = fairplate_tests::city::run(TestDatabase::create(&kind, folder.path()));
        let url = matches!(kind, Kind::Postgres(_)).then(|| database.url().to_owned());
        let (operator, old) = settled(url);
        let new = old.replace("\nban_months = 24\n", "\nban_months = 36\n");
        let file = operator.path().join("new.toml").display().to_string();
        fs::write(&file, &new).expect("written");

        let nobody = refusal_of(&operator, &format!("policy propose {file}"));
        assert!(nobody.contains("--session-file: two officers"), "{nobody}");
        let (id, digest) = operator.proposed(&format!("policy propose {file}"));
        let own = operator.session_of("li");
        let alone = format!("approve {id} {digest} --session-file {own}");
        assert!(refusal_of(&operator, &alone).contains("another officer has to approve"));
        operator.done("migrate");
        assert_eq!(operator.output_of("policy show --text"), old);

        let second = operator.session_of("wang");
        operator.done(&format!("approve {id} {digest} --session-file {second}"));

        assert_eq!(operator.output_of("policy show --text"), new);
        // The settings still name the old text, which is only offered from now on.
        operator.done("migrate");
        assert_eq!(operator.output_of("policy show --text"), new);
        let again = format!("policy propose {file} --session-file {own}");
        assert!(refusal_of(&operator, &again).contains("it is the text in force"));
    }
}

#[test]
fn a_text_that_cannot_be_adopted_is_refused_at_the_command_line() {
    let (operator, old) = settled(None);
    let own = operator.session_of("li");
    let broken = operator.path().join("broken.toml").display().to_string();
    let text = old.replace("\nban_months = 24\n", "\nban_months = 241\n");
    fs::write(&broken, &text).expect("written");
    let line = text.lines().position(|line| line == "ban_months = 241");
    let line = 1 + line.expect("a line");

    let faulty = refusal_of(
        &operator,
        &format!("policy propose {broken} --session-file {own}"),
    );
    let place = format!("{broken}:{line}: certificate.forfeit.ban_months: ");
    assert!(faulty.contains(&place), "{faulty}");
    let another = format!("policy propose beijing-2016 --session-file {own}");
    let another = refusal_of(&operator, &another);
    assert!(another.contains("found those of beijing"), "{another}");
    assert_eq!(operator.output_of("policy show --text"), old);

    // A file of another city's rules opens no city, and sets none up that one could work in.
    fs::write(
        operator.path().join("city.toml"),
        find_builtin("beijing-2016").expect("built in").text,
    )
    .expect("written");
    let work = refusal_of(&operator, "work --once");
    assert!(work.contains("is not set up in this database"), "{work}");
}
