//! Changes of the witnesses: nobody follows them who has not pinned them.

use fairplate_verifier::{
    Options, Report, Verdict,
    bundle::Bundle,
    note::KeyKind,
    receipt::{check, make},
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
        log: None,
        is_ignored: false,
    });
    scenario
}

/// The policies before and after the change, as far as they are pinned.
fn pinned(scenario: &Scenario, [first, later]: [bool; 2]) -> Trust {
    let later = later.then(|| {
        scenario
            .policy_by(&scenario.rotations[0])
            .expect("a policy")
            .into_bytes()
    });
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

/// Another key of the log signs from this record on.
fn another_log_key(before: &str) -> Scenario {
    let mut scenario = changed(before);
    let origin = scenario.log.key.name();
    let log = Pair::seeded("another", origin, KeyKind::Ed25519);
    let change = &mut scenario.rotations[0];
    (change.witness, change.log) = (None, Some(log));
    scenario
}

#[test]
fn the_log_key_changes_for_whoever_has_pinned_both() {
    for before in ["announce", "close", "result"] {
        let scenario = another_log_key(before);
        let report = report(&scenario, &pinned(&scenario, [true, true]));
        assert_eq!(report.verdict, Verdict::Verified, "{before}: {report}");
    }
}

#[test]
fn the_log_key_changes_twice() {
    let mut scenario = another_log_key("announce");
    let mut second = another_log_key("close");
    let origin = scenario.log.key.name();
    second.rotations[0].log = Some(Pair::seeded("third", origin, KeyKind::Ed25519));
    scenario.rotations.append(&mut second.rotations);
    let trust = scenario
        .rotations
        .iter()
        .fold(scenario.trust(), |trust, change| {
            let policy = scenario.policy_by(change).expect("a policy");
            trust.and(policy.as_bytes()).expect("the same log")
        });
    let report = report(&scenario, &trust);
    assert_eq!(report.verdict, Verdict::Verified, "{report}");
}

#[test]
fn what_a_log_key_signed_that_nobody_pinned_is_not_judged() {
    let scenario = another_log_key("close");
    let report = report(&scenario, &pinned(&scenario, [true, false]));
    assert_eq!(report.verdict, Verdict::Incomplete, "{report}");
    let told = "keys-1.tlog-proof: expected to have pinned trust-1.policy, which log entry 1 puts";
    assert!(report.to_string().contains(told), "{report}");
}

#[test]
fn a_draw_of_before_needs_the_later_key_for_the_later_log_alone() {
    let scenario = another_log_key("end");
    let mut files = scenario.files();
    files.retain(|name, _| !name.starts_with("keys-"));
    let folder = tempfile::tempdir().expect("a folder");
    write_files(&files, folder.path());
    files.retain(|name, _| !name.contains('/'));
    for (pins, has_log, verdict) in [
        ([true, false], false, Verdict::Verified),
        ([true, false], true, Verdict::Incomplete),
        ([true, true], true, Verdict::Verified),
    ] {
        let options = Options {
            log: has_log.then(|| folder.path().join("log")),
            ..Options::default()
        };
        let bundle = Ok(Bundle::of_files(files.clone()));
        let report = verify(bundle, &pinned(&scenario, pins), &options, &mut |_| {});
        assert_eq!(report.verdict, verdict, "{report}");
        let told = "log/checkpoint: expected to have pinned trust-1.policy, which log entry 3 puts";
        let is_told = report.to_string().contains(told);
        assert_eq!(is_told, verdict == Verdict::Incomplete, "{report}");
    }
}

#[test]
fn a_log_key_whose_place_was_taken_signs_nothing_after_it() {
    let mut scenario = another_log_key("close");
    scenario.rotations[0].is_ignored = true;
    for pins in [[true, true], [true, false]] {
        let report = report(&scenario, &pinned(&scenario, pins));
        assert_eq!(report.verdict, Verdict::False, "{report}");
    }
}

#[test]
fn a_receipt_is_judged_by_the_policies_that_were_in_force() {
    for scenario in [changed("close"), another_log_key("close")] {
        let files = scenario.files();
        let folder = tempfile::tempdir().expect("a folder");
        write_files(&files, folder.path());
        let bundle = files.into_iter().filter(|(name, _)| !name.contains('/'));
        let bundle = Bundle::of_files(bundle.collect());
        let code = "1204100000007".parse().expect("a code");
        let receipt = make(&bundle, code).expect("a receipt");
        for (pins, is_verified) in [([true, true], true), ([true, false], false)] {
            let options = Options {
                log: Some(folder.path().join("log")),
                ..Options::default()
            };
            let trust = pinned(&scenario, pins);
            let (report, _) = check(&receipt, &trust, &options);
            let found = report.verdict == Verdict::Verified;
            assert_eq!(found, is_verified, "{report}");
            assert_ne!(report.verdict, Verdict::False, "{report}");
        }
    }
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
