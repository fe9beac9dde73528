//! The fault table: a process dies after each effect of each step, and a restart gives the same
//! public bytes as no crash.

use std::{collections::BTreeMap, os::unix::process::ExitStatusExt as _, path::PathBuf, sync::Arc};

use fairplate::{app::Stage, service::approvals::Action, store};
use fairplate_tests::{
    TestCity, ceremony, check_publication,
    city::{Remains, databases, run},
    database::Kind,
    faults::{Point, Process, Recorder},
    publication::{assert_same, files_under},
    stages::{
        ANNOUNCE_AT, CLOSE_AT, FINISH_AT, FREEZE_AT, PERIOD, officer, places, reveals, terms,
    },
};
use sea_orm::{ConnectionTrait as _, Statement};

const PEOPLE: u32 = 9;

/// As the other process has it.
const FLOODED: &str = "the hall was flooded";

/// Every table, with how many rows a city of one draw has in it.
type Counts = BTreeMap<&'static str, i64>;

/// What a step leaves behind when nothing goes wrong.
struct Whole {
    before: Remains,
    points: Vec<Point>,
    files: BTreeMap<PathBuf, Vec<u8>>,
    counts: Counts,
}

#[test]
fn a_crash_while_freezing_and_a_restart_give_what_no_crash_gives() {
    for kind in databases() {
        run(exercise(
            &kind,
            "freeze",
            FREEZE_AT,
            &[Stage::Decided, Stage::Recorded, Stage::Committed],
        ));
    }
}

#[test]
fn a_crash_while_announcing_and_a_restart_give_what_no_crash_gives() {
    for kind in databases() {
        run(exercise(&kind, "announce", ANNOUNCE_AT, EVERY_STAGE));
    }
}

#[test]
fn a_crash_while_closing_and_a_restart_give_what_no_crash_gives() {
    for kind in databases() {
        run(exercise(&kind, "close", CLOSE_AT, EVERY_STAGE));
    }
}

#[test]
fn a_crash_while_finishing_and_a_restart_give_what_no_crash_gives() {
    let stages = [EVERY_STAGE, &[Stage::ResultOpened]].concat();
    for kind in databases() {
        run(exercise(&kind, "finish", FINISH_AT, &stages));
    }
}

#[test]
fn a_crash_while_voiding_and_a_restart_give_what_no_crash_gives() {
    for kind in databases() {
        run(exercise(&kind, "void", CLOSE_AT, EVERY_STAGE));
    }
}

const EVERY_STAGE: &[Stage] = &[
    Stage::Decided,
    Stage::Recorded,
    Stage::Committed,
    Stage::Cosigned,
    Stage::Staged,
    Stage::FilePublished,
    Stage::DrawPublished,
    Stage::LogPublished,
];

/// Dies at every point of a step, restarts, and compares.
async fn exercise(kind: &Kind, step: &str, at: &str, stages: &[Stage]) {
    let whole = without_crash(kind, step, at).await;
    for stage in stages {
        let name = format!("{stage:?}");
        assert!(
            whole.points.iter().any(|point| point.stage == name),
            "{step} reaches {name}"
        );
    }
    for point in &whole.points {
        let remains = whole.before.copy().await;
        let died = Process::of(&remains, step, at).dying_at(point).run();
        assert_eq!(died.status.signal(), Some(9), "{point}: {died:?}");
        let restarted = Process::of(&remains, step, at).recovering().run();
        let answer = String::from_utf8_lossy(&restarted.stdout).into_owned();
        assert!(
            ["done\n", "WRONG_PHASE\n"].contains(&answer.as_str()),
            "after {point}: {restarted:?}"
        );
        let city = remains.open().await;
        city.at(at);
        assert_same(&whole.files, &public_files(&city));
        assert_eq!(count_rows(&city).await, whole.counts, "after {point}");
        check_publication(&city).await;
    }
}

async fn without_crash(kind: &Kind, step: &str, at: &str) -> Whole {
    let city = TestCity::create("hangzhou-2018", kind).await;
    match step {
        "freeze" => drop(city.reviewed(PEOPLE, places(3, 2)).await),
        "announce" => drop(city.frozen(PEOPLE, places(3, 2)).await),
        "close" | "void" => drop(city.announced(PEOPLE, places(3, 2)).await),
        _ => drop(city.closed(PEOPLE, places(3, 2)).await),
    }
    city.at(at);
    propose(&city, step).await;
    let before = city.into_remains().await;
    let mut city = before.copy().await.open().await;
    city.at(at);
    let recorder = Arc::new(Recorder::default());
    city.app.observer = Arc::clone(&recorder) as _;
    take(&city, step).await;
    let points = recorder.points();
    Whole {
        before,
        points,
        files: public_files(&city),
        counts: count_rows(&city).await,
    }
}

/// Proposes what a record is made of. The record says where the audit trail ended, the proposal is in
/// it, and its id is random: it is made once for all who are compared.
async fn propose(city: &TestCity, step: &str) {
    let draw = PERIOD.to_owned();
    let action = match step {
        "announce" => Action::AnnounceDraw {
            draw,
            terms: terms(PERIOD),
        },
        "void" => Action::VoidDraw {
            draw,
            reason: FLOODED.to_owned(),
        },
        _ => return,
    };
    let proposed = ceremony::propose(&city.app, &officer(), action).await;
    proposed.expect("proposed");
}

async fn take(city: &TestCity, step: &str) {
    let (app, officer) = (&city.app, officer());
    match step {
        "freeze" => ceremony::freeze(app, &officer, PERIOD).await,
        "announce" => ceremony::announce(app, &officer, PERIOD, terms(PERIOD)).await,
        "close" => ceremony::close(app, &officer, PERIOD, reveals()).await,
        "finish" => ceremony::finish(app, &officer, PERIOD).await,
        _ => ceremony::void(app, &officer, PERIOD, FLOODED).await,
    }
    .expect("a step without a crash");
}

/// The public folder, log included; what freezing fixes instead, where nothing is public yet.
fn public_files(city: &TestCity) -> BTreeMap<PathBuf, Vec<u8>> {
    files_under(&city.app.layout.public())
}

/// Ids are random, so rows are counted; the frozen pool's digest is compared as well.
async fn count_rows(city: &TestCity) -> Counts {
    let mut counts = Counts::new();
    for table in [
        "period",
        "application",
        "participation",
        "draw",
        "draw_pool",
        "pool_entry",
        "contribution",
        "placement",
        "record",
        "checkpoint",
        "audit",
        "approval",
        "message",
    ] {
        let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) AS rows_there FROM {table}");
        let statement = Statement::from_string(city.app.db.get_database_backend(), sql);
        let row = city
            .app
            .db
            .query_one_raw(statement)
            .await
            .expect("counted")
            .expect("a row");
        counts.insert(table, row.try_get("", "rows_there").expect("a count"));
    }
    for pool in store::draws::list_pools(&city.app.db, city.app.city, PERIOD)
        .await
        .expect("pools")
    {
        let half = i64::from_be_bytes(pool.sha256[..8].try_into().expect("eight bytes"));
        counts.insert("digest of the pool", half);
    }
    counts
}
