//! A second process takes the same step, beginning while the first one is at any place of it.

use fairplate_tests::{
    city::{databases, run},
    faults::Process,
    steps::is_taken,
    undisturbed::Undisturbed,
};

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
                    assert!(is_taken(step, answer.as_str()), "{point}: {output:?}");
                    answers.push(answer);
                }
                assert!(answers.contains(&"done".to_owned()), "{point}: {answers:?}");
                let city = remains.open().await;
                city.at(whole.at);
                whole.is_reached_by(&city, &point.to_string()).await;
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

#[test]
fn of_two_processes_that_import_one_does_it_wherever_the_first_has_come_to() {
    exercise("import");
}
