//! What the steps of one verification have found out so far.

use std::{fmt, io, rc::Rc};

use crate::{
    beacon::Chain,
    bundle::Bundle,
    draw::Outcome,
    key::VerifierKey,
    log::{Checkpoint, InclusionBundle, LogError, LogFolder},
    note::Note,
    record::{Amend, Announce, Close, Keys, Record, ResultRecord, Void},
    report::{CategoryReport, Conclusion, Evidence, FollowedKeys, StepAnswer, Timeline},
    root::FileSummary,
    steps::{Options, Progress, Step},
    succession::PolicyChange,
    text::{Digest, Time},
    trust::Trust,
};

/// One record's note and proof, as far as they have been checked.
pub(super) struct RecordFile {
    /// The file's name without its ending.
    pub(super) stem: String,
    pub(super) signed: Option<Signed>,
    pub(super) logged: Option<Logged>,
    /// When the quorum of witnesses had seen it in the log.
    pub(super) witnessed: Option<Time>,
}

impl RecordFile {
    fn new(stem: String) -> Self {
        Self {
            stem,
            signed: None,
            logged: None,
            witnessed: None,
        }
    }

    pub(super) fn note_name(&self) -> String {
        format!("{}.note", self.stem)
    }

    pub(super) fn proof_name(&self) -> String {
        format!("{}.tlog-proof", self.stem)
    }

    /// A change of keys stands where it stands in the log; every other record follows the one
    /// before it.
    pub(super) fn is_keys(&self) -> bool {
        self.stem.starts_with("keys-")
    }
}

/// A note whose signature has been checked.
pub(super) struct Signed {
    /// The whole file: the log's entry.
    pub(super) bytes: Vec<u8>,
    pub(super) note: Note,
    /// Which of the case's epochs signed it.
    pub(super) epoch: usize,
}

impl Signed {
    pub(super) fn hash(&self) -> Digest {
        Record::hash(&self.note.text)
    }
}

/// A record's place in the log, once it has been checked.
pub(super) struct Logged {
    pub(super) place: InclusionBundle,
    pub(super) checkpoint: Checkpoint,
}

/// The keys that sign records for a time.
pub(super) struct Epoch {
    pub(super) keys: Vec<VerifierKey>,
    /// The record that put them in force, and where it was found; none for the pinned key.
    pub(super) since: Option<(Since, Keys)>,
}

/// Where a change of keys was found.
pub(super) enum Since {
    /// In the folder's file of this name.
    File(String),
    /// In the log at this place.
    Entry { index: u64, note: Note },
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(name) => f.write_str(name),
            Self::Entry { index, .. } => write!(f, "log entry {index}"),
        }
    }
}

/// One category, once its pool has been read and drawn.
pub(super) struct Drawn {
    pub(super) category: String,
    pub(super) pool: FileSummary,
    pub(super) outcome: Outcome,
}

/// A verification under way. What is none here was missing or wrong; steps that need it say that
/// they could not check.
pub(super) struct Case<'a> {
    pub(super) bundle: io::Result<Bundle>,
    pub(super) trust: &'a Trust,
    pub(super) options: &'a Options,
    pub(super) progress: &'a mut dyn FnMut(Progress),
    /// Changes of keys first, then the draw's records in the order of the log.
    pub(super) records: Vec<RecordFile>,
    pub(super) epochs: Vec<Epoch>,
    pub(super) announce: Option<Announce>,
    pub(super) close: Option<Close>,
    pub(super) result: Option<ResultRecord>,
    pub(super) void: Option<Void>,
    pub(super) amends: Vec<(String, Amend)>,
    pub(super) chain: Option<Chain>,
    pub(super) seed: Option<Digest>,
    pub(super) drawn: Vec<Drawn>,
    pub(super) timeline: Timeline,
    /// The newest checkpoint of the log, once its entries have been read.
    pub(super) log: Option<Note>,
    /// The log that is at hand, once it has been looked for.
    log_folder: Option<Rc<Result<LogFolder, LogError>>>,
    pub(super) evidence: Vec<Evidence>,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        bundle: io::Result<Bundle>,
        trust: &'a Trust,
        options: &'a Options,
        progress: &'a mut dyn FnMut(Progress),
    ) -> Self {
        let stems = bundle.as_ref().map(stems).unwrap_or_default();
        Self {
            bundle,
            trust,
            options,
            progress,
            records: stems.into_iter().map(RecordFile::new).collect(),
            epochs: vec![Epoch {
                keys: vec![trust.records.clone()],
                since: None,
            }],
            announce: None,
            close: None,
            result: None,
            void: None,
            amends: Vec::new(),
            chain: None,
            seed: None,
            drawn: Vec::new(),
            timeline: Timeline::default(),
            log: None,
            log_folder: None,
            evidence: Vec::new(),
        }
    }

    pub(super) fn announce_progress(&mut self, step: Step, done: u64) {
        let total = self.pool_bytes();
        (self.progress)(Progress { step, done, total });
    }

    /// How many bytes the announced pools have.
    pub(super) fn pool_bytes(&self) -> u64 {
        let pools = self.announce.iter().flat_map(|announce| &announce.pools);
        pools.fold(0, |sum, pool| sum.saturating_add(pool.file.bytes))
    }

    pub(super) fn find_record(&self, stem: &str) -> Option<&RecordFile> {
        self.records.iter().find(|record| record.stem == stem)
    }

    /// The hash of a record whose signature has been checked.
    pub(super) fn find_hash(&self, stem: &str) -> Option<Digest> {
        self.find_record(stem)?.signed.as_ref().map(Signed::hash)
    }

    /// The place in the log of the record in a file, once it has been checked.
    pub(super) fn find_index(&self, name: &str) -> Option<u64> {
        let record = self.find_record(name.strip_suffix(".note")?)?;
        Some(record.logged.as_ref()?.place.index)
    }

    /// Whether the folder says that the draw was called off.
    pub(super) fn is_void(&self) -> bool {
        self.find_record("void").is_some()
    }

    /// The log that is at hand, or what is wrong with it; none when nobody gave one.
    pub(super) fn log_folder(&mut self) -> Option<Rc<Result<LogFolder, LogError>>> {
        let folder = self.options.log.as_ref()?;
        if self.log_folder.is_none() && folder.join("checkpoint").is_file() {
            let log = LogFolder::open_pinned(folder, self.trust);
            self.log_folder = Some(Rc::new(log));
        }
        self.log_folder.clone()
    }

    /// Where in the log the keys of an epoch came into force; none for the pinned key, and where
    /// that is not known.
    pub(super) fn find_begin(&self, epoch: usize) -> Option<u64> {
        match self.epochs.get(epoch)?.since.as_ref()? {
            (Since::Entry { index, .. }, _) => Some(*index),
            (Since::File(name), _) => {
                let mut records = self.records.iter();
                let record = records.find(|record| record.note_name() == *name)?;
                Some(record.logged.as_ref()?.place.index)
            }
        }
    }

    /// What a change of keys says that was found in a file.
    pub(super) fn find_change(&self, name: &str) -> Option<&Keys> {
        let changes = self.epochs.iter().filter_map(|epoch| epoch.since.as_ref());
        let mut found =
            changes.filter(|(since, _)| matches!(since, Since::File(file) if file == name));
        found.next().map(|(_, change)| change)
    }

    /// The changes of the trust policy, as far as their places are known.
    pub(super) fn policy_changes(&self) -> impl Iterator<Item = PolicyChange<'_>> {
        let epochs = self.epochs.iter().enumerate();
        epochs.filter_map(|(place, epoch)| {
            let (_, record) = epoch.since.as_ref()?;
            Some((self.find_begin(place)?, record))
        })
    }

    /// The changes of keys up to those that signed the draw's records.
    pub(super) fn followed_keys(&self) -> Vec<FollowedKeys> {
        let records = self.records.iter().filter(|record| !record.is_keys());
        let signed = records.filter_map(|record| record.signed.as_ref());
        let newest = signed.map(|signed| signed.epoch).max().unwrap_or_default();
        let epochs = self.epochs.iter().enumerate().take(newest + 1);
        epochs
            .filter_map(|(place, epoch)| {
                let (_, record) = epoch.since.as_ref()?;
                // Nobody had to follow a change to the very key that is pinned.
                let known = epoch.keys.contains(&self.trust.records);
                if known {
                    return None;
                }
                Some(FollowedKeys {
                    epoch: record.epoch,
                    index: self.find_begin(place),
                    keys: epoch.keys.clone(),
                })
            })
            .collect()
    }

    /// A small file's bytes; none when it is not there, or not readable, which the answer then
    /// says. Step 1 has already said what is missing.
    pub(super) fn find(&self, name: &str, answer: &mut StepAnswer) -> Option<Vec<u8>> {
        match self.bundle.as_ref().ok()?.find(name) {
            Ok(bytes) => bytes,
            Err(error) => {
                answer.unreadable(name, &error);
                None
            }
        }
    }

    /// How many threads may work.
    pub(super) fn threads(&self) -> usize {
        match self.options.threads {
            0 => std::thread::available_parallelism().map_or(1, Into::into),
            threads => threads,
        }
    }

    pub(super) fn category_reports(&self) -> Vec<CategoryReport> {
        let report = |drawn: &Drawn| CategoryReport {
            category: drawn.category.clone(),
            applicants: drawn.pool.rows,
            tickets: drawn.pool.tickets,
            winners: drawn.outcome.winners,
            reserves: drawn.outcome.reserves,
        };
        self.drawn.iter().map(report).collect()
    }

    pub(super) fn conclusion(&self) -> Option<Conclusion> {
        if let Some(void) = &self.void {
            let reason = void.reason.clone();
            return Some(Conclusion::Void { reason });
        }
        let amends = self.amends.len();
        self.result.as_ref().map(|_| Conclusion::Drawn { amends })
    }
}

/// Which records a folder has, or should have: its changes of keys, announce, close and result; or,
/// when it has a void, announce and void, and a close if there is one; and its amends.
fn stems(bundle: &Bundle) -> Vec<String> {
    let has = |stem: &str| bundle.find_length(&format!("{stem}.note")).is_some();
    let mut stems = numbered(bundle, "keys-");
    stems.push("announce".to_owned());
    let void = has("void");
    let named = ["close", "result"].into_iter();
    stems.extend(named.filter(|stem| !void || has(stem)).map(str::to_owned));
    stems.extend(void.then(|| "void".to_owned()));
    stems.extend(numbered(bundle, "amend-"));
    stems
}

fn numbered(bundle: &Bundle, head: &str) -> Vec<String> {
    let mut numbers: Vec<u64> = bundle
        .names()
        .filter_map(|name| name.strip_prefix(head)?.strip_suffix(".note"))
        .filter_map(crate::text::decimal)
        .collect();
    numbers.sort_unstable();
    numbers
        .into_iter()
        .map(|number| format!("{head}{number}"))
        .collect()
}
