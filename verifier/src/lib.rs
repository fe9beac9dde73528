//! Checks a published plate lottery draw from its files alone, and writes every public file of one.
//!
//! The draw's rules are in `docs/spec/`, and a letter with a number names one of them: D in `draw.md`,
//! R in `records.md`, V in `verification.md` and `receipt.md`. The numbered steps of a verification, in order, are the
//! modules of [`steps`]. Everything a stranger would have to write again in order to check a draw is
//! here, and the server calls the same functions, so that what it publishes is what this crate
//! reads.
//!
//! What is checked, in order: the folder's [`files`](steps::Step::Files); the record key's
//! [`signatures`](steps::Step::Signatures); the [`records`](steps::Step::Records) and how they name
//! each other; their [`inclusion`](steps::Step::Inclusion) in the log and the
//! [`witnesses`](steps::Step::Witnesses) of it; that the log announces the draw
//! [once](steps::Step::Uniqueness); the [`policy`](steps::Step::Policy); the
//! [`contributions`](steps::Step::Contributions); the beacon's [`chain`](steps::Step::Chain) and
//! [signature](steps::Step::Beacon); the [`timeline`](steps::Step::Timeline); the
//! [`seed`](steps::Step::Seed); the [`pools`](steps::Step::Pools); the
//! [`results`](steps::Step::Results); the [`amends`](steps::Step::Amends).
//!
//! ```
//! use std::{fs, path::Path};
//!
//! use fairplate_verifier::{Options, Trust, Verdict, verify_folder};
//!
//! let draw = Path::new("vectors/accept/example");
//! // A reader pins these two; the example brings them along.
//! let policy = fs::read(draw.join("trust.policy"))?;
//! let records = fs::read(draw.join("records.vkey"))?;
//! let trust = Trust::parse(&policy, &records)?;
//! let report = verify_folder(draw, &trust, &Options::default(), &mut |_| {});
//! assert_eq!(report.verdict, Verdict::Verified, "{report}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What it cannot say: whether those in the pool were entitled to be there, and those who are not
//! were rightly left out.

pub mod text;

mod key;
pub mod note;
pub mod record;

pub mod contribution;

mod code;
pub mod draw;
mod hasher;
pub mod holders;
mod line;
pub mod pool;
pub mod rank;
pub mod root;
mod rows;
pub mod score;

pub mod beacon;
pub mod log;
pub mod succession;
pub mod trail;
pub mod trust;

pub mod archive;
pub mod bundle;
pub mod language;
mod phrases;
pub mod report;
pub mod steps;

pub mod audit;
pub mod legacy;
pub mod receipt;
pub mod tickets;

pub use report::{Report, Verdict};
pub use steps::{Options, Progress, verify_folder};
pub use text::{Digest, Time};
pub use trust::Trust;
