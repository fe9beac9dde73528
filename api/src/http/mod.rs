//! Bytes in, bytes out: the GraphQL endpoint and its subscriptions, published files, results, the
//! calendar's feed, the explorer, health.
//!
//! Nothing here decides anything about a lottery; it decides what a request may cost, who sent it,
//! and what may be kept by whom.

/// What is answered at which path.
mod routes;
/// One connection, from its first byte to its last.
mod connection;
/// Starting and stopping.
mod server;

/// GraphQL over HTTP.
mod endpoint;
/// Executing what it was asked for.
mod execution;
/// Answers of that endpoint, as they are written.
mod answer;
/// Answers made shorter on their way.
mod compression;
/// Documents that need not be sent again.
mod documents;
/// Who may ask the database, and who is told to come again.
mod gate;
/// Look-ups whose answers are not in memory.
mod look_ups;
/// Answers that are at hand, and need neither executor nor database.
mod at_hand;
/// Requests as they are read where they lie.
mod glance;
/// Answers from memory, before it is known who carries them.
mod ready;
/// Look-ups that are answered as they come off the wire.
mod shortcut;
/// Who sent a request.
mod identity;
/// Who asks, as far as limits go, and how much they may.
mod limits;
/// What a request is written in, and how its answer is to be.
mod media;
/// Requests of that endpoint, before they are believed.
mod query;
/// Why a request was not executed, and with which status.
mod refusal;
/// What a client has already.
mod validators;

/// Subscriptions.
mod live;

/// A draw's folder as one file.
mod archive;
/// The page to try queries on.
mod explorer;
/// The page on which the people of the city sign in.
mod staff;
/// The calendar as a feed.
mod feed;
/// Published files.
mod files;
/// Whether the server lives and can answer.
mod health;
/// What is counted of every request.
mod measured;
/// What is counted, for whoever watches.
mod metrics;
/// One result as plain JSON.
mod result;
/// A draw on the wall of a hall, and on paper.
pub(crate) mod wall;
/// A witness for others.
mod witness;
/// A beacon for rehearsals.
mod beacon;

/// The page of error codes.
mod codes;

pub use codes::codes_page;
pub use connection::Patience;
pub use gate::Width;
pub use limits::Proxies;
pub use live::Rhythm;
pub use routes::Options;
pub use server::{Bound, serve, serve_beacon, serve_witness, told_to_stop};
