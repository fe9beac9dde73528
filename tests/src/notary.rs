//! Notaries who run a witness, and a log that asks them.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use fairplate::{
    beacon::Limits,
    clock::Clock,
    http::{Bound, Patience},
    signer::{Cosigner, LogSigner},
    witness::{HttpWitness, Office, Submission, Witness},
};
use tokio::sync::oneshot;
use verifier::{
    log::{Checkpoint, consistency_proof, leaf_hash, root_hash},
    note::{Note, VerifierKey},
};

use crate::{keys, publication::files_under};

/// The service of a notary, on a free port.
pub struct Notary {
    folder: tempfile::TempDir,
    /// The key that its cosignatures verify with.
    pub key: VerifierKey,
    /// Where it listens.
    pub address: SocketAddr,
    running: Option<(oneshot::Sender<()>, tokio::task::JoinHandle<()>)>,
}

impl Notary {
    /// Makes the notary's key, and begins to answer for a log.
    pub async fn open(name: &str, log: &VerifierKey, clock: Arc<dyn Clock>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let made = folder.path().join("keys");
        fs::create_dir(&made).expect("a folder");
        let cosigner = Cosigner::create(&made, name, &keys::passphrase()).expect("a key");
        let mut notary = Self {
            key: cosigner.key().clone(),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            running: None,
            folder,
        };
        notary.start(log, clock).await;
        notary
    }

    /// Begins to answer, where it answered before.
    pub async fn start(&mut self, log: &VerifierKey, clock: Arc<dyn Clock>) {
        let made = self.folder.path().join("keys");
        let cosigner = Cosigner::open(&made, &keys::passphrase()).expect("a key");
        let office = Office::open(self.folder.path(), cosigner, vec![log.clone()], clock);
        let office = Arc::new(office.expect("an office"));
        let bound = Bound::to(self.address).await.expect("a port");
        self.address = bound.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            bound.witness(office, Patience::default(), stopped).await;
        });
        self.running = Some((stop, serving));
    }

    /// Goes home: nobody answers any more.
    pub async fn stop(&mut self) {
        let (stop, serving) = self.running.take().expect("running");
        drop(stop);
        serving.await.expect("an end");
    }

    /// As the city knows it.
    #[must_use]
    pub fn witness(&self) -> Arc<dyn Witness> {
        let limits = Limits {
            overall: Duration::from_secs(20),
            ..Limits::default()
        };
        let url = format!("http://{}", self.address);
        Arc::new(HttpWitness::new(&url, self.key.clone(), limits))
    }

    /// The checkpoints that it keeps as cosigned.
    #[must_use]
    pub fn cosigned(&self) -> Vec<Note> {
        let kept = self.kept("cosigned");
        let notes = kept
            .iter()
            .map(|(_, bytes)| Note::parse(bytes).expect("a note"));
        notes.collect()
    }

    /// The files that it keeps whose path has this word.
    #[must_use]
    pub fn kept(&self, word: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let files = files_under(&self.folder.path().join("logs")).into_iter();
        files
            .filter(|(path, _)| path.display().to_string().contains(word))
            .collect()
    }
}

/// A log of a test's own, and what it shows to witnesses.
pub struct Log {
    /// What signs its checkpoints.
    pub signer: LogSigner,
    _folder: tempfile::TempDir,
}

impl Log {
    /// A new log of this name.
    #[must_use]
    pub fn new(origin: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let signer = LogSigner::create(folder.path(), origin, &keys::passphrase());
        Self {
            signer: signer.expect("a log key"),
            _folder: folder,
        }
    }

    /// What it shows of these entries, with a proof from the first `old_size`.
    #[must_use]
    pub fn submission(&self, entries: &[&str], old_size: u64) -> Submission {
        let leaves: Vec<_> = entries.iter().map(|it| leaf_hash(it.as_bytes())).collect();
        let checkpoint = Checkpoint {
            origin: self.signer.key().name().to_owned(),
            size: leaves.len() as u64,
            root: root_hash(&leaves),
        };
        Submission {
            old_size,
            proof: consistency_proof(&leaves, old_size),
            checkpoint: self.signer.sign(checkpoint.to_string()).expect("signed"),
        }
    }
}
