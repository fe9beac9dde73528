//! What is decided from values already at hand: no database, no clock, no randomness of its own.
//!
//! Everything here is a function of its arguments. The rules that differ between cities come in as
//! [`crate::policy`] values; dates, random bytes and ledger lines come in from the caller.

/// Who is asking.
pub mod actor;

/// The two languages in which people are addressed.
pub mod locale;

/// Period numbers such as `201405` and `2026J1`.
pub mod period_number;

/// Working days and the dates of a period.
pub mod calendar;

/// Where a period and a draw stand, and what may happen next.
pub mod phase;

/// The classes of a driving licence.
pub mod licence;

/// Numbers of identity cards.
pub mod identity_number;

/// E-mail addresses, as far as two of them are compared.
pub mod email;

/// Application codes.
pub mod code;

/// Who may apply, and why not.
pub mod eligibility;

/// How often a person has taken part.
pub mod participation;

/// What the city tells people.
pub mod message;

/// From participation to tickets.
pub mod weight;

/// The tiered lottery: who may join, who is in its pool.
pub mod tier;

/// What a winner gets, until when, and what follows when it is not used.
pub mod certificate;

pub use calendar::{CalendarError, PeriodDates, WorkingDays};
pub use code::{ApplicationCode, CodeError};
pub use eligibility::{Facts, Violation, ViolationCode};
pub use licence::LicenceClass;
pub use locale::Locale;
pub use message::{CodeUse, MovedDay, Purpose};
pub use participation::{Participation, ParticipationEntry, ParticipationKind};
pub use period_number::{PeriodKind, PeriodNumber, PeriodNumberError};
pub use weight::Standing;
