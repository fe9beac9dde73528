//! The two languages.

use async_graphql::Enum;

/// A language that every text for people exists in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::domain::Locale")]
pub(super) enum Locale {
    /// Chinese as written in mainland China; the language of the rules themselves.
    #[default]
    #[graphql(name = "ZH_CN")]
    ZhCn,
    /// English.
    En,
}

impl Locale {
    /// One of two sentences.
    pub(super) fn choose(self, zh: &str, en: &str) -> String {
        match self {
            Self::ZhCn => zh.to_owned(),
            Self::En => en.to_owned(),
        }
    }
}
