//! Dates, codes, numbers and digests, each with one spelling.

use async_graphql::{
    Description, InputType, InputValueError, InputValueResult, Name, Scalar, ScalarType, Value,
};
use chrono::{NaiveDate, SecondsFormat, Utc};

use crate::{domain, policy};

/// A day of the city's calendar (UTC+8), written `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Description)]
pub(super) struct Date(pub(super) NaiveDate);

#[Scalar(
    name = "Date",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
    use_type_description
)]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text(value)?;
        let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d")
            .ok()
            .filter(|day| day.to_string() == text);
        day.map(Self)
            .ok_or_else(|| InputValueError::custom("expected a day as YYYY-MM-DD"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A moment, written as RFC 3339 says, `2026-06-25T01:00:00Z`. Given in any offset, answered in UTC
/// with whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Description)]
pub(super) struct DateTime(pub(super) chrono::DateTime<Utc>);

#[Scalar(
    name = "DateTime",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
    use_type_description
)]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let moment = chrono::DateTime::parse_from_rfc3339(&text(value)?);
        moment.map(|moment| Self(moment.to_utc())).map_err(|_| {
            InputValueError::custom("expected a moment as YYYY-MM-DDTHH:MM:SS with Z or an offset")
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

/// A whole number that may exceed 32 bits, from 0 to 9,223,372,036,854,775,807, written as a string
/// of decimal digits: numbers in JSON lose digits beyond 2^53 in many languages. A JSON number is
/// accepted where it is one exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Description)]
pub(super) struct Long(pub(super) i64);

#[Scalar(
    name = "Long",
    specified_by_url = "scalars.md#long",
    use_type_description
)]
impl ScalarType for Long {
    fn parse(value: Value) -> InputValueResult<Self> {
        let number = match &value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().ok()
            }
            _ => None,
        };
        number
            .filter(|number| 0 <= *number)
            .map(Self)
            .ok_or_else(|| InputValueError::custom("expected a whole number from 0, in a string"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl TryFrom<u64> for Long {
    type Error = std::num::TryFromIntError;

    fn try_from(count: u64) -> Result<Self, Self::Error> {
        count.try_into().map(Self)
    }
}

/// The number of a period: `201405`, or `2026J1` for a lottery of those who have waited long.
#[derive(Clone, Debug, PartialEq, Eq, Description)]
pub(super) struct PeriodNumber(pub(super) String);

#[Scalar(
    name = "PeriodNumber",
    specified_by_url = "scalars.md#periodnumber",
    use_type_description
)]
impl ScalarType for PeriodNumber {
    fn parse(value: Value) -> InputValueResult<Self> {
        let number: domain::PeriodNumber = text(value)?
            .parse()
            .map_err(|cause| InputValueError::custom(format!("{cause}")))?;
        Ok(Self(number.to_string()))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// An application code (申请编码): thirteen digits, of which the last guards against typing mistakes.
/// Codes from before this system may look different.
#[derive(Clone, Debug, PartialEq, Eq, Description)]
pub(super) struct ApplicationCode(pub(super) String);

#[Scalar(
    name = "ApplicationCode",
    specified_by_url = "scalars.md#applicationcode",
    use_type_description
)]
impl ScalarType for ApplicationCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        let code = text(value)?;
        let is_plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if code.is_empty() || 32 < code.len() || !is_plain {
            return Err(InputValueError::custom(
                "expected an application code, usually 13 digits",
            ));
        }
        Ok(Self(code))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// The number of a certificate (指标确认通知书编号): sixteen digits, of which the last guards against
/// typing mistakes. It says nothing of its holder.
#[derive(Clone, Debug, PartialEq, Eq, Description)]
pub(super) struct CertificateNumber(pub(super) String);

#[Scalar(
    name = "CertificateNumber",
    specified_by_url = "scalars.md#certificatenumber",
    use_type_description
)]
impl ScalarType for CertificateNumber {
    fn parse(value: Value) -> InputValueResult<Self> {
        let number: domain::CertificateNumber = text(value)?
            .parse()
            .map_err(|cause| InputValueError::custom(format!("{cause}")))?;
        Ok(Self(number.to_string()))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// Thirty-two bytes, a SHA-256 value or a secret, written as 64 lowercase hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Description)]
pub(super) struct Bytes32(pub(super) [u8; 32]);

#[Scalar(
    name = "Bytes32",
    specified_by_url = "scalars.md#bytes32",
    use_type_description
)]
impl ScalarType for Bytes32 {
    fn parse(value: Value) -> InputValueResult<Self> {
        // What was there is not repeated: it may be a secret with one digit too many.
        text(value)?
            .parse::<verifier::text::Digest>()
            .map(|digest| Self(digest.0))
            .map_err(|_| InputValueError::custom("expected 64 lowercase hex digits"))
    }

    fn to_value(&self) -> Value {
        Value::String(verifier::text::Digest(self.0).to_string())
    }
}

/// A text in both languages, `{ "zh": "…", "en": "…" }`, for whoever keeps texts and chooses later.
#[derive(Clone, Debug, PartialEq, Eq, Description)]
pub(super) struct LocalizedText(pub(super) policy::Text);

#[Scalar(
    name = "LocalizedText",
    specified_by_url = "scalars.md#localizedtext",
    use_type_description
)]
impl ScalarType for LocalizedText {
    fn parse(value: Value) -> InputValueResult<Self> {
        let of = |language: &str| match &value {
            Value::Object(texts) if texts.len() == 2 => match texts.get(language) {
                Some(Value::String(text)) => Some(text.clone()),
                _ => None,
            },
            _ => None,
        };
        match (of("zh"), of("en")) {
            (Some(zh), Some(en)) => Ok(Self(policy::Text { zh, en })),
            _ => Err(InputValueError::custom(
                "expected an object with a text as `zh` and a text as `en`",
            )),
        }
    }

    fn to_value(&self) -> Value {
        let texts = [("zh", &self.0.zh), ("en", &self.0.en)];
        let texts = texts.map(|(language, text)| (Name::new(language), Value::from(text.as_str())));
        Value::Object(texts.into_iter().collect())
    }
}

fn text<T: InputType>(value: Value) -> Result<String, InputValueError<T>> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(InputValueError::custom("expected a string")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Value {
        Value::from(text)
    }

    #[test]
    fn a_day_has_one_spelling() {
        assert!(<Date as ScalarType>::parse(of("2026-06-25")).is_ok());
        for wrong in [
            "2026-6-25",
            "2026-02-30",
            "26-06-25",
            "+2026-06-25",
            "2026-06-25T00:00:00Z",
        ] {
            assert!(<Date as ScalarType>::parse(of(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_moment_is_answered_in_utc() {
        let moment =
            <DateTime as ScalarType>::parse(of("2026-06-25T09:00:00+08:00")).expect("a moment");
        assert_eq!(ScalarType::to_value(&moment), of("2026-06-25T01:00:00Z"));
    }

    #[test]
    fn a_long_number_keeps_every_digit() {
        let long = <Long as ScalarType>::parse(of("9223372036854775807")).expect("a number");
        assert_eq!(ScalarType::to_value(&long), of("9223372036854775807"));
        assert_eq!(
            <Long as ScalarType>::parse(Value::from(7)).expect("a number"),
            Long(7)
        );
        for wrong in ["", "-1", "+1", "1.0", "9223372036854775808"] {
            assert!(<Long as ScalarType>::parse(of(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_text_has_exactly_two_languages() {
        let text = LocalizedText(policy::Text {
            zh: "杭州".to_owned(),
            en: "Hangzhou".to_owned(),
        });
        let value = ScalarType::to_value(&text);
        assert_eq!(value.to_string(), r#"{zh: "杭州", en: "Hangzhou"}"#);
        assert!(<LocalizedText as ScalarType>::parse(value).is_ok_and(|read| read == text));
        assert!(<LocalizedText as ScalarType>::parse(of("Hangzhou")).is_err());
    }

    #[test]
    fn a_refused_secret_is_not_repeated() {
        let refused = <Bytes32 as ScalarType>::parse(of("c0ffee"))
            .err()
            .expect("too short");
        assert!(
            !refused
                .into_server_error(async_graphql::Pos::default())
                .message
                .contains("c0ffee")
        );
        assert!(<Bytes32 as ScalarType>::parse(of(&"0a".repeat(32))).is_ok());
        assert!(<Bytes32 as ScalarType>::parse(of(&"0A".repeat(32))).is_err());
    }
}
