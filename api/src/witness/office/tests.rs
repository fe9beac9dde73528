//! A witness for others, over logs that grow, fork, and take back.

use std::{fs, path::PathBuf};

use tempfile::TempDir;
use verifier::log::{consistency_proof, leaf_hash, root_hash};

use super::*;
use crate::{
    clock::StoppedClock,
    signer::{LogSigner, Passphrase},
};

const START: i64 = 1_782_608_400;
const ORIGIN: &str = "hangzhou.example/draws";

fn passphrase() -> Passphrase {
    Passphrase::new("seven grey herons").unwrap()
}

/// Two logs, the folder of their witness, and the clock it looks at.
struct Scene {
    folder: TempDir,
    log: LogSigner,
    other: LogSigner,
    clock: StoppedClock,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = |name: &str| folder.path().join(name);
        for name in ["log", "other", "keys"] {
            fs::create_dir(keys(name)).unwrap();
        }
        let log = LogSigner::create(&keys("log"), ORIGIN, &passphrase()).unwrap();
        let other = LogSigner::create(&keys("other"), "a.example/log", &passphrase()).unwrap();
        Cosigner::create(&keys("keys"), "notary.example/w1", &passphrase()).unwrap();
        let clock = StoppedClock::at(chrono::DateTime::from_timestamp(START, 0).unwrap());
        Self {
            folder,
            log,
            other,
            clock,
        }
    }

    /// The witness's process, once more.
    fn open(&self) -> Result<Office, Declined> {
        let path = self.folder.path();
        let cosigner = Cosigner::open(&path.join("keys"), &passphrase()).unwrap();
        let logs = vec![self.log.key().clone(), self.other.key().clone()];
        Office::open(path, cosigner, logs, Arc::new(self.clock.clone()))
    }

    /// Everything that the witness keeps, by path below its folder of logs.
    fn kept(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let logs = self.folder.path().join("logs");
        let mut files = BTreeMap::new();
        let mut folders = vec![logs.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&logs).unwrap().to_owned();
                    files.insert(name, fs::read(path).unwrap());
                }
            }
        }
        files
    }

    /// The kept files whose path contains a word.
    fn named(&self, word: &str) -> Vec<String> {
        let kept = self.kept().into_iter();
        let named = kept.filter(|(path, _)| path.display().to_string().contains(word));
        named
            .map(|(_, bytes)| String::from_utf8(bytes).unwrap())
            .collect()
    }
}

fn submission(log: &LogSigner, entries: &[&str], old_size: u64) -> Submission {
    let leaves: Vec<Digest> = entries.iter().map(|it| leaf_hash(it.as_bytes())).collect();
    let checkpoint = Checkpoint {
        origin: log.key().name().to_owned(),
        size: leaves.len() as u64,
        root: root_hash(&leaves),
    };
    Submission {
        old_size,
        proof: consistency_proof(&leaves, old_size),
        checkpoint: log.sign(checkpoint.to_string()).unwrap(),
    }
}

/// How it was declined, in words.
fn declined(answer: Result<Signature, Declined>) -> String {
    match answer.expect_err("declined") {
        Declined::Malformed(_) => "malformed".to_owned(),
        Declined::UnknownLog(_) => "unknown".to_owned(),
        Declined::NotSigned(_) => "not signed".to_owned(),
        Declined::Conflict { size } => format!("conflict {size}"),
        Declined::Unproven { size } => format!("unproven {size}"),
        other => other.to_string(),
    }
}

fn seen(submission: &Submission, line: &Signature, key: &VerifierKey) -> Option<Time> {
    let mut note = submission.checkpoint.clone();
    note.signatures.push(line.clone());
    note.cosigned_at(key).unwrap()
}

#[test]
fn several_logs_are_cosigned_and_every_checkpoint_is_kept_with_its_line() {
    let scene = Scene::new();
    let office = scene.open().unwrap();
    let key = office.key().clone();
    let first = submission(&scene.log, &["a"], 0);
    let elsewhere = submission(&scene.other, &["x", "y"], 0);
    let second = submission(&scene.log, &["a", "b", "c"], 1);
    let lines = [&first, &elsewhere, &second].map(|submission| {
        scene.clock.advance(60);
        office.cosign(submission).unwrap()
    });
    assert_eq!(seen(&first, &lines[0], &key), Some(Time(START + 60)));
    assert_eq!(seen(&second, &lines[2], &key), Some(Time(START + 180)));
    let kept = scene.named("cosigned");
    assert_eq!(kept.len(), 3);
    for (submission, line) in [&first, &elsewhere, &second].into_iter().zip(&lines) {
        let whole = format!("{}{line}\n", submission.checkpoint);
        assert!(kept.contains(&whole), "{whole}");
    }
}

#[test]
fn asked_again_it_gives_its_first_line_also_after_a_restart() {
    let scene = Scene::new();
    let office = scene.open().unwrap();
    let line = office
        .cosign(&submission(&scene.log, &["a", "b"], 0))
        .unwrap();
    let kept = scene.kept();
    scene.clock.advance(3_600);
    let again = submission(&scene.log, &["a", "b"], 2);
    assert_eq!(office.cosign(&again).unwrap(), line);
    drop(office);
    assert_eq!(scene.open().unwrap().cosign(&again).unwrap(), line);
    assert_eq!(scene.kept(), kept);
}

/// Dies between writing a checkpoint down and signing it.
#[test]
fn after_a_crash_before_signing_the_checkpoint_is_known_and_no_other_is_signed() {
    let scene = Scene::new();
    let office = scene.open().unwrap();
    office.cosign(&submission(&scene.log, &["a"], 0)).unwrap();
    drop(
        office
            .record(&submission(&scene.log, &["a", "b"], 1))
            .unwrap(),
    );
    drop(office);
    assert_eq!(scene.named("cosigned").len(), 1);

    scene.clock.advance(60);
    let office = scene.open().unwrap();
    assert_eq!(
        declined(office.cosign(&submission(&scene.log, &["a", "x"], 2))),
        "conflict 2"
    );
    assert_eq!(
        declined(office.cosign(&submission(&scene.log, &["a"], 1))),
        "conflict 2"
    );
    let same = submission(&scene.log, &["a", "b"], 2);
    let line = office.cosign(&same).unwrap();
    assert_eq!(seen(&same, &line, office.key()), Some(Time(START + 60)));
    assert_eq!(scene.named("cosigned").len(), 2);
}

#[test]
fn a_log_that_forks_is_refused_and_both_notes_are_kept() {
    let scene = Scene::new();
    let office = scene.open().unwrap();
    let (one, two) = (
        submission(&scene.log, &["a"], 0),
        submission(&scene.log, &["a", "b"], 1),
    );
    let first = office.cosign(&one).unwrap();
    office.cosign(&two).unwrap();
    // Of the latest size, and of a size that was cosigned before.
    let forks = [
        submission(&scene.log, &["a", "x"], 2),
        submission(&scene.log, &["x"], 1),
    ];
    for fork in &forks {
        for _ in 0..2 {
            assert_eq!(declined(office.cosign(fork)), "conflict 2");
        }
    }
    let kept = scene.named("fork-");
    assert_eq!(kept.len(), 6, "two forks, each with three files, once");
    for fork in &forks {
        assert!(kept.contains(&fork.checkpoint.to_string()), "{kept:?}");
        assert!(kept.contains(&fork.to_string()), "{kept:?}");
    }
    assert!(kept.contains(&two.checkpoint.to_string()), "{kept:?}");
    assert!(
        kept.contains(&format!("{}{first}\n", one.checkpoint)),
        "{kept:?}"
    );
    // The honest history goes on.
    let next = submission(&scene.log, &["a", "b", "c"], 2);
    office.cosign(&next).unwrap();
}

#[test]
fn what_is_not_proven_is_not_cosigned_and_is_kept_where_the_log_has_signed_it() {
    let scene = Scene::new();
    let office = scene.open().unwrap();
    office
        .cosign(&submission(&scene.log, &["a", "b"], 0))
        .unwrap();
    let before = scene.kept();
    let rewritten = submission(&scene.log, &["a", "x", "c"], 2);
    let mut unproven = submission(&scene.log, &["a", "b", "c"], 2);
    unproven.proof.clear();
    for refused in [&rewritten, &unproven] {
        assert_eq!(declined(office.cosign(refused)), "unproven 2");
    }
    assert_eq!(scene.named("unproven-").len(), 6);
    // What says nothing about the log is kept nowhere.
    let kept = scene.kept();
    let mut talkative = submission(&scene.log, &["a", "b"], 2);
    talkative.proof.push(Digest::ZERO);
    let mut first = submission(&scene.other, &["a"], 0);
    first.proof.push(Digest::ZERO);
    assert_eq!(declined(office.cosign(&talkative)), "unproven 2");
    assert_eq!(declined(office.cosign(&first)), "unproven 0");
    assert_eq!(scene.kept(), kept);
    let latest = |kept: &BTreeMap<PathBuf, Vec<u8>>| {
        let mut files = kept
            .iter()
            .filter(|(path, _)| path.ends_with("latest.note"));
        files.next().map(|(_, bytes)| bytes.clone())
    };
    assert_eq!(latest(&kept), latest(&before));
}

#[test]
fn another_size_another_log_and_another_signer_are_told_apart_and_change_nothing() {
    let scene = Scene::new();
    let office = scene.open().unwrap();
    assert_eq!(
        declined(office.cosign(&submission(&scene.log, &["a", "b"], 1))),
        "conflict 0"
    );
    office
        .cosign(&submission(&scene.log, &["a", "b"], 0))
        .unwrap();
    let kept = scene.kept();
    for old_size in [0, 1, 3] {
        assert_eq!(
            declined(office.cosign(&submission(&scene.log, &["a", "b", "c", "d"], old_size))),
            "conflict 2"
        );
    }
    let stranger = Scene::new();
    assert_eq!(
        declined(office.cosign(&submission(&stranger.log, &["a", "b", "c"], 2))),
        "not signed"
    );
    let mut changed = submission(&scene.log, &["a", "b", "c"], 2);
    changed.checkpoint.text = changed.checkpoint.text.replace("\n3\n", "\n4\n");
    assert_eq!(declined(office.cosign(&changed)), "not signed");
    changed.checkpoint.text = changed.checkpoint.text.replace(ORIGIN, "b.example/log");
    assert_eq!(declined(office.cosign(&changed)), "unknown");
    changed.checkpoint.text.push_str("an extension\n");
    assert_eq!(declined(office.cosign(&changed)), "malformed");
    let mut backward = submission(&scene.log, &["a"], 0);
    backward.old_size = 2;
    assert_eq!(declined(office.cosign(&backward)), "malformed");
    assert_eq!(scene.kept(), kept);
}

#[test]
fn an_empty_log_has_the_root_of_nothing() {
    let scene = Scene::new();
    let office = scene.open().unwrap();
    let mut empty = submission(&scene.log, &[], 0);
    let line = office.cosign(&empty).unwrap();
    assert_eq!(seen(&empty, &line, office.key()), Some(Time(START)));
    let grown = submission(&scene.log, &["a"], 0);
    office.cosign(&grown).unwrap();
    let text = Checkpoint {
        origin: "a.example/log".to_owned(),
        size: 0,
        root: Digest::ZERO,
    };
    empty.checkpoint = scene.other.sign(text.to_string()).unwrap();
    assert_eq!(declined(office.cosign(&empty)), "unproven 0");
}

#[test]
fn a_witness_that_forgot_or_whose_folder_is_taken_does_not_open() {
    let scene = Scene::new();
    let office = scene.open().unwrap();
    let second = scene.open().map(drop).unwrap_err();
    assert!(second.to_string().contains("another process"), "{second}");
    office.cosign(&submission(&scene.log, &["a"], 0)).unwrap();
    let shorter = scene.kept();
    office
        .cosign(&submission(&scene.log, &["a", "b"], 1))
        .unwrap();
    drop(office);
    let whole = scene.kept();
    let (latest, bytes) = whole
        .iter()
        .find(|(path, _)| path.ends_with("latest.note"))
        .unwrap();
    let path = scene.folder.path().join("logs").join(latest);
    let older = shorter[latest].as_slice();
    for damage in [&bytes[..0], &bytes[..20], older] {
        fs::write(&path, damage).unwrap();
        let refused = scene.open().map(drop).unwrap_err();
        assert!(matches!(refused, Declined::Memory { .. }), "{refused}");
    }
    fs::remove_file(&path).unwrap();
    let refused = scene.open().map(drop).unwrap_err();
    assert!(matches!(refused, Declined::Memory { .. }), "{refused}");
    fs::write(&path, bytes).unwrap();
    let next = submission(&scene.log, &["a", "b", "c"], 2);
    scene.open().unwrap().cosign(&next).unwrap();
}

#[test]
fn of_many_rivals_at_the_same_moment_one_history_is_signed() {
    let scene = Scene::new();
    let office = scene.open().unwrap();
    office.cosign(&submission(&scene.log, &["a"], 0)).unwrap();
    let names: Vec<String> = (0..16).map(|rival| format!("rival {rival}")).collect();
    let rivals: Vec<_> = names
        .iter()
        .map(|name| submission(&scene.log, &["a", name], 1))
        .collect();
    let signed: Vec<_> = std::thread::scope(|scope| {
        let asking: Vec<_> = rivals
            .iter()
            .map(|rival| scope.spawn(|| office.cosign(rival)))
            .collect();
        let answers = asking.into_iter().map(|it| it.join().unwrap());
        answers.filter_map(Result::ok).collect()
    });
    assert_eq!(signed.len(), 1);
    assert_eq!(scene.named("cosigned").len(), 2);
}

#[test]
fn a_log_may_have_two_keys_while_one_takes_over_from_the_other() {
    let scene = Scene::new();
    let successor = Scene::new();
    let path = scene.folder.path();
    let cosigner = Cosigner::open(&path.join("keys"), &passphrase()).unwrap();
    let logs = vec![scene.log.key().clone(), successor.log.key().clone()];
    let office = Office::open(path, cosigner, logs, Arc::new(scene.clock.clone())).unwrap();
    assert_eq!(office.origins().collect::<Vec<_>>(), [ORIGIN]);
    office.cosign(&submission(&scene.log, &["a"], 0)).unwrap();
    let mut next = submission(&successor.log, &["a", "b"], 1);
    // A line by nobody that is known is neither minded nor kept.
    let stranger = Scene::new();
    let foreign = submission(&stranger.other, &["a"], 0).checkpoint.signatures;
    next.checkpoint.signatures.extend(foreign.clone());
    office.cosign(&next).unwrap();
    let kept = scene.named("cosigned").pop().unwrap();
    assert!(!kept.contains(&foreign[0].to_string()), "{kept}");
}

#[test]
fn the_file_of_logs_is_read_line_by_line() {
    let scene = Scene::new();
    let (log, other) = (scene.log.key(), scene.other.key());
    let text = format!("# the cities\nlog {log}\n\nlog {other}\n");
    assert_eq!(parse_logs(&text), Ok(vec![log.clone(), other.clone()]));
    let witness = scene.open().unwrap().key().clone();
    for (text, said) in [
        (format!("log {log}\nlog {log}\n"), "line 2"),
        (format!("log {log}\nwitness w {witness}\n"), "line 2"),
        (format!("log {witness}\n"), "the key of a witness"),
        ("log a.example\n".to_owned(), "line 1"),
        ("# none\n".to_owned(), "found none"),
    ] {
        let error = parse_logs(&text).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
}
