//! Whole draws of a city made for tests: voids, amends, and what the log says beside the folder.

use fairplate_verifier::{
    Options, Report, Verdict,
    bundle::Bundle,
    log::Checkpoint,
    note::Note,
    report::{Conclusion, Status},
    steps::{Step, verify},
};

use crate::{
    city::{Scenario, time},
    verify::verify_files,
};

const BEFORE_BEACON: &str = "2026-07-26T06:05:00Z";

#[track_caller]
fn assert_refuted_by(report: &Report, step: Step) {
    assert_eq!(report.verdict, Verdict::False, "{report}");
    let first = report.first_failure().map(|answer| answer.step);
    assert_eq!(first, Some(step), "{report}");
}

#[test]
fn a_draw_of_both_methods_is_verified_with_its_log() {
    let report = Scenario::new().verify();
    assert_eq!(report.verdict, Verdict::Verified, "{report}");
    let passed = |status| {
        report
            .steps
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert_eq!(passed(Status::Passed), Step::ALL.len(), "{report}");
    assert_eq!(report.conclusion, Some(Conclusion::Drawn { amends: 0 }));
    assert!(report.log.is_some());
}

#[test]
fn a_void_that_was_seen_before_the_beacon_counts() {
    let mut scenario = Scenario::new();
    scenario.void = Some(time(BEFORE_BEACON));
    let report = scenario.verify();
    assert_eq!(report.verdict, Verdict::Verified, "{report}");
    let reason = "摇号场地停电".to_owned();
    assert_eq!(report.conclusion, Some(Conclusion::Void { reason }));
    assert_eq!(
        report.find_step(Step::Results).map(|step| step.status),
        Some(Status::NotChecked)
    );
}

#[test]
fn a_void_that_was_seen_after_the_beacon_does_not_count() {
    let mut scenario = Scenario::new();
    scenario.void = Some(time("2026-07-26T06:07:00Z"));
    assert_refuted_by(&scenario.verify(), Step::Timeline);
}

#[test]
fn a_result_beside_a_void_is_refuted() {
    let mut files = Scenario::new().files();
    let mut void = Scenario::new();
    void.void = Some(time(BEFORE_BEACON));
    let void = void.files();
    for name in ["void.note", "void.tlog-proof"] {
        files.insert(name.to_owned(), void[name].clone());
    }
    let report = verify_files(&files, &Scenario::new().trust(), &Options::default());
    assert_refuted_by(&report, Step::Records);
}

fn amended(lines: &str) -> Scenario {
    let mut scenario = Scenario::new();
    let text = format!(
        "fairplate/v1 amend\norigin linan.example/draws\ndraw 202607\nresult $RESULT\n\
         issued 2026-08-01T00:00:00Z\n{lines}"
    );
    scenario
        .more
        .push(("amend-1".to_owned(), text, time("2026-08-01T00:00:10Z")));
    scenario
}

/// The queue's result: 13 and 12 win with 60 points, 11 is the reserve.
#[test]
fn an_amend_drops_a_winner_and_promotes_the_reserve() {
    let scenario = amended(
        "drop electric 2 1204100000012 申请材料与核验不符\npromote electric 3 1204100000011\n",
    );
    let report = scenario.verify();
    assert_eq!(report.verdict, Verdict::Verified, "{report}");
    assert_eq!(report.conclusion, Some(Conclusion::Drawn { amends: 1 }));
}

#[test]
fn an_amend_that_departs_from_the_result_is_refuted() {
    for lines in [
        "promote electric 3 1204100000011\n",
        "drop electric 2 1204100000013 换人\n",
        "drop electric 4 1204100000014 不存在\n",
        "drop taxi 1 1204100000013 类别错误\n",
        "drop electric 2 1204100000012 重复\ndrop electric 2 1204100000012 重复\n",
        "drop electric 2 1204100000012 换人\npromote electric 1 1204100000013\n",
    ] {
        assert_refuted_by(&amended(lines).verify(), Step::Amends);
    }
}

#[test]
fn an_amend_that_the_folder_hides_leaves_it_incomplete() {
    let scenario = amended("drop electric 2 1204100000012 申请材料与核验不符\n");
    let mut files = scenario.files();
    files.remove("amend-1.note");
    files.remove("amend-1.tlog-proof");
    let report = verify_files(&files, &scenario.trust(), &Options::default());
    assert_eq!(report.verdict, Verdict::Incomplete, "{report}");
}

/// Four are in the queue: 13 and 12 win, 11 and 14 are reserves.
#[test]
fn reserves_move_up_in_their_order_and_the_line_that_departs_is_named() {
    let drop_first = "drop electric 1 1204100000013 换人\n";
    let drop_reserve = "drop electric 3 1204100000011 换人\n";
    let promote_first = "promote electric 3 1204100000011\n";
    let promote_second = "promote electric 4 1204100000014\n";
    let drop_second = "drop electric 2 1204100000012 换人\n";
    for (lines, blamed) in [
        ([drop_first, promote_first].concat(), None),
        ([drop_first, drop_reserve, promote_second].concat(), None),
        (
            [drop_first, drop_second, promote_first, promote_second].concat(),
            None,
        ),
        (
            [drop_first, promote_first, drop_reserve, promote_second].concat(),
            None,
        ),
        (
            [drop_first, promote_second].concat(),
            Some((7, promote_second)),
        ),
        (
            [drop_first, drop_second, promote_second].concat(),
            Some((8, promote_second)),
        ),
        (
            [drop_reserve, promote_second].concat(),
            Some((7, promote_second)),
        ),
        (
            [drop_first, promote_first, promote_second].concat(),
            Some((8, promote_second)),
        ),
        (
            [drop_first, drop_second, promote_first, promote_first].concat(),
            Some((9, promote_first)),
        ),
        (
            [drop_first, drop_reserve, promote_first].concat(),
            Some((8, promote_first)),
        ),
    ] {
        let mut scenario = amended(&lines);
        scenario.pools[1].reserve = 2;
        let report = scenario.verify();
        let answer = report.find_step(Step::Amends).expect("a step");
        let found = answer.failure.as_ref().map(|failure| {
            let line = failure.line.expect("a line");
            (line, format!("{}\n", failure.found))
        });
        let blamed = blamed.map(|(line, text)| (line, text.to_owned()));
        assert_eq!(found, blamed, "{lines}{report}");
    }
}

/// How a draw ended may be missing from a folder that is older than the log.
#[test]
fn an_end_that_the_folder_does_not_have_yet_leaves_it_incomplete() {
    let mut void = Scenario::new();
    void.void = Some(time(BEFORE_BEACON));
    for (scenario, stem) in [(Scenario::new(), "result"), (void, "void")] {
        let mut files = scenario.files();
        files.remove(&format!("{stem}.note"));
        files.remove(&format!("{stem}.tlog-proof"));
        let report = verify_files(&files, &scenario.trust(), &Options::default());
        let answer = report.find_step(Step::Uniqueness).expect("a step");
        assert_eq!(
            (answer.status, answer.failed),
            (Status::Missing, 0),
            "{report}"
        );
        assert_eq!(report.verdict, Verdict::Incomplete, "{report}");
    }
}

/// A second amend beside the first.
fn amended_twice() -> Scenario {
    let mut scenario = amended("drop electric 2 1204100000012 申请材料与核验不符\n");
    let (_, first, seen) = scenario.more[0].clone();
    let second = first.replace(
        "drop electric 2 1204100000012",
        "drop electric 1 1204100000013",
    );
    scenario.more.push(("amend-2".to_owned(), second, seen));
    scenario
}

#[test]
fn amends_that_the_folder_hides_are_not_yet_a_contradiction() {
    let scenario = amended_twice();
    let report = scenario.verify();
    assert_eq!(report.verdict, Verdict::Verified, "{report}");
    assert_eq!(report.conclusion, Some(Conclusion::Drawn { amends: 2 }));
    let looked_at = report.find_step(Step::Uniqueness).map(|step| step.checked);
    for hidden in [&["amend-2"][..], &["amend-1", "amend-2"]] {
        let mut files = scenario.files();
        for stem in hidden {
            files.remove(&format!("{stem}.note"));
            files.remove(&format!("{stem}.tlog-proof"));
        }
        let report = verify_files(&files, &scenario.trust(), &Options::default());
        assert_eq!(report.verdict, Verdict::Incomplete, "{report}");
        let answer = report.find_step(Step::Uniqueness).expect("a step");
        assert_eq!(answer.status, Status::Missing, "{report}");
        assert_eq!(answer.failed, 0, "{report}");
        // Their checkpoints are no longer compared; their entries still are.
        let fewer = hidden.len() as u64;
        assert_eq!(Some(answer.checked + fewer), looked_at, "{report}");
    }
}

#[test]
fn a_second_announce_anywhere_in_the_log_is_refuted_and_kept_as_evidence() {
    let announce = Note::parse(&Scenario::new().files()["announce.note"]).expect("an announce");
    let another = announce.text.replace("sequence 7", "sequence 8");
    for before in ["announce", "result"] {
        let mut scenario = Scenario::new();
        scenario.hidden.push((before.to_owned(), another.clone()));
        let report = scenario.verify();
        assert_refuted_by(&report, Step::Uniqueness);
        let kept = Note::parse(&report.evidence[0].bytes).expect("a note");
        assert_eq!(kept.text, another);
        assert_eq!(kept.verify(&scenario.records.key), Ok(()));
    }
}

#[test]
fn an_announce_for_another_draw_in_the_log_means_nothing() {
    let announce = Note::parse(&Scenario::new().files()["announce.note"]).expect("an announce");
    let mut scenario = Scenario::new();
    let another = announce.text.replace("draw 202607", "draw 202606");
    scenario.hidden.push(("result".to_owned(), another));
    assert_eq!(scenario.verify().verdict, Verdict::Verified);
}

#[test]
fn a_log_that_forgot_what_was_seen_is_refuted() {
    let scenario = Scenario::new();
    let trust = scenario.trust();
    let mut longer = Scenario::new();
    let announce = Note::parse(&scenario.files()["announce.note"]).expect("an announce");
    let other = announce.text.replace("draw 202607", "draw 202608");
    longer.hidden.push(("close".to_owned(), other));
    let note = Note::parse(&longer.files()["log/checkpoint"]).expect("a checkpoint");
    let seen = Checkpoint::parse(&note.text).expect("a checkpoint");
    let options = Options {
        last_seen: Some((note, seen)),
        ..Options::default()
    };
    let report = verify_files(&scenario.files(), &trust, &options);
    assert_refuted_by(&report, Step::Uniqueness);
    assert_eq!(report.evidence.len(), 2);

    let note = Note::parse(&scenario.files()["log/checkpoint"]).expect("a checkpoint");
    let seen = Checkpoint::parse(&note.text).expect("a checkpoint");
    let options = Options {
        last_seen: Some((note, seen)),
        ..Options::default()
    };
    let report = verify_files(&scenario.files(), &trust, &options);
    assert_eq!(report.verdict, Verdict::Verified, "{report}");
}

#[test]
fn two_checkpoints_of_one_size_are_compared_without_the_log_at_hand() {
    let scenario = Scenario::new();
    let files = scenario.files();
    let bundle = || {
        let files = files.clone().into_iter();
        Bundle::of_files(files.filter(|(name, _)| !name.contains('/')).collect())
    };
    let mut other = Scenario::new();
    let edit = ("announce.note", "sequence 7", "sequence 8");
    other.edits = vec![(edit.0.to_owned(), edit.1.to_owned(), edit.2.to_owned())];
    for (seen_in, checked, status, evidence) in [
        (files.clone(), 1, Status::Passed, 0),
        (other.files(), 1, Status::Failed, 2),
        (amended_twice().files(), 0, Status::NotChecked, 0),
    ] {
        let note = Note::parse(&seen_in["log/checkpoint"]).expect("a checkpoint");
        let seen = Checkpoint::parse(&note.text).expect("a checkpoint");
        let options = Options {
            last_seen: Some((note.clone(), seen)),
            ..Options::default()
        };
        let report = verify(Ok(bundle()), &scenario.trust(), &options, &mut |_| {});
        let answer = report.find_step(Step::Uniqueness).expect("a step");
        assert_eq!(
            (answer.checked, answer.status),
            (checked, status),
            "{report}"
        );
        let kept: Vec<&[u8]> = report
            .evidence
            .iter()
            .map(|one| one.bytes.as_slice())
            .collect();
        assert_eq!(kept.len(), evidence, "{report}");
        assert!(kept.is_empty() || kept[0] == note.to_string().as_bytes());
    }
}

#[test]
fn without_witnesses_the_draw_is_unwitnessed() {
    let mut scenario = Scenario::new();
    scenario.witnessed = false;
    let report = scenario.verify();
    assert_eq!(report.verdict, Verdict::VerifiedUnwitnessed, "{report}");
}

#[test]
fn a_later_version_is_unsupported() {
    let mut scenario = Scenario::new();
    let edit = |file: &str| {
        (
            file.to_owned(),
            "fairplate/v1".to_owned(),
            "fairplate/v2".to_owned(),
        )
    };
    scenario.edits = vec![edit("announce.note")];
    assert_eq!(scenario.verify().verdict, Verdict::Unsupported);
}
