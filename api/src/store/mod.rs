//! Statements that run: free functions over a connection or a transaction, one file a noun.
//!
//! Nothing here decides. Whoever writes does so inside [`begin`], and every change writes its
//! audit row and its outbox rows in the same transaction ([`trail`]).

pub mod applicants;
pub mod applications;
pub mod bulk;
pub mod cities;
pub mod connection;
pub mod contributions;
pub mod draws;
pub mod participation;
pub mod periods;
pub mod placements;
pub mod policies;
pub mod pools;
pub mod records;
pub mod reviews;
pub mod sessions;
pub mod trail;

pub use connection::{begin, connect};
