//! The operator's page about keys, followed to the letter.

use std::{fs, path::Path, process::Command};

use chrono::{SecondsFormat, TimeDelta};
use fairplate::clock::{Clock as _, SystemClock};
use fairplate_tests::{
    city::{databases, run},
    database::TestDatabase,
    operator::{Operator, PASSPHRASE},
    programs,
    publication::files_under,
    topology,
};
use verifier::Verdict;

use super::verdict;
use crate::docs::fences;

const PAGES: [&str; 2] = ["keys.md", "keys.zh-CN.md"];

/// The commands of a page that are rehearsed, in order, each with its place.
fn commands(page: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(topology::guide().join(page)).expect("the page");
    let shown = fences(page, &text).into_iter();
    shown
        .filter(|fence| fence.is("sh", "rehearsal"))
        .map(|fence| (fence.place, fence.body))
        .collect()
}

/// Runs a command of the page in another place than /srv.
fn follow(operator: &Operator, home: &Path, (place, body): &(String, String)) {
    let city = operator.path().display().to_string();
    let body = body
        .replace("/srv/city", &city)
        .replace("/srv/", &format!("{}/", home.display()));
    let body = format!("PATH={}:$PATH\n{body}", programs::folder().display());
    let mut shell = Command::new("bash");
    shell
        .args(["-euo", "pipefail", "-c", &body])
        .env("FAIRPLATE_PASSPHRASE", PASSPHRASE)
        .env("XDG_STATE_HOME", home)
        .env_remove("FAIRPLATE_DATA");
    if let Some(url) = &operator.url {
        shell.env("FAIRPLATE_DATABASE_URL", url);
    }
    let output = shell.output().expect("bash");
    assert!(output.status.success(), "{place}: {output:?}");
}

#[test]
fn whoever_follows_the_page_about_keys_has_a_back_up_and_a_new_key_that_signs() {
    for kind in databases() {
        let home = tempfile::tempdir().expect("a folder");
        fs::create_dir(home.path().join("kept")).expect("made");
        let mut operator = Operator::in_an_empty_folder();
        let database = run(TestDatabase::create(&kind, operator.path()));
        operator.url = Some(database.url().to_owned());
        let operator = operator.with_a_pool();
        let closes =
            (SystemClock.now() + TimeDelta::minutes(10)).to_rfc3339_opts(SecondsFormat::Secs, true);
        operator.agreed(&format!(
            "draw announce 202606 --window-secs 1 --margin-secs 1 --closes-at {closes}"
        ));
        let before = files_under(&operator.path().join("public"));

        for name in ["li", "wang"] {
            let kept = home.path().join(format!("kept/{name}.session"));
            fs::copy(operator.session_of(name), kept).expect("the officer's own file");
        }

        let commands = commands(PAGES[0]);
        assert_eq!(commands.len(), 7);
        for command in &commands[..6] {
            follow(&operator, home.path(), command);
        }

        assert!(!operator.path().join("keys/record.key").exists());
        let public = operator.path().join("public");
        let after = files_under(&public);
        for (path, bytes) in before.iter().filter(|(path, _)| !path.starts_with("log")) {
            assert!(after.get(path) == Some(bytes), "{}", path.display());
        }
        ask_another_witness(&operator);
        follow(&operator, home.path(), &commands[6]);
        for name in ["trust-2.policy", "trust-3.policy"] {
            assert!(public.join(name).exists(), "{name}");
        }
        // The new keys sign, another witness vouches, and whoever has pinned the first record key follows.
        operator.agreed("draw void 202606 --reason rehearsed");
        for log in [true, false] {
            let report = verdict(&public, "202606", "records.vkey", log);
            assert_eq!(report.verdict, Verdict::Verified, "{report}");
        }
        operator.done("audit verify");
    }
}

/// Names another witness in the settings, as the page says.
fn ask_another_witness(operator: &Operator) {
    let folder = operator.path().join("court");
    let made = programs::fairplate()
        .arg("--data")
        .arg(&folder)
        .args(["key", "new-witness", "--name", "court.example/w2"])
        .env("FAIRPLATE_PASSPHRASE", PASSPHRASE)
        .status();
    assert!(made.expect("run").success());
    let settings = operator.path().join("fairplate.toml");
    let text = fs::read_to_string(&settings).expect("the settings");
    let other = text.replace(
        "name = \"w\"\nlocal = \"witness\"",
        "name = \"court\"\nlocal = \"court/keys\"",
    );
    assert_ne!(text, other);
    fs::write(settings, other).expect("written");
}

#[test]
fn both_languages_of_the_page_about_keys_show_the_same_commands() {
    let [english, chinese] = PAGES.map(commands);
    let bodies = |commands: Vec<(String, String)>| -> Vec<String> {
        commands.into_iter().map(|(_, body)| body).collect()
    };
    assert_eq!(bodies(english), bodies(chinese));
}
