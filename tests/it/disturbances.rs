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

use std::{collections::BTreeSet, fs, path::Path};

use fairplate::app::Stage::{
    self, Committed, Cosigned, Decided, DrawPublished, FilePublished, LogPublished, Recorded,
    ResultOpened, Staged,
};
use fairplate_tests::city::run;

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
    ("recover", &FILES),
    ("recover", &[ResultOpened]),
    ("again", &[Cosigned]),
    ("again", &FILES),
    ("confirm", &TRANSACTION),
    ("lift", &TRANSACTION),
    ("rotate", &TRANSACTION),
    ("rotate", &[Cosigned, LogPublished]),
    ("import", &TRANSACTION),
    ("import", &[Cosigned]),
    ("import", &FILES),
    ("import", &[ResultOpened]),
    ("drop", &TRANSACTION),
];

/// Tests by the step that they lead to a disturbance.
const CRASHES: &[(&str, &str)] = &[
    (
        "propose",
        "faults::a_crash_while_freezing_and_a_restart_give_what_no_crash_gives",
    ),
    (
        "freeze",
        "faults::a_crash_while_freezing_and_a_restart_give_what_no_crash_gives",
    ),
    (
        "announce",
        "faults::a_crash_while_announcing_and_a_restart_give_what_no_crash_gives",
    ),
    (
        "close",
        "faults::a_crash_while_closing_and_a_restart_give_what_no_crash_gives",
    ),
    (
        "refresh",
        "faults::a_crash_while_finishing_and_a_restart_give_what_no_crash_gives",
    ),
    (
        "finish",
        "faults::a_crash_while_finishing_and_a_restart_give_what_no_crash_gives",
    ),
    (
        "void",
        "faults::a_crash_while_voiding_and_a_restart_give_what_no_crash_gives",
    ),
    (
        "recover",
        "faults::a_crash_while_resuming_and_a_restart_give_what_no_crash_gives",
    ),
    (
        "confirm",
        "approvals::crashes::a_crash_while_confirming_leaves_the_rules_as_they_were_or_confirmed",
    ),
    (
        "lift",
        "certificates::lifting::a_crash_while_lifting_leaves_the_ban_as_it_was_or_lifted",
    ),
    (
        "rotate",
        "record_keys::a_crash_while_the_key_changes_leaves_the_old_or_the_new_one_signing",
    ),
    (
        "import",
        "air_gap::broken::a_crash_while_importing_leaves_the_record_waiting_or_its_step_taken",
    ),
    (
        "drop",
        "air_gap::broken::a_crash_while_dropping_leaves_the_record_waiting_or_dropped",
    ),
];

const CLOCKS: &[(&str, &str)] = &[
    (
        "propose",
        "disturbances::clocks::a_clock_that_is_a_day_off_bends_no_freeze",
    ),
    (
        "freeze",
        "disturbances::clocks::a_clock_that_is_a_day_off_bends_no_freeze",
    ),
    (
        "announce",
        "disturbances::clocks::a_clock_that_is_a_day_off_bends_no_announcement",
    ),
    (
        "recover",
        "disturbances::clocks::a_clock_that_is_a_day_off_bends_no_announcement",
    ),
    (
        "close",
        "disturbances::clocks::a_clock_that_is_a_day_off_bends_no_close",
    ),
    (
        "refresh",
        "disturbances::clocks::a_clock_that_is_a_day_off_bends_no_result",
    ),
    (
        "finish",
        "disturbances::clocks::a_clock_that_is_a_day_off_bends_no_result",
    ),
    (
        "void",
        "disturbances::clocks::a_clock_that_is_a_day_off_bends_no_void",
    ),
    (
        "import",
        "air_gap::refused::a_close_or_a_void_that_comes_back_when_it_cannot_count_is_refused",
    ),
];

const AT_ONCE: &[(&str, &str)] = &[
    (
        "propose",
        "approvals::crashes::of_two_who_propose_the_same_at_once_one_waits_for_both",
    ),
    (
        "freeze",
        "disturbances::at_once::of_two_processes_that_freeze_one_does_it_wherever_the_first_has_come_to",
    ),
    (
        "announce",
        "disturbances::at_once::of_two_processes_that_announce_one_does_it_wherever_the_first_has_come_to",
    ),
    (
        "recover",
        "disturbances::at_once::of_two_processes_that_announce_one_does_it_wherever_the_first_has_come_to",
    ),
    (
        "close",
        "disturbances::at_once::of_two_processes_that_close_one_does_it_wherever_the_first_has_come_to",
    ),
    (
        "refresh",
        "disturbances::at_once::of_two_processes_that_finish_one_does_it_wherever_the_first_has_come_to",
    ),
    (
        "finish",
        "disturbances::at_once::of_two_processes_that_finish_one_does_it_wherever_the_first_has_come_to",
    ),
    (
        "void",
        "disturbances::at_once::of_two_processes_that_void_one_does_it_wherever_the_first_has_come_to",
    ),
    (
        "confirm",
        "approvals::crashes::of_two_who_approve_at_once_one_does_it",
    ),
    (
        "lift",
        "approvals::crashes::of_two_who_approve_at_once_one_does_it",
    ),
    (
        "rotate",
        "record_keys::a_key_takes_the_place_of_another_once",
    ),
    (
        "import",
        "air_gap::refused::a_file_that_is_imported_twice_is_answered_twice_and_recorded_once",
    ),
    (
        "drop",
        "air_gap::broken::of_two_who_drop_and_import_at_once_one_does_it",
    ),
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
    if ["confirm", "lift", "rotate", "drop"].contains(&step) {
        return match disturbance {
            Disturbance::TwoAtOnce => of(AT_ONCE),
            Disturbance::ADayLater | Disturbance::ADayEarlier => {
                Some(Nothing("no rule of it rests on a time"))
            }
            Disturbance::DiskFull | Disturbance::FsyncError => Some(Nothing(
                "the transaction and the files are those of the steps of a draw",
            )),
            _ => of(CRASHES),
        };
    }
    if step == "import" {
        return match disturbance {
            Disturbance::DiskFull | Disturbance::FsyncError | Disturbance::ReportedFailed => Some(
                Nothing("the transaction and the files are those of the steps of a draw"),
            ),
            Disturbance::TwoAtOnce => of(AT_ONCE),
            Disturbance::ADayLater | Disturbance::ADayEarlier => of(CLOCKS),
            _ => of(CRASHES),
        };
    }
    match disturbance {
        Disturbance::CrashBefore | Disturbance::CrashAfter => of(CRASHES),
        Disturbance::TwoAtOnce => of(AT_ONCE),
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
        ResultOpened => By(result),
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

#[test]
fn the_table_of_disturbances_has_the_effects_that_happen_and_no_other() {
    let happened = run(happened::happened());
    let mut known = effects();
    // Told by the test that asks again under one key.
    known.retain(|(step, _)| step != "again");
    assert_eq!(happened, known);
}

/// The first word of every call that tells of an effect, in the sources of the server.
fn told_steps(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            told_steps(&path, found);
        } else {
            let text = fs::read_to_string(&path).expect("a source");
            for call in [
                ".reached(\"",
                "publish(app, \"",
                "settle(app, \"",
                "settle_recorded(app, \"",
            ] {
                let words = text.split(call).skip(1);
                found.extend(words.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
            }
            let files = text.split("publish_files(app, \"").skip(1);
            found.extend(files.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
    }
}

#[test]
fn no_source_tells_of_a_step_that_the_table_does_not_have() {
    let mut told = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/src/service");
    told_steps(&folder, &mut told);
    let known: BTreeSet<String> = EFFECTS.iter().map(|row| row.0.to_owned()).collect();
    let unknown: Vec<_> = told.difference(&known).collect();
    assert!(unknown.is_empty(), "{unknown:?} of {told:?}");
    assert!(5 < told.len(), "{told:?}");
}
