//! A beacon chain of our own.

use std::sync::Arc;

use verifier::beacon::Chain;

use super::{Attempt, Beacon, BeaconError, Fault, Fetch, check_due};
use crate::{clock::Clock, signer::ChainKey};

/// Signs rounds itself, each not before its time by the clock. For demonstrations, tests, and the
/// institution that runs a chain for a city.
pub struct OwnChain {
    key: Arc<ChainKey>,
    clock: Arc<dyn Clock>,
}

impl OwnChain {
    /// The chains of this key.
    #[must_use]
    pub fn new(key: Arc<ChainKey>, clock: Arc<dyn Clock>) -> Self {
        Self { key, clock }
    }
}

impl Beacon for OwnChain {
    fn fetch<'a>(&'a self, chain: &'a Chain, round: u64) -> Fetch<'a> {
        Box::pin(async move {
            check_due(chain, round, self.clock.as_ref())?;
            let signature = self.key.sign_round(round);
            chain
                .verify(round, &signature)
                .map_err(|_| BeaconError::Failed {
                    round,
                    attempts: vec![Attempt {
                        source: "own chain".to_owned(),
                        fault: Fault::FalseSignature,
                    }],
                })?;
            Ok(signature)
        })
    }
}
