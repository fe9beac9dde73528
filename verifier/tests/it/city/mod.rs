//! A city made for tests: keys of its own, a log, a witness, a beacon chain, and one draw that a
//! test bends before or after it is signed.

mod publication;

use std::{collections::BTreeMap, fs, path::Path};

use blst::min_sig::SecretKey;
use ed25519_dalek::{Signer as _, SigningKey};
use fairplate_verifier::{
    Digest, Time, Trust,
    beacon::Chain,
    draw::draw_ranked,
    log::tiles,
    note::{KeyKind, Note, Signature, VerifierKey, cosigned_message},
    pool::{PoolWriter, read_pool},
    record::Method,
    root::FileSummary,
};
use publication::Publication;

const ORIGIN: &str = "linan.example/draws";
const DRAW: &str = "202607";
const WITNESS: &str = "archive.example/w1";

/// Files by name; the log's lie under `log/`.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// An Ed25519 key pair with its public spelling.
pub(crate) struct Pair {
    secret: SigningKey,
    pub(crate) key: VerifierKey,
}

impl Pair {
    pub(crate) fn new(name: &str, kind: KeyKind) -> Self {
        Self::seeded(name, name, kind)
    }

    /// Another key of this name for each seed.
    pub(crate) fn seeded(seed: &str, name: &str, kind: KeyKind) -> Self {
        let secret = SigningKey::from_bytes(&Digest::of(seed.as_bytes()).0);
        let public = secret.verifying_key().to_bytes();
        let key = VerifierKey::new(name, kind, public).expect("a key");
        Self { secret, key }
    }

    pub(crate) fn sign(&self, note: &mut Note) {
        let signature = self.secret.sign(note.text.as_bytes()).to_bytes();
        note.signatures
            .push(Signature::ed25519(&self.key, signature));
    }

    pub(crate) fn cosign(&self, note: &mut Note, time: Time) {
        let message = cosigned_message(&note.text, time);
        let signature = self.secret.sign(&message).to_bytes();
        note.signatures
            .push(Signature::cosignature(&self.key, time, signature));
    }
}

/// One category's pool as bytes, which need not be a pool.
pub(crate) struct Pool {
    pub(crate) category: String,
    pub(crate) method: Method,
    pub(crate) quota: u64,
    pub(crate) reserve: u64,
    pub(crate) bytes: Vec<u8>,
}

/// A change of the record key.
pub(crate) struct Rotation {
    /// The record before which it is logged.
    pub(crate) before: String,
    /// Who signs from then on.
    pub(crate) successor: Pair,
    /// The record from which the successor really signs.
    pub(crate) signs_from: String,
    /// Who signs the change.
    pub(crate) signers: Vec<Pair>,
    /// The witness whom the change puts in the place of the one before.
    pub(crate) witness: Option<Pair>,
    /// The log key that it puts in the place of the one before.
    pub(crate) log: Option<Pair>,
    /// Whether the witness and the log key before go on all the same.
    pub(crate) is_ignored: bool,
}

/// One draw, and how it departs from what it should be.
pub(crate) struct Scenario {
    pub(crate) pools: Vec<Pool>,
    pub(crate) window_and_margin_secs: (u64, u64),
    pub(crate) announced: Time,
    pub(crate) closed: Time,
    pub(crate) published: Time,
    pub(crate) closes: Time,
    /// File, old text and new text: in records before they are signed, in other files before they
    /// are hashed.
    pub(crate) edits: Vec<(String, String, String)>,
    /// The same, once everything is signed and hashed.
    pub(crate) tampers: Vec<(String, String, String)>,
    /// Records that go to the log, without proofs in the folder, before the one of this stem.
    pub(crate) hidden: Vec<(String, String)>,
    /// A record's stem, and how many signature lines it has, the others by unknown keys.
    pub(crate) more_signatures: Option<(String, u32)>,
    /// More records after the result: stem, text, when the witness saw it.
    pub(crate) more: Vec<(String, String, Time)>,
    /// The draw is called off instead of finished, at this time.
    pub(crate) void: Option<Time>,
    pub(crate) rotations: Vec<Rotation>,
    /// The first line of the log's checkpoints.
    pub(crate) checkpoint_origin: String,
    pub(crate) witnessed: bool,
    /// Contributors beside the usual two; all of them reveal.
    pub(crate) more_contributors: Vec<String>,
    /// Another witness, who sees what the first one sees.
    pub(crate) second_witness: Option<Pair>,
    pub(crate) signature_of: Option<u64>,
    pub(crate) records: Pair,
    pub(crate) log: Pair,
    pub(crate) witness: Pair,
}

pub(crate) fn time(text: &str) -> Time {
    text.parse().expect("a time")
}

/// A pool with `rows` applicants whose weights repeat 1 to 5.
pub(crate) fn pool(rows: u32) -> Vec<u8> {
    let mut writer = PoolWriter::new(Vec::new());
    for row in 0..rows {
        let code = format!("{:013}", 1_204_100_000_000_u64 + u64::from(row) * 7);
        let weight = u16::try_from(row % 5 + 1).expect("a small number");
        writer.push(&code, weight).expect("an ascending pool");
    }
    writer.finish().expect("memory does not fail").0
}

impl Scenario {
    pub(crate) fn new() -> Self {
        let individual = Pool {
            category: "individual".to_owned(),
            method: Method::ScoreV1,
            quota: 7,
            reserve: 3,
            bytes: pool(300),
        };
        let queue = Pool {
            category: "electric".to_owned(),
            method: Method::RankV1,
            quota: 2,
            reserve: 1,
            bytes: b"1204100000011,10,1700000000000\n1204100000012,60,1710000000000\n\
                     1204100000013,60,1700000000000\n1204100000014,0,1\n"
                .to_vec(),
        };
        Self {
            pools: vec![individual, queue],
            window_and_margin_secs: (3_600, 60),
            announced: time("2026-07-25T01:00:10Z"),
            closed: time("2026-07-26T06:00:20Z"),
            published: time("2026-07-26T06:11:00Z"),
            closes: time("2026-07-26T06:00:00Z"),
            edits: Vec::new(),
            tampers: Vec::new(),
            hidden: Vec::new(),
            more: Vec::new(),
            more_signatures: None,
            void: None,
            rotations: Vec::new(),
            checkpoint_origin: ORIGIN.to_owned(),
            witnessed: true,
            more_contributors: Vec::new(),
            second_witness: None,
            signature_of: None,
            records: Pair::new("linan.example/records", KeyKind::Ed25519),
            log: Pair::new(ORIGIN, KeyKind::Ed25519),
            witness: Pair::new(WITNESS, KeyKind::CosignatureV1),
        }
    }

    pub(crate) fn trust(&self) -> Trust {
        let (log, witness) = (&self.log.key, &self.witness.key);
        let policy = match &self.second_witness {
            None => Self::policy_of(&self.log, &self.witness),
            Some(second) => format!(
                "log {log}\nwitness archive {witness}\nwitness second {}\n\
                 group both all archive second\nquorum both\n",
                second.key
            ),
        };
        let records = format!("{}\n", self.records.key);
        Trust::parse(policy.as_bytes(), records.as_bytes()).expect("the city's keys")
    }

    /// What the city asks people to pin once these are the log key and the witness.
    pub(crate) fn policy_of(log: &Pair, witness: &Pair) -> String {
        let (log, witness) = (&log.key, &witness.key);
        format!("log {log}\nwitness archive {witness}\nquorum archive\n")
    }

    /// The trust policy that a change of keys puts in force, if it is one of those.
    pub(crate) fn policy_by(&self, change: &Rotation) -> Option<String> {
        let changes = change.witness.is_some() || change.log.is_some();
        let log = change.log.as_ref().unwrap_or(&self.log);
        let witness = change.witness.as_ref().unwrap_or(&self.witness);
        changes.then(|| Self::policy_of(log, witness))
    }

    /// Publishes the draw.
    pub(crate) fn files(&self) -> Files {
        let mut city = Publication::new(self);
        city.publish();
        let mut files = city.files;
        for (path, bytes) in tiles(&city.entries) {
            files.insert(format!("log/{path}"), bytes);
        }
        for (file, old, new) in &self.tampers {
            let bytes = files.get_mut(file).expect("a file to tamper with");
            *bytes = replaced(bytes, old, new);
        }
        files
    }
}

pub(crate) fn write_files(files: &Files, folder: &Path) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
}

fn replaced(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    let mut places = bytes.windows(old.len());
    let at = places.position(|place| place == old.as_bytes());
    let at = at.unwrap_or_else(|| panic!("nothing to replace: {old:?}"));
    let changed = [&bytes[..at], new.as_bytes(), &bytes[at + old.len()..]].concat();
    match String::from_utf8(changed) {
        Ok(text) => flipped(text).into_bytes(),
        Err(error) => error.into_bytes(),
    }
}

/// Changes the hex digit after `$FLIP`.
fn flipped(text: String) -> String {
    let Some((head, tail)) = text.split_once("$FLIP") else {
        return text;
    };
    let digit = if tail.starts_with('0') { '1' } else { '0' };
    format!("{head}{digit}{}", &tail[1..])
}

fn secret_of(name: &str) -> [u8; 32] {
    Digest::of(format!("secret of {name}").as_bytes()).0
}

/// A chain whose rounds come every three seconds from 2026-01-01 on.
pub(crate) fn chain() -> (Chain, SecretKey) {
    let secret = SecretKey::key_gen(&[7; 32], &[]).expect("a key");
    let public = secret.sk_to_pk().to_bytes();
    let genesis = time("2026-01-01T00:00:00Z");
    (
        Chain::new(public, 3, genesis, vec![1; 32], "linan-test"),
        secret,
    )
}

/// What an announce can say of bytes that may be no pool: the hash is right in any case.
fn summary(method: Method, bytes: &[u8]) -> FileSummary {
    let read = match method {
        Method::ScoreV1 => read_pool(bytes),
        Method::RankV1 => draw_ranked(bytes, 0, 0).map(|(_, summary)| summary),
    };
    read.unwrap_or(FileSummary {
        rows: 1,
        tickets: u64::from(method == Method::ScoreV1),
        bytes: bytes.len() as u64,
        root: Digest::ZERO,
        sha256: Digest::of(bytes),
    })
}
