//! Result files: whatever stands in one, the same people are drawn as without it, it is accepted
//! only byte for byte, and the line to blame is the first that differs.
#![no_main]

use std::{collections::BTreeSet, sync::LazyLock};

use fairplate_verifier::{
    Options,
    audit::read_holders,
    bundle::Bundle,
    report::{CategoryReport, Status},
    steps::{Findings, Step, run},
};
use fairplate_verifier_fuzz::{
    edit::Script,
    example::{TRUST, file, files},
    slow,
};
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 2] = ["result-unit.csv", "result-individual.csv"];

/// What is needed to draw; the others cost time and look at other files.
const STEPS: [Step; 5] = [
    Step::Signatures,
    Step::Records,
    Step::Seed,
    Step::Pools,
    Step::Results,
];

static DRAWN: LazyLock<Vec<CategoryReport>> = LazyLock::new(|| {
    let findings = check(NAMES[0], file(NAMES[0]), 1);
    assert!(findings.report.first_failure().is_none());
    findings.report.categories
});

fuzz_target!(|bytes: &[u8]| {
    let mut script = Script::new(bytes);
    let mode = script.byte();
    let name = NAMES[usize::from(mode & 1)];
    let other = NAMES[usize::from(!mode & 1)];
    let mut changed = file(name).to_vec();
    if mode & 2 == 0 {
        changed = script.rest().to_vec();
    } else {
        for _ in 0..16 {
            if script.is_empty() {
                break;
            }
            script.edit(&mut changed, file(other));
        }
    }
    let threads = usize::from(mode >> 2 & 1) + 1;
    let findings = check(name, &changed, threads);
    assert_eq!(findings.report.categories, *DRAWN);
    let answer = findings.report.find_step(Step::Results).expect("a step");
    let expected = first_difference(file(name), &changed);
    let Some(line) = expected else {
        assert_eq!(answer.status, Status::Passed);
        return;
    };
    assert_eq!(answer.status, Status::Failed);
    let failure = answer.failure.as_ref().expect("a failure");
    assert_eq!((failure.file.as_str(), failure.line), (name, Some(line)));
    check_holders(&changed, u64::from(mode >> 3));
});

fn check(name: &str, bytes: &[u8], threads: usize) -> Findings {
    let mut files = files();
    files.insert(name.to_owned(), bytes.to_vec());
    let options = Options {
        threads,
        ..Options::default()
    };
    run(
        Ok(Bundle::of_files(files)),
        &TRUST,
        &options,
        &mut |_| {},
        &STEPS,
    )
}

/// The line of the first byte that differs, or behind which the other file goes on.
fn first_difference(one: &[u8], other: &[u8]) -> Option<u64> {
    let same = one
        .iter()
        .zip(other)
        .take_while(|(one, other)| one == other);
    let same = same.count();
    let before = one[..same].iter().filter(|byte| **byte == b'\n').count();
    (one != other).then_some(before as u64 + 1)
}

fn check_holders(bytes: &[u8], winners: u64) {
    let holders = read_holders(bytes, winners, "unit", &[]);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let holders = holders.ok().map(|codes| {
        let codes = codes.iter().map(ToString::to_string);
        codes.collect::<BTreeSet<String>>()
    });
    assert_eq!(holders, slow::holders(text, winners));
}
