//! Who may apply, and why not.
//!
//! The policy says which requirements there are and for whom; this file knows how each is checked.
//! Failing one is an expected outcome: a [`Violation`] with its rule, the rule's source and what to
//! do about it.

use std::fmt;

use chrono::NaiveDate;

use super::{LicenceClass, draft::FieldKey, identity_number};
use crate::policy::{Check, IdentityNumberFormat, IdentityType, Policy, Requirement, Text};

/// What is known of an applicant on the day on which it is asked.
///
/// The form gives most of it. What a review or the city's own records find out later is `None`
/// until then, and what is not known yet violates nothing.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The day; dates below are compared with it.
    pub as_of: NaiveDate,
    /// Key of one of the policy's identity types.
    pub identity_type: &'a str,
    /// Number of the identity document.
    pub identity_number: &'a str,
    /// Mobile phone, eleven digits.
    pub phone: &'a str,
    /// Optional e-mail address.
    pub email: Option<&'a str>,
    /// Address in the city.
    pub address: &'a str,
    /// Postcode, six digits.
    pub postcode: &'a str,
    /// Date of the driving licence; none when the applicant has no licence.
    pub licence_issued_on: Option<NaiveDate>,
    /// Classes on the licence.
    pub licence_classes: &'a [LicenceClass],
    /// Whether a small car registered in this city is in the applicant's name.
    pub owns_local_car: bool,
    /// Whether the applicant has won a certificate that is still valid.
    pub holds_certificate: bool,
    /// Last day of a ban on applying, of which there is at most one.
    pub banned_until: Option<NaiveDate>,
    /// Consecutive months of social insurance up to now, once a review has found out.
    pub social_insurance_months: Option<u32>,
    /// Last day of the residence permit, once a review has seen it.
    pub residence_permit_until: Option<NaiveDate>,
}

/// A requirement that an applicant does not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Its code, for programs.
    pub code: ViolationCode,
    /// The rule, for people.
    pub rule: Text,
    /// Where the rule comes from.
    pub source: String,
    /// What the applicant can do about it.
    pub remedy: Text,
    /// Last day on which it stands in the way, where the calendar alone ends it: that of a ban.
    pub until: Option<NaiveDate>,
}

impl Violation {
    /// That a requirement is not met; `banned_until` is the last day of a ban in force.
    #[must_use]
    pub fn of(requirement: &Requirement, banned_until: Option<NaiveDate>) -> Self {
        Self {
            code: requirement.check.code(),
            rule: requirement.rule.clone(),
            source: requirement.source.clone(),
            remedy: requirement.remedy.clone(),
            until: match requirement.check {
                Check::NoActiveBan => banned_until,
                _ => None,
            },
        }
    }
}

/// The closed set of things that can stand in an applicant's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ViolationCode {
    /// The city has no such identity type.
    IdentityTypeUnknown,
    /// The number cannot be that of the document.
    IdentityNumberInvalid,
    /// Not a mobile phone number.
    PhoneInvalid,
    /// Not an e-mail address.
    EmailInvalid,
    /// No address.
    AddressMissing,
    /// Not a postcode.
    PostcodeInvalid,
    /// No licence date or no licence class.
    LicenceMissing,
    /// The licence is dated after today.
    LicenceDateInFuture,
    /// None of the licence's classes allows to drive a small car.
    LicenceClassNotAccepted,
    /// A small car registered here is in the applicant's name.
    OwnsLocalCar,
    /// A certificate won earlier is still valid.
    CertificateLive,
    /// Banned from applying.
    BanActive,
    /// Too few consecutive months of social insurance.
    SocialInsuranceGap,
    /// The residence permit has run out.
    ResidencePermitExpired,
}

impl ViolationCode {
    /// All of them, in the order in which they are reported.
    pub const ALL: [Self; 14] = [
        Self::IdentityTypeUnknown,
        Self::IdentityNumberInvalid,
        Self::PhoneInvalid,
        Self::EmailInvalid,
        Self::AddressMissing,
        Self::PostcodeInvalid,
        Self::LicenceMissing,
        Self::LicenceDateInFuture,
        Self::LicenceClassNotAccepted,
        Self::OwnsLocalCar,
        Self::CertificateLive,
        Self::BanActive,
        Self::SocialInsuranceGap,
        Self::ResidencePermitExpired,
    ];

    /// The public name, for example `OWNS_LOCAL_CAR`; policy files use the same.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::IdentityTypeUnknown => "IDENTITY_TYPE_UNKNOWN",
            Self::IdentityNumberInvalid => "IDENTITY_NUMBER_INVALID",
            Self::PhoneInvalid => "PHONE_INVALID",
            Self::EmailInvalid => "EMAIL_INVALID",
            Self::AddressMissing => "ADDRESS_MISSING",
            Self::PostcodeInvalid => "POSTCODE_INVALID",
            Self::LicenceMissing => "LICENCE_MISSING",
            Self::LicenceDateInFuture => "LICENCE_DATE_IN_FUTURE",
            Self::LicenceClassNotAccepted => "LICENCE_CLASS_NOT_ACCEPTED",
            Self::OwnsLocalCar => "OWNS_LOCAL_CAR",
            Self::CertificateLive => "CERTIFICATE_LIVE",
            Self::BanActive => "BAN_ACTIVE",
            Self::SocialInsuranceGap => "SOCIAL_INSURANCE_GAP",
            Self::ResidencePermitExpired => "RESIDENCE_PERMIT_EXPIRED",
        }
    }

    /// The field of the form that it is about, where it is about one.
    #[must_use]
    pub fn field(self) -> Option<FieldKey> {
        match self {
            Self::IdentityNumberInvalid => Some(FieldKey::IdNumber),
            Self::EmailInvalid => Some(FieldKey::Email),
            Self::AddressMissing => Some(FieldKey::Address),
            Self::PostcodeInvalid => Some(FieldKey::Postcode),
            Self::LicenceMissing | Self::LicenceDateInFuture => Some(FieldKey::LicenceIssuedOn),
            Self::LicenceClassNotAccepted => Some(FieldKey::LicenceClasses),
            Self::OwnsLocalCar => Some(FieldKey::OwnsLocalCar),
            Self::IdentityTypeUnknown
            | Self::PhoneInvalid
            | Self::CertificateLive
            | Self::BanActive
            | Self::SocialInsuranceGap
            | Self::ResidencePermitExpired => None,
        }
    }

    /// The code of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }
}

impl fmt::Display for ViolationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Every requirement of the policy that the facts do not meet, in the policy's order. Empty means:
/// nothing known today stands in the way.
#[must_use]
pub fn violations(policy: &Policy, facts: &Facts<'_>) -> Vec<Violation> {
    let identity_type = policy.find_identity_type(facts.identity_type);
    policy
        .requirements
        .iter()
        .filter(|requirement| requirement.applies_to(facts.identity_type))
        .filter(|requirement| !is_met(requirement, identity_type, facts))
        .map(|requirement| Violation::of(requirement, facts.banned_until))
        .collect()
}

fn is_met(
    requirement: &Requirement,
    identity_type: Option<&IdentityType>,
    facts: &Facts<'_>,
) -> bool {
    match &requirement.check {
        Check::IdentityTypeKnown => identity_type.is_some(),
        Check::IdentityNumber => identity_type.is_none_or(|identity_type| {
            is_identity_number(identity_type.number, facts.identity_number, facts.as_of)
        }),
        Check::Phone => is_mobile_phone(facts.phone),
        Check::Email => facts.email.is_none_or(is_email),
        Check::Address => !facts.address.trim().is_empty(),
        Check::Postcode => has_digits(facts.postcode, 6),
        Check::LicenceHeld => {
            facts.licence_issued_on.is_some() && !facts.licence_classes.is_empty()
        }
        Check::LicenceDate => facts.licence_issued_on.is_none_or(|on| on <= facts.as_of),
        // Without any class it is LICENCE_MISSING that the applicant has to hear of.
        Check::LicenceClass { accepted } => {
            facts.licence_classes.is_empty()
                || facts
                    .licence_classes
                    .iter()
                    .any(|class| accepted.contains(class))
        }
        Check::NoLocalCar => !facts.owns_local_car,
        Check::NoLiveCertificate => !facts.holds_certificate,
        Check::NoActiveBan => facts.banned_until.is_none_or(|until| until < facts.as_of),
        Check::SocialInsurance { months_min } => facts
            .social_insurance_months
            .is_none_or(|months| months >= *months_min),
        Check::ResidencePermit => facts
            .residence_permit_until
            .is_none_or(|until| until >= facts.as_of),
    }
}

/// Whether a number can be that of such a document, as of a day.
#[must_use]
pub fn is_identity_number(format: IdentityNumberFormat, number: &str, as_of: NaiveDate) -> bool {
    match format {
        IdentityNumberFormat::Gb11643 => identity_number::is_valid(number, as_of),
        IdentityNumberFormat::Document => {
            (5..=32).contains(&number.len())
                && number
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        }
    }
}

/// Mainland mobile numbers: eleven digits, the first 1, the second 3 to 9.
#[must_use]
pub fn is_mobile_phone(phone: &str) -> bool {
    has_digits(phone, 11) && phone.starts_with('1') && matches!(phone.as_bytes()[1], b'3'..=b'9')
}

/// Enough to catch slips, not all of RFC 5321: one `@`, a plain local part of at most 64 bytes, a
/// host name with a dot, 254 bytes in all.
fn is_email(email: &str) -> bool {
    let Some((local, host)) = email.split_once('@') else {
        return false;
    };
    let is_local = (1..=64).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte));
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    email.len() <= 254 && is_local && host.contains('.') && host.split('.').all(is_label)
}

fn has_digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_eleven_digits_of_a_mobile_network() {
        for (phone, good) in [
            ("13800138000", true),
            ("19912345678", true),
            ("12800138000", false),
            ("1380013800", false),
            ("138001380000", false),
            ("+8613800138", false),
            ("1380013800O", false),
            ("", false),
        ] {
            assert_eq!(is_mobile_phone(phone), good, "{phone}");
        }
    }

    #[test]
    fn an_address_that_cannot_receive_mail_is_refused() {
        let long = format!("{}@example.cn", "a".repeat(65));
        let host = format!("a@{}example.cn", "abcdefghi.".repeat(25));
        for (email, good) in [
            ("lin.min@example.cn", true),
            ("a+b@mail.example.com.cn", true),
            ("a@b", false),
            ("a@b@example.cn", false),
            ("@example.cn", false),
            ("a@example..cn", false),
            ("a@-example.cn", false),
            ("a b@example.cn", false),
            (".a@example.cn", false),
            ("a..b@example.cn", false),
            ("邮箱@example.cn", false),
            ("a@example.cn\n", false),
            (long.as_str(), false),
            (host.as_str(), false),
            (&host[..host.len() - 51], true),
        ] {
            assert_eq!(is_email(email), good, "{email}");
        }
    }

    #[test]
    fn every_code_is_found_by_its_name() {
        for code in ViolationCode::ALL {
            assert_eq!(ViolationCode::from_name(code.name()), Some(code));
        }
        assert_eq!(ViolationCode::from_name("owns_local_car"), None);
    }
}
