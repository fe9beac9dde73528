//! No crash, clock or disk bends a ceremony: every effect of it and every disturbance, with the test
//! that shows what becomes of the two together.
//!
//! A cell ends in the bytes of an undisturbed run, or in a sentence that says what to do; the tests
//! that it names assert which. An effect that is in no row, and a row of an effect that does not
//! happen, fail here.

mod at_once;
mod clocks;
mod happened;
mod lost;
mod shown;

use std::collections::BTreeSet;

use fairplate::app::Stage::{
    self, Committed, Cosigned, Decided, DrawPublished, FilePublished, LogPublished, Recorded,
    ResultOpened, Staged,
};

/// What can happen to an effect. A crash before an effect is one after the effect before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disturbance {
    CrashBefore,
    CrashAfter,
    /// It is done, and whoever asked hears that it failed.
    ReportedFailed,
    DiskFull,
    FsyncError,
    /// Between the effect and the restart.
    ADayLater,
    ADayEarlier,
    TwoAtOnce,
}

const DISTURBANCES: [Disturbance; 8] = [
    Disturbance::CrashBefore,
    Disturbance::CrashAfter,
    Disturbance::ReportedFailed,
    Disturbance::DiskFull,
    Disturbance::FsyncError,
    Disturbance::ADayLater,
    Disturbance::ADayEarlier,
    Disturbance::TwoAtOnce,
];

/// What shows a cell: a test, or the reason for which there is nothing to show.
#[derive(Clone, Copy, Debug)]
enum Cell {
    By(&'static str),
    Nothing(&'static str),
}
use Cell::{By, Nothing};
use shown::{AT_ONCE, CLOCKS, CRASHES};

const TRANSACTION: [Stage; 3] = [Decided, Recorded, Committed];
const FILES: [Stage; 4] = [Staged, FilePublished, DrawPublished, LogPublished];

/// The effects of every step of a ceremony. `refresh` brings a draw's files before it is finished,
/// `again` answers once more under one key, `recover` is `draw resume` and the start of a server.
const EFFECTS: &[(&str, &[Stage])] = &[
    ("propose", &TRANSACTION),
    ("freeze", &TRANSACTION),
    ("announce", &TRANSACTION),
    ("announce", &[Cosigned]),
    ("announce", &FILES),
    ("close", &TRANSACTION),
    ("close", &[Cosigned]),
    ("close", &FILES),
    ("refresh", &FILES),
    ("finish", &TRANSACTION),
    ("finish", &[Cosigned]),
    ("finish", &FILES),
    ("finish", &[ResultOpened]),
    ("void", &TRANSACTION),
    ("void", &[Cosigned]),
    ("void", &FILES),
    ("amend", &TRANSACTION),
    ("amend", &[Cosigned]),
    ("amend", &FILES),
    ("amend", &[ResultOpened]),
    ("recover", &FILES),
    ("recover", &[ResultOpened]),
    ("again", &[Cosigned]),
    ("again", &FILES),
    ("confirm", &TRANSACTION),
    ("lift", &TRANSACTION),
    ("adopt", &TRANSACTION),
    ("rotate", &TRANSACTION),
    ("rotate", &[Cosigned, LogPublished]),
    ("import", &TRANSACTION),
    ("import", &[Cosigned]),
    ("import", &FILES),
    ("import", &[ResultOpened]),
    ("drop", &TRANSACTION),
];

const FULL: &str =
    "failing_disks::steps::a_step_on_a_disk_that_is_full_is_made_good_with_the_same_bytes";
const FSYNC: &str = "failing_disks::steps::a_step_on_a_disk_that_cannot_make_a_file_durable_is_made_good_with_the_same_bytes";
const DATABASE: &str =
    "failing_disks::steps::a_database_on_a_failing_disk_takes_a_step_once_or_not_at_all";
const RESULT_FULL: &str =
    "failing_disks::a_publication_on_a_disk_that_is_full_is_not_told_and_is_made_good";
const RESULT_FSYNC: &str = "failing_disks::a_publication_on_a_disk_that_cannot_make_a_file_durable_is_not_told_and_is_made_good";
const COMMIT: &str =
    "disturbances::lost::a_commit_whose_answer_is_lost_is_made_good_and_not_made_twice";
const COSIGNATURE: &str = "disturbances::lost::a_cosignature_whose_answer_is_lost_is_given_again_a_day_later_with_the_time_of_the_first";
const AGAIN: &str = "idempotency::crashes::a_step_that_was_recorded_and_not_published_is_published_when_it_is_asked_for_again";

/// The one cell of an effect and a disturbance.
fn cell(step: &str, stage: Stage, disturbance: Disturbance) -> Option<Cell> {
    let of = |tests: &[(&str, &'static str)]| {
        let found = tests.iter().find(|it| it.0 == step);
        found.map(|it| By(it.1))
    };
    if step == "again" {
        return Some(By(AGAIN));
    }
    let rests_on_no_time = ["confirm", "lift", "adopt", "rotate", "drop"].contains(&step);
    match disturbance {
        Disturbance::CrashBefore | Disturbance::CrashAfter => of(CRASHES),
        Disturbance::TwoAtOnce => of(AT_ONCE),
        Disturbance::ADayLater | Disturbance::ADayEarlier if rests_on_no_time => {
            Some(Nothing("no rule of it rests on a time"))
        }
        Disturbance::ADayLater | Disturbance::ADayEarlier => of(CLOCKS),
        Disturbance::ReportedFailed => Some(reported_failed(step, stage)),
        Disturbance::DiskFull => Some(on_a_disk(step, stage, [FULL, RESULT_FULL])),
        Disturbance::FsyncError => Some(on_a_disk(step, stage, [FSYNC, RESULT_FSYNC])),
    }
}

fn reported_failed(step: &str, stage: Stage) -> Cell {
    match stage {
        Decided | Recorded => Nothing("inside of the process: nobody reports it"),
        Committed => By(COMMIT),
        Cosigned => By(COSIGNATURE),
        // A rename that is done, and whose folder cannot be made durable.
        _ => on_a_disk(step, stage, [FSYNC, RESULT_FSYNC]),
    }
}

fn on_a_disk(step: &str, stage: Stage, [files, result]: [&'static str; 2]) -> Cell {
    match stage {
        Decided => Nothing("nothing is written"),
        Recorded | Committed => By(DATABASE),
        ResultOpened if !["amend", "import"].contains(&step) => By(result),
        _ if ["finish", "refresh"].contains(&step) => By(result),
        _ => By(files),
    }
}

fn effects() -> BTreeSet<(String, String)> {
    let of_row = |(step, stages): &(&str, &[Stage])| {
        let step = (*step).to_owned();
        let named = stages.iter().map(|stage| format!("{stage:?}"));
        named.map(|stage| (step.clone(), stage)).collect::<Vec<_>>()
    };
    EFFECTS.iter().flat_map(of_row).collect()
}

#[test]
fn every_effect_and_every_disturbance_have_one_cell_that_a_test_shows() {
    let mut missing = Vec::new();
    for (step, stages) in EFFECTS {
        for stage in *stages {
            for disturbance in DISTURBANCES {
                match cell(step, *stage, disturbance) {
                    Some(By(test)) if !crate::tidy::named::is_a_test(test) => {
                        missing.push(format!("{step} {stage:?} {disturbance:?}: no test {test}"));
                    }
                    Some(Nothing("")) | None => {
                        missing.push(format!("{step} {stage:?} {disturbance:?}: no cell"));
                    }
                    Some(_) => {}
                }
            }
        }
    }
    assert_eq!(missing, [""; 0]);
}
