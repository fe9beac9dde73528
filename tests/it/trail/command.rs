//! `fairplate audit verify`, as an auditor runs it.

use std::{fs, process::Output};

use chrono::{SecondsFormat, TimeDelta};
use fairplate::clock::{Clock as _, SystemClock};
use fairplate_tests::{
    city::{databases, run},
    database::TestDatabase,
    operator::Operator,
};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

/// A city whose draw is announced, on each database.
fn on_each_database(story: impl Fn(&Operator, &str)) {
    for kind in databases() {
        let mut operator = Operator::in_an_empty_folder();
        let database = run(TestDatabase::create(&kind, operator.path()));
        operator.url = Some(database.url().to_owned());
        let operator = operator.with_a_pool();
        let closes =
            (SystemClock.now() + TimeDelta::minutes(10)).to_rfc3339_opts(SecondsFormat::Secs, true);
        operator.agreed(&format!(
            "draw announce 202606 --window-secs 1 --margin-secs 1 --closes-at {closes}"
        ));
        operator.done("work --once");
        story(&operator, database.url());
    }
}

fn tamper(url: &str, sql: &str) {
    run(async {
        let db = fairplate::store::connect(url).await.expect("a database");
        let done = db.execute_unprepared(sql).await.expect("tampered");
        assert!(0 < done.rows_affected());
        db.close().await.expect("closed");
    });
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn the_trail_is_checked_without_a_passphrase_and_a_changed_row_is_named() {
    on_each_database(|operator, url| {
        let whole = operator.run("audit verify --json");
        assert_eq!(whole.status.code(), Some(0), "{whole:?}");
        let told = json_of(&whole);
        assert_eq!(told["ok"], true);
        assert_eq!(told["recordsCompared"], 1);
        assert_eq!(
            (&told["notLinked"], &told["fault"]),
            (&json!(0), &json!(null))
        );
        let in_chinese = operator.run("audit verify --lang zh-CN");
        let said = String::from_utf8_lossy(&in_chinese.stdout).into_owned();
        assert!(said.starts_with("审计记录链完整"), "{said}");

        tamper(
            url,
            "UPDATE audit SET subject = 'another' WHERE position = 3",
        );

        let changed = operator.run("audit verify --json");
        assert_eq!(changed.status.code(), Some(1), "{changed:?}");
        let fault = &json_of(&changed)["fault"];
        assert_eq!(
            (&fault["kind"], &fault["position"]),
            (&json!("changed"), &json!(3))
        );
        let in_english = operator.run("audit verify");
        let said = String::from_utf8_lossy(&in_english.stdout).into_owned();
        assert!(said.starts_with("WRONG: row 3 was changed"), "{said}");
        let in_chinese = operator.run("audit verify --lang zh-CN");
        let said = String::from_utf8_lossy(&in_chinese.stdout).into_owned();
        assert!(said.starts_with("不符：第 3 行被改动"), "{said}");
    });
}

#[test]
fn a_kept_record_is_compared_and_what_cannot_be_read_ends_with_2() {
    on_each_database(|operator, url| {
        let kept = tempfile::tempdir().expect("a folder");
        let folder = kept.path().join("202606");
        fs::create_dir(&folder).expect("made");
        let public = operator.path().join("public");
        let note = fs::read(public.join("draws/202606/announce.note")).expect("a record");
        fs::write(folder.join("announce.note"), note).expect("kept");
        let pinned = kept.path().join("records.vkey");
        fs::copy(public.join("records.vkey"), &pinned).expect("pinned");
        let words = format!(
            "audit verify --json --folder {} --records {}",
            kept.path().display(),
            pinned.display()
        );
        let whole = operator.run(&words);
        assert_eq!(whole.status.code(), Some(0), "{whole:?}");
        assert_eq!(json_of(&whole)["recordsCompared"], 2);

        // The log of the database is gone, and with it what it vouched for.
        let covered = json_of(&whole)["rowsCovered"].clone();
        tamper(url, "DELETE FROM record");
        tamper(
            url,
            &format!("DELETE FROM audit WHERE position >= {covered}"),
        );
        let alone = operator.run("audit verify --json");
        assert_eq!(
            alone.status.code(),
            Some(0),
            "the database alone cannot tell"
        );
        let short = operator.run(&words);
        assert_eq!(short.status.code(), Some(1), "{short:?}");
        assert_eq!(json_of(&short)["fault"]["kind"], "short");

        for words in [
            "audit verify --folder /nowhere/at/all".to_owned(),
            format!(
                "audit verify --records {}",
                folder.join("announce.note").display()
            ),
        ] {
            let refused = operator.run(&words);
            assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        }
    });
}
