//! Relays that speak drand's HTTP API v1.

use std::{sync::Arc, thread};

use tokio::sync::mpsc;
use verifier::{beacon::Chain, text::Digest};

use super::{
    Attempt, Beacon, BeaconError, Fault, Fetch, Limits, check_due,
    http::{self, Answer},
    round,
};
use crate::clock::Clock;

/// Asks all relays at once, `GET <relay>/<chain hash>/public/<round>`, and takes the first answer whose
/// signature verifies. None of them is trusted: a relay that is slow, dead or a liar costs the draw
/// neither time nor truth. Whoever lies is named in the log, also when it lies later than somebody else
/// told the truth.
pub struct Relays {
    urls: Vec<String>,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

impl Relays {
    /// Relays by their addresses, such as `https://api.drand.sh`.
    #[must_use]
    pub fn new(urls: Vec<String>, limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self {
            urls,
            limits,
            clock,
        }
    }

    async fn race(&self, chain: &Chain, round: u64) -> Result<[u8; 48], BeaconError> {
        let (tell, mut told) = mpsc::unbounded_channel();
        for (place, relay) in self.urls.iter().enumerate() {
            let asking = Asking {
                relay: relay.clone(),
                chain: chain.clone(),
                round,
                limits: self.limits,
            };
            let tell = tell.clone();
            // A thread that nobody waits for: when a relay has told the truth, a process that has
            // nothing else to do ends at once, and in a server the others end by their limits.
            let started = thread::Builder::new()
                .name("relay".to_owned())
                .spawn(move || {
                    // The draw may have its round by now.
                    let _ = tell.send((place, asking.ask()));
                });
            if let Err(cause) = started {
                tracing::warn!("the relay {relay} is not asked: {cause}");
            }
        }
        drop(tell);
        let mut attempts = Vec::new();
        while let Some((place, answer)) = told.recv().await {
            match answer {
                Ok(signature) => return Ok(signature),
                Err(fault) => attempts.push((place, fault)),
            }
        }
        attempts.sort_by_key(|(place, _)| *place);
        let named = attempts.into_iter().map(|(place, fault)| Attempt {
            source: self.urls[place].clone(),
            fault,
        });
        Err(BeaconError::Failed {
            round,
            attempts: named.collect(),
        })
    }
}

impl Beacon for Relays {
    fn fetch<'a>(&'a self, chain: &'a Chain, round: u64) -> Fetch<'a> {
        Box::pin(async move {
            check_due(chain, round, self.clock.as_ref())?;
            self.race(chain, round).await
        })
    }
}

/// One question to one relay.
struct Asking {
    relay: String,
    chain: Chain,
    round: u64,
    limits: Limits,
}

impl Asking {
    fn ask(&self) -> Result<[u8; 48], Fault> {
        let answer = self.fetch();
        if let Err(fault) = &answer
            && fault.is_lie()
        {
            let Self { relay, round, .. } = self;
            tracing::warn!("the relay {relay} {fault} (round {round}); do not ask it any more");
        }
        answer
    }

    fn fetch(&self) -> Result<[u8; 48], Fault> {
        let url = address(&self.relay, self.chain.hash, self.round);
        let Answer { status, body } = http::get(&url, self.limits)?;
        if status != 200 {
            return Err(Fault::Status { status });
        }
        round::read(&body, &self.chain, self.round)
    }
}

fn address(relay: &str, chain: Digest, round: u64) -> String {
    let relay = relay.trim_end_matches('/');
    format!("{relay}/{chain}/public/{round}")
}
