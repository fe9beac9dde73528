//! Keys: the only folder that touches a private key.
//!
//! A folder of keys holds `record.key`, `log.key`, `witness.key`, `chain.key` and `personal.key`,
//! each a PKCS#8 private key encrypted with a passphrase (`file.rs` has the form), mode 0600, and
//! beside the first three the public half in a `.vkey` file. The first two may be in a token instead
//! (`token.rs`): then `record.token` or `log.token` says which of its keys it is. A key that takes the place of
//! another is in a folder `record-<n>` or `log-<n>`. A record key may be on a machine without network (`off_line.rs`): then `record.offline` holds its public half. A key is made once
//! and never overwritten. Nothing here prints a secret: `Debug` shows a key's public half, and memory is
//! wiped on drop.

mod passphrase;

mod error;

mod file;

/// The Ed25519 half that record, log and witness keys share.
mod pair;

/// Where the private half of a record key or a log key is.
mod custody;

/// What the folder of keys says of a key on a machine without network.
mod off_line;

/// A record on its way to a machine without network.
mod request;

mod record;

mod record_keys;

mod log;

mod token;

mod cosigner;

mod chain;

mod personal;

mod personal_keys;

pub use self::{
    chain::ChainKey,
    cosigner::Cosigner,
    custody::Access,
    error::{KeyError, SignError},
    file::Kind,
    log::LogSigner,
    passphrase::Passphrase,
    personal::{PersonalKey, SealError},
    personal_keys::PersonalKeys,
    record::RecordSigner,
    record_keys::RecordKeys,
    request::{Request, RequestError},
    token::{Pin, Token, TokenError, Wanted},
};

#[cfg(test)]
mod tests;
