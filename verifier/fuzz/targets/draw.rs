//! Draws of a city made for tests, signed and logged with its own keys, so that what is odd in them
//! is not caught by the first signature: the verdict is the one that a plain reading of the rules
//! gives, and who was drawn is who a plain draw gives.
#![no_main]

use std::{collections::BTreeSet, fs, path::PathBuf, sync::LazyLock};

use fairplate_verifier::{
    Digest, Options, Report, Time, Verdict, bundle::Bundle, note::Note, record::ResultRecord,
    steps::verify,
};
use fairplate_verifier_fuzz::{edit::Script, shown, slow};
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/it/city/mod.rs"]
mod city;

use city::{Files, Scenario};

static LOG: LazyLock<PathBuf> = LazyLock::new(|| {
    let name = format!("fairplate-fuzz-log-{}", std::process::id());
    std::env::temp_dir().join(name)
});

fuzz_target!(|bytes: &[u8]| {
    let mut script = Script::new(bytes);
    let mut scenario = Scenario::new();
    let expected = bend(&mut scenario, &mut script);
    let published = scenario.files();
    let mut files = published.clone();
    if !script.is_empty() {
        tamper(&mut files, &mut script);
    }
    let report = check(&scenario, &files);
    shown::check(&report);
    let changed = files != published;
    if changed {
        let good = matches!(report.verdict, Verdict::Verified);
        assert!(
            !good || differs_in_log_or_proof(&files, &published),
            "{report}"
        );
        return;
    }
    assert_eq!(report.verdict, expected, "{report}");
    if expected != Verdict::False && scenario.void.is_none() {
        check_results(&scenario, &files);
    }
});

/// Makes the draw odd, and says what its verdict has to be.
fn bend(scenario: &mut Scenario, script: &mut Script<'_>) -> Verdict {
    bend_pools(scenario, script);
    let in_time = bend_times(scenario, script);
    let mut sound = true;
    match script.byte() % 16 {
        0 => scenario.witnessed = false,
        1 => {
            scenario.signature_of = Some(u64::from(script.byte()) + 1);
            sound = scenario.void.is_some();
        }
        2 => {
            let text = "fairplate/v1 announce\nno record at all\n".to_owned();
            scenario.hidden.push(("close".to_owned(), text));
        }
        3 => {
            let announce = &Scenario::new().files()["announce.note"];
            let another = Note::parse(announce).expect("a note").text;
            let another = another.replace("sequence 7", "sequence 8");
            scenario.hidden.push(("announce".to_owned(), another));
            sound = false;
        }
        4 | 5 | 6 if scenario.void.is_none() => sound &= amend(scenario, script),
        7 => sound &= tell_of_the_trail(scenario, script),
        _ => {}
    }
    match (sound, scenario.witnessed) {
        // Without a witness nobody can say that something came too late.
        (true, false) => Verdict::VerifiedUnwitnessed,
        (true, true) if in_time => Verdict::Verified,
        _ => Verdict::False,
    }
}

fn bend_pools(scenario: &mut Scenario, script: &mut Script<'_>) {
    let (mut pool, mut queue) = (String::new(), String::new());
    let mut code = 0;
    for row in 0..script.below(48) {
        code += u64::from(script.byte()) + 1;
        let weight = match script.byte() {
            // Once only: the plain draw takes its time.
            255 if row == 0 => 65_535,
            weight => u64::from(weight) + 1,
        };
        pool += &format!("{code:06},{weight}\n");
    }
    for row in 0..script.below(12) {
        queue += &format!("Q{row:02},{},{}\n", script.byte() % 4, script.byte() % 4);
    }
    scenario.pools[0].bytes = pool.into_bytes();
    scenario.pools[1].bytes = queue.into_bytes();
    for pool in &mut scenario.pools {
        pool.quota = script.below(64) as u64;
        pool.reserve = script.below(8) as u64;
    }
}

/// Moves what the witness saw to both sides of its limits; whether it came in time.
fn bend_times(scenario: &mut Scenario, script: &mut Script<'_>) -> bool {
    let (window, margin) = scenario.window_and_margin_secs;
    let beacon = scenario.closes.plus(margin + 300);
    let mut late = |limit: Time, secs: u64| {
        let late = i64::from(script.byte() % 8) - 6;
        let secs = i64::try_from(secs).expect("some seconds");
        (Time(limit.0 - secs + late), late <= 0)
    };
    let (announced, announced_in_time) = late(scenario.closes, window);
    let (closed, closed_in_time) = late(beacon, margin);
    let (void, void_in_time) = late(beacon, 1);
    (scenario.announced, scenario.closed) = (announced, closed);
    if script.byte() % 8 == 0 {
        scenario.void = Some(void);
        return void_in_time;
    }
    announced_in_time && closed_in_time
}

/// Has two records say where the audit trail ended, and says whether it only grew (R15).
fn tell_of_the_trail(scenario: &mut Scenario, script: &mut Script<'_>) -> bool {
    let second = if scenario.void.is_some() {
        ("void.note", "issued 2026-07-26T05:00:00Z\n")
    } else {
        ("close.note", "issued 2026-07-26T06:00:10Z\n")
    };
    let mut heads = Vec::new();
    for (file, issued) in [("announce.note", "issued 2026-07-25T01:00:00Z\n"), second] {
        let (rows, link) = (script.byte() % 3, script.byte() % 2);
        let link = match rows {
            0 => Digest([0; 32]),
            _ => Digest::of(&[link]),
        };
        let told = format!("{issued}trail {rows} {link}\n");
        let edit = (file.to_owned(), issued.to_owned(), told);
        scenario.edits.push(edit);
        heads.push((rows, link));
    }
    heads[0].0 < heads[1].0 || heads[0] == heads[1]
}

/// Amends the queue's result, and says whether it may be amended so.
fn amend(scenario: &mut Scenario, script: &mut Script<'_>) -> bool {
    let queue = &scenario.pools[1];
    let (quota, most) = (queue.quota, queue.quota + queue.reserve);
    let rows = slow::read_queue(&queue.bytes).expect("a queue");
    let served = slow::serve(&rows, most);
    let codes: Vec<&str> = served
        .lines()
        .map(|line| line.split(',').nth(1).expect("a code"))
        .collect();
    let winners = codes
        .len()
        .min(usize::try_from(quota).expect("a small number"));
    let mut holders: BTreeSet<usize> = (0..winners).collect();
    let (mut gone, mut promoted) = (BTreeSet::new(), BTreeSet::new());
    let mut sound = true;
    let mut lines = String::new();
    for _ in 0..=script.below(6) {
        let place = script.below(codes.len() + 1);
        let known = place < codes.len() && script.byte() % 16 > 0;
        let code = if known { codes[place] } else { "Z" };
        if script.byte() % 2 == 0 {
            lines += &format!("drop electric {} {code} 换人\n", place + 1);
            sound &= known && gone.insert(place);
            holders.remove(&place);
        } else {
            lines += &format!("promote electric {} {code}\n", place + 1);
            let mut before = winners..place;
            sound &= known
                && place >= winners
                && before.all(|place| gone.contains(&place) || promoted.contains(&place))
                && !gone.contains(&place)
                && promoted.insert(place)
                && holders.insert(place)
                && holders.len() <= winners;
        }
    }
    let text = format!(
        "fairplate/v1 amend\norigin linan.example/draws\ndraw 202607\nresult $RESULT\n\
         issued 2026-08-01T00:00:00Z\n{lines}"
    );
    let seen = city::time("2026-08-01T00:00:10Z");
    scenario.more.push(("amend-1".to_owned(), text, seen));
    sound
}

fn tamper(files: &mut Files, script: &mut Script<'_>) {
    let names: Vec<String> = files.keys().cloned().collect();
    let name = &names[script.below(names.len())];
    let other = files[&names[script.below(names.len())]].clone();
    let bytes = files.get_mut(name).expect("a file");
    script.edit(bytes, &other);
}

/// The log's own tiles, and lines that nobody knows under a proof, mean nothing.
fn differs_in_log_or_proof(files: &Files, published: &Files) -> bool {
    let mut changed = files
        .iter()
        .filter(|(name, bytes)| published.get(*name) != Some(*bytes));
    changed.all(|(name, _)| name.starts_with("log/") || name.ends_with(".tlog-proof"))
}

fn check(scenario: &Scenario, files: &Files) -> Report {
    let (log, files): (Files, Files) = files
        .clone()
        .into_iter()
        .partition(|(name, _)| name.starts_with("log/"));
    city::write_files(&log, &LOG);
    let options = Options {
        log: Some(LOG.join("log")),
        threads: 1,
        ..Options::default()
    };
    let bundle = Bundle::of_files(files);
    let report = verify(Ok(bundle), &scenario.trust(), &options, &mut |_| {});
    fs::remove_dir_all(&*LOG).expect("the log's folder");
    report
}

/// The result files are what a plain draw gives under the seed of the published records.
fn check_results(scenario: &Scenario, files: &Files) {
    let text = |name: &str| Note::parse(&files[name]).expect("a note").text;
    let result = ResultRecord::parse(&text("result.note")).expect("a result");
    let hash = |text: &str| Digest::of(text.as_bytes()).0;
    let mut seed = b"fairplate/v1 seed\n".to_vec();
    seed.extend(hash(&text("announce.note")));
    seed.extend(hash(&text("close.note")));
    seed.extend(Digest::of(&result.signature).0);
    let seed = Digest::of(&seed);
    assert_eq!(seed, result.seed);
    let [pool, queue] = &scenario.pools[..] else {
        panic!("two categories");
    };
    let key = [
        &b"fairplate/v1 key\n"[..],
        &seed.0,
        pool.category.as_bytes(),
    ]
    .concat();
    let rows = slow::read_pool(&pool.bytes).expect("a pool");
    let drawn = slow::draw(&rows, Digest::of(&key), pool.quota + pool.reserve);
    assert_eq!(files["result-individual.csv"], drawn.as_bytes());
    let rows = slow::read_queue(&queue.bytes).expect("a queue");
    let served = slow::serve(&rows, queue.quota + queue.reserve);
    assert_eq!(files["result-electric.csv"], served.as_bytes());
}
