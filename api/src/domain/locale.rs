//! The two languages in which people are addressed.

use chrono::{Datelike, NaiveDate};

/// A language that every text for people exists in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Locale {
    /// Chinese as written in mainland China; the language of the rules themselves.
    #[default]
    ZhCn,
    /// English.
    En,
}

impl Locale {
    /// Both, the language of the rules first.
    pub const ALL: [Self; 2] = [Self::ZhCn, Self::En];

    /// The locale that a BCP 47 tag asks for, by its language alone and whatever its case:
    /// `zh`, `zh-Hans-CN` and `zh_CN` are Chinese, `en` and `en-GB` English, all else is nothing.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_']).next()?;
        if language.eq_ignore_ascii_case("zh") {
            Some(Self::ZhCn)
        } else if language.eq_ignore_ascii_case("en") {
            Some(Self::En)
        } else {
            None
        }
    }

    /// The BCP 47 tag: `zh-CN` or `en`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }

    /// Whichever of two texts is in this language.
    #[must_use]
    pub fn choose<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::ZhCn => zh,
            Self::En => en,
        }
    }

    /// A date as people of this language write it: `2018年11月10日`, `10 November 2018`.
    #[must_use]
    pub fn date(self, date: NaiveDate) -> String {
        match self {
            Self::ZhCn => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
            Self::En => date.format("%-d %B %Y").to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_by_its_language() {
        for (tag, locale) in [
            ("zh-CN", Some(Locale::ZhCn)),
            ("ZH", Some(Locale::ZhCn)),
            ("zh_Hans_CN", Some(Locale::ZhCn)),
            ("en-GB", Some(Locale::En)),
            ("EN", Some(Locale::En)),
            ("de", None),
            ("english", None),
            ("", None),
            ("*", None),
        ] {
            assert_eq!(Locale::from_tag(tag), locale, "{tag}");
        }
    }

    #[test]
    fn every_locale_is_found_by_its_own_tag() {
        for locale in Locale::ALL {
            assert_eq!(Locale::from_tag(locale.tag()), Some(locale));
        }
    }

    #[test]
    fn a_date_is_written_as_its_readers_write_it() {
        let date = NaiveDate::from_ymd_opt(2018, 11, 5).expect("a date");

        assert_eq!(Locale::ZhCn.date(date), "2018年11月5日");
        assert_eq!(Locale::En.date(date), "5 November 2018");
    }
}
