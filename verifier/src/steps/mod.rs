//! The numbered steps of a verification, one file a step, in the order in which they run.
//!
//! | | id | what must hold |
//! |---|---|---|
//! | 1 | `files` | every file of the draw is in the folder |
//! | 2 | `signatures` | announce, close and result are signed notes by the pinned record key |
//! | 3 | `records` | each is written in its one spelling, for the pinned log, and names the ones before it |
//! | 4 | `inclusion` | each is an entry of the pinned log, in this order, under a checkpoint the log signed |
//! | 5 | `witnesses` | the pinned quorum cosigned each of these checkpoints |
//! | 6 | `uniqueness` | in the whole log the draw is announced, closed and finished once |
//! | 7 | `policy` | `policy.toml` is the file the announce names |
//! | 8 | `contributions` | every sealed name is revealed or missing, every secret opens its seal |
//! | 9 | `chain` | `chain.json` hashes to the chain that announce and result name, and the round is the announced one |
//! | 10 | `beacon` | the signature is the chain's signature of that round |
//! | 11 | `timeline` | by the witnesses' clocks announce, close and beacon came in time |
//! | 12 | `seed` | the seed follows from announce, close and beacon |
//! | 13 | `pools` | every pool is in its one spelling and is the file the announce names |
//! | 14 | `results` | every result is what the seed makes of its pool |

mod beacon;
mod case;
mod chain;
mod contributions;
mod files;
mod inclusion;
mod policy;
mod pools;
mod records;
mod results;
mod seed;
mod signatures;
mod timeline;
mod uniqueness;
mod witnesses;

use std::{
    io,
    path::{Path, PathBuf},
};

use case::Case;

use crate::{
    bundle::Bundle,
    report::{Report, StepAnswer, judge},
    trust::Trust,
};

/// A step of a verification. Ids and numbers are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// 1: every file is there.
    Files,
    /// 2: the record key signed.
    Signatures,
    /// 3: the records are well formed and belong together.
    Records,
    /// 4: the records are in the log.
    Inclusion,
    /// 5: witnesses cosigned.
    Witnesses,
    /// 6: the log announces the draw once.
    Uniqueness,
    /// 7: the city's rules are those that were announced.
    Policy,
    /// 8: contributions open their seals.
    Contributions,
    /// 9: the beacon's chain and round are those that were announced.
    Chain,
    /// 10: the beacon signed.
    Beacon,
    /// 11: things came in time.
    Timeline,
    /// 12: the seed follows.
    Seed,
    /// 13: the pools are those that were announced.
    Pools,
    /// 14: the results follow.
    Results,
}

impl Step {
    /// All steps in their order.
    pub const ALL: [Self; 14] = [
        Self::Files,
        Self::Signatures,
        Self::Records,
        Self::Inclusion,
        Self::Witnesses,
        Self::Uniqueness,
        Self::Policy,
        Self::Contributions,
        Self::Chain,
        Self::Beacon,
        Self::Timeline,
        Self::Seed,
        Self::Pools,
        Self::Results,
    ];

    /// From 1.
    #[must_use]
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// The stable name.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Signatures => "signatures",
            Self::Records => "records",
            Self::Inclusion => "inclusion",
            Self::Witnesses => "witnesses",
            Self::Uniqueness => "uniqueness",
            Self::Policy => "policy",
            Self::Contributions => "contributions",
            Self::Chain => "chain",
            Self::Beacon => "beacon",
            Self::Timeline => "timeline",
            Self::Seed => "seed",
            Self::Pools => "pools",
            Self::Results => "results",
        }
    }

    /// What must hold, in English.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Files => "every file of the draw is there",
            Self::Signatures => "the city's record key signed every record",
            Self::Records => "the records are well formed and name each other",
            Self::Inclusion => "the records are in the public log, in order",
            Self::Witnesses => "the witnesses saw the log with these records",
            Self::Uniqueness => "the log announces this draw once",
            Self::Policy => "the city's rules are the announced ones",
            Self::Contributions => "the contributions open their seals",
            Self::Chain => "the beacon and its round are the announced ones",
            Self::Beacon => "the beacon signed the round",
            Self::Timeline => "announce, close and beacon came in time",
            Self::Seed => "the seed follows from announce, close and beacon",
            Self::Pools => "the pools are the announced ones",
            Self::Results => "the results follow from the seed and the pools",
        }
    }

    fn check(self, case: &mut Case<'_>) -> StepAnswer {
        match self {
            Self::Files => files::check(case),
            Self::Signatures => signatures::check(case),
            Self::Records => records::check(case),
            Self::Inclusion => inclusion::check(case),
            Self::Witnesses => witnesses::check(case),
            Self::Uniqueness => uniqueness::check(case),
            Self::Policy => policy::check(case),
            Self::Contributions => contributions::check(case),
            Self::Chain => chain::check(case),
            Self::Beacon => beacon::check(case),
            Self::Timeline => timeline::check(case),
            Self::Seed => seed::check(case),
            Self::Pools => pools::check(case),
            Self::Results => results::check(case),
        }
    }
}

/// What a verification may use beside the folder and what is trusted.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The static log's folder; without it the log is not searched for a second announce.
    pub log: Option<PathBuf>,
    /// How many threads may work; 0 for as many as the machine has.
    pub threads: usize,
}

/// How far a verification has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The step that is running.
    pub step: Step,
    /// Bytes of pools read so far.
    pub done: u64,
    /// Bytes of pools in all, by the announce.
    pub total: u64,
}

/// Checks a draw's folder. It never fails: what keeps it from checking is in the report.
pub fn verify_folder(
    folder: &Path,
    trust: &Trust,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Report {
    verify(Bundle::open_folder(folder), trust, options, progress)
}

/// Checks a draw's files, or reports why they could not be opened.
pub fn verify(
    bundle: io::Result<Bundle>,
    trust: &Trust,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Report {
    let mut case = Case::new(bundle, trust, options, progress);
    let steps: Vec<StepAnswer> = Step::ALL
        .into_iter()
        .map(|step| {
            case.announce_progress(step, 0);
            step.check(&mut case)
        })
        .collect();
    let announce = case.announce.as_ref();
    Report {
        verdict: judge(&steps),
        origin: announce.map(|announce| announce.origin.clone()),
        draw: announce.map(|announce| announce.draw.clone()),
        categories: case.category_reports(),
        timeline: case.timeline,
        steps,
    }
}
