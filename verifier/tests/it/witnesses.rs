//! Changes of the witnesses: nobody follows them who has not pinned them.

use fairplate_verifier::{
    Options, Report, Verdict,
    bundle::Bundle,
    note::KeyKind,
    report::Status,
    steps::{Step, verify},
    trust::Trust,
};

use crate::city::{Files, Pair, Rotation, Scenario, write_files};

const RECORDS: &str = "linan.example/records";

fn notary() -> Pair {
    Pair::new("notary.example/w2", KeyKind::CosignatureV1)
}

/// Another witness vouches from this record on, and the record key stays.
fn changed(before: &str) -> Scenario {
    let mut scenario = Scenario::new();
    let records = || Pair::new(RECORDS, KeyKind::Ed25519);
    scenario.rotations.push(Rotation {
        before: before.to_owned(),
        successor: records(),
        signs_from: before.to_owned(),
        signers: vec![records()],
        witness: Some(notary()),
        is_ignored: false,
    });
    scenario
}

/// The policies before and after the change, as far as they are pinned.
fn pinned(scenario: &Scenario, [first, later]: [bool; 2]) -> Trust {
    let later = later.then(|| scenario.policy_of(&notary()).into_bytes());
    let records = format!("{}\n", scenario.records.key);
    match (first, later) {
        (true, None) => scenario.trust(),
        (true, Some(later)) => scenario.trust().and(&later).expect("the same log"),
        (false, later) => {
            let later = later.expect("one of them");
            Trust::parse(&later, records.as_bytes()).expect("trust")
        }
    }
}

/// Verifies with the log at hand, and from the folder alone: both say the same.
#[track_caller]
fn report(scenario: &Scenario, trust: &Trust) -> Report {
    let files = scenario.files();
    let folder = tempfile::tempdir().expect("a folder");
    write_files(&files, folder.path());
    let files: Files = files
        .into_iter()
        .filter(|(name, _)| !name.contains('/'))
        .collect();
    let logs = [Some(folder.path().join("log")), None];
    let [with, without] = logs.map(|log| {
        let options = Options {
            log,
            ..Options::default()
        };
        let bundle = Ok(Bundle::of_files(files.clone()));
        verify(bundle, trust, &options, &mut |_| {})
    });
    assert_eq!(with.verdict, without.verdict, "{with}\n{without}");
    with
}

/// What the step about witnesses expected and did not find.
fn lacking(report: &Report) -> String {
    let answer = report
        .steps
        .iter()
        .find(|answer| answer.step == Step::Witnesses);
    let answer = answer.expect("the step");
    assert_eq!(answer.status, Status::Unwitnessed, "{report}");
    let failure = answer.failure.as_ref().expect("what is lacking");
    format!("{}: {}", failure.file, failure.expected)
}

#[test]
fn whoever_has_pinned_both_policies_follows_the_change_wherever_it_is() {
    for before in ["announce", "close", "result"] {
        let scenario = changed(before);
        let report = report(&scenario, &pinned(&scenario, [true, true]));
        assert_eq!(report.verdict, Verdict::Verified, "{before}: {report}");
        assert!(report.keys.is_empty(), "the record key stays");
    }
}

#[test]
fn the_city_s_word_alone_makes_nobody_a_witness() {
    let scenario = changed("close");
    let report = report(&scenario, &pinned(&scenario, [true, false]));
    assert_eq!(report.verdict, Verdict::VerifiedUnwitnessed, "{report}");
    assert_eq!(
        lacking(&report),
        "keys-1.tlog-proof: to have pinned trust-1.policy, which log entry 1 puts in force"
    );
}

#[test]
fn the_later_policy_is_enough_for_what_came_after_it() {
    let scenario = changed("announce");
    let after = report(&scenario, &pinned(&scenario, [false, true]));
    assert_eq!(after.verdict, Verdict::Verified, "{after}");
    let scenario = changed("close");
    let within = report(&scenario, &pinned(&scenario, [false, true]));
    assert_eq!(within.verdict, Verdict::VerifiedUnwitnessed, "{within}");
    assert_eq!(
        lacking(&within),
        "announce.tlog-proof: to have pinned trust.policy, with which the log began"
    );
}

#[test]
fn a_witness_whose_place_was_taken_vouches_for_nothing_after_it() {
    let mut scenario = changed("close");
    scenario.rotations[0].is_ignored = true;
    let report = report(&scenario, &pinned(&scenario, [true, true]));
    assert_eq!(report.verdict, Verdict::VerifiedUnwitnessed, "{report}");
    assert_eq!(
        lacking(&report),
        "keys-1.tlog-proof: cosignatures by the quorum of the trust policy"
    );
}

#[test]
fn whoever_knows_of_no_change_takes_the_word_of_any_pinned_policy() {
    let scenario = changed("close");
    let mut files = scenario.files();
    files.retain(|name, _| !name.contains('/') && !name.starts_with("keys-"));
    let bundle = Ok(Bundle::of_files(files));
    let trust = pinned(&scenario, [true, true]);
    let report = verify(bundle, &trust, &Options::default(), &mut |_| {});
    assert_eq!(report.verdict, Verdict::Verified, "{report}");
}

#[test]
fn policies_of_two_logs_are_not_pinned_together() {
    let scenario = Scenario::new();
    let other = Pair::new("lingan.example/draws", KeyKind::Ed25519).key;
    let refused = scenario
        .trust()
        .and(format!("log {other}\nquorum none\n").as_bytes());
    let refused = refused.expect_err("another log");
    assert_eq!(refused.expected, "the log of the other trust policies");
}
