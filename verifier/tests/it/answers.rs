//! What the commands say beside a good verdict: of files that cannot be read, of a draw that is
//! refuted, of a log's changes of keys, and of all the seeds of an old draw.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use fairplate_verifier::{
    Digest, Options, Verdict,
    bundle::Bundle,
    legacy::{SEEDS, count_wins},
    note::KeyKind,
    report::Status,
    steps::{Step, verify},
};

use crate::{
    city::{Files, Pair, Rotation, Scenario, write_files},
    verify::verify_files,
};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fairplate-verifier"));
    command.args(arguments).env("LC_ALL", "C");
    command.output().expect("a run")
}

fn shown(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The draw's files, its log and the keys in one folder.
fn publish(scenario: &Scenario, folder: &Path) {
    let trust = scenario.trust();
    let policy = trust.policy.to_string().into_bytes();
    let records = format!("{}\n", trust.records).into_bytes();
    let mut files: Files = scenario.files();
    files.insert("trust.policy".to_owned(), policy);
    files.insert("records.vkey".to_owned(), records);
    write_files(&files, folder);
}

#[test]
fn a_small_file_of_more_than_a_mebibyte_is_no_file_of_its_format() {
    let scenario = Scenario::new();
    for (bytes, status) in [(1 << 20, "differs"), ((1 << 20) + 1, "is refused")] {
        let mut files = scenario.files();
        files.insert("policy.toml".to_owned(), vec![b'#'; bytes]);
        let report = verify_files(&files, &scenario.trust(), &Options::default());
        assert_eq!(report.verdict, Verdict::False, "{report}");
        let step = report.find_step(Step::Policy).expect("the policy's step");
        assert_eq!(step.status, Status::Failed, "{report}");
        let failure = step.failure.as_ref().expect("a failure");
        let refused = failure.expected == "a file of its format";
        assert_eq!(refused, status == "is refused", "{report}");
    }
}

#[test]
fn a_file_that_the_machine_does_not_give_is_missing_and_not_false() {
    let scenario = Scenario::new();
    let folder = tempfile::tempdir().expect("a folder");
    publish(&scenario, folder.path());
    let bundle = Bundle::open_folder(folder.path()).expect("a folder");
    fs::remove_file(folder.path().join("policy.toml")).expect("a file");
    let report = verify(
        Ok(bundle),
        &scenario.trust(),
        &Options::default(),
        &mut |_| {},
    );
    assert_eq!(report.verdict, Verdict::Incomplete, "{report}");
    let step = report.find_step(Step::Policy).expect("the policy's step");
    assert_eq!(step.status, Status::Missing, "{report}");
}

#[test]
fn a_log_without_its_checkpoint_is_missing_and_not_false() {
    let scenario = Scenario::new();
    let folder = tempfile::tempdir().expect("a folder");
    publish(&scenario, folder.path());
    let options = Options {
        log: Some(folder.path().join("no-such-log")),
        ..Options::default()
    };
    let bundle = Bundle::open_folder(folder.path());
    let report = verify(bundle, &scenario.trust(), &options, &mut |_| {});
    assert_eq!(report.verdict, Verdict::Incomplete, "{report}");
    let step = report.find_step(Step::Uniqueness).expect("a step");
    assert_eq!(step.status, Status::Missing, "{report}");
}

#[test]
fn a_ticket_of_a_refuted_draw_comes_with_the_finding() {
    let mut scenario = Scenario::new();
    let tamper = ["result-electric.csv", "1,1204100000013", "1,1204100000014"];
    let [file, old, new] = tamper.map(str::to_owned);
    scenario.tampers.push((file, old, new));
    let folder = tempfile::tempdir().expect("a folder");
    publish(&scenario, folder.path());
    let path = folder.path().to_str().expect("a path");
    let output = run(&["ticket", path, "1204100000007", "--trust-folder"]);
    assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
    assert!(
        shown(&output).contains("result-electric.csv, line 1: expected 1,1204100000013,-,-"),
        "{}",
        shown(&output)
    );
}

#[test]
fn a_log_lists_its_changes_of_keys_where_they_stand() {
    let mut scenario = Scenario::new();
    let pair = |name: &str| Pair::new(name, KeyKind::Ed25519);
    let names = ["linan.example/records", "linan.example/records-2"];
    scenario.rotations.push(Rotation {
        before: "close".to_owned(),
        successor: pair(names[1]),
        signs_from: "close".to_owned(),
        signers: names.map(pair).into(),
        witness: None,
        log: None,
        is_ignored: false,
    });
    let folder = tempfile::tempdir().expect("a folder");
    publish(&scenario, folder.path());
    let log = folder.path().join("log");
    let log = log.to_str().expect("a path");
    let output = run(&["log", "check", log, "--no-state"]);
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    let listed =
        "     0 announce 202607\n     1 keys 1\n     2 close 202607\n     3 result 202607\n";
    assert!(shown(&output).starts_with(listed), "{}", shown(&output));
}

#[test]
fn a_log_whose_audit_trail_lost_rows_is_refuted_at_its_entry() {
    for (rows, code) in [(5, 0), (4, 1)] {
        let mut scenario = Scenario::new();
        for (record, issued, rows) in [
            ("announce", "issued 2026-07-25T01:00:00Z\n", 4),
            ("close", "issued 2026-07-26T06:00:10Z\n", 5),
            ("result", "issued 2026-07-26T06:10:30Z\n", rows),
        ] {
            let link = Digest::of(&[rows]);
            let told = format!("{issued}trail {rows} {link}\n");
            let edit = (format!("{record}.note"), issued.to_owned(), told);
            scenario.edits.push(edit);
        }
        let folder = tempfile::tempdir().expect("a folder");
        publish(&scenario, folder.path());
        let log = folder.path().join("log");
        let log = log.to_str().expect("a path");
        let output = run(&["log", "check", log, "--no-state"]);
        assert_eq!(output.status.code(), Some(code), "{}", shown(&output));
        if code == 1 {
            let (four, five) = (Digest::of(&[4]), Digest::of(&[5]));
            let said = format!(
                "FALSE: log entry 2: expected an audit trail that goes on from 5 {five}, which \
                 log entry 1 names, found 4 {four}\n"
            );
            assert!(shown(&output).ends_with(&said), "{}", shown(&output));
        }
    }
}

#[test]
fn all_seeds_show_how_unequal_the_old_draw_was() {
    let wins = count_wins(7, 2, SEEDS, 2, &mut |_| {});
    // Of serials that are equally unlucky the first is shown, of lucky ones the last.
    let with = |wanted: u32| (1..).zip(&wins).filter(move |(_, wins)| **wins == wanted);
    let fewest = wins.iter().min().copied().expect("seven serials");
    let most = wins.iter().max().copied().expect("seven serials");
    let (unluckiest, luckiest) = (with(fewest).next(), with(most).last());
    let serial = |place: Option<(u32, &u32)>| place.expect("a serial").0;
    let (unluckiest, luckiest) = (serial(unluckiest), serial(luckiest));
    assert_eq!(
        wins.iter().map(|wins| u64::from(*wins)).sum::<u64>(),
        2_000_000
    );
    let arguments = ["--seed", "0", "--total", "7", "--quota", "2", "--all-seeds"];
    let output = run(&[&["legacy-beijing"][..], &arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    let ratio = f64::from(most) / f64::from(fewest);
    let expected = format!(
        "of the 1000000 seeds, serial {unluckiest} wins for {fewest} and serial {luckiest} for \
         {most}: {ratio:.3} times the chance, fixed before any digit was drawn\n"
    );
    assert!(shown(&output).ends_with(&expected), "{}", shown(&output));
    // A bar is for a terminal.
    assert!(output.stderr.is_empty());
    let chinese = run(&[&["--lang", "zh-CN", "legacy-beijing"][..], &arguments].concat());
    let words = format!("序号 {unluckiest} 中签 {fewest} 次，序号 {luckiest} 中签 {most} 次");
    assert!(shown(&chinese).contains(&words), "{}", shown(&chinese));
}
