//! The city's keys in a token: draws verify as ever, and a token that is away, locked, lost or
//! somebody else's stops the city's hand and nothing else.

use std::{fs, path::Path, time::Duration};

use entity::draw;
use fairplate_tests::{
    TestCity, check_publication,
    city::{Remains, databases, run},
    database::Kind,
    faults::Process,
    keys::{self, ORIGIN, RECORDS},
    programs,
    publication::{assert_same, files_under},
    stages::{ANNOUNCE_AT, CLOSE_AT, FINISH_AT, PERIOD, places},
    token::{LABEL, PIN, SoftToken},
};
use tempfile::TempDir;

/// A city that is ready to announce, with its keys in a token.
async fn frozen(kind: &Kind, home: &Path) -> (Remains, SoftToken) {
    let token = SoftToken::create(home);
    let city = TestCity::create("hangzhou-2018", kind).await;
    city.frozen(4, places(1, 1)).await;
    settle(&token, city.folder());
    let made = token.run(city.folder(), &["key", "new", "--name", RECORDS]);
    assert!(made.status.success(), "{made:?}");
    (city.into_remains().await, token)
}

/// Writes the settings of a city with its keys in a token.
fn settle(token: &SoftToken, folder: &Path) {
    let settings = format!("origin = \"{ORIGIN}\"\n\n{}", token.keys_in_it());
    fs::write(folder.join("fairplate.toml"), settings).expect("written");
    write_pin(folder, PIN);
}

fn write_pin(folder: &Path, pin: &str) {
    use std::os::unix::fs::PermissionsExt as _;

    let file = folder.join("token.pin");
    fs::write(&file, format!("{pin}\n")).expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("closed");
}

/// Takes a step; gives the exit code, the code of the refusal or `done`, and the sentence.
fn step(remains: &Remains, token: &SoftToken, name: &str, at: &str) -> (i32, String, String) {
    let output = Process::of(remains, name, at).with(token).run();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let code = output.status.code().expect("an exit code");
    (code, text(&output.stdout), text(&output.stderr))
}

#[track_caller]
fn done(remains: &Remains, token: &SoftToken, name: &str, at: &str) {
    let (code, answer, sentence) = step(remains, token, name, at);
    assert_eq!((code, answer.as_str()), (0, "done"), "{name}: {sentence}");
}

/// Takes a step that is refused with a sentence; files stay as they are.
#[track_caller]
fn refused(remains: &Remains, token: &SoftToken, name: &str, answer: &str, says: &str) {
    let public = remains.folder.path().join("public");
    let before = files_under(&public);
    let (code, told, sentence) = step(remains, token, name, CLOSE_AT);
    let expected = if answer == "UNAVAILABLE" { 3 } else { 2 };
    assert_eq!((code, told.as_str()), (expected, answer), "{sentence}");
    assert!(sentence.contains(says), "{sentence}");
    assert!(!sentence.contains(PIN), "{sentence}");
    assert_same(&before, &files_under(&public));
}

fn verified_by_strangers(remains: &Remains) {
    let public = remains.folder.path().join("public");
    let output = programs::verifier()
        .arg("draw")
        .arg(public.join("draws").join(PERIOD))
        .arg("--no-state")
        .output()
        .expect("fairplate-verifier runs");
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("VERIFIED"));
}

fn bytes_of(remains: &Remains, name: &str) -> Vec<u8> {
    let folder = remains.folder.path().join("public/draws").join(PERIOD);
    fs::read(folder.join(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"))
}

#[test]
fn a_whole_draw_signed_by_a_token_verifies() {
    for kind in databases() {
        run(async {
            let home = tempfile::tempdir().expect("a folder");
            let (remains, token) = frozen(&kind, home.path()).await;
            let keys = remains.folder.path().join("keys");
            assert!(!keys.join("record.key").exists() && !keys.join("log.key").exists());
            for (name, at) in [
                ("announce", ANNOUNCE_AT),
                ("close", CLOSE_AT),
                ("finish", FINISH_AT),
            ] {
                done(&remains, &token, name, at);
            }
            verified_by_strangers(&remains);
            let city = remains.open().await;
            assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Finished);
            check_publication(&city).await;
        });
    }
}

#[test]
fn a_token_that_is_away_or_locked_or_opened_with_another_pin_stops_a_step_until_it_is_there_again()
{
    for kind in databases() {
        run(async {
            let home = tempfile::tempdir().expect("a folder");
            let (remains, token) = frozen(&kind, home.path()).await;
            done(&remains, &token, "announce", ANNOUNCE_AT);
            let undisturbed = remains.copy().await;
            done(&undisturbed, &token, "close", CLOSE_AT);

            token.pull_out();
            let away = format!("the token {LABEL} is away");
            refused(&remains, &token, "close", "UNAVAILABLE", &away);
            token.put_back();
            write_pin(remains.folder.path(), "314159");
            let pin = format!("the PIN does not open the token {LABEL}");
            refused(&remains, &token, "close", "NOT_SET_UP", &pin);
            write_pin(remains.folder.path(), PIN);
            pulled_out_after_the_decision(&remains, &token);
            done(&remains, &token, "close", CLOSE_AT);

            let bytes = bytes_of(&remains, "close.note");
            assert!(bytes == bytes_of(&undisturbed, "close.note"));
            done(&remains, &token, "finish", FINISH_AT);
            verified_by_strangers(&remains);
            let city = remains.open().await;
            check_publication(&city).await;
        });
    }
}

/// A token that goes away when everything is checked and computed and nothing is signed.
fn pulled_out_after_the_decision(remains: &Remains, token: &SoftToken) {
    let place = tempfile::tempdir().expect("a meeting place");
    let point = "close/Decided/1";
    let child = Process::of(remains, "close", CLOSE_AT)
        .with(token)
        .meeting_at(point, place.path())
        .start();
    while fs::read_dir(place.path()).expect("a place").count() == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    token.pull_out();
    fs::write(place.path().join("test"), "").expect("here");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("UNAVAILABLE"));
    token.put_back();
}

#[test]
fn a_key_is_taken_as_it_is_and_another_one_under_its_label_signs_nothing() {
    for kind in databases() {
        run(async {
            let [home, elsewhere] = [0, 1].map(|_| tempfile::tempdir().expect("a folder"));
            let (remains, token) = frozen(&kind, home.path()).await;
            done(&remains, &token, "announce", ANNOUNCE_AT);
            let (label, id) = object_of(&remains);
            let other = SoftToken::create(elsewhere.path());
            let none = format!("expected one key {label} (id {id}) in the token {LABEL}, found 0");
            refused(&remains, &other, "close", "NOT_SET_UP", &none);
            other.import(&label, &id);
            let foreign = format!("the token {LABEL} gave no signature of {RECORDS}+");
            refused(&remains, &other, "close", "NOT_SET_UP", &foreign);

            done(&remains, &token, "close", CLOSE_AT);
            done(&remains, &token, "finish", FINISH_AT);
            verified_by_strangers(&remains);
            let city = remains.open().await;
            assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Finished);
            check_publication(&city).await;
        });
    }
}

/// A city within a draw, whose keys are in files and whose next ones are to be in a token.
async fn within_a_draw(kind: &Kind, home: &Path) -> (TestCity, SoftToken) {
    let token = SoftToken::create(home);
    let city = TestCity::create("hangzhou-2018", kind).await;
    city.announced(4, places(1, 1)).await;
    settle(&token, city.folder());
    let own = city.app.layout.keys();
    fs::create_dir(&own).expect("a folder of keys");
    for (name, _) in files_under(keys::folder()) {
        // With its mode: a key that others may read is refused.
        fs::copy(keys::folder().join(&name), own.join(&name)).expect("copied");
    }
    (city, token)
}

/// What a command of the operator prints.
fn printed(city: &TestCity, token: &SoftToken, words: &[&str]) -> String {
    let mut command = token.command(city.folder(), words);
    let output = command.env("FAIRPLATE_DATABASE_URL", city.database_url());
    let output = output.output().expect("fairplate runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// Changes a key, and leads the draw to its end with it.
async fn ends_after(city: TestCity, token: &SoftToken, change: &str) {
    let remains = city.into_remains().await;
    for (name, at) in [
        (change, CLOSE_AT),
        ("close", CLOSE_AT),
        ("finish", FINISH_AT),
    ] {
        done(&remains, token, name, at);
    }
    verified_by_strangers(&remains);
    let city = remains.open().await;
    check_publication(&city).await;
}

#[test]
fn a_log_key_moves_from_a_file_into_a_token_within_a_draw() {
    for kind in databases() {
        run(async {
            let home = tempfile::tempdir().expect("a folder");
            let (city, token) = within_a_draw(&kind, home.path()).await;
            let settings = city.folder().join("fairplate.toml");
            let text = fs::read_to_string(&settings).expect("the settings");
            let key = city.app.witnesses[0].key();
            let witness = format!(
                "\n[[witness]]\nname = \"w1\"\nurl = \"http://127.0.0.1:9\"\nvkey = \"{key}\"\n"
            );
            fs::write(settings, text + &witness).expect("written");
            let session = printed(&city, &token, &["session", "officer", "zhou"]);
            let file = city.folder().join("zhou.session");
            fs::write(&file, session).expect("written");
            let file = file.display().to_string();
            let words = ["key", "rotate-log", "--session-file", &file];
            let proposed = printed(&city, &token, &words);
            let own = city.app.layout.keys();
            assert!(own.join("log-2/log.token").exists());
            assert!(!own.join("log-2/log.key").exists());
            let made = fs::read_to_string(own.join("log-2/log.vkey")).expect("a public half");
            assert!(proposed.contains(&format!("the log key {} is made", made.trim())));
            let shown = printed(&city, &token, &["key", "show"]);
            assert!(shown.contains(made.trim()), "{shown}");
            ends_after(city, &token, "vouch").await;
        });
    }
}

#[test]
fn a_record_key_moves_from_a_file_into_a_token_within_a_draw() {
    for kind in databases() {
        run(async {
            let home = tempfile::tempdir().expect("a folder");
            let (city, token) = within_a_draw(&kind, home.path()).await;
            printed(&city, &token, &["key", "rotate-record", "--prepare"]);
            let own = city.app.layout.keys();
            assert!(own.join("record-2/record.token").exists());
            assert!(!own.join("record-2/record.key").exists());
            ends_after(city, &token, "rotate").await;
        });
    }
}

/// Label and id of the record key, as the folder of keys names them.
fn object_of(remains: &Remains) -> (String, String) {
    let path = remains.folder.path().join("keys/record.token");
    let text = fs::read_to_string(path).expect("where the key is");
    let word = |name: &str| {
        let found = text.lines().find_map(|line| line.strip_prefix(name));
        found.expect("a word").to_owned()
    };
    (word("label "), word("id "))
}

/// A data folder whose settings name a token with a key that was brought in.
fn with_an_imported_key() -> (TempDir, TempDir, SoftToken) {
    let [home, folder] = [0, 1].map(|_| tempfile::tempdir().expect("a folder"));
    let token = SoftToken::create(home.path());
    token.import("brought in", "0a0b");
    settle(&token, folder.path());
    (home, folder, token)
}

#[test]
fn keys_are_made_in_a_token_once_or_taken_and_the_doctor_looks_for_them() {
    let (_home, folder, token) = with_an_imported_key();
    let words = [
        "key",
        "new",
        "--record-label",
        "brought in",
        "--name",
        RECORDS,
    ];
    let made = token.run(folder.path(), &words);
    assert!(made.status.success(), "{made:?}");
    let keys = files_under(&folder.path().join("keys"));
    let written = String::from_utf8(keys[Path::new("record.token")].clone()).expect("text");
    assert!(
        written.contains("\nlabel brought in\nid 0a0b\n"),
        "{written}"
    );
    // 32 times 0x42, as everybody can work out.
    let vkey = String::from_utf8(keys[Path::new("record.vkey")].clone()).expect("text");
    assert!(written.contains(&vkey), "{written}");
    assert!(
        vkey.contains("ASFS+NGbeR0kRTJC4V8uq2y3z/p7al7TAJeWDgaYgdsS"),
        "{vkey}"
    );

    let again = token.run(folder.path(), &words);
    assert_eq!(again.status.code(), Some(2), "{again:?}");
    assert_eq!(files_under(&folder.path().join("keys")), keys);

    let migrated = token.run(folder.path(), &["migrate"]);
    assert!(migrated.status.success(), "{migrated:?}");
    let doctor = |says: &str| {
        let output = token.run(folder.path(), &["doctor"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = text.lines().find(|line| line.contains("token "));
        assert!(line.expect("a line").contains(says), "{text}");
    };
    doctor("ok       token");
    token.pull_out();
    doctor("is away");
    token.put_back();
    write_pin(folder.path(), "000000");
    doctor("the PIN does not open");
    fs::write(
        folder.path().join("fairplate.toml"),
        format!("origin = \"{ORIGIN}\"\n"),
    )
    .expect("written");
    let output = token.run(folder.path(), &["migrate"]);
    let sentence = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        sentence.contains("the settings name none; add [keys.token]"),
        "{sentence}"
    );
}

#[test]
fn a_module_that_is_none_is_named() {
    let (_home, folder, token) = with_an_imported_key();
    let settings = token.keys_in_it().replace("libsofthsm2.so", "nothing.so");
    fs::write(folder.path().join("fairplate.toml"), settings).expect("written");
    let output = token.run(folder.path(), &["key", "new"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let sentence = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        sentence.contains("expected a PKCS#11 module at"),
        "{sentence}"
    );
    assert!(!folder.path().join("keys/record.token").exists());
}
