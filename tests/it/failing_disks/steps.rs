//! The other steps of a ceremony on a disk that fails at any call: under the public files and the
//! memory of the witness, and under the database itself.

use std::path::{Path, PathBuf};

use fairplate_tests::{
    city::run,
    database::Kind,
    failing_disk::{FailingDisk, Failure},
    faults::Process,
    steps::{STEPS, is_taken},
    undisturbed::Undisturbed,
};

/// Every step that makes something public but the result, which is looked at more closely.
const OF_FILES: [&str; 8] = [
    "announce", "close", "void", "amend", "resume", "import", "rotate", "vouch",
];

#[test]
fn a_step_on_a_disk_that_is_full_is_made_good_with_the_same_bytes() {
    for step in OF_FILES {
        run(exercise(step, Failure::Full, 1, &of_files));
    }
}

#[test]
fn a_step_on_a_disk_that_cannot_make_a_file_durable_is_made_good_with_the_same_bytes() {
    for step in OF_FILES {
        run(exercise(step, Failure::Fsync, 1, &of_files));
    }
}

#[test]
fn a_database_on_a_failing_disk_takes_a_step_once_or_not_at_all() {
    for (step, _) in STEPS.iter().filter(|it| it.0 != "resume") {
        run(exercise(step, Failure::Full, 3, &of_database));
        run(exercise(step, Failure::Fsync, 1, &of_database));
    }
}

/// The public files, and what the witness remembers.
fn of_files(root: &Path) -> Vec<PathBuf> {
    let names = ["public", "staging", "index", "witness"];
    names.map(|name| root.join(name)).into()
}

/// The embedded database.
fn of_database(root: &Path) -> Vec<PathBuf> {
    let names = ["fairplate.db", "fairplate.db-wal", "fairplate.db-journal"];
    names.map(|name| root.join(name)).into()
}

/// Fails at every so-manieth call of a step, starts again on a sound disk, and compares.
async fn exercise(
    step: &str,
    failure: Failure,
    every: usize,
    folders: &dyn Fn(&Path) -> Vec<PathBuf>,
) {
    let (whole, disk) = (
        Undisturbed::of(&Kind::Sqlite, step).await,
        FailingDisk::default(),
    );
    for nth in (1..).step_by(every) {
        let remains = whole.before.copy().await;
        let under = folders(remains.folder.path());
        let process = Process::of(&remains, step, whole.at);
        let ended = process.on_a_disk(&disk, &under, failure, nth).run();
        let answer = String::from_utf8_lossy(&ended.stdout).into_owned();
        let place = format!("{step}, {failure:?} {nth}: {ended:?}");
        if !disk.has_failed() {
            assert_eq!(answer, "done\n", "{place}");
            assert!(1 < nth, "{step}: nothing was written");
            return;
        }
        // Where the database cannot even be opened nothing is answered. SQLite writes its log into
        // the file once more when it closes, after everything is done.
        let told = ["INTERNAL\n", "UNAVAILABLE\n", "", "done\n"];
        assert!(told.contains(&answer.as_str()), "{place}");
        let restarted = Process::of(&remains, step, whole.at).recovering().run();
        let answer = String::from_utf8_lossy(&restarted.stdout).into_owned();
        assert!(is_taken(step, answer.trim()), "{place} {restarted:?}");
        let city = remains.open().await;
        city.at(whole.at);
        whole.is_reached_by(&city, &place).await;
    }
}
