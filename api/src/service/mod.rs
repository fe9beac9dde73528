//! The use cases: one public function is one thing that the city or a citizen can do.
//!
//! Each takes the app, a proof of who asks, and what is asked; it says what happens first and what
//! is atomic. Start with [`ceremony`].

pub mod ceremony;
pub mod approvals;
pub mod publication;
pub mod log;
pub mod unsigned;
pub mod draws;
pub mod rules;
pub mod periods;
pub mod calendar;
pub mod duties;
pub mod circulars;
pub mod applications;
pub mod renewals;
mod participation;
pub mod certificates;
pub mod carry_over;
pub mod reviews;
pub mod duplicates;
pub mod results;
pub mod health;
pub mod representatives;
pub mod sessions;
pub mod one_time_codes;
pub mod accounts;
pub mod staff;
pub mod drafts;
pub mod retention;
pub mod imports;
pub mod personal_keys;
pub mod record_keys;
pub mod messages;
pub mod live;
pub mod wall;
pub mod leases;
pub mod once;
pub mod trail;
pub mod trust;
pub mod rehearsal;
