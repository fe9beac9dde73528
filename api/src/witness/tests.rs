//! A witness in the process and one behind a real socket, over a log that grows.

use std::{fs, path::Path, sync::Arc, time::Duration};

use tempfile::TempDir;
use verifier::{
    log::{Checkpoint, consistency_proof, leaf_hash, root_hash},
    note::{Signature, VerifierKey},
    text::{Digest, Time},
};

use super::{HttpWitness, LocalWitness, Submission, Witness, WitnessError};
use crate::{
    beacon::{
        Fault, Limits,
        loopback::{Loopback, Reply, Request},
    },
    clock::StoppedClock,
    signer::{Cosigner, LogSigner, Passphrase},
};

const START: i64 = 1_782_608_400;

/// A log, its witness, and the clock the witness looks at.
struct Scene {
    folder: TempDir,
    log: LogSigner,
    witness: LocalWitness,
    clock: StoppedClock,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = passphrase();
        let log = LogSigner::create(folder.path(), "hangzhou.example/draws", &passphrase).unwrap();
        let cosigner = Cosigner::create(folder.path(), "notary.example/w1", &passphrase).unwrap();
        let clock = StoppedClock::at(chrono::DateTime::from_timestamp(START, 0).unwrap());
        let witness = watching(folder.path(), cosigner, log.key(), &clock);
        Self {
            folder,
            log,
            witness,
            clock,
        }
    }

    /// The submission of a log of these entries, with a proof from its first `old_size`.
    fn submission(&self, entries: &[&str], old_size: u64) -> Submission {
        let leaves: Vec<Digest> = entries.iter().map(|e| leaf_hash(e.as_bytes())).collect();
        let checkpoint = Checkpoint {
            origin: self.log.key().name().to_owned(),
            size: leaves.len() as u64,
            root: root_hash(&leaves),
        };
        let proof = match old_size {
            0 => Vec::new(),
            _ => consistency_proof(&leaves, old_size),
        };
        Submission {
            old_size,
            proof,
            checkpoint: self.log.sign(checkpoint.to_string()).unwrap(),
        }
    }

    fn memory(&self) -> Option<Vec<u8>> {
        fs::read(self.folder.path().join("memory")).ok()
    }
}

fn passphrase() -> Passphrase {
    Passphrase::new("seven grey herons").unwrap()
}

fn watching(
    folder: &Path,
    cosigner: Cosigner,
    log: &VerifierKey,
    clock: &StoppedClock,
) -> LocalWitness {
    let memory = folder.join("memory");
    LocalWitness::new(cosigner, log.clone(), memory, Arc::new(clock.clone()))
}

/// When the line says the checkpoint was seen.
fn seen(submission: &Submission, line: &Signature, key: &VerifierKey) -> Option<Time> {
    let mut note = submission.checkpoint.clone();
    note.signatures.push(line.clone());
    note.cosigned_at(key).unwrap()
}

#[tokio::test]
async fn a_growing_log_is_cosigned_at_the_times_it_was_seen() {
    let scene = Scene::new();
    let first = scene.submission(&["a"], 0);
    let line = scene.witness.cosign(&first).await.unwrap();
    let key = scene.witness.key();
    assert_eq!(seen(&first, &line, key), Some(Time(START)));
    scene.clock.advance(60);
    let second = scene.submission(&["a", "b", "c"], 1);
    let line = scene.witness.cosign(&second).await.unwrap();
    assert_eq!(seen(&second, &line, key), Some(Time(START + 60)));
}

#[tokio::test]
async fn asked_again_a_witness_gives_its_first_answer_even_after_a_restart() {
    let scene = Scene::new();
    let submission = scene.submission(&["a", "b"], 0);
    let first = scene.witness.cosign(&submission).await.unwrap();
    scene.clock.advance(3_600);
    assert_eq!(scene.witness.cosign(&submission).await.unwrap(), first);
    let cosigner = Cosigner::open(scene.folder.path(), &passphrase()).unwrap();
    let restarted = watching(scene.folder.path(), cosigner, scene.log.key(), &scene.clock);
    let again = scene.submission(&["a", "b"], 2);
    assert_eq!(restarted.cosign(&again).await.unwrap(), first);
}

#[tokio::test]
async fn a_submission_from_another_size_learns_the_size_the_witness_knows() {
    let scene = Scene::new();
    let unknown = scene.submission(&["a", "b"], 1);
    let error = scene.witness.cosign(&unknown).await.unwrap_err();
    assert!(matches!(error, WitnessError::Behind { size: 0 }), "{error}");
    assert_eq!(scene.memory(), None);

    let known = scene.submission(&["a", "b"], 0);
    scene.witness.cosign(&known).await.unwrap();
    let memory = scene.memory();
    let entries = ["a", "b", "c", "d"];
    let late = scene.submission(&entries, 1);
    let error = scene.witness.cosign(&late).await.unwrap_err();
    assert!(matches!(error, WitnessError::Ahead { size: 2 }), "{error}");
    let early = scene.submission(&entries, 3);
    let error = scene.witness.cosign(&early).await.unwrap_err();
    assert!(matches!(error, WitnessError::Behind { size: 2 }), "{error}");
    assert_eq!(scene.memory(), memory);
    let right = scene.submission(&entries, 2);
    assert!(scene.witness.cosign(&right).await.is_ok());
}

#[tokio::test]
async fn a_log_that_rewrites_or_takes_back_history_is_not_cosigned() {
    let scene = Scene::new();
    let submission = scene.submission(&["a", "b"], 0);
    scene.witness.cosign(&submission).await.unwrap();
    let memory = scene.memory();

    for rewritten in [&["a", "x", "c"][..], &["a", "x"]] {
        let rewritten = scene.submission(rewritten, 2);
        let error = scene.witness.cosign(&rewritten).await.unwrap_err();
        assert!(
            matches!(error, WitnessError::Inconsistent { known: 2, .. }),
            "{error}"
        );
    }
    let mut unproven = scene.submission(&["a", "b", "c"], 2);
    unproven.proof.clear();
    let error = scene.witness.cosign(&unproven).await.unwrap_err();
    assert!(
        matches!(error, WitnessError::Inconsistent { known: 2, found: 3 }),
        "{error}"
    );
    for old_size in [0, 1] {
        let shorter = scene.submission(&["a"], old_size);
        let error = scene.witness.cosign(&shorter).await.unwrap_err();
        assert!(
            matches!(error, WitnessError::RolledBack { known: 2, found: 1 }),
            "{error}"
        );
    }
    assert_eq!(scene.memory(), memory);
}

#[tokio::test]
async fn a_checkpoint_that_the_log_did_not_sign_is_not_cosigned() {
    let scene = Scene::new();
    let mut unsigned = scene.submission(&["a"], 0);
    unsigned.checkpoint.signatures.clear();
    let mut changed = scene.submission(&["a"], 0);
    changed.checkpoint.text = changed.checkpoint.text.replace("\n1\n", "\n2\n");
    let elsewhere = Scene::new().submission(&["a"], 0);
    for submission in [unsigned, changed, elsewhere] {
        let error = scene.witness.cosign(&submission).await.unwrap_err();
        assert!(matches!(error, WitnessError::NotOfTheLog { .. }), "{error}");
    }
    assert_eq!(scene.memory(), None);
}

#[tokio::test]
async fn a_witness_with_a_damaged_memory_does_not_cosign() {
    let scene = Scene::new();
    let submission = scene.submission(&["a"], 0);
    scene.witness.cosign(&submission).await.unwrap();
    let whole = scene.memory().unwrap();
    let path = scene.folder.path().join("memory");
    let next = scene.submission(&["a", "b"], 1);
    for length in [0, 10, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let error = scene.witness.cosign(&next).await.unwrap_err();
        assert!(matches!(error, WitnessError::Memory { .. }), "{error}");
    }
    // Another witness's memory is not ours either.
    let other = Scene::new();
    other
        .witness
        .cosign(&other.submission(&["a"], 0))
        .await
        .unwrap();
    fs::write(&path, other.memory().unwrap()).unwrap();
    let error = scene.witness.cosign(&next).await.unwrap_err();
    assert!(matches!(error, WitnessError::Memory { .. }), "{error}");
    fs::write(&path, &whole).unwrap();
    assert!(scene.witness.cosign(&next).await.is_ok());
}

fn limits() -> Limits {
    Limits {
        connect: Duration::from_millis(500),
        overall: Duration::from_millis(500),
        ..Limits::default()
    }
}

/// Reads an `add-checkpoint` request and lets the witness in the process decide.
fn answer(witness: &LocalWitness, request: &Request) -> Reply {
    assert_eq!(request.line, "POST /add-checkpoint HTTP/1.1");
    let submission = Submission::parse(request.body.as_bytes()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let (status, body) = match runtime.block_on(witness.cosign(&submission)) {
        Ok(line) => (200, format!("{line}\n")),
        Err(WitnessError::Behind { size } | WitnessError::Ahead { size }) => {
            (409, format!("{size}\n"))
        }
        Err(WitnessError::NotOfTheLog { .. }) => (403, "not of\u{1b} the log\n".to_owned()),
        Err(error) => (422, format!("{error}\n")),
    };
    let body = body.into_bytes();
    Reply::Answer { status, body }
}

#[tokio::test]
async fn a_witness_over_http_cosigns_and_says_what_it_knows() {
    let scene = Scene::new();
    let submission = |entries: &[&str], old_size| scene.submission(entries, old_size);
    let (first, next) = (submission(&["a"], 0), submission(&["a", "b", "c"], 1));
    let (late, foreign) = (
        submission(&["a", "b", "c", "d"], 1),
        Scene::new().submission(&["a"], 0),
    );
    let rewritten = submission(&["a", "x", "c", "d"], 3);
    let (key, witness) = (scene.witness.key().clone(), scene.witness);
    let server = Loopback::serve(move |request| answer(&witness, request));
    let remote = HttpWitness::new(&format!("{}/", server.url), key.clone(), limits());

    let line = remote.cosign(&first).await.unwrap();
    assert_eq!(seen(&first, &line, &key), Some(Time(START)));
    let line = remote.cosign(&next).await.unwrap();
    assert_eq!(seen(&next, &line, &key), Some(Time(START)));
    let error = remote.cosign(&late).await.unwrap_err();
    assert!(matches!(error, WitnessError::Ahead { size: 3 }), "{error}");
    let error = remote.cosign(&rewritten).await.unwrap_err();
    assert!(
        matches!(error, WitnessError::Refused { status: 422, .. }),
        "{error}"
    );
    let error = remote.cosign(&foreign).await.unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("refused with HTTP status 403: not of the log")
    );
}

#[tokio::test]
async fn an_answer_that_is_no_cosignature_of_this_checkpoint_is_not_trusted() {
    let scene = Scene::new();
    let asked = scene.submission(&["a", "b"], 0);
    let other = scene.submission(&["a", "x"], 0);
    let line_of_other = scene.witness.cosign(&other).await.unwrap();
    let stranger = Scene::new();
    let line_of_stranger = stranger
        .witness
        .cosign(&stranger.submission(&["a", "b"], 0))
        .await
        .unwrap();
    let key = scene.witness.key();
    for body in [
        format!("{line_of_other}\n"),
        format!("{line_of_stranger}\n"),
        format!("{}\n", asked.checkpoint.signatures[0]),
        String::new(),
        "thank you\n".to_owned(),
    ] {
        let server = Loopback::answering(200, body);
        let remote = HttpWitness::new(&server.url, key.clone(), limits());
        let error = remote.cosign(&asked).await.unwrap_err();
        assert!(
            matches!(error, WitnessError::FalseCosignature { .. }),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_witness_that_stalls_or_contradicts_itself_is_an_error_with_its_address() {
    let scene = Scene::new();
    let submission = scene.submission(&["a"], 0);
    let stalling = Loopback::serve(|_| Reply::Stall);
    let remote = HttpWitness::new(&stalling.url, scene.witness.key().clone(), limits());
    let error = remote.cosign(&submission).await.unwrap_err();
    let limit = limits().overall;
    assert!(
        matches!(&error, WitnessError::Failed { url, fault: Fault::Stalled { limit: l } }
            if *url == stalling.url && *l == limit),
        "{error}"
    );
    for body in ["0\n", "many\n", ""] {
        let server = Loopback::answering(409, body);
        let remote = HttpWitness::new(&server.url, scene.witness.key().clone(), limits());
        let error = remote.cosign(&submission).await.unwrap_err();
        assert!(
            matches!(error, WitnessError::Refused { status: 409, .. }),
            "{error}"
        );
    }
}
