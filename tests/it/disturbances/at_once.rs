//! A second process takes the same step, beginning while the first one is at any place of it.

use fairplate_tests::{
    check_publication,
    city::{databases, run},
    faults::Process,
    publication::{assert_same, files_under},
    undisturbed::{Undisturbed, count_rows},
};

/// What the second of two is told who do the same.
const LOST: [&str; 3] = ["done", "WRONG_PHASE", "CONFLICT"];

fn exercise(step: &str) {
    for kind in databases() {
        run(async {
            let whole = Undisturbed::of(&kind, step).await;
            for point in whole.first_points() {
                let remains = whole.before.copy().await;
                let place = tempfile::tempdir().expect("a meeting place");
                let process = || Process::of(&remains, step, whole.at);
                let one = process().meeting_at(&point.to_string(), place.path());
                let two = process().recovering().meeting_at("start", place.path());
                let mut answers = Vec::new();
                for process in [one.start(), two.start()] {
                    let output = process.wait_with_output().expect("an end");
                    let answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
                    assert!(LOST.contains(&answer.as_str()), "{point}: {output:?}");
                    answers.push(answer);
                }
                assert!(answers.contains(&"done".to_owned()), "{point}: {answers:?}");
                let city = remains.open().await;
                city.at(whole.at);
                assert_same(&whole.files, &files_under(&city.app.layout.public()));
                assert_eq!(count_rows(&city).await, whole.counts, "{point}");
                check_publication(&city).await;
            }
        });
    }
}

#[test]
fn of_two_processes_that_freeze_one_does_it_wherever_the_first_has_come_to() {
    exercise("freeze");
}

#[test]
fn of_two_processes_that_announce_one_does_it_wherever_the_first_has_come_to() {
    exercise("announce");
    exercise("resume");
}

#[test]
fn of_two_processes_that_close_one_does_it_wherever_the_first_has_come_to() {
    exercise("close");
}

#[test]
fn of_two_processes_that_finish_one_does_it_wherever_the_first_has_come_to() {
    exercise("finish");
}

#[test]
fn of_two_processes_that_void_one_does_it_wherever_the_first_has_come_to() {
    exercise("void");
}

#[test]
fn of_two_processes_that_amend_one_does_it_wherever_the_first_has_come_to() {
    exercise("amend");
}
