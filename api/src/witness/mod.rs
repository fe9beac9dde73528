//! Witnesses: those who cosign a checkpoint of the log with the time they saw it, and never two
//! checkpoints that do not belong to one history (C2SP tlog-witness, tlog-cosignature).

mod error;

/// The body of a request to a witness.
mod submission;

/// Files that survive a power cut.
mod durable;

mod http;

mod local;

/// What a witness for others keeps.
mod kept;

mod office;

use std::pin::Pin;

use verifier::note::{Signature, VerifierKey};

pub(crate) use self::submission::MAX_BYTES;
pub use self::{
    error::WitnessError,
    http::HttpWitness,
    local::LocalWitness,
    office::{Declined, Office, parse_logs},
    submission::Submission,
};

/// The answer of [`Witness::cosign`], boxed so that witnesses of all kinds can stand in one place.
pub type Cosign<'a> = Pin<Box<dyn Future<Output = Result<Signature, WitnessError>> + Send + 'a>>;

/// Somebody who cosigns checkpoints.
pub trait Witness: Send + Sync {
    /// The key that the cosignatures verify with.
    fn key(&self) -> &VerifierKey;

    /// The witness's line for this checkpoint, verified. After [`WitnessError::Behind`] or
    /// [`WitnessError::Ahead`] the caller makes a proof from the size given there and asks again.
    fn cosign<'a>(&'a self, submission: &'a Submission) -> Cosign<'a>;
}

#[cfg(test)]
mod tests;
