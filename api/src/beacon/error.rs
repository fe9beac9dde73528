//! Why a beacon gave no round.

use std::{fmt, time::Duration};

use verifier::text::Time;

/// Why there is no round to use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeaconError {
    /// The round lies in the future; nobody was asked.
    #[error("round {round} does not exist before {at}; ask again then")]
    NotYet {
        /// The round asked for.
        round: u64,
        /// The round's time.
        at: Time,
    },
    /// The chain has no such round: rounds count from 1, and their times end where 64 bits end.
    #[error("expected a round of the chain, counted from 1, found {round}")]
    NoSuchRound {
        /// The round asked for.
        round: u64,
    },
    /// No source gave the round.
    #[error("no source gave round {round}: {}", list(attempts))]
    Failed {
        /// The round asked for.
        round: u64,
        /// Every source asked, in the order of the settings, with what was wrong; empty when none is
        /// configured.
        attempts: Vec<Attempt>,
    },
}

/// One source that did not give the round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The relay's address, the file's path, or `own chain`.
    pub source: String,
    /// What was wrong with it.
    pub fault: Fault,
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.source, self.fault)
    }
}

/// What was wrong with a source; reads as the end of a sentence that the source begins.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No connection: refused, no such host, no TLS.
    #[error("could not be reached ({cause})")]
    Unreachable {
        /// What the system said.
        cause: String,
    },
    /// No whole answer in time.
    #[error("did not answer within {} ms", limit.as_millis())]
    Stalled {
        /// The time that ran out.
        limit: Duration,
    },
    /// The connection ended or the protocol was broken within the answer.
    #[error("broke off its answer ({cause})")]
    BrokenOff {
        /// What the system said.
        cause: String,
    },
    /// Another HTTP status than 200.
    #[error("answered with HTTP status {status} instead of 200")]
    Status {
        /// The status.
        status: u16,
    },
    /// A body beyond the limit.
    #[error("sent more than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// The file cannot be read.
    #[error("could not be read ({cause})")]
    Unreadable {
        /// What the system said.
        cause: String,
    },
    /// Not the JSON of a round.
    #[error("sent something that is not a round in JSON ({cause})")]
    NotARound {
        /// What is missing or malformed.
        cause: String,
    },
    /// A round that nobody asked for.
    #[error("sent round {found}")]
    AnotherRound {
        /// The round sent.
        found: u64,
    },
    /// The signature is not the chain's for this round.
    #[error("sent a signature that is not this chain's for this round")]
    FalseSignature,
}

impl Fault {
    /// Whether the source said something that is not so. A source that is slow, away or broken does not
    /// lie.
    #[must_use]
    pub fn is_lie(&self) -> bool {
        matches!(self, Self::AnotherRound { .. } | Self::FalseSignature)
    }
}

fn list(attempts: &[Attempt]) -> String {
    if attempts.is_empty() {
        return "none is configured; name at least one relay".to_owned();
    }
    let attempts: Vec<_> = attempts.iter().map(Attempt::to_string).collect();
    attempts.join("; ")
}
