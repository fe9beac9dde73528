//! Whole ceremonies whose processes are killed at random, again and again, until one comes to the end.
//!
//! The seeds are the same every time. `FAIRPLATE_TEST_KILLS` asks for more of them, and
//! `FAIRPLATE_TEST_SEED` for one alone.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use fairplate_tests::{
    TestCity,
    air_gap::Key,
    chance::Chance,
    check_publication,
    city::{Remains, databases, run},
    database::Kind,
    faults::Process,
    programs,
    publication::{assert_same, files_under},
    settings,
    stages::{FINISH_AT, FREEZE_AT, places},
    undisturbed::{Counts, count_rows},
};

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// How often the processes of one ceremony are killed at most.
const DEATHS: u64 = 3;

/// Effects of a whole ceremony, and some more: a process may also come to its end.
const EFFECTS: u64 = 80;

/// A ceremony that nobody disturbs.
struct Whole {
    /// Its database, and where its record key is.
    city: String,
    before: Remains,
    files: Files,
    counts: Counts,
    takes: Duration,
}

async fn undisturbed(kind: &Kind, key: Key) -> Whole {
    let city = TestCity::with_its_key(key, kind).await;
    city.reviewed(9, places(3, 2)).await;
    let before = city.into_remains().await;
    let remains = before.copy().await;
    let since = Instant::now();
    let done = Process::of(&remains, "whole", FREEZE_AT).run();
    assert!(done.status.success(), "{done:?}");
    let takes = since.elapsed();
    let city = remains.open().await;
    city.at(FINISH_AT);
    Whole {
        city: format!("{kind:?}, key {key:?}"),
        before,
        files: files_under(&city.app.layout.public()),
        counts: count_rows(&city).await,
        takes,
    }
}

/// What of the public files follows from what was done alone. The rest names the audit trail, whose
/// rows have random ids, so that every ceremony has another seed: of it only the form is compared.
fn comparable(files: &Files) -> BTreeMap<PathBuf, String> {
    let drawn = ["trail ", "announce ", "close ", "seed ", "outcome ", "— "];
    let mut kept = BTreeMap::new();
    for (path, bytes) in &standing(files) {
        let name = path.display().to_string();
        let is_drawn = name.contains("result-") || name.starts_with("log");
        let text = String::from_utf8_lossy(bytes);
        let text: Vec<_> = if is_drawn || name.ends_with(".tlog-proof") {
            Vec::new()
        } else {
            let is_fixed = |line: &&str| !drawn.iter().any(|word| line.starts_with(word));
            text.lines().filter(is_fixed).collect()
        };
        kept.insert(path.clone(), text.join("\n"));
    }
    kept
}

/// Without the tiles that a longer log has replaced: which of them there were depends on when it was
/// published. And without what a killed process was writing, which has no public name yet.
fn standing(files: &Files) -> Files {
    let mut files = files.clone();
    files.retain(|path, _| {
        let name = path.display().to_string();
        let is_half_written = name.starts_with('.') || name.contains("/.");
        !is_half_written && (!name.contains(".p/") || name.ends_with(".p/3"))
    });
    files
}

/// What became public stays as it is; only the log grows.
fn stays(earlier: &Files, later: &Files, told: &str) {
    for (path, bytes) in earlier.iter().filter(|it| it.0.starts_with("draws")) {
        let is_kept = later.get(path) == Some(bytes);
        assert!(is_kept, "{told}: {} has changed", path.display());
    }
}

/// Kills a process at a random moment, or after a random effect; says whether it came to its end.
fn live(remains: &Remains, chance: &mut Chance, takes: Duration) -> bool {
    let process = Process::of(remains, "whole", FREEZE_AT);
    if chance.below(2) == 0 {
        let ended = process.dying_after(1 + chance.below(EFFECTS)).run();
        assert!(
            ended.status.code().is_none_or(|code| code == 0),
            "{ended:?}"
        );
        return ended.status.success();
    }
    let limit = u64::try_from(takes.as_micros()).expect("a short time");
    let (since, moment) = (
        Instant::now(),
        Duration::from_micros(chance.below(limit.max(1))),
    );
    let mut child = process.start();
    while since.elapsed() < moment {
        thread::yield_now();
    }
    drop(child.kill());
    child.wait().expect("an end").success()
}

async fn tell(whole: &Whole, seed: u64) {
    let told = format!("FAIRPLATE_TEST_SEED={seed} in {}", whole.city);
    let mut chance = Chance::of(seed);
    let remains = whole.before.copy().await;
    let public = remains.folder.path().join("public");
    let mut earlier = Files::new();
    for _ in 0..DEATHS {
        let is_done = live(&remains, &mut chance, whole.takes);
        let now = files_under(&public);
        stays(&earlier, &now, &told);
        earlier = now;
        if is_done {
            break;
        }
    }
    let last = Process::of(&remains, "whole", FREEZE_AT).run();
    assert!(last.status.success(), "{told}: {last:?}");
    let files = files_under(&public);
    stays(&earlier, &files, &told);
    assert_eq!(comparable(&files), comparable(&whole.files), "{told}");
    verify(&public, &told);

    // All of it follows from the records: what is lost comes back with the same bytes.
    fs::remove_dir_all(&public).expect("lost");
    let again = Process::of(&remains, "resume", FINISH_AT).run();
    assert!(again.status.success(), "{told}: {again:?}");
    assert_same(&standing(&files), &files_under(&public));
    let city = remains.open().await;
    city.at(FINISH_AT);
    assert_eq!(count_rows(&city).await, whole.counts, "{told}");
    check_publication(&city).await;
}

/// As a stranger does it.
fn verify(public: &Path, told: &str) {
    let output = programs::verifier()
        .arg("draw")
        .arg(public.join("draws/202606"))
        .arg("--no-state")
        .output()
        .expect("fairplate-verifier runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}: {output:?}");
    assert!(text.contains("VERIFIED"), "{told}: {text}");
}

#[test]
fn whenever_a_ceremony_is_killed_it_comes_to_one_verified_result() {
    let keys = [Key::Here, Key::OffLine];
    let kinds = databases().into_iter();
    let cities = kinds.flat_map(|kind| keys.map(|key| (kind.clone(), key)));
    let wholes: Vec<_> = cities
        .map(|(kind, key)| run(undisturbed(&kind, key)))
        .collect();
    let seeds: Vec<u64> = match settings::seed() {
        Some(seed) => vec![seed],
        None => (1..=settings::kills()).collect(),
    };
    for seed in seeds {
        // Each city in its turn.
        let place = usize::try_from(seed).expect("a small seed") % wholes.len();
        let since = Instant::now();
        run(tell(&wholes[place], seed));
        eprintln!("seed {seed}: {:?}", since.elapsed());
    }
}
