//! Subscriptions: the protocol `graphql-transport-ws` over WebSocket, and GraphQL over SSE.
//!
//! Both carry subscriptions and nothing else: queries and mutations have one door, which is POST.
//! An event is made when the connection takes it, so that a slow reader has one event in memory and
//! never a queue.

/// Server-sent events.
pub(super) mod events;
/// WebSocket connections.
pub(super) mod socket;

/// A subscription that is followed for a connection.
mod operation;
/// How many may be connected.
mod places;
/// What is said over a WebSocket, and in which order.
mod protocol;

use std::time::Duration;

pub(super) use operation::Caller;
pub(super) use places::Places;

/// How long those who follow subscriptions may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// Until a client of a WebSocket has said who it is.
    pub init: Duration,
    /// Between two pings over a WebSocket. Who has not answered by the next one is gone.
    pub beat: Duration,
    /// Until a client of a WebSocket has taken a message.
    pub send: Duration,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self {
            init: Duration::from_secs(10),
            beat: Duration::from_secs(30),
            send: Duration::from_secs(10),
        }
    }
}
