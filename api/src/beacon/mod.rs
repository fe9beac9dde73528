//! Rounds of a randomness beacon (drand format, scheme `bls-unchained-g1-rfc9380`).
//!
//! Whatever the source, a round is handed out only when its signature verifies against the chain
//! the caller pinned: a source that lies is a source that failed. The randomness that sources send
//! along is never read; the draw derives it from the signature.

/// One exchange over HTTP, with limits of time and size.
pub(crate) mod http;

mod error;

mod round;

mod relays;

mod carried;

mod own_chain;

mod rehearsal;

#[cfg(test)]
pub(crate) mod loopback;

use std::pin::Pin;

use verifier::{beacon::Chain, text::Time};

pub use self::{
    carried::Carried,
    error::{Attempt, BeaconError, Fault},
    http::Limits,
    own_chain::OwnChain,
    rehearsal::{REHEARSAL_PREFIX, Rehearsal},
    relays::Relays,
};
use crate::clock::Clock;

/// The answer of [`Beacon::fetch`], boxed so that beacons of all kinds can stand in one place.
pub type Fetch<'a> = Pin<Box<dyn Future<Output = Result<[u8; 48], BeaconError>> + Send + 'a>>;

/// A source of rounds.
pub trait Beacon: Send + Sync {
    /// The signature of a round, verified against the chain. [`BeaconError::NotYet`] before the
    /// round's time by the clock, without asking anybody.
    fn fetch<'a>(&'a self, chain: &'a Chain, round: u64) -> Fetch<'a>;
}

/// drand's default network: 3-second rounds of the League of Entropy since 2023-08-23. The
/// parameters are those of its `/info` endpoint, as published on <https://docs.drand.love> under
/// "Quicknet"; their hash is the chain hash
/// `52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971`.
#[must_use]
pub fn quicknet() -> Chain {
    Chain::new(
        QUICKNET_PUBLIC_KEY,
        3,
        Time(1_692_803_367),
        QUICKNET_GENESIS_SEED.to_vec(),
        "quicknet",
    )
}

const QUICKNET_PUBLIC_KEY: [u8; 96] = [
    0x83, 0xcf, 0x0f, 0x28, 0x96, 0xad, 0xee, 0x7e, 0xb8, 0xb5, 0xf0, 0x1f, 0xca, 0xd3, 0x91, 0x22,
    0x12, 0xc4, 0x37, 0xe0, 0x07, 0x3e, 0x91, 0x1f, 0xb9, 0x00, 0x22, 0xd3, 0xe7, 0x60, 0x18, 0x3c,
    0x8c, 0x4b, 0x45, 0x0b, 0x6a, 0x0a, 0x6c, 0x3a, 0xc6, 0xa5, 0x77, 0x6a, 0x2d, 0x10, 0x64, 0x51,
    0x0d, 0x1f, 0xec, 0x75, 0x8c, 0x92, 0x1c, 0xc2, 0x2b, 0x0e, 0x17, 0xe6, 0x3a, 0xaf, 0x4b, 0xcb,
    0x5e, 0xd6, 0x63, 0x04, 0xde, 0x9c, 0xf8, 0x09, 0xbd, 0x27, 0x4c, 0xa7, 0x3b, 0xab, 0x4a, 0xf5,
    0xa6, 0xe9, 0xc7, 0x6a, 0x4b, 0xc0, 0x9e, 0x76, 0xea, 0xe8, 0x99, 0x1e, 0xf5, 0xec, 0xe4, 0x5a,
];

const QUICKNET_GENESIS_SEED: [u8; 32] = [
    0xf4, 0x77, 0xd5, 0xc8, 0x9f, 0x21, 0xa1, 0x7c, 0x86, 0x3a, 0x7f, 0x93, 0x7c, 0x6a, 0x6d, 0x15,
    0x85, 0x94, 0x14, 0xd2, 0xbe, 0x09, 0xcd, 0x44, 0x8d, 0x42, 0x79, 0xaf, 0x33, 0x1c, 0x5d, 0x3e,
];

/// Refuses rounds that do not exist and rounds whose time has not come.
fn check_due(chain: &Chain, round: u64, clock: &dyn Clock) -> Result<(), BeaconError> {
    let at = chain
        .time_of(round)
        .ok_or(BeaconError::NoSuchRound { round })?;
    if clock.now().timestamp() < at.0 {
        return Err(BeaconError::NotYet { round, at });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
