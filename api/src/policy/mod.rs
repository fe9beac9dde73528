//! A city's rules as data.
//!
//! A policy file says what differs between cities, each rule with its source. It is read once,
//! strictly: what is not understood is refused with its line, all faults at once. The digest of its
//! exact text goes into the signed `announce` of every draw that it governs.

/// The file as a whole.
mod document;

/// The files that come with the house.
mod builtin;

/// The city and its lottery's names.
mod city;

/// How often a city draws, and on which days.
mod schedule;

/// The categories people apply for.
mod category;

/// The kinds of identity papers a form asks for.
mod identity_type;

/// The application form, field by field.
mod form;

/// What applicants read before they fill it in.
mod instructions;

/// What an applicant has to fulfil.
mod requirement;

/// How applications are reviewed.
mod review;

/// The reasons a reviewer may give.
mod review_reason;

/// How waiting is rewarded.
mod tier;

/// How long applications and certificates live.
mod terms;

/// Who attends a draw for the applicants.
mod representatives;

/// The notices an applicant reads.
mod notice;

/// Where a rule comes from, and how sure we are.
mod rule;

/// Sentences in both languages.
mod text;

/// The calendar of working days.
mod holidays;

/// Reads TOML strictly and remembers the lines.
mod reader;

/// What is wrong with a policy file, and where.
mod fault;

/// In what two texts differ.
mod difference;

#[cfg(test)]
mod cases;

#[cfg(test)]
mod refusals;

pub use builtin::{Builtin, builtin, find_builtin, working_days};
pub use category::Category;
pub use city::City;
pub use difference::{Difference, list_differences};
pub use document::Policy;
pub use fault::Fault;
pub use form::Field;
pub use holidays::parse_working_days;
pub use identity_type::{IdentityNumberFormat, IdentityType};
pub use instructions::Paragraph;
pub use notice::Notice;
pub use representatives::Representatives;
pub use requirement::{Check, Requirement};
pub use review::ReviewTerms;
pub use review_reason::ReviewReason;
pub use rule::{Confidence, Rule, Scope, WeakRule};
pub use schedule::{Cadence, DayOfPeriod, DrawShift, Schedule};
pub use terms::{ApplicationTerms, CertificateTerms, ResetEvent};
pub use text::Text;
pub use tier::{ClassBonus, Tier, TierWeights};
