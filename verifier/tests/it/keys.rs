//! Changes of the record key.

use fairplate_verifier::{
    Digest, Options, Report, Verdict,
    bundle::Bundle,
    log::{Checkpoint, leaf_hash, root_hash, tiles},
    note::{KeyKind, Note, VerifierKey},
    receipt::{check, make},
    steps::{Step, verify},
    trust::Trust,
};

use crate::city::{Files, Pair, Rotation, Scenario, write_files};

const FIRST: &str = "linan.example/records";
const SECOND: &str = "linan.example/records-2026";
const THIRD: &str = "linan.example/records-2027";

fn pair(name: &str) -> Pair {
    Pair::new(name, KeyKind::Ed25519)
}

fn rotation(successor: &str, before: &str, signs_from: &str, signers: &[&str]) -> Rotation {
    Rotation {
        before: before.to_owned(),
        successor: pair(successor),
        signs_from: signs_from.to_owned(),
        signers: signers.iter().map(|name| pair(name)).collect(),
        witness: None,
        log: None,
        is_ignored: false,
    }
}

fn rotated(before: &str, signs_from: &str) -> Scenario {
    let mut scenario = Scenario::new();
    let rotation = rotation(SECOND, before, signs_from, &[FIRST, SECOND]);
    scenario.rotations.push(rotation);
    scenario
}

#[track_caller]
fn assert_refuted_by(scenario: &Scenario, step: Step) {
    let report = scenario.verify();
    assert_eq!(report.verdict, Verdict::False, "{report}");
    assert_eq!(
        report.first_failure().map(|answer| answer.step),
        Some(step),
        "{report}"
    );
}

#[test]
fn the_key_may_change_before_and_within_a_draw() {
    for before in ["announce", "close", "result"] {
        let report = rotated(before, before).verify();
        assert_eq!(report.verdict, Verdict::Verified, "{before}: {report}");
    }
}

#[test]
fn the_old_key_does_not_sign_after_the_change_nor_the_new_before() {
    assert_refuted_by(&rotated("announce", "close"), Step::Inclusion);
    assert_refuted_by(&rotated("result", "close"), Step::Inclusion);
}

#[test]
fn keys_are_followed_through_the_folder_where_no_log_is_at_hand() {
    for (before, signs_from, refuted_by) in [
        ("announce", "announce", None),
        ("close", "close", None),
        ("announce", "close", Some(Step::Inclusion)),
        ("result", "close", Some(Step::Inclusion)),
    ] {
        let scenario = rotated(before, signs_from);
        let files = scenario.files().into_iter();
        let files: Files = files.filter(|(name, _)| !name.contains('/')).collect();
        let bundle = Ok(Bundle::of_files(files));
        let options = Options::default();
        let report = verify(bundle, &scenario.trust(), &options, &mut |_| {});
        let refuted = report.first_failure().map(|answer| answer.step);
        assert_eq!(refuted, refuted_by, "{before} {signs_from}: {report}");
    }
}

#[test]
fn a_change_of_keys_is_signed_by_the_old_and_the_new() {
    for signer in [FIRST, SECOND] {
        let mut scenario = rotated("announce", "announce");
        scenario.rotations[0].signers = vec![pair(signer)];
        assert_refuted_by(&scenario, Step::Signatures);
    }
}

#[test]
fn a_change_of_keys_is_for_this_log() {
    let mut scenario = rotated("announce", "announce");
    let edit = ("keys-1.note", "origin linan", "origin lingan");
    scenario
        .edits
        .push((edit.0.to_owned(), edit.1.to_owned(), edit.2.to_owned()));
    assert_refuted_by(&scenario, Step::Records);
}

/// The draw's folder as a city publishes it that keeps changes of keys in its log alone.
fn without_keys(scenario: &Scenario) -> Files {
    let mut files = scenario.files();
    files.retain(|name, _| !name.starts_with("keys-"));
    files
}

#[track_caller]
fn verify_with(scenario: &Scenario, pinned: &str, log: bool) -> Report {
    let mut trust = scenario.trust();
    trust.records = pair(pinned).key;
    let mut files = without_keys(scenario);
    if !log {
        files.retain(|name, _| !name.starts_with("log/"));
    }
    let bundle = files.iter().filter(|(name, _)| !name.contains('/'));
    let bundle = Bundle::of_files(
        bundle
            .map(|(name, bytes)| (name.clone(), bytes.clone()))
            .collect(),
    );
    let folder = tempfile::tempdir().expect("a folder");
    write_files(&files, folder.path());
    let options = Options {
        log: log.then(|| folder.path().join("log")),
        ..Options::default()
    };
    verify(Ok(bundle), &trust, &options, &mut |_| {})
}

/// Two changes, the first before the draw and the second within it.
fn rotated_twice() -> Scenario {
    let mut scenario = rotated("announce", "announce");
    let second = rotation(THIRD, "result", "result", &[SECOND, THIRD]);
    scenario.rotations.push(second);
    scenario
}

#[test]
fn changes_of_keys_are_followed_through_the_log_and_named() {
    let scenario = rotated_twice();
    let report = verify_with(&scenario, FIRST, true);
    assert_eq!(report.verdict, Verdict::Verified, "{report}");
    let followed: Vec<_> = report
        .keys
        .iter()
        .map(|change| (change.epoch, change.index, change.keys.clone()))
        .collect();
    let expected = [
        (1, Some(0), vec![pair(SECOND).key]),
        (2, Some(3), vec![pair(THIRD).key]),
    ];
    assert_eq!(followed, expected);
    let text = report.to_string();
    let sentence = format!(
        "record keys followed from the pinned one: change 2 at log entry 3 to {}",
        pair(THIRD).key
    );
    assert!(text.contains(&sentence), "{text}");
    let json = report.to_json();
    assert_eq!(json["keys"][1]["index"], 3);
    assert_eq!(json["keys"][1]["keys"][0], pair(THIRD).key.to_string());
}

#[test]
fn without_the_log_a_successors_signature_is_none() {
    let report = verify_with(&rotated_twice(), FIRST, false);
    let first = report.first_failure().map(|answer| answer.step);
    assert_eq!(
        (report.verdict, first),
        (Verdict::False, Some(Step::Signatures)),
        "{report}"
    );
    assert!(report.keys.is_empty());
}

/// Who pins the successor needs the changes after it only; what the first key signed is not theirs.
#[test]
fn the_pinned_key_may_be_any_of_the_succession() {
    let scenario = rotated("announce", "announce");
    let report = verify_with(&scenario, SECOND, true);
    assert_eq!(report.verdict, Verdict::Verified, "{report}");
    assert!(report.keys.is_empty(), "{report}");
    let report = verify_with(&rotated("close", "close"), SECOND, true);
    assert_eq!(report.verdict, Verdict::False, "{report}");
}

/// A folder has all changes before its draw; those that led to the pinned key are not known to
/// whoever pinned it.
#[test]
fn each_key_before_the_draw_may_be_pinned_where_the_changes_lie_in_the_folder() {
    let mut scenario = rotated("announce", "announce");
    let second = rotation(THIRD, "announce", "announce", &[SECOND, THIRD]);
    scenario.rotations.push(second);
    let files = scenario.files().into_iter();
    let files: Files = files.filter(|(name, _)| !name.contains('/')).collect();
    for pinned in [FIRST, SECOND, THIRD] {
        let mut trust = scenario.trust();
        trust.records = pair(pinned).key;
        let bundle = Ok(Bundle::of_files(files.clone()));
        let report = verify(bundle, &trust, &Options::default(), &mut |_| {});
        assert_eq!(report.verdict, Verdict::Verified, "{pinned}: {report}");
    }
}

#[test]
fn a_key_that_was_replaced_changes_no_keys() {
    let mut scenario = rotated_twice();
    scenario.rotations[1].signers = vec![pair(FIRST), pair(THIRD)];
    let report = verify_with(&scenario, FIRST, true);
    let first = report.first_failure().expect("a failure");
    assert_eq!(first.step, Step::Signatures, "{report}");
    let failure = first.failure.as_ref().expect("a failure");
    assert_eq!(failure.file, "log entry 3");
    assert_eq!(
        failure.expected,
        "a signature by the keys in force before it"
    );
    let names: Vec<&str> = report
        .evidence
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert!(names.contains(&"log-entry-3"), "{names:?}");
}

/// A record that only its own new key signed says nothing about the city's keys.
#[test]
fn a_strangers_change_of_keys_in_the_log_means_nothing() {
    let mut scenario = Scenario::new();
    let stranger = rotation(SECOND, "close", "never", &[SECOND]);
    scenario.rotations.push(stranger);
    let report = verify_with(&scenario, FIRST, true);
    assert_eq!(report.verdict, Verdict::Verified, "{report}");
    assert!(report.keys.is_empty());
}

#[test]
fn keys_of_one_log_sign_nothing_in_another() {
    let scenario = rotated("announce", "announce");
    let mut other = rotated("announce", "announce");
    other.edits.push((
        "close.note".to_owned(),
        "026498".to_owned(),
        "026499".to_owned(),
    ));
    let folder = tempfile::tempdir().expect("a folder");
    write_files(&other.files(), folder.path());
    let files = without_keys(&scenario).into_iter();
    let bundle = Bundle::of_files(files.filter(|(name, _)| !name.contains('/')).collect());
    let options = Options {
        log: Some(folder.path().join("log")),
        ..Options::default()
    };
    let report = verify(Ok(bundle), &scenario.trust(), &options, &mut |_| {});
    let first = report.first_failure().expect("a failure");
    assert_eq!(
        (report.verdict, first.step),
        (Verdict::False, Step::Inclusion),
        "{report}"
    );
}

/// A copy of the log's first entries.
fn beginning(scenario: &Scenario, entries: &[Vec<u8>]) -> Files {
    let leaves: Vec<Digest> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let checkpoint = Checkpoint {
        origin: scenario.log.key.name().to_owned(),
        size: leaves.len() as u64,
        root: root_hash(&leaves),
    };
    let mut note = Note::new(checkpoint.to_string()).expect("a text");
    scenario.log.sign(&mut note);
    let mut files: Files = tiles(entries).into_iter().collect();
    files.insert("checkpoint".to_owned(), note.to_string().into_bytes());
    files
}

#[test]
fn a_receipt_is_checked_with_the_log_where_the_key_has_changed() {
    let scenario = rotated("announce", "announce");
    let files = scenario.files();
    let bundle = files.iter().filter(|(name, _)| !name.contains('/'));
    let bundle = bundle.map(|(name, bytes)| (name.clone(), bytes.clone()));
    let bundle = Bundle::of_files(bundle.collect());
    let receipt = make(&bundle, "1204100000007".parse().expect("a code")).expect("a receipt");
    let entries = ["keys-1", "announce", "close", "result"]
        .map(|stem| files[&format!("{stem}.note")].clone());
    for (size, verdict) in [
        (4, Verdict::Verified),
        (2, Verdict::Incomplete),
        (0, Verdict::False),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        write_files(&beginning(&scenario, &entries[..size]), folder.path());
        let options = Options {
            log: Some(folder.path().to_owned()),
            ..Options::default()
        };
        let (report, _) = check(&receipt, &scenario.trust(), &options);
        assert_eq!(report.verdict, verdict, "{report}");
    }
}

#[test]
fn the_log_does_not_sign_records() {
    let log = Pair::new("linan.example/draws", KeyKind::Ed25519).key;
    let policy = format!("log {log}\nquorum none\n");
    let other = VerifierKey::new("linan.example/records", KeyKind::Ed25519, log.public());
    for (records, accepted) in [
        (log.to_string(), false),
        (other.expect("a key").to_string(), false),
        (
            Pair::new("linan.example/records", KeyKind::Ed25519)
                .key
                .to_string(),
            true,
        ),
    ] {
        let records = format!("{records}\n");
        let trust = Trust::parse(policy.as_bytes(), records.as_bytes());
        assert_eq!(trust.is_ok(), accepted, "{records}");
    }
}
