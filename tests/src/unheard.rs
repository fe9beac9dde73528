//! A witness who cosigns, and of whose answer nothing arrives: the asking end of a connection that
//! breaks at the worst moment.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use fairplate::{
    beacon::Fault,
    witness::{Cosign, Submission, Witness, WitnessError},
};
use verifier::note::VerifierKey;

/// A witness behind a connection that breaks when it is told to.
pub struct Unheard {
    witness: Arc<dyn Witness>,
    is_broken: AtomicBool,
}

impl Unheard {
    /// In front of a witness; nothing arrives until it is mended.
    #[must_use]
    pub fn before(witness: &Arc<dyn Witness>) -> Arc<Self> {
        Arc::new(Self {
            witness: Arc::clone(witness),
            is_broken: AtomicBool::new(true),
        })
    }

    /// Breaks or mends the connection.
    pub fn set_broken(&self, is_broken: bool) {
        self.is_broken.store(is_broken, Ordering::SeqCst);
    }
}

impl Witness for Unheard {
    fn key(&self) -> &VerifierKey {
        self.witness.key()
    }

    fn cosign<'a>(&'a self, submission: &'a Submission) -> Cosign<'a> {
        Box::pin(async move {
            let answer = self.witness.cosign(submission).await?;
            if self.is_broken.load(Ordering::SeqCst) {
                let limit = Duration::from_secs(1);
                return Err(WitnessError::Failed {
                    url: "http://witness.example".to_owned(),
                    fault: Fault::Stalled { limit },
                });
            }
            Ok(answer)
        })
    }
}
