//! Relays that speak drand's HTTP API v1.

use std::sync::Arc;

use tokio::task::spawn_blocking;
use verifier::{beacon::Chain, text::Digest};

use super::{
    Attempt, Beacon, BeaconError, Fault, Fetch, Limits, check_due,
    http::{self, Answer},
    round,
};
use crate::clock::Clock;

/// Asks relays one after the other until one gives the round, `GET <relay>/<chain
/// hash>/public/<round>`. None of them is trusted; several are there so that one may fail.
pub struct Relays {
    urls: Vec<String>,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

impl Relays {
    /// Relays by their addresses, such as `https://api.drand.sh`, in the order they are asked.
    #[must_use]
    pub fn new(urls: Vec<String>, limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self {
            urls,
            limits,
            clock,
        }
    }

    async fn ask(&self, relay: &str, chain: &Chain, round: u64) -> Result<[u8; 48], Fault> {
        let url = address(relay, chain.hash, round);
        let limits = self.limits;
        let Answer { status, body } = spawn_blocking(move || http::get(&url, limits))
            .await
            .map_err(|error| Fault::BrokenOff {
                cause: error.to_string(),
            })??;
        if status != 200 {
            return Err(Fault::Status { status });
        }
        round::read(&body, chain, round)
    }
}

impl Beacon for Relays {
    fn fetch<'a>(&'a self, chain: &'a Chain, round: u64) -> Fetch<'a> {
        Box::pin(async move {
            check_due(chain, round, self.clock.as_ref())?;
            let mut attempts = Vec::new();
            for relay in &self.urls {
                match self.ask(relay, chain, round).await {
                    Ok(signature) => return Ok(signature),
                    Err(fault) => attempts.push(Attempt {
                        source: relay.clone(),
                        fault,
                    }),
                }
            }
            Err(BeaconError::Failed { round, attempts })
        })
    }
}

fn address(relay: &str, chain: Digest, round: u64) -> String {
    let relay = relay.trim_end_matches('/');
    format!("{relay}/{chain}/public/{round}")
}
