//! The languages that people read reports in.

use std::str::FromStr;

use crate::text::SpellingError;

/// A language of the report's texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Chinese in simplified characters.
    Chinese,
}

impl Language {
    /// The one of two texts that is in this language.
    #[must_use]
    pub fn pick<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }

    /// The language of a locale's name such as `zh_CN.UTF-8`.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        if locale.starts_with("zh") {
            Self::Chinese
        } else {
            Self::English
        }
    }
}

impl FromStr for Language {
    type Err = SpellingError;

    fn from_str(text: &str) -> Result<Self, SpellingError> {
        match text {
            "en" => Ok(Self::English),
            "zh" | "zh-CN" => Ok(Self::Chinese),
            _ => Err(SpellingError::new("en or zh-CN", text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_has_its_names_and_no_others() {
        assert_eq!("en".parse(), Ok(Language::English));
        assert_eq!("zh".parse(), Ok(Language::Chinese));
        assert_eq!("zh-CN".parse(), Ok(Language::Chinese));
        assert!("EN".parse::<Language>().is_err());
        assert_eq!(Language::of_locale("zh_TW.UTF-8"), Language::Chinese);
        assert_eq!(Language::of_locale("de_DE.UTF-8"), Language::English);
    }
}
