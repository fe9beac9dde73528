//! A disk that fails while a result is published, at every single call: it is never said to be public,
//! and once the disk is well everything is published with the same bytes.
#![cfg(target_os = "linux")]

mod steps;

use std::{collections::BTreeMap, fs, path::PathBuf};

use entity::draw;
use fairplate::{
    App,
    service::{
        ceremony, publication,
        results::{self, Answer},
    },
    store,
};
use fairplate_tests::{
    TestCity, check_publication,
    city::{Remains, databases, run},
    database::Kind,
    failing_disk::{FailingDisk, Failure},
    faults::Process,
    publication::{assert_same, files_under},
    stages::{FINISH_AT, PERIOD, officer, places},
};

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// What a publication leaves behind when nothing goes wrong.
struct Whole {
    before: Remains,
    code: String,
    /// Public files before and after it.
    public: (Files, Files),
    index: Vec<u8>,
    answer: Answer,
}

#[test]
fn a_publication_on_a_disk_that_cannot_make_a_file_durable_is_not_told_and_is_made_good() {
    for kind in databases() {
        run(exercise(&kind, Failure::Fsync));
    }
}

#[test]
fn a_publication_on_a_disk_that_is_full_is_not_told_and_is_made_good() {
    for kind in databases() {
        run(exercise(&kind, Failure::Full));
    }
}

/// Fails at every call of a publication, and compares what is made good with what no failure gives.
async fn exercise(kind: &Kind, failure: Failure) {
    let (whole, disk) = (without_failure(kind).await, FailingDisk::default());
    for nth in 1.. {
        let remains = whole.before.copy().await;
        let root = remains.folder.path();
        let folders = ["public", "staging", "index"].map(|name| root.join(name));
        let process = Process::of(&remains, "finish", FINISH_AT);
        let ended = process.on_a_disk(&disk, &folders, failure, nth).run();
        let answer = String::from_utf8_lossy(&ended.stdout).into_owned();
        if !disk.has_failed() {
            assert_eq!(answer, "done\n", "{ended:?}");
            // Every file is written and made durable, and so is its folder.
            let files = u32::try_from(whole.public.1.len()).expect("a count");
            assert!(files < nth, "only {nth} calls of {failure:?}");
            return;
        }
        let expected = match failure {
            Failure::Fsync => "INTERNAL\n",
            Failure::Full => "UNAVAILABLE\n",
        };
        assert_eq!(answer, expected, "{failure:?} {nth}: {ended:?}");
        let city = remains.open().await;
        city.at(FINISH_AT);
        is_not_told(&city, &whole, nth).await;

        ceremony::recover(&city.app).await.expect("recovered");
        if city.draw(PERIOD).await.phase == draw::Phase::Closed {
            // Not even the pool could be seen to be the public one; the officer asks again.
            let finished = ceremony::finish(&city.app, &officer(), PERIOD).await;
            finished.expect("finished");
        }

        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Finished);
        assert_same(&whole.public.1, &files_under(&city.app.layout.public()));
        let index = fs::read(city.app.layout.index(PERIOD)).expect("the index");
        assert!(index == whole.index, "{failure:?} {nth}: another index");
        assert_eq!(look_up(&city.app, &whole.code).await, whole.answer);
        check_publication(&city).await;
    }
}

/// Nobody is told a result, recorded or not, and what is public is whole.
async fn is_not_told(city: &TestCity, whole: &Whole, nth: u32) {
    let app = &city.app;
    publication::catch_up(app).await.expect("followed");
    let epoch = store::publications::find_epoch(&app.db, app.city).await;
    assert_eq!(epoch.expect("an epoch"), 0, "{nth}");
    assert_eq!(look_up(app, &whole.code).await, Answer::NotPublished);
    let (before, after) = &whole.public;
    for (path, bytes) in files_under(&app.layout.public()) {
        let is_whole = [before, after].map(|files| files.get(&path) == Some(&bytes));
        assert!(is_whole.contains(&true), "{nth}: {}", path.display());
    }
    for folder in [app.layout.staging(), app.layout.root().join("index")] {
        let left = files_under(&folder);
        let left: Vec<_> = left.keys().filter(|path| !path.ends_with(INDEX)).collect();
        assert!(left.is_empty(), "{nth}: {left:?} takes room");
    }
}

/// The name of the index, which may be there before it is told.
const INDEX: &str = "202606.idx";

async fn look_up(app: &App, code: &str) -> Answer {
    results::find(app, PERIOD, code).await.expect("an answer")
}

async fn without_failure(kind: &Kind) -> Whole {
    let city = TestCity::create("hangzhou-2018", kind).await;
    let citizens = city.closed(4, places(2, 1)).await;
    let code = citizens[0].code().to_owned();
    let before = city.into_remains().await;
    let remains = before.copy().await;
    let untouched = files_under(&remains.folder.path().join("public"));
    let done = Process::of(&remains, "finish", FINISH_AT).run();
    assert!(done.status.success(), "{done:?}");
    let city = remains.open().await;
    city.at(FINISH_AT);
    let answer = look_up(&city.app, &code).await;
    assert_ne!(answer, Answer::NotPublished);
    Whole {
        before,
        code,
        public: (untouched, files_under(&city.app.layout.public())),
        index: fs::read(city.app.layout.index(PERIOD)).expect("the index"),
        answer,
    }
}
