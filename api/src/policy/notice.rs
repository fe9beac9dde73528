//! The notices an applicant reads.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Text, reader::Section, rule};
use crate::domain::Locale;

/// A notice together with what it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The application is in; the day on which its review result comes.
    NewApplication {
        /// That day.
        review_publish_on: NaiveDate,
    },
    /// The tier was joined.
    TierJoined,
    /// The tier was not joined yet, and how to.
    TierNotJoined,
    /// How often the person has taken part as of a day.
    ParticipationCount {
        /// That day.
        as_of: NaiveDate,
        /// How often.
        count: u32,
    },
    /// What the list of periods is, above it.
    PeriodList,
    /// How long a quota is valid, and what follows when it is not used.
    Reminder,
    /// Representatives are drawn, and when.
    Representatives,
}

/// The templates of a policy, by key.
pub(super) type Notices = BTreeMap<&'static str, Text>;

/// Key, placeholders that both languages must have, and whether it is about a tier one joins.
const KEYS: [(&str, &[&str], bool); 7] = [
    ("new_application", &["{date}"], false),
    ("tier_joined", &[], true),
    ("tier_not_joined", &[], true),
    ("participation_count", &["{date}", "{count}"], false),
    ("period_list", &[], false),
    ("reminder", &[], false),
    ("representatives", &[], false),
];

/// Notices that not every city has.
const OPTIONAL: [&str; 1] = ["representatives"];

impl Notice {
    fn key(self) -> &'static str {
        match self {
            Self::NewApplication { .. } => "new_application",
            Self::TierJoined => "tier_joined",
            Self::TierNotJoined => "tier_not_joined",
            Self::ParticipationCount { .. } => "participation_count",
            Self::PeriodList => "period_list",
            Self::Reminder => "reminder",
            Self::Representatives => "representatives",
        }
    }

    /// The notice in a language, or nothing where the city has none of the kind.
    pub(super) fn render(self, notices: &Notices, locale: Locale) -> Option<String> {
        let template = notices.get(self.key())?.get(locale);
        Some(match self {
            Self::NewApplication { review_publish_on } => {
                template.replace("{date}", &locale.date(review_publish_on))
            }
            Self::ParticipationCount { as_of, count } => template
                .replace("{date}", &locale.date(as_of))
                .replace("{count}", &count.to_string()),
            Self::TierJoined
            | Self::TierNotJoined
            | Self::PeriodList
            | Self::Reminder
            | Self::Representatives => template.to_owned(),
        })
    }
}

/// Reads the templates. `has_joining` says whether the city has a tier that people join: its notices
/// are then required, and otherwise unknown; they may be there while that is not known.
pub(super) fn read_all(section: &Section<'_>, has_joining: Option<bool>) -> Option<Notices> {
    let mut notices = Notices::new();
    let mut complete = true;
    for (key, placeholders, is_about_joining) in KEYS {
        let is_required = if is_about_joining {
            has_joining == Some(true)
        } else {
            !OPTIONAL.contains(&key)
        };
        let is_unknown = is_about_joining && has_joining == Some(false);
        if is_unknown || !(is_required || section.has(key)) {
            continue;
        }
        let text = section.bilingual(key);
        complete &= text.is_some();
        if let Some(text) = text {
            check_placeholders(section, key, &text, placeholders);
            notices.insert(key, text);
        }
    }
    rule::read(section);
    section.refuse_unknown_keys();
    complete.then_some(notices)
}

/// Both languages have exactly the expected placeholders: a date that is missing in one of them
/// would go unnoticed by whoever reads the other.
fn check_placeholders(section: &Section<'_>, key: &str, text: &Text, expected: &[&str]) {
    for locale in Locale::ALL {
        let mut found: Vec<&str> = Vec::new();
        for part in text.get(locale).split_inclusive('}') {
            found.extend(part.find('{').map(|start| &part[start..]));
        }
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        found.sort_unstable();
        if found != expected {
            let name = |list: &[&str]| match list {
                [] => "none".to_owned(),
                list => list.join(" "),
            };
            section.fault(
                key,
                format!(
                    "expected the placeholders {} in the {} text, found {}",
                    name(&expected),
                    locale.tag(),
                    name(&found)
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::find_builtin;

    fn told(key: &str, notice: Notice, locale: Locale) -> Option<String> {
        let policy = find_builtin(key)
            .expect("built in")
            .policy()
            .expect("valid");
        policy.find_notice(notice, locale)
    }

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2018, 11, 10).expect("a date")
    }

    #[test]
    fn the_guides_screens_read_as_printed() {
        let zh = |notice| told("hangzhou-2018", notice, Locale::ZhCn).expect("a notice");
        let review_publish_on = day();
        let count = |count| Notice::ParticipationCount {
            as_of: day(),
            count,
        };

        assert_eq!(
            zh(Notice::NewApplication { review_publish_on }),
            "新申请，审核结果将于2018年11月10日公布。"
        );
        assert_eq!(
            zh(count(0)),
            "截止2018年11月10日，您已累计参加杭州市小客车增量指标摇号0次。"
        );
        assert_eq!(
            zh(count(15)),
            "截止2018年11月10日，您已累计参加杭州市小客车增量指标摇号15次。"
        );
        assert_eq!(zh(Notice::TierJoined), "报名成功");
        assert!(zh(Notice::TierNotJoined).starts_with("您未参加阶梯摇号"));
        assert!(zh(Notice::PeriodList).starts_with("特别说明"));
        assert!(zh(Notice::Representatives).contains("每月25日"));
    }

    #[test]
    fn english_readers_are_told_the_same_dates_and_counts() {
        let notice = Notice::ParticipationCount {
            as_of: day(),
            count: 15,
        };
        assert_eq!(
            told("hangzhou-2018", notice, Locale::En).expect("a notice"),
            "Up to 10 November 2018 you have taken part in the Hangzhou lottery for increment quotas 15 times."
        );
    }

    #[test]
    fn a_city_without_a_tier_to_join_says_nothing_about_joining() {
        for notice in [
            Notice::TierJoined,
            Notice::TierNotJoined,
            Notice::Representatives,
        ] {
            assert_eq!(told("beijing-2016", notice, Locale::En), None);
        }
    }
}
