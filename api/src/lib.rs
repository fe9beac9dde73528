//! The open backend for city licence-plate lotteries.

/// The only source of time.
pub mod clock;
/// The only source of identifiers and random bytes.
pub mod ids;

/// Keys, and the only code that touches a private one.
pub mod signer;

/// Rounds of a drand-format beacon, from relays, a carried file or a chain of our own.
pub mod beacon;

/// Those who say when they saw a checkpoint of the log.
pub mod witness;
