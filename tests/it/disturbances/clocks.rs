//! The machine's clock is a day off when a process starts again.

use std::os::unix::process::ExitStatusExt as _;

use fairplate_tests::{
    TestCity, check_publication,
    city::{Remains, run},
    database::Kind,
    faults::{Point, Process},
    publication::{assert_same, files_under},
    settings,
    stages::later,
    steps::is_taken,
    undisturbed::{Counts, Undisturbed, count_rows},
};

/// How far a step had come when its process died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    /// Nothing of it is committed.
    Nothing,
    /// Its record is committed, and no witness has seen it.
    Recorded,
    /// It is cosigned.
    Cosigned,
}
use Reached::{Cosigned, Nothing, Recorded};

/// What becomes of it.
#[derive(Clone, Copy, Debug)]
enum End {
    /// The same bytes as without a disturbance.
    Same,
    /// The same, but for the times at which the witness saw it.
    SeenAtAnotherTime,
    /// A record of another time, once, with as many rows behind it.
    OfAnotherTime,
    /// A sentence that says what to do, and nothing of it happens. With the clock put right the step
    /// is taken as if nothing had been, where nothing of it was recorded.
    Stops(&'static str),
}
use End::{OfAnotherTime, Same, SeenAtAnotherTime, Stops};

const DAY: i64 = 86_400;

const ANNOUNCED_LATE: &str = "having the announcement witnessed was possible until 2026-06-29T07:00:00Z; the announcement stands in the log and no verifier accepts a result of it: void the draw and freeze a new one";

/// Every step of a draw, however far it had come, and a clock that is a day ahead or a day behind.
const ENDS: &[(&str, Reached, i64, End)] = &[
    ("freeze", Nothing, DAY, OfAnotherTime),
    ("freeze", Nothing, -DAY, OfAnotherTime),
    ("freeze", Recorded, DAY, Same),
    ("freeze", Recorded, -DAY, Same),
    (
        "announce",
        Nothing,
        DAY,
        Stops("closesAt: contributions may close 2026-07-01T01:00:00Z at the earliest"),
    ),
    ("announce", Nothing, -DAY, OfAnotherTime),
    ("announce", Recorded, DAY, Stops(ANNOUNCED_LATE)),
    ("announce", Recorded, -DAY, SeenAtAnotherTime),
    ("announce", Cosigned, DAY, Same),
    ("announce", Cosigned, -DAY, Same),
    ("resume", Cosigned, DAY, Same),
    ("resume", Cosigned, -DAY, Same),
    (
        "close",
        Nothing,
        DAY,
        Stops(
            "closing the contributions was possible until 2026-06-30T07:01:00Z; if the clocks are right, nothing of this draw can be finished or voided any more (rules D73 and R47 of the protocol): say so in public",
        ),
    ),
    ("close", Nothing, -DAY, OfAnotherTime),
    (
        "close",
        Recorded,
        DAY,
        Stops(
            "having the close witnessed was possible until 2026-06-30T07:01:00Z; if the clocks are right, nothing of this draw can be finished or voided any more (rules D73 and R47 of the protocol): say so in public",
        ),
    ),
    ("close", Recorded, -DAY, SeenAtAnotherTime),
    ("close", Cosigned, DAY, Same),
    ("close", Cosigned, -DAY, Same),
    ("finish", Nothing, DAY, OfAnotherTime),
    (
        "finish",
        Nothing,
        -DAY,
        Stops("finishing the draw is possible from 2026-06-30T07:02:00Z"),
    ),
    ("finish", Recorded, DAY, SeenAtAnotherTime),
    ("finish", Recorded, -DAY, SeenAtAnotherTime),
    ("finish", Cosigned, DAY, Same),
    ("finish", Cosigned, -DAY, Same),
    (
        "void",
        Nothing,
        DAY,
        Stops(
            "voiding the draw was possible until 2026-06-30T07:01:00Z; if the clocks are right, nothing of this draw can be finished or voided any more (rules D73 and R47 of the protocol): say so in public",
        ),
    ),
    ("void", Nothing, -DAY, OfAnotherTime),
    (
        "void",
        Recorded,
        DAY,
        Stops(
            "having the void witnessed was possible until 2026-06-30T07:01:59Z; if the clocks are right, nothing of this draw can be finished or voided any more (rules D73 and R47 of the protocol): say so in public",
        ),
    ),
    ("void", Recorded, -DAY, SeenAtAnotherTime),
    ("void", Cosigned, DAY, Same),
    ("void", Cosigned, -DAY, Same),
    // The text is composed, and its time stands in it.
    ("import", Nothing, DAY, SeenAtAnotherTime),
    ("import", Nothing, -DAY, SeenAtAnotherTime),
    ("import", Recorded, DAY, SeenAtAnotherTime),
    ("import", Recorded, -DAY, SeenAtAnotherTime),
    ("import", Cosigned, DAY, Same),
    ("import", Cosigned, -DAY, Same),
    ("amend", Nothing, DAY, OfAnotherTime),
    ("amend", Nothing, -DAY, OfAnotherTime),
    ("amend", Recorded, DAY, SeenAtAnotherTime),
    ("amend", Recorded, -DAY, SeenAtAnotherTime),
    ("amend", Cosigned, DAY, Same),
    ("amend", Cosigned, -DAY, Same),
];

#[test]
fn a_clock_that_is_a_day_off_bends_no_freeze() {
    exercise("freeze");
}

#[test]
fn a_clock_that_is_a_day_off_bends_no_announcement() {
    exercise("announce");
    exercise("resume");
}

#[test]
fn a_clock_that_is_a_day_off_bends_no_close() {
    exercise("close");
}

#[test]
fn a_clock_that_is_a_day_off_bends_no_result() {
    exercise("finish");
}

#[test]
fn a_clock_that_is_a_day_off_bends_no_void() {
    exercise("void");
}

#[test]
fn a_clock_that_is_a_day_off_bends_no_import() {
    exercise("import");
}

#[test]
fn a_clock_that_is_a_day_off_bends_no_amend() {
    exercise("amend");
}

/// Dies after each kind of effect, and starts again a day off. Clocks know nothing of databases: one
/// place of each row is tried on the second one.
fn exercise(step: &str) {
    run(async {
        let whole = Undisturbed::of(&Kind::Sqlite, step).await;
        for point in whole.first_points() {
            off_by_a_day(&whole, &point).await;
        }
        let Some(url) = settings::find_postgres() else {
            return;
        };
        let whole = Undisturbed::of(&Kind::Postgres(url), step).await;
        for wanted in [Nothing, Recorded, Cosigned] {
            let points = whole.first_points();
            let point = points.iter().find(|it| reached(&whole, it) == wanted);
            if let Some(point) = point {
                off_by_a_day(&whole, point).await;
            }
        }
    });
}

/// What is done of a step once this has happened.
fn reached(whole: &Undisturbed, point: &Point) -> Reached {
    let place = |point: &Point| whole.points.iter().position(|it| it == point);
    let mut points = whole.points.iter();
    let committed = points.find(|it| it.step == whole.step && it.stage == "Committed");
    match committed {
        Some(committed) if place(point) < place(committed) => Nothing,
        Some(committed) if committed == point => Recorded,
        _ => Cosigned,
    }
}

async fn off_by_a_day(whole: &Undisturbed, point: &Point) {
    let dead = whole.before.copy().await;
    let died = Process::of(&dead, whole.step, whole.at).dying_at(point);
    let died = died.run();
    assert_eq!(died.status.signal(), Some(9), "{point}: {died:?}");
    for days in [DAY, -DAY] {
        let reached = reached(whole, point);
        let mut ends = ENDS.iter();
        let row = ends.find(|it| (it.0, it.1, it.2) == (whole.step, reached, days));
        let end = row
            .unwrap_or_else(|| panic!("no row for {point}, {reached:?}, {days}"))
            .3;
        let remains = dead.copy().await;
        let at = later(whole.at, days);
        let restarted = Process::of(&remains, whole.step, &at).recovering().run();
        let said = String::from_utf8_lossy(&restarted.stderr).into_owned();
        let code = String::from_utf8_lossy(&restarted.stdout).into_owned();
        let place = format!("{point}, {days} s: {code}{said}");
        if let Stops(sentence) = end {
            assert!(said.starts_with(sentence), "{place}");
            stopped(whole, remains, reached, &at, sentence).await;
            continue;
        }
        assert!(is_taken(whole.step, code.trim()), "{place}");
        let city = remains.open().await;
        city.at(&at);
        compare(whole, &city, end, &place).await;
        check_publication(&city).await;
    }
}

async fn compare(whole: &Undisturbed, city: &TestCity, end: End, place: &str) {
    let mut expected = whole.files.clone();
    let mut found = files_under(&city.app.layout.public());
    let counts = count_rows(city).await;
    if matches!(end, OfAnotherTime) {
        let public = |counts: &Counts| {
            let mut counts = counts.clone();
            // A proposal that ran out is made once more.
            counts.retain(|table, _| !["audit", "approval", "message"].contains(table));
            counts
        };
        assert_eq!(public(&counts), public(&whole.counts), "{place}");
        assert_eq!(found.len(), expected.len(), "{place}");
        return;
    }
    assert_eq!(counts, whole.counts, "{place}");
    if matches!(end, SeenAtAnotherTime) {
        for files in [&mut expected, &mut found] {
            files.retain(|path, _| {
                let name = path.display().to_string();
                !name.ends_with(".tlog-proof") && !name.ends_with("checkpoint")
            });
        }
    }
    assert_same(&expected, &found);
}

/// Nothing but the log became public. Whoever asks again hears the same, and where nothing was recorded
/// the step is taken once the clock is right.
async fn stopped(
    whole: &Undisturbed,
    remains: Remains,
    reached: Reached,
    at: &str,
    sentence: &str,
) {
    if reached == Nothing {
        let right = Process::of(&remains, whole.step, whole.at)
            .recovering()
            .run();
        assert!(right.status.success(), "{right:?}");
        let city = remains.open().await;
        city.at(whole.at);
        return whole.is_reached_by(&city, "the clock was put right").await;
    }
    let again = Process::of(&remains, "resume", at).run();
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(said.starts_with(sentence), "{said}");
    let city = remains.open().await;
    let counts = count_rows(&city).await;
    assert_eq!((counts["placement"], counts["publication"]), (0, 0));
    assert_eq!(counts["record"], whole.counts["record"]);
    let log = verifier::log::LogFolder::open(&city.app.layout.log(), city.app.trust.log());
    let entries = log.expect("a good log").entries.len();
    assert_eq!(i64::try_from(entries), Ok(counts["record"]));
}
