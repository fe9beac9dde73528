//! An application on its way: the form so far, and its four steps.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::LicenceClass;

/// A field of the application form. The policy says which of them a city asks of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldKey {
    /// The applicant's name.
    Name,
    /// Number of the identity document.
    IdNumber,
    /// E-mail address.
    Email,
    /// Address in the city.
    Address,
    /// Postcode.
    Postcode,
    /// Issue date of the driving licence.
    LicenceIssuedOn,
    /// Classes of the driving licence.
    LicenceClasses,
    /// Whether the applicant has a small car registered in the city.
    OwnsLocalCar,
    /// Whether to join the tier at once.
    JoinsTier,
}

/// What is filled into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Text,
    /// A day.
    Date,
    /// Any of the sixteen licence classes.
    LicenceClasses,
    /// Yes or no.
    YesNo,
}

impl FieldKey {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 9] = [
        Self::Name,
        Self::IdNumber,
        Self::Email,
        Self::Address,
        Self::Postcode,
        Self::LicenceIssuedOn,
        Self::LicenceClasses,
        Self::OwnsLocalCar,
        Self::JoinsTier,
    ];

    /// The field's name in policy files, for example `licence_issued_on`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::IdNumber => "id_number",
            Self::Email => "email",
            Self::Address => "address",
            Self::Postcode => "postcode",
            Self::LicenceIssuedOn => "licence_issued_on",
            Self::LicenceClasses => "licence_classes",
            Self::OwnsLocalCar => "owns_local_car",
            Self::JoinsTier => "joins_tier",
        }
    }

    /// What is filled in.
    #[must_use]
    pub fn kind(self) -> FieldKind {
        match self {
            Self::Name | Self::IdNumber | Self::Email | Self::Address | Self::Postcode => {
                FieldKind::Text
            }
            Self::LicenceIssuedOn => FieldKind::Date,
            Self::LicenceClasses => FieldKind::LicenceClasses,
            Self::OwnsLocalCar | Self::JoinsTier => FieldKind::YesNo,
        }
    }

    /// Most characters of a text.
    #[must_use]
    pub fn length_max(self) -> usize {
        match self {
            Self::Email => 254,
            Self::Address => 200,
            Self::IdNumber | Self::Postcode => 32,
            _ => 64,
        }
    }
}

impl fmt::Display for FieldKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The form so far: what was not filled in is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DraftForm {
    /// The applicant's name.
    pub name: Option<String>,
    /// Number of the identity document.
    pub id_number: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Address in the city.
    pub address: Option<String>,
    /// Postcode.
    pub postcode: Option<String>,
    /// Issue date of the driving licence.
    pub licence_issued_on: Option<NaiveDate>,
    /// Classes of the driving licence, each once, in the order of the form.
    pub licence_classes: Vec<LicenceClass>,
    /// Whether the applicant has a small car registered in the city.
    pub owns_local_car: Option<bool>,
    /// Whether to join the tier at once.
    pub joins_tier: Option<bool>,
}

impl DraftForm {
    /// Whether a field is filled in.
    #[must_use]
    pub fn has(&self, key: FieldKey) -> bool {
        match key {
            FieldKey::LicenceIssuedOn => self.licence_issued_on.is_some(),
            FieldKey::LicenceClasses => !self.licence_classes.is_empty(),
            FieldKey::OwnsLocalCar => self.owns_local_car.is_some(),
            FieldKey::JoinsTier => self.joins_tier.is_some(),
            text => self.find_text(text).is_some(),
        }
    }

    /// The text of a field of text.
    fn find_text(&self, key: FieldKey) -> Option<&str> {
        match key {
            FieldKey::Name => self.name.as_deref(),
            FieldKey::IdNumber => self.id_number.as_deref(),
            FieldKey::Email => self.email.as_deref(),
            FieldKey::Address => self.address.as_deref(),
            FieldKey::Postcode => self.postcode.as_deref(),
            _ => None,
        }
    }

    /// The same with its texts trimmed, blank ones gone, and each licence class once.
    #[must_use]
    pub fn tidied(mut self) -> Self {
        for text in [
            &mut self.name,
            &mut self.id_number,
            &mut self.email,
            &mut self.address,
            &mut self.postcode,
        ] {
            *text = text
                .as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned);
        }
        self.licence_classes.sort_unstable();
        self.licence_classes.dedup();
        self
    }

    /// A field whose text is too long or holds control characters, if there is one.
    #[must_use]
    pub fn find_unusable(&self) -> Option<FieldKey> {
        FieldKey::ALL.into_iter().find(|key| {
            self.find_text(*key).is_some_and(|text| {
                key.length_max() < text.chars().count() || text.chars().any(char::is_control)
            })
        })
    }
}

/// Where an application on its way stands (填报说明, 申报填写, 短信确认, 完成申请).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The instructions are to be read.
    Instructions,
    /// The form is being filled in.
    Form,
    /// A one-time code was sent for exactly this form.
    SmsConfirm,
    /// It is an application.
    Done,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_texts_are_not_there_and_classes_are_there_once() {
        let form = DraftForm {
            name: Some("  沈知远 ".to_owned()),
            email: Some(" \t".to_owned()),
            licence_classes: vec![LicenceClass::D, LicenceClass::C1, LicenceClass::D],
            ..DraftForm::default()
        }
        .tidied();

        assert_eq!(form.name.as_deref(), Some("沈知远"));
        assert_eq!(form.licence_classes, [LicenceClass::C1, LicenceClass::D]);
        let filled: Vec<_> = FieldKey::ALL
            .into_iter()
            .filter(|key| form.has(*key))
            .collect();
        assert_eq!(filled, [FieldKey::Name, FieldKey::LicenceClasses]);
    }

    #[test]
    fn a_text_that_is_too_long_or_cannot_be_printed_is_found() {
        let with = |name: &str| DraftForm {
            name: Some(name.to_owned()),
            ..DraftForm::default()
        };
        assert_eq!(with(&"知".repeat(64)).find_unusable(), None);
        assert_eq!(with(&"知".repeat(65)).find_unusable(), Some(FieldKey::Name));
        assert_eq!(with("沈\u{7}").find_unusable(), Some(FieldKey::Name));
    }

    #[test]
    fn a_form_from_before_a_field_was_added_is_still_read() {
        let form: DraftForm = serde_json::from_str(r#"{"name":"沈"}"#).expect("a form");
        assert_eq!(form.name.as_deref(), Some("沈"));
        assert_eq!(form.joins_tier, None);
    }
}
