//! `fairplate rehearse`: a period's ceremony on a copy, which changes nothing of the city and cannot be
//! taken for it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Duration,
};

use entity::ban;
use fairplate::{domain::PeriodNumber, store};
use fairplate_tests::{
    Citizen, TestCity, ceremony,
    city::moment,
    on_both_databases, programs,
    publication::files_under,
    stages::{PERIOD, officer, places},
};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, EntityTrait as _, Statement};
use serde_json::Value;
use uuid::Uuid;
use verifier::{Options, Trust, Verdict, verify_folder};

/// Every row of every table, spelt by the database.
async fn all_rows(db: &DatabaseConnection) -> BTreeMap<String, Vec<String>> {
    let backend = db.get_database_backend();
    let query = async |sql: String, column: &str| -> Vec<String> {
        let rows = db.query_all_raw(Statement::from_string(backend, sql)).await;
        let rows = rows.expect("rows");
        let texts = rows
            .iter()
            .map(|row| row.try_get("", column).expect("a text"));
        texts.collect()
    };
    let is_postgres = backend == DbBackend::Postgres;
    let tables = if is_postgres {
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    };
    let mut all = BTreeMap::new();
    for table in query(tables.to_owned(), "name").await {
        let sql = if is_postgres {
            format!("SELECT t::text AS line FROM \"{table}\" t ORDER BY 1")
        } else {
            let columns = format!("SELECT name FROM pragma_table_info('{table}')");
            let columns = query(columns, "name").await;
            let quoted: Vec<_> = columns
                .iter()
                .map(|name| format!("quote(\"{name}\")"))
                .collect();
            format!(
                "SELECT {} AS line FROM \"{table}\" ORDER BY 1",
                quoted.join(" || ',' || ")
            )
        };
        all.insert(table, query(sql, "line").await);
    }
    assert!(all.len() > 20, "{:?}", all.keys());
    all
}

/// What the city has outside of its database, but for its rehearsals.
fn files_of(city: &TestCity) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = files_under(city.folder());
    files.retain(|path, _| {
        !path.starts_with("rehearsals") && !path.to_string_lossy().starts_with("fairplate.db")
    });
    files
}

fn command(folder: &Path, city: &TestCity, words: &[&str]) -> Command {
    let mut command = programs::fairplate();
    command.arg("--data").arg(folder).args(words);
    // What names the city's database must not lead the rehearsal there, nor open its keys.
    command.env("FAIRPLATE_DATABASE_URL", city.database_url());
    command.env("FAIRPLATE_PASSPHRASE", "what opens the city's keys");
    command
}

fn rehearse(city: &TestCity, words: &[&str]) -> Output {
    let mut all = vec!["rehearse"];
    all.extend(words);
    command(city.folder(), city, &all)
        .output()
        .expect("fairplate runs")
}

fn report(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("a report")
}

fn refusal(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What was found by a check of the separation, which has passed.
fn found<'a>(report: &'a Value, check: &str) -> &'a str {
    let findings = report["separation"].as_array().expect("findings");
    let finding = findings.iter().find(|finding| finding["check"] == check);
    let finding = finding.unwrap_or_else(|| panic!("no {check} in {report}"));
    assert_eq!(finding["passed"], true, "{finding}");
    finding["found"].as_str().expect("a text")
}

/// Keeps somebody out of every pool of the story.
async fn bar(city: &TestCity, citizen: &Citizen<'_>) {
    let day = |text: &str| text.parse().expect("a day");
    let banned = ban::Model {
        city_id: city.app.city,
        id: Uuid::from_u128(7),
        applicant_id: city.application(citizen).await.applicant_id,
        begins_on: day("2026-06-01"),
        ends_on: day("2028-05-31"),
        reason: ban::Reason::Forfeited,
        certificate_number: "8201664192500198".to_owned(),
        imposed_at: moment("2026-06-01T00:00:00Z"),
        lifted_at: None,
    };
    let written = store::bans::insert(&city.app.db, banned).await;
    written.expect("a ban");
}

#[test]
fn a_rehearsal_freezes_the_pool_that_the_city_then_freezes_and_leaves_the_city_as_it_was() {
    on_both_databases(async |city| {
        let citizens = city.reviewed(6, places(2, 1)).await;
        bar(city, &citizens[1]).await;
        let (rows, files) = (all_rows(&city.app.db).await, files_of(city));

        let report = report(&rehearse(city, &[PERIOD, "--json"]));

        assert_eq!(rows, all_rows(&city.app.db).await);
        assert_eq!(files, files_of(city));
        assert_eq!(report["verdict"], "VERIFIED");
        assert_eq!(report["city"]["changedByOthers"], serde_json::json!([]));
        assert_eq!(report["copied"]["applications"], 6);
        assert_eq!(report["copied"]["bans"], 1);
        assert_eq!(report["origin"], "rehearsal.city.example/draws");
        assert_eq!(
            found(&report, "cityRefutesRehearsal"),
            "the city has no keys yet"
        );
        let steps = report["steps"].as_array().expect("steps").iter();
        let steps: Vec<_> = steps
            .map(|step| step["name"].as_str().expect("a name"))
            .collect();
        let expected = [
            "city",
            "copy",
            "freeze",
            "announce",
            "close",
            "finish",
            "verify",
            "separation",
        ];
        assert_eq!(steps, expected);
        keeps_nothing_personal(city, &report).await;

        let frozen = ceremony::freeze(&city.app, &officer(), PERIOD).await;
        let frozen = frozen.expect("frozen").id;
        let pools = store::draws::list_pools(&city.app.db, city.app.city, &frozen);
        let pools = pools.await.expect("pools");
        let pool = &report["pools"][0];
        let digest = verifier::Digest(pools[0].sha256.as_slice().try_into().expect("32 bytes"));
        assert_eq!(pool["sha256"], digest.to_string());
        assert_eq!((&pool["rows"], &pool["excluded"]), (&5.into(), &1.into()));
        assert_eq!((pools[0].pool_rows, pools[0].excluded), (5, 1));
    });
}

/// No id and nothing sealed of the city's people stands in the rehearsal's database.
async fn keeps_nothing_personal(city: &TestCity, report: &Value) {
    let folder = PathBuf::from(report["folder"].as_str().expect("a folder"));
    let stored: Vec<u8> = files_under(&folder)
        .into_iter()
        .filter(|(path, _)| path.to_string_lossy().starts_with("fairplate.db"))
        .flat_map(|(_, bytes)| bytes)
        .collect();
    let holds = |part: &[u8]| stored.windows(part.len()).any(|window| window == part);
    let people = entity::applicant::Entity::find().all(&city.app.db).await;
    for person in people.expect("people") {
        assert!(!holds(person.id.0.as_bytes()), "an id of the city's");
        assert!(!holds(&person.sealed), "a sealed value of the city's");
        assert!(!holds(&person.id_number_index), "an index of the city's");
        assert!(!holds(&person.phone_index), "an index of the city's");
    }
    let forms = entity::application::Entity::find().all(&city.app.db).await;
    for form in forms.expect("applications") {
        assert!(!holds(&form.sealed), "a sealed form of the city's");
    }
}

#[test]
fn neither_the_citys_trust_nor_the_rehearsals_believes_anything_of_the_other_one() {
    on_both_databases(async |city| {
        city.finished(5, places(1, 1)).await;
        let later = PERIOD.parse::<PeriodNumber>().expect("a number");
        let later = later
            .next(city.app.policy.cadence)
            .expect("a later one")
            .to_string();

        let report = report(&rehearse(city, &[&later, "--json"]));

        let refuted = found(&report, "cityRefutesRehearsal");
        assert!(refuted.starts_with("FALSE by the step `"), "{refuted}");
        let refuted = found(&report, "rehearsalRefutesCity");
        let expected = "3 records of the city, 0 believed; draw 202606: FALSE by the step `";
        assert!(refuted.starts_with(expected), "{refuted}");
        let keys = found(&report, "keysDiffer");
        assert_eq!(keys, "4 keys of the city, 4 of the rehearsal, 0 of both");
        let chain = found(&report, "chainsDiffer");
        assert!(
            chain.starts_with(&format!("rehearsal-{later} (")),
            "{chain}"
        );
        let rehearsed = PathBuf::from(report["folder"].as_str().expect("a folder"));
        let [ours, theirs] =
            [rehearsed.as_path(), city.folder()].map(|folder| folder.join("public"));
        for (published, trusted, draw, verdict) in [
            (&ours, &ours, later.as_str(), Verdict::Verified),
            (&ours, &theirs, later.as_str(), Verdict::False),
            (&theirs, &ours, PERIOD, Verdict::False),
            (&theirs, &theirs, PERIOD, Verdict::Verified),
        ] {
            let read = |name: &str| fs::read(trusted.join(name)).expect("what pins trust");
            let trust = Trust::parse(&read("trust.policy"), &read("records.vkey")).expect("trust");
            let options = Options {
                log: Some(published.join("log")),
                ..Options::default()
            };
            let folder = published.join("draws").join(draw);
            let told = verify_folder(&folder, &trust, &options, &mut |_| {});
            assert_eq!(told.verdict, verdict, "{}: {told}", folder.display());
        }
        is_marked_on_paper(city, &rehearsed, &later);
        is_not_served(city, &rehearsed);
    });
}

fn is_marked_on_paper(city: &TestCity, rehearsed: &Path, draw: &str) {
    for (words, times) in [
        (&["draw", "protocol", draw][..], 2),
        (&["draw", "present", draw, "--once"], 1),
    ] {
        let output = command(rehearsed, city, words)
            .args(["--lang", "en"])
            .output();
        let output = output.expect("fairplate runs");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(told.matches("REHEARSAL: ").count(), times, "{output:?}");
    }
}

fn is_not_served(city: &TestCity, rehearsed: &Path) {
    let mark = rehearsed.join("REHEARSAL");
    assert!(mark.exists());
    for is_marked in [true, false] {
        if !is_marked {
            fs::remove_file(&mark).expect("the mark is taken away");
        }
        for words in [
            &["serve", "--listen", "127.0.0.1:0"][..],
            &["work", "--once"],
        ] {
            let output = command(rehearsed, city, words).output();
            let refused = refusal(&output.expect("fairplate runs"));
            assert!(
                refused.contains("is the folder of a rehearsal"),
                "{refused}"
            );
        }
    }
}

#[test]
fn only_a_rehearsal_is_ever_replaced_and_one_that_was_stopped_leaves_the_city_alone() {
    on_both_databases(async |city| {
        city.reviewed(4, places(1, 1)).await;
        let rows = all_rows(&city.app.db).await;
        let other = tempfile::tempdir().expect("a folder");
        fs::write(other.path().join("letter"), "keep me").expect("written");
        let named = other.path().display().to_string();
        for words in [
            vec![PERIOD, "--folder", &named],
            vec![PERIOD, "--folder", &named, "--replace"],
        ] {
            let refused = refusal(&rehearse(city, &words));
            assert!(
                refused.contains("is not empty, and no rehearsal"),
                "{refused}"
            );
        }
        assert_eq!(files_under(other.path()).len(), 1);
        let refused = refusal(&rehearse(city, &["209912"]));
        assert!(refused.contains("209912"), "{refused}");
        assert!(!city.folder().join("rehearsals").exists());

        let mut stopped = command(city.folder(), city, &["rehearse", PERIOD])
            .spawn()
            .expect("started");
        let mark = city
            .folder()
            .join("rehearsals")
            .join(PERIOD)
            .join("REHEARSAL");
        while !mark.exists() && stopped.try_wait().expect("a process").is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        stopped.kill().expect("stopped");
        stopped.wait().expect("an end");
        assert_eq!(rows, all_rows(&city.app.db).await);

        let refused = refusal(&rehearse(city, &[PERIOD]));
        assert!(refused.contains("--replace removes it"), "{refused}");
        let output = rehearse(city, &[PERIOD, "--replace", "--lang", "zh-CN"]);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(told.contains("真实数据未变"), "{told}");
        assert_eq!(rows, all_rows(&city.app.db).await);
    });
}
