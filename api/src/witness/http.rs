//! A witness over HTTP (C2SP tlog-witness).

use tokio::task::spawn_blocking;
use verifier::note::{Note, Signature, VerifierKey};

use super::{Cosign, Submission, Witness, WitnessError};
use crate::beacon::{
    Fault, Limits,
    http::{self, Answer},
};

/// The longest excerpt of a refusal that is passed on, in characters.
const EXCERPT: usize = 200;

/// Asks a witness with `POST <url>/add-checkpoint`. It is believed only as far as its key's
/// signature goes.
pub struct HttpWitness {
    url: String,
    key: VerifierKey,
    limits: Limits,
}

impl HttpWitness {
    /// The witness at this submission prefix, whose cosignatures verify with this key.
    #[must_use]
    pub fn new(url: &str, key: VerifierKey, limits: Limits) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        Self { url, key, limits }
    }

    async fn submit(&self, submission: &Submission) -> Result<Signature, WitnessError> {
        let failed = |fault| WitnessError::Failed {
            url: self.url.clone(),
            fault,
        };
        let url = format!("{}/add-checkpoint", self.url);
        let (request, limits) = (submission.to_string(), self.limits);
        let Answer { status, body } =
            spawn_blocking(move || http::post(&url, request.as_bytes(), limits))
                .await
                .unwrap_or_else(|error| {
                    let cause = error.to_string();
                    Err(Fault::BrokenOff { cause })
                })
                .map_err(failed)?;
        match status {
            200 => self.accept(&body, &submission.checkpoint),
            409 => Err(self.conflict(&body, submission)),
            _ => Err(self.refused(status, &body)),
        }
    }

    /// Picks the line by the witness's key and verifies it; lines by other keys are left alone.
    fn accept(&self, body: &[u8], checkpoint: &Note) -> Result<Signature, WitnessError> {
        let refuse = |found: String| WitnessError::FalseCosignature {
            url: self.url.clone(),
            key: self.key.name().to_owned(),
            found,
        };
        let text =
            std::str::from_utf8(body).map_err(|_| refuse("bytes that are no text".into()))?;
        let lines = text
            .lines()
            .map(str::parse::<Signature>)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| refuse(error.to_string()))?;
        let signature = lines
            .into_iter()
            .find(|line| line.name == self.key.name() && line.key_id == self.key.id())
            .ok_or_else(|| refuse("no line by that key".to_owned()))?;
        let cosigned = Note {
            text: checkpoint.text.clone(),
            signatures: vec![signature.clone()],
        };
        cosigned
            .verify(&self.key)
            .map_err(|error| refuse(error.to_string()))?;
        Ok(signature)
    }

    fn conflict(&self, body: &[u8], submission: &Submission) -> WitnessError {
        let size = std::str::from_utf8(body)
            .ok()
            .and_then(|text| text.trim_end_matches('\n').parse::<u64>().ok());
        match size {
            Some(size) if size < submission.old_size => WitnessError::Behind { size },
            Some(size) if size > submission.old_size => WitnessError::Ahead { size },
            // The size it was sent, or none: not an answer to act on.
            _ => self.refused(409, body),
        }
    }

    fn refused(&self, status: u16, body: &[u8]) -> WitnessError {
        let text = String::from_utf8_lossy(body);
        WitnessError::Refused {
            url: self.url.clone(),
            status,
            text: text
                .trim()
                .chars()
                .filter(|letter| !letter.is_control())
                .take(EXCERPT)
                .collect(),
        }
    }
}

impl Witness for HttpWitness {
    fn key(&self) -> &VerifierKey {
        &self.key
    }

    fn cosign<'a>(&'a self, submission: &'a Submission) -> Cosign<'a> {
        Box::pin(self.submit(submission))
    }
}
