//! The tables as rows: one file a table, with its enums and its named selections.
//!
//! What is true of every reader of a table (scope, order) lives here; statements that run live in
//! the server's `store`.

mod ids;
pub use ids::{AccountId, ApplicantId, ApplicationId, CityId, DraftId, OneTimeCodeId, StaffId};

pub mod city;
pub mod policy_version;

pub mod approval;

pub mod period;
pub mod period_move;
pub mod period_quota;
pub mod period_transition;

pub mod account;
pub mod device;
pub mod one_time_code;
pub mod password_guess;

pub mod passkey;
pub mod passkey_challenge;
pub mod staff;

pub mod applicant;
pub mod application;
pub mod contact_index;
pub mod duplicate_flag;
pub mod application_draft;
pub mod participation;
pub mod review;
pub mod review_claim;
pub mod second_look;

pub mod contribution;
pub mod draw;
pub mod draw_pool;
pub mod placement;
pub mod pool_entry;
pub mod publication;
pub mod representative;

pub mod checkpoint;
pub mod record;
pub mod unsigned_record;

pub mod ban;
pub mod certificate;
pub mod quota_line;

pub mod audit;
pub mod personal_key;
pub mod circular;
pub mod idempotency_key;
pub mod job_lease;
pub mod message;
pub mod session;
