//! Witnesses: those who cosign a checkpoint of the log with the time they saw it, and never two
//! checkpoints that do not belong to one history (C2SP tlog-witness, tlog-cosignature).

mod error;

mod http;

mod local;

use std::pin::Pin;

use verifier::{
    note::{Note, Signature, VerifierKey},
    text::Digest,
};

pub use self::{error::WitnessError, http::HttpWitness, local::LocalWitness};

/// A checkpoint as it is shown to a witness.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The size of the log when this witness last cosigned it; 0 when it never did.
    pub old_size: u64,
    /// RFC 6962 consistency proof from that size to the checkpoint's; empty when they are equal or
    /// the old one is 0. At most 63 hashes.
    pub proof: Vec<Digest>,
    /// The checkpoint, signed by the log.
    pub checkpoint: Note,
}

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
