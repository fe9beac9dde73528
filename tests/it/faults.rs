//! The fault table: a process dies after each effect of each step, and a restart gives the same
//! public bytes as no crash.

use std::os::unix::process::ExitStatusExt as _;

use fairplate::app::Stage;
use fairplate_tests::{
    city::{databases, run},
    database::Kind,
    faults::Process,
    steps::is_taken,
    undisturbed::Undisturbed,
};

#[test]
fn a_crash_while_freezing_and_a_restart_give_what_no_crash_gives() {
    let stages = [Stage::Decided, Stage::Recorded, Stage::Committed];
    for kind in databases() {
        run(exercise(&kind, "freeze", &stages));
    }
}

#[test]
fn a_crash_while_announcing_and_a_restart_give_what_no_crash_gives() {
    for kind in databases() {
        run(exercise(&kind, "announce", EVERY_STAGE));
    }
}

#[test]
fn a_crash_while_closing_and_a_restart_give_what_no_crash_gives() {
    for kind in databases() {
        run(exercise(&kind, "close", EVERY_STAGE));
    }
}

#[test]
fn a_crash_while_finishing_and_a_restart_give_what_no_crash_gives() {
    let stages = [EVERY_STAGE, &[Stage::ResultOpened]].concat();
    for kind in databases() {
        run(exercise(&kind, "finish", &stages));
    }
}

#[test]
fn a_crash_while_voiding_and_a_restart_give_what_no_crash_gives() {
    for kind in databases() {
        run(exercise(&kind, "void", EVERY_STAGE));
    }
}

#[test]
fn a_crash_while_amending_and_a_restart_give_what_no_crash_gives() {
    let stages = [EVERY_STAGE, &[Stage::ResultOpened]].concat();
    for kind in databases() {
        run(exercise(&kind, "amend", &stages));
    }
}

#[test]
fn a_crash_while_importing_and_a_restart_give_what_no_crash_gives() {
    let stages = [EVERY_STAGE, &[Stage::ResultOpened]].concat();
    for kind in databases() {
        run(exercise(&kind, "import", &stages));
    }
}

#[test]
fn a_crash_while_the_witnesses_change_and_a_restart_give_what_no_crash_gives() {
    let stages = [&EVERY_STAGE[..4], &[Stage::LogPublished]].concat();
    for kind in databases() {
        run(exercise(&kind, "vouch", &stages));
    }
}

#[test]
fn a_crash_while_resuming_and_a_restart_give_what_no_crash_gives() {
    for kind in databases() {
        run(exercise(&kind, "resume", &EVERY_STAGE[4..]));
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
async fn exercise(kind: &Kind, step: &str, stages: &[Stage]) {
    let whole = Undisturbed::of(kind, step).await;
    for stage in stages {
        let name = format!("{stage:?}");
        assert!(
            whole.points.iter().any(|point| point.stage == name),
            "{step} reaches {name}"
        );
    }
    for point in &whole.points {
        let remains = whole.before.copy().await;
        let died = Process::of(&remains, step, whole.at).dying_at(point).run();
        assert_eq!(died.status.signal(), Some(9), "{point}: {died:?}");
        let restarted = Process::of(&remains, step, whole.at).recovering().run();
        let answer = String::from_utf8_lossy(&restarted.stdout).into_owned();
        assert!(
            is_taken(step, answer.trim()),
            "after {point}: {restarted:?}"
        );
        let city = remains.open().await;
        city.at(whole.at);
        whole.is_reached_by(&city, &format!("after {point}")).await;
    }
}
