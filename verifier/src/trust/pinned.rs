//! What a reader has pinned.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{FILE, TrustError, TrustPolicy};
use crate::{
    key::{KeyKind, VerifierKey},
    note::{Note, NoteError},
    text::{decimal, excerpt},
};

/// Everything that is pinned: without it a folder could vouch for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// The log, the witnesses, the quorum.
    pub policy: TrustPolicy,
    /// The same of later times, of a log whose witnesses or whose key has changed (R62).
    pub others: Vec<TrustPolicy>,
    /// The key that signs records.
    pub records: VerifierKey,
}

impl Trust {
    /// Reads `trust.policy` and `records.vkey` (one key, one line).
    pub fn parse(policy: &[u8], records: &[u8]) -> Result<Self, TrustError> {
        let policy = parse_policy(policy)?;
        let key = parse_record_key(records)?;
        if key.public() == policy.log().public() {
            let expected = "a record key other than the log's";
            let found = String::from_utf8_lossy(records);
            return Err(refuse(RECORDS_FILE, expected, &found));
        }
        Ok(Self {
            policy,
            others: Vec::new(),
            records: key,
        })
    }

    /// The same of a log that has had several trust policies, the first one first.
    pub fn parse_all(policies: &[Vec<u8>], records: &[u8]) -> Result<Self, TrustError> {
        let (first, later) = policies
            .split_first()
            .ok_or_else(|| refuse(FILE, "a trust policy", "none"))?;
        let trust = Self::parse(first, records)?;
        later
            .iter()
            .try_fold(trust, |trust, policy| trust.and(policy))
    }

    /// Pins one more trust policy of the same log.
    pub fn and(mut self, policy: &[u8]) -> Result<Self, TrustError> {
        let more = parse_policy(policy)?;
        let found = more.log().to_string();
        if more.log().name() != self.policy.log().name() {
            return Err(refuse(FILE, "the log of the other trust policies", &found));
        }
        if more.log().public() == self.records.public() {
            return Err(refuse(FILE, "a log key other than the record key", &found));
        }
        self.others.push(more);
        Ok(self)
    }

    /// All that are pinned.
    pub fn policies(&self) -> impl Iterator<Item = &TrustPolicy> {
        [&self.policy].into_iter().chain(&self.others)
    }

    /// Succeeds where one of the log's pinned keys has signed a checkpoint, whichever was in force.
    pub fn verify_log(&self, checkpoint: &Note) -> Result<(), NoteError> {
        let mut keys = self.policies().map(TrustPolicy::log);
        if keys.any(|key| checkpoint.verify(key).is_ok()) {
            return Ok(());
        }
        checkpoint.verify(self.policy.log())
    }
}

/// The files of the trust policies that a city has published, oldest first: `trust.policy`, and
/// `trust-<epoch>.policy` of each change (R62). A reader pins copies of them.
#[must_use]
pub fn published_policies(city: &Path) -> Vec<PathBuf> {
    let names = fs::read_dir(city).into_iter().flatten();
    let names = names.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut later: Vec<u64> = names
        .filter_map(|name| decimal(name.strip_prefix("trust-")?.strip_suffix(".policy")?))
        .collect();
    later.sort_unstable();
    let later = later.iter().map(|epoch| format!("trust-{epoch}.policy"));
    let names = [FILE.to_owned()].into_iter().chain(later);
    names.map(|name| city.join(name)).collect()
}

fn parse_policy(bytes: &[u8]) -> Result<TrustPolicy, TrustError> {
    let text = std::str::from_utf8(bytes);
    let text = text.map_err(|_| refuse(FILE, "text in UTF-8", "other bytes"))?;
    text.parse()
}

const RECORDS_FILE: &str = "records.vkey";

/// Reads `records.vkey` alone: one key, one line.
pub fn parse_record_key(records: &[u8]) -> Result<VerifierKey, TrustError> {
    let text = std::str::from_utf8(records)
        .map_err(|_| refuse(RECORDS_FILE, "text in UTF-8", "other bytes"))?;
    text.strip_suffix('\n')
        .and_then(|line| line.parse::<VerifierKey>().ok())
        .filter(|key| key.kind() == KeyKind::Ed25519)
        .ok_or_else(|| refuse(RECORDS_FILE, "one Ed25519 verifier key and a newline", text))
}

fn refuse(file: &'static str, expected: &str, found: &str) -> TrustError {
    TrustError {
        file,
        line: 1,
        expected: expected.to_owned(),
        found: excerpt(found),
    }
}
