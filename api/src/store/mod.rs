//! Statements that run: free functions over a connection or a transaction, one file a noun.
//!
//! Nothing here decides. Whoever writes does so inside [`begin`], and every change writes its
//! audit row ([`trail`]) and its messages ([`messages`]) in the same transaction.

pub mod connection;
pub mod span;
pub mod cities;
pub mod policies;
pub mod approvals;
pub mod periods;
pub mod milestones;
pub mod circulars;
pub mod accounts;
pub mod one_time_codes;
pub mod password_guesses;
pub mod devices;
pub mod drafts;
pub mod applicants;
pub mod applications;
pub mod validity;
pub mod reviews;
pub mod queue;
pub mod claims;
pub mod second_looks;
pub mod contacts;
pub mod duplicates;
pub mod participation;
pub mod draws;
pub mod pools;
pub mod contributions;
pub mod placements;
pub mod publications;
pub mod certificates;
pub mod bans;
pub mod quota_lines;
pub mod records;
pub mod unsigned_records;
pub mod representatives;
pub mod sessions;
pub mod staff;
pub mod passkeys;
pub mod personal_keys;
pub mod sealed;
pub mod trail;
pub mod messages;
pub mod leases;
pub mod idempotency_keys;
pub mod bulk;
pub mod copies;

pub use connection::{begin, begin_reading, connect, connect_reading, pool, watch};
/// The city's database, through as many connections as a node has.
pub use sea_orm::DatabaseConnection as Database;
