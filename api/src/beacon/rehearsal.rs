//! A chain of one's own for rehearsals, which says so in its name.

use std::sync::Arc;

use verifier::beacon::Chain;

use super::{Beacon, Fetch, OwnChain};
use crate::{clock::Clock, signer::ChainKey};

/// How the beacon id of every rehearsal's chain begins. The id stands in `chain.json`, and so in the
/// published folder of every draw that used the chain: a rehearsal cannot be passed off later.
pub const REHEARSAL_PREFIX: &str = "rehearsal-";

/// Gives the rounds of a rehearsal's chain, each not before its time.
pub struct Rehearsal {
    chain: Chain,
    own: OwnChain,
    clock: Arc<dyn Clock>,
}

impl Rehearsal {
    /// The rounds of this chain with its key.
    ///
    /// # Errors
    ///
    /// A sentence, where the chain's name does not say that it is a rehearsal, or the key is another's.
    pub fn new(chain: Chain, key: ChainKey, clock: Arc<dyn Clock>) -> Result<Self, String> {
        if !chain.beacon_id.starts_with(REHEARSAL_PREFIX) {
            return Err(format!(
                "expected a chain whose beacon id begins with {REHEARSAL_PREFIX}, found {}; make one with `fairplate beacon create`",
                chain.beacon_id
            ));
        }
        if chain.public_key != key.public() {
            return Err("the chain has another public key than the key in the folder".to_owned());
        }
        let own = OwnChain::new(Arc::new(key), Arc::clone(&clock));
        Ok(Self { chain, own, clock })
    }

    /// The chain.
    #[must_use]
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The round whose time came last; none before the first.
    #[must_use]
    pub fn latest_round(&self) -> Option<u64> {
        let passed = self.clock.now().timestamp() - self.chain.genesis.0;
        let passed = u64::try_from(passed).ok()?;
        Some(passed / self.chain.period_secs + 1)
    }
}

impl Beacon for Rehearsal {
    fn fetch<'a>(&'a self, chain: &'a Chain, round: u64) -> Fetch<'a> {
        self.own.fetch(chain, round)
    }
}
