//! What a verification found.

pub mod json;
mod prose;

use std::{fmt, io};

pub use prose::{Marks, Style};

use crate::{
    key::VerifierKey,
    note::Note,
    steps::Step,
    succession::Unpinned,
    text::{Time, excerpt, visible},
};

/// The answer in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was checked and the quorum of witnesses had seen it in time.
    Verified,
    /// Everything was checked, but not enough witnesses vouch for when.
    VerifiedUnwitnessed,
    /// Something is not there; nothing that is there is wrong.
    Incomplete,
    /// Something is wrong.
    False,
    /// The draw follows a later version of the protocol.
    Unsupported,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Verified => "VERIFIED",
            Self::VerifiedUnwitnessed => "VERIFIED-UNWITNESSED",
            Self::Incomplete => "INCOMPLETE",
            Self::False => "FALSE",
            Self::Unsupported => "UNSUPPORTED",
        })
    }
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Everything it looks at is as it must be.
    Passed,
    /// Something is wrong.
    Failed,
    /// Something it needs is not in the folder.
    Missing,
    /// The quorum of witnesses did not cosign.
    Unwitnessed,
    /// A later version of the protocol.
    Unsupported,
    /// It could not run because of an earlier step, or nobody gave it what it looks at.
    NotChecked,
}

/// What is wrong, or not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The file's name in the folder.
    pub file: String,
    /// The line, counted from 1, where one is to blame.
    pub line: Option<u64>,
    /// What would have been accepted.
    pub expected: String,
    /// What was there.
    pub found: String,
}

impl Failure {
    pub(crate) fn new(file: &str, expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            expected: visible(&expected.to_string()),
            found: excerpt(&found.to_string()),
        }
    }

    /// Nobody can judge this who has not pinned that trust policy.
    pub(crate) fn unpinned(file: &str, unpinned: &Unpinned) -> Self {
        let expected = format!("to have pinned {unpinned}");
        Self::new(file, expected, "other trust policies")
    }

    pub(crate) fn at(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": expected {}, found {}", self.expected, self.found)
    }
}

/// One step's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepAnswer {
    /// Which step.
    pub step: Step,
    /// How it ended.
    pub status: Status,
    /// How many things it looked at.
    pub checked: u64,
    /// How many of them were wrong.
    pub failed: u64,
    /// The first that was wrong, or, when none was, the first that was missing.
    pub failure: Option<Failure>,
}

impl StepAnswer {
    pub(crate) fn new(step: Step) -> Self {
        Self {
            step,
            status: Status::Passed,
            checked: 0,
            failed: 0,
            failure: None,
        }
    }

    pub(crate) fn not_checked(step: Step) -> Self {
        Self {
            status: Status::NotChecked,
            ..Self::new(step)
        }
    }

    /// The step's stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.step.id()
    }

    /// What the step looks at, in English.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.step.title()
    }

    /// Counts one thing that was looked at, and keeps it when it is the first wrong one.
    pub(crate) fn check(&mut self, result: Result<(), Failure>) -> bool {
        self.checked += 1;
        let Err(failure) = result else {
            return true;
        };
        self.failed += 1;
        if self.status != Status::Failed {
            self.status = Status::Failed;
            self.failure = Some(failure);
        }
        false
    }

    /// Counts one thing that must equal another.
    pub(crate) fn equal<T: PartialEq + fmt::Display>(
        &mut self,
        file: &str,
        what: &str,
        expected: &T,
        found: &T,
    ) -> bool {
        self.check(if expected == found {
            Ok(())
        } else {
            Err(Failure::new(file, format!("{what} {expected}"), found))
        })
    }

    /// Notes a file that is not there.
    pub(crate) fn missing(&mut self, file: &str) {
        self.lack(Status::Missing, Failure::new(file, "the file", "none"));
    }

    /// Notes a shortcoming that is no fault, unless something worse is known.
    pub(crate) fn lack(&mut self, status: Status, failure: Failure) {
        if self.status == Status::Passed {
            self.status = status;
            self.failure = Some(failure);
        }
    }

    /// The file exists but the machine would not give its bytes: nothing can be said of it.
    pub(crate) fn unreadable(&mut self, file: &str, error: &io::Error) {
        if error.kind() == io::ErrorKind::InvalidData {
            self.check(Err(Failure::new(file, "a file of its format", error)));
        } else {
            let failure = Failure::new(file, "a file that can be read", error);
            self.lack(Status::Missing, failure);
        }
    }
}

/// What one category came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryReport {
    /// The category's name.
    pub category: String,
    /// Applicants in the pool.
    pub applicants: u64,
    /// Their tickets.
    pub tickets: u64,
    /// How many won.
    pub winners: u64,
    /// How many are reserves.
    pub reserves: u64,
}

/// When things happened, by the witnesses' clocks and the beacon's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The quorum had seen the announce.
    pub announced: Option<Time>,
    /// Contributions closed, by the announce.
    pub closes: Option<Time>,
    /// The quorum had seen the close.
    pub closed: Option<Time>,
    /// The beacon's round came.
    pub beacon: Option<Time>,
    /// The quorum had seen the result.
    pub published: Option<Time>,
}

/// How a draw ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// It was drawn.
    Drawn {
        /// How many amends followed.
        amends: usize,
    },
    /// It was called off.
    Void {
        /// The operator's reason.
        reason: String,
    },
}

/// A change of the record keys that was followed from the pinned key on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowedKeys {
    /// The number of the change, from 1.
    pub epoch: u64,
    /// Its place in the log, from 0, as far as it is known.
    pub index: Option<u64>,
    /// Who signs from there on.
    pub keys: Vec<VerifierKey>,
}

/// A signed note that proves a contradiction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What to call its file, without the ending.
    pub name: String,
    /// The file's bytes.
    pub bytes: Vec<u8>,
}

impl Evidence {
    pub(crate) fn new(name: &str, note: &Note) -> Self {
        Self {
            name: name.to_owned(),
            bytes: note.to_string().into_bytes(),
        }
    }
}

/// Everything a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The answer in one word.
    pub verdict: Verdict,
    /// Every step in order.
    pub steps: Vec<StepAnswer>,
    /// The log's origin, as far as the announce could be read.
    pub origin: Option<String>,
    /// The draw's id, as far as the announce could be read.
    pub draw: Option<String>,
    /// What each category came to, as far as it could be computed.
    pub categories: Vec<CategoryReport>,
    /// When things happened.
    pub timeline: Timeline,
    /// How the draw ended, as far as the records could be read.
    pub conclusion: Option<Conclusion>,
    /// The changes of record keys that lie between the pinned key and those that signed this draw.
    pub keys: Vec<FollowedKeys>,
    /// Signed notes that contradict each other and are not files of the folder.
    pub evidence: Vec<Evidence>,
    /// The newest checkpoint of the log, once its entries have been read.
    pub log: Option<Note>,
}

impl Report {
    /// The first step that failed, or, when none did, the first with another shortcoming.
    #[must_use]
    pub fn first_failure(&self) -> Option<&StepAnswer> {
        let failed = |answer: &&StepAnswer| answer.status == Status::Failed;
        let lacking = |answer: &&StepAnswer| answer.failure.is_some();
        self.steps
            .iter()
            .find(failed)
            .or_else(|| self.steps.iter().find(lacking))
    }

    /// One step's answer.
    #[must_use]
    pub fn find_step(&self, step: Step) -> Option<&StepAnswer> {
        self.steps.iter().find(|answer| answer.step == step)
    }
}

/// The verdict that follows from the steps: the worst of them. A step that was not checked is one
/// that something is missing for, unless the draw was called off before it, or the step looks at a
/// log that nobody gave.
pub(crate) fn judge(steps: &[StepAnswer], conclusion: Option<&Conclusion>) -> Verdict {
    let any = |status| steps.iter().any(|answer| answer.status == status);
    let void = matches!(conclusion, Some(Conclusion::Void { .. }));
    let optional = |step| match step {
        Step::Uniqueness => true,
        Step::Contributions | Step::Beacon | Step::Seed | Step::Results | Step::Amends => void,
        _ => false,
    };
    let lacking =
        |answer: &StepAnswer| answer.status == Status::NotChecked && !optional(answer.step);
    if any(Status::Failed) {
        Verdict::False
    } else if any(Status::Unsupported) {
        Verdict::Unsupported
    } else if any(Status::Missing) || steps.iter().any(lacking) {
        Verdict::Incomplete
    } else if any(Status::Unwitnessed) {
        Verdict::VerifiedUnwitnessed
    } else {
        Verdict::Verified
    }
}
