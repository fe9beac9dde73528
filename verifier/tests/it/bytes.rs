//! No byte of a draw's files can change unseen.

use std::{collections::BTreeMap, fs, path::Path, thread};

use fairplate_verifier::{Options, Trust, Verdict, bundle::Bundle, report::Report, steps::verify};

use crate::city::{Files, Scenario};

fn example() -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/accept/example");
    let files = fs::read_dir(folder).expect("the example");
    files
        .map(|file| {
            let path = file.expect("a file").path();
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, fs::read(&path).expect("a file"))
        })
        .collect()
}

fn check(files: Files, trust: &Trust) -> Report {
    verify(
        Ok(Bundle::of_files(files)),
        trust,
        &Options::default(),
        &mut |_| {},
    )
}

/// Everything in a draw's folder is signed, hashed, or both; but a witness's line may be taken away
/// from a proof, which then is unwitnessed, not wrong.
fn is_refuted(name: &str, verdict: Verdict) -> bool {
    match verdict {
        Verdict::False => true,
        Verdict::VerifiedUnwitnessed | Verdict::Incomplete => name.ends_with(".tlog-proof"),
        Verdict::Verified | Verdict::Unsupported => false,
    }
}

/// What a position's byte is changed to; over all positions every kind of change occurs.
fn changed(byte: u8, at: usize) -> u8 {
    match at % 4 {
        0 => byte ^ 1,
        1 => byte ^ 0x20,
        2 => byte ^ 0x80,
        _ => byte.wrapping_add(u8::try_from(at % 251 + 1).expect("at most 251")),
    }
}

fn assert_every_change_is_refuted(files: &Files, trust: &Trust, step: usize) {
    let skipped = ["trust.policy", "records.vkey", "vectors.json"];
    let places: Vec<(&str, usize)> = files
        .iter()
        .filter(|(name, _)| !skipped.contains(&name.as_str()))
        .flat_map(|(name, bytes)| (0..bytes.len()).map(move |at| (name.as_str(), at)))
        .step_by(step)
        .collect();
    let threads = thread::available_parallelism().map_or(1, Into::into);
    thread::scope(|scope| {
        for share in places.chunks(places.len().div_ceil(threads)) {
            scope.spawn(move || {
                for (name, at) in share {
                    let mut files = files.clone();
                    let bytes = files.get_mut(*name).expect("a file");
                    bytes[*at] = changed(bytes[*at], *at);
                    let report = check(files, trust);
                    assert!(
                        is_refuted(name, report.verdict),
                        "{name}, byte {at}: {report}"
                    );
                }
            });
        }
    });
}

#[test]
fn every_single_byte_of_the_example_counts() {
    let files = example();
    let trust = Trust::parse(&files["trust.policy"], &files["records.vkey"]);
    let trust = trust.expect("the example's keys");
    assert_eq!(check(files.clone(), &trust).verdict, Verdict::Verified);
    assert_every_change_is_refuted(&files, &trust, 1);
}

#[test]
fn sampled_bytes_of_a_larger_draw_count() {
    let mut scenario = Scenario::new();
    scenario.pools[0].bytes = crate::city::pool(20_000);
    scenario.pools[0].quota = 700;
    let files: BTreeMap<_, _> = scenario
        .files()
        .into_iter()
        .filter(|(name, _)| !name.contains('/'))
        .collect();
    let trust = scenario.trust();
    assert_eq!(check(files.clone(), &trust).verdict, Verdict::Verified);
    assert_every_change_is_refuted(&files, &trust, 997);
}

#[test]
fn a_file_that_is_longer_or_shorter_by_a_byte_is_refuted() {
    let files = example();
    let trust = Trust::parse(&files["trust.policy"], &files["records.vkey"]);
    let trust = trust.expect("the example's keys");
    for name in files.keys().filter(|name| !name.starts_with("vectors")) {
        if ["trust.policy", "records.vkey"].contains(&name.as_str()) {
            continue;
        }
        for more in [Some(b'\n'), Some(b'0'), None] {
            let mut files = files.clone();
            let bytes = files.get_mut(name).expect("a file");
            match more {
                Some(byte) => bytes.push(byte),
                None => drop(bytes.pop()),
            }
            let report = check(files, &trust);
            assert_eq!(report.verdict, Verdict::False, "{name}: {report}");
        }
    }
}
