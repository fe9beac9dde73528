//! The numbered steps of a verification, one file a step, in the order in which they run.
//!
//! | | id | what must hold |
//! |---|---|---|
//! | 1 | `files` | every file of the draw is in the folder |
//! | 2 | `signatures` | every record is a signed note by the pinned record key or its successors |
//! | 3 | `records` | each is written in its one spelling, for the pinned log, and names the ones before it |
//! | 4 | `inclusion` | each is an entry of the pinned log, in this order, under a checkpoint the log signed; the audit trail that they name only grew |
//! | 5 | `witnesses` | the pinned quorum cosigned each of these checkpoints |
//! | 6 | `uniqueness` | in the whole log the draw is announced, closed and finished once, and the audit trail only grew |
//! | 7 | `policy` | `policy.toml` is the file the announce names |
//! | 8 | `contributions` | every sealed name is revealed or missing, every secret opens its seal |
//! | 9 | `chain` | `chain.json` hashes to the chain that announce and result name, and the round is the announced one |
//! | 10 | `beacon` | the signature is the chain's signature of that round |
//! | 11 | `timeline` | by the witnesses' clocks announce, close (or void) and beacon came in time |
//! | 12 | `seed` | the seed follows from announce, close and beacon |
//! | 13 | `pools` | every pool is in its one spelling and is the file the announce names |
//! | 14 | `results` | every result is what the seed makes of its pool |
//! | 15 | `amends` | amends drop and promote people who were drawn, reserves in their order |

mod amends;
mod beacon;
mod case;
mod chain;
mod contributions;
mod files;
mod growth;
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
    language::Language,
    log::Checkpoint,
    note::Note,
    record::{Amend, Announce, ResultRecord},
    report::{Report, StepAnswer, judge},
    text::Digest,
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
    /// 15: changes after the draw keep to it.
    Amends,
}

impl Step {
    /// All steps in their order.
    pub const ALL: [Self; 15] = [
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
        Self::Amends,
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
            Self::Amends => "amends",
        }
    }

    /// What must hold, in English.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.title_in(Language::English)
    }

    /// What must hold.
    #[must_use]
    pub fn title_in(self, language: Language) -> &'static str {
        let (english, chinese) = match self {
            Self::Files => ("every file of the draw is there", "本次摇号的文件齐全"),
            Self::Signatures => (
                "the city's record key signed every record",
                "全部记录由本市记录密钥签名",
            ),
            Self::Records => (
                "the records are well formed and name each other",
                "各记录格式正确、前后相承",
            ),
            Self::Inclusion => (
                "the records are in the public log, in order",
                "各记录按序收录于公开日志",
            ),
            Self::Witnesses => (
                "the witnesses saw the log with these records",
                "见证人见证了收录这些记录的日志",
            ),
            Self::Uniqueness => (
                "the log announces this draw once",
                "公开日志中本次摇号只公告一次",
            ),
            Self::Policy => (
                "the city's rules are the announced ones",
                "政策文件与公告一致",
            ),
            Self::Contributions => (
                "the contributions open their seals",
                "各方随机数与其封存值相符",
            ),
            Self::Chain => (
                "the beacon and its round are the announced ones",
                "随机信标及其轮次与公告一致",
            ),
            Self::Beacon => ("the beacon signed the round", "该轮信标签名有效"),
            Self::Timeline => (
                "announce, close and beacon came in time",
                "公告、截止与信标的先后时间符合规则",
            ),
            Self::Seed => (
                "the seed follows from announce, close and beacon",
                "种子数由公告、截止记录与信标得出",
            ),
            Self::Pools => ("the pools are the announced ones", "摇号池与公告一致"),
            Self::Results => (
                "the results follow from the seed and the pools",
                "结果由种子数与摇号池得出",
            ),
            Self::Amends => (
                "amends keep to those who were drawn",
                "更正只涉及本次中签与候补人员",
            ),
        };
        language.pick(english, chinese)
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
            Self::Amends => amends::check(case),
        }
    }
}

/// What a verification may use beside the folder and what is trusted.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The static log's folder; without it the log is not searched for a second announce.
    pub log: Option<PathBuf>,
    /// The newest checkpoint of this log that was seen before; the log must have grown from it.
    pub last_seen: Option<(Note, Checkpoint)>,
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
    run(bundle, trust, options, progress, &Step::ALL).report
}

/// What the steps found out, for those who go on from there.
#[derive(Debug)]
pub struct Findings {
    /// The report.
    pub report: Report,
    /// The announce, if it could be read.
    pub announce: Option<Announce>,
    /// The result, if it could be read.
    pub result: Option<ResultRecord>,
    /// The announce's place in the log, if its proof was good.
    pub announced_at: Option<u64>,
    /// The amends that could be read, in order, each with its place in the log.
    pub amends: Vec<(Option<u64>, Amend)>,
    /// The seed, if it could be computed from the records and the beacon's signature.
    pub seed: Option<Digest>,
}

/// Runs some of the steps, in their order.
pub fn run(
    bundle: io::Result<Bundle>,
    trust: &Trust,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
    steps: &[Step],
) -> Findings {
    let mut case = Case::new(bundle, trust, options, progress);
    let steps: Vec<StepAnswer> = steps
        .iter()
        .map(|step| {
            case.announce_progress(*step, 0);
            step.check(&mut case)
        })
        .collect();
    let announced_at = case.find_index("announce.note");
    let amended_at = case.amends.iter().map(|(name, _)| case.find_index(name));
    let amended_at: Vec<_> = amended_at.collect();
    let announce = case.announce.as_ref();
    let conclusion = case.conclusion();
    let report = Report {
        verdict: judge(&steps, conclusion.as_ref()),
        origin: announce.map(|announce| announce.origin.clone()),
        draw: announce.map(|announce| announce.draw.clone()),
        categories: case.category_reports(),
        timeline: case.timeline,
        conclusion,
        keys: case.followed_keys(),
        evidence: std::mem::take(&mut case.evidence),
        log: case.log.take(),
        steps,
    };
    let amends = case.amends.into_iter().zip(amended_at);
    let amends = amends.map(|((_, amend), at)| (at, amend)).collect();
    Findings {
        report,
        announce: case.announce,
        result: case.result,
        announced_at,
        amends,
        seed: case.seed,
    }
}
