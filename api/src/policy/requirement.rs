//! What an applicant has to fulfil.

use std::collections::BTreeSet;

use super::{Text, reader::Section, rule};
use crate::domain::{LicenceClass, ViolationCode};

/// One requirement of the city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// What is checked.
    pub check: Check,
    /// Keys of the identity types it is asked of; all of them when there is no list.
    pub identity_types: Option<Vec<String>>,
    /// The rule, for people.
    pub rule: Text,
    /// What an applicant who fails it can do.
    pub remedy: Text,
    /// Where the rule comes from.
    pub source: String,
}

/// The vocabulary of checks; `domain::eligibility` knows how each is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// The identity type is one of the city's.
    IdentityTypeKnown,
    /// The number fits the identity type's document.
    IdentityNumber,
    /// A mobile phone number.
    Phone,
    /// An e-mail address, if there is one.
    Email,
    /// An address.
    Address,
    /// A postcode.
    Postcode,
    /// There is a licence.
    LicenceHeld,
    /// The licence is not dated after today.
    LicenceDate,
    /// One of the licence's classes is accepted.
    LicenceClass {
        /// The classes that may drive a small car.
        accepted: Vec<LicenceClass>,
    },
    /// No small car registered in the city is in the applicant's name.
    NoLocalCar,
    /// No certificate is still valid.
    NoLiveCertificate,
    /// No ban covers today.
    NoActiveBan,
    /// Enough consecutive months of social insurance.
    SocialInsurance {
        /// How many months, 1 to 600.
        months_min: u32,
    },
    /// The residence permit has not run out.
    ResidencePermit,
}

impl Check {
    /// The code of the violation that failing the check is.
    #[must_use]
    pub fn code(&self) -> ViolationCode {
        match self {
            Self::IdentityTypeKnown => ViolationCode::IdentityTypeUnknown,
            Self::IdentityNumber => ViolationCode::IdentityNumberInvalid,
            Self::Phone => ViolationCode::PhoneInvalid,
            Self::Email => ViolationCode::EmailInvalid,
            Self::Address => ViolationCode::AddressMissing,
            Self::Postcode => ViolationCode::PostcodeInvalid,
            Self::LicenceHeld => ViolationCode::LicenceMissing,
            Self::LicenceDate => ViolationCode::LicenceDateInFuture,
            Self::LicenceClass { .. } => ViolationCode::LicenceClassNotAccepted,
            Self::NoLocalCar => ViolationCode::OwnsLocalCar,
            Self::NoLiveCertificate => ViolationCode::CertificateLive,
            Self::NoActiveBan => ViolationCode::BanActive,
            Self::SocialInsurance { .. } => ViolationCode::SocialInsuranceGap,
            Self::ResidencePermit => ViolationCode::ResidencePermitExpired,
        }
    }
}

impl Requirement {
    /// Whether it is asked of applicants of this identity type.
    #[must_use]
    pub fn applies_to(&self, identity_type: &str) -> bool {
        self.identity_types
            .as_ref()
            .is_none_or(|keys| keys.iter().any(|key| key == identity_type))
    }
}

/// `identity_types` holds the keys that a requirement may name, unless they could not be read.
pub(super) fn read_all(
    sections: &[Section<'_>],
    identity_types: Option<&BTreeSet<&str>>,
) -> Option<Vec<Requirement>> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    let mut complete = true;
    for section in sections {
        match read(section, identity_types) {
            Some(requirement) if seen.insert(requirement.check.code()) => all.push(requirement),
            Some(requirement) => {
                section.fault(
                    "code",
                    format!("`{}` is there twice", requirement.check.code()),
                );
            }
            None => complete = false,
        }
    }
    complete.then_some(all)
}

fn read(section: &Section<'_>, known_types: Option<&BTreeSet<&str>>) -> Option<Requirement> {
    let check = check(section);
    let identity_types = section
        .has("identity_types")
        .then(|| section.texts("identity_types"));
    let rule = section.bilingual("rule");
    let remedy = section.bilingual("remedy");
    let source = rule::read(section);
    section.refuse_unknown_keys();
    for key in identity_types.iter().flatten().flatten() {
        if known_types.is_some_and(|known| !known.contains(key.as_str())) {
            section.fault(
                "identity_types",
                format!("`{key}` is not an identity type of this file"),
            );
        }
    }
    Some(Requirement {
        check: check?,
        identity_types: match identity_types {
            None => None,
            Some(keys) => Some(keys?),
        },
        rule: rule?,
        remedy: remedy?,
        source: source?,
    })
}

fn check(section: &Section<'_>) -> Option<Check> {
    let name = section.text("code")?;
    let Some(code) = ViolationCode::from_name(&name) else {
        let known: Vec<&str> = ViolationCode::ALL.iter().map(|code| code.name()).collect();
        section.fault(
            "code",
            format!("expected one of {}, found `{name}`", known.join(", ")),
        );
        return None;
    };
    Some(match code {
        ViolationCode::IdentityTypeUnknown => Check::IdentityTypeKnown,
        ViolationCode::IdentityNumberInvalid => Check::IdentityNumber,
        ViolationCode::PhoneInvalid => Check::Phone,
        ViolationCode::EmailInvalid => Check::Email,
        ViolationCode::AddressMissing => Check::Address,
        ViolationCode::PostcodeInvalid => Check::Postcode,
        ViolationCode::LicenceMissing => Check::LicenceHeld,
        ViolationCode::LicenceDateInFuture => Check::LicenceDate,
        ViolationCode::LicenceClassNotAccepted => Check::LicenceClass {
            accepted: licence_classes(section, "accepted")?,
        },
        ViolationCode::OwnsLocalCar => Check::NoLocalCar,
        ViolationCode::CertificateLive => Check::NoLiveCertificate,
        ViolationCode::BanActive => Check::NoActiveBan,
        ViolationCode::SocialInsuranceGap => Check::SocialInsurance {
            months_min: section.number("months_min", 1..=600)?,
        },
        ViolationCode::ResidencePermitExpired => Check::ResidencePermit,
    })
}

fn licence_classes(section: &Section<'_>, key: &str) -> Option<Vec<LicenceClass>> {
    section
        .texts(key)?
        .iter()
        .map(|code| licence_class(section, key, code))
        .collect()
}

/// A licence class by its printed code; `key` is where the file has it.
pub(super) fn licence_class(section: &Section<'_>, key: &str, code: &str) -> Option<LicenceClass> {
    let class = LicenceClass::from_code(code);
    if class.is_none() {
        section.fault(
            key,
            format!("`{code}` is not a licence class: expected A1 to C5, D, E, F, M, N or P"),
        );
    }
    class
}
