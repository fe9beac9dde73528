//! What is decided from values already at hand: no database, no clock, no randomness of its own.
//!
//! Everything here is a function of its arguments. The rules that differ between cities come in as
//! [`crate::policy`] values; dates, random bytes and ledger lines come in from the caller.

/// Who is asking.
pub mod actor;

/// What no officer can do alone.
pub mod approval;

/// Who loses a place of a result, and what stands in the way of that.
pub mod amend;
/// A record in words, for whoever signs it.
pub mod carried;

/// Which passwords are good enough.
pub mod password;

/// One-time codes: what they look like and how long they are good.
pub mod one_time_code;

/// Authenticator codes: what an app shows for thirty seconds.
pub mod totp;

/// The two languages in which people are addressed.
pub mod locale;

/// Period numbers such as `201405` and `2026J1`.
pub mod period_number;

/// Working days and the dates of a period.
pub mod calendar;

/// Where a period and a draw stand, and what may happen next.
pub mod phase;

/// Where somebody stands who was drawn to attend a draw.
pub mod representative;
/// Days of a period that an officer moves.
pub mod moving;

/// How long an application stays valid, and when it can be renewed.
pub mod validity;

/// What waits for a person of the city.
pub mod duty;

/// The classes of a driving licence.
pub mod licence;

/// Numbers of identity cards.
pub mod identity_number;

/// E-mail addresses, as far as two of them are compared.
pub mod email;

/// Application codes.
pub mod code;

/// Personal values as they are shown to others.
pub mod masking;

/// Who may apply, and why not.
pub mod eligibility;

/// An application on its way: the form so far, and its four steps.
pub mod draft;

/// How often a person has taken part.
pub mod participation;

/// A part of an ordered list.
pub mod span;

/// What the city tells people.
pub mod message;

/// From participation to tickets.
pub mod weight;

/// The tiered lottery: who may join, who is in its pool.
pub mod tier;

/// What a winner gets, until when, and what follows when it is not used.
pub mod certificate;

/// Numbers of certificates.
pub mod certificate_number;

/// What keeps somebody with a valid application out of a pool.
pub mod exclusion;

pub use calendar::{CalendarError, PeriodDates, WorkingDays};
pub use certificate_number::{CertificateNumber, CertificateNumberError};
pub use code::{ApplicationCode, CodeError};
pub use eligibility::{Facts, Violation, ViolationCode};
pub use exclusion::Exclusion;
pub use licence::LicenceClass;
pub use locale::Locale;
pub use message::{CodeUse, MovedDay, Purpose};
pub use participation::{Participation, ParticipationEntry, ParticipationKind};
pub use period_number::{PeriodKind, PeriodNumber, PeriodNumberError};
pub use weight::Standing;
