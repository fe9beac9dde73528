//! What the steps of one verification have found out so far.

use std::io;

use crate::{
    beacon::Chain,
    bundle::Bundle,
    draw::Outcome,
    log::{Checkpoint, InclusionBundle},
    note::Note,
    record::{Announce, Close, Record, ResultRecord},
    report::{CategoryReport, StepAnswer, Timeline},
    root::FileSummary,
    steps::{Options, Progress, Step},
    text::Digest,
    trust::Trust,
};

/// The records of a finished draw, in the order of the log.
pub(super) const RECORDS: [&str; 3] = ["announce", "close", "result"];

/// A record's note, once its signature has been checked.
pub(super) struct Signed {
    /// The whole file: the log's entry.
    pub(super) bytes: Vec<u8>,
    pub(super) note: Note,
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
    progress: &'a mut dyn FnMut(Progress),
    pub(super) signed: [Option<Signed>; 3],
    pub(super) announce: Option<Announce>,
    pub(super) close: Option<Close>,
    pub(super) result: Option<ResultRecord>,
    pub(super) logged: [Option<Logged>; 3],
    pub(super) chain: Option<Chain>,
    pub(super) seed: Option<Digest>,
    pub(super) drawn: Vec<Drawn>,
    pub(super) timeline: Timeline,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        bundle: io::Result<Bundle>,
        trust: &'a Trust,
        options: &'a Options,
        progress: &'a mut dyn FnMut(Progress),
    ) -> Self {
        Self {
            bundle,
            trust,
            options,
            progress,
            signed: [None, None, None],
            announce: None,
            close: None,
            result: None,
            logged: [None, None, None],
            chain: None,
            seed: None,
            drawn: Vec::new(),
            timeline: Timeline::default(),
        }
    }

    pub(super) fn announce_progress(&mut self, step: Step, done: u64) {
        let pools = self.announce.iter().flat_map(|announce| &announce.pools);
        let total = pools.map(|pool| pool.file.bytes).sum();
        (self.progress)(Progress { step, done, total });
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
}
