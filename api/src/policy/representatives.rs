//! Who attends a draw for the applicants (申请人代表), and how they are chosen.

use super::{Schedule, Text, city, reader::Section, rule};

/// How a city picks applicant representatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Representatives {
    /// Their category in records and file names, for example `representative`.
    pub key: String,
    /// What they are called, for people.
    pub name: Text,
    /// How many are invited, 1 to 32: each may seal a contribution, and `announce` holds 64.
    pub quota: u32,
    /// How many stand in reserve behind them, 0 to 1,000.
    pub reserve: u32,
    /// How many hours somebody has to answer an invitation, 1 to 720.
    pub answer_hours: u32,
}

/// Reads the table `representatives`.
pub(super) fn read(section: &Section<'_>) -> Option<Representatives> {
    let key = city::key(section);
    let name = section.bilingual("name");
    // Everybody has one ticket; no other method gives everybody the same chance.
    let method = section.choice("method", &[("score-v1", ())]);
    let quota = section.number("quota", 1..=32);
    let reserve = section.number("reserve", 0..=1_000);
    let answer_hours = section.section("invitation").and_then(|section| {
        let hours = section.number("answer_hours", 1..=720);
        rule::read(&section);
        section.refuse_unknown_keys();
        hours
    });
    rule::read(section);
    section.refuse_unknown_keys();
    method?;
    Some(Representatives {
        key: key?,
        name: name?,
        quota: quota?,
        reserve: reserve?,
        answer_hours: answer_hours?,
    })
}

/// A day on which nobody is picked, and people who are picked on no day, would both go unnoticed.
pub(super) fn check(root: &Section<'_>, schedule: Option<&Schedule>, are_there: bool) {
    let Some(schedule) = schedule else { return };
    match (schedule.representatives.is_some(), are_there) {
        (true, false) => root.fault(
            "calendar",
            "expected the table [representatives] beside [calendar.representatives]; add it, or leave the day out",
        ),
        (false, true) => root.fault(
            "representatives",
            "expected the table [calendar.representatives] beside it; add it, or leave this out",
        ),
        (true, true) | (false, false) => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::{
        Policy,
        refusals::{refused, shown, text_of},
    };

    #[test]
    fn hangzhou_has_representatives_and_beijing_has_none() {
        let read = |key: &str| {
            let policy = Policy::parse("city.toml", text_of(key)).expect("valid");
            policy.representatives
        };
        let hangzhou = read("hangzhou-2018").expect("representatives");
        assert_eq!(hangzhou.key, "representative");
        assert_eq!((hangzhou.quota, hangzhou.reserve), (6, 10));
        assert_eq!(hangzhou.answer_hours, 12);
        assert_eq!(read("beijing-2016"), None);
    }

    #[test]
    fn a_day_without_rules_and_rules_without_a_day_are_refused() {
        let text = text_of("hangzhou-2018");
        let (head, tail) = text
            .split_once("[calendar.representatives]")
            .expect("the day");
        let (_, tail) = tail.split_once("[calendar.draw]").expect("the next day");
        let without_day = format!("{head}[calendar.draw]{tail}");
        let (head, tail) = text.split_once("[representatives]").expect("the rules");
        let (_, tail) = tail.split_once("[participation.reset]").expect("the next");
        let without_rules = format!("{head}[participation.reset]{tail}");
        for (text, field) in [
            (without_day, "representatives"),
            (without_rules, "calendar"),
        ] {
            let faults = Policy::parse("city.toml", &text).expect_err("half of it");
            let [fault] = &shown(&faults)[..] else {
                panic!("{faults:?}")
            };
            assert!(fault.contains(&format!(" {field}: expected")), "{fault}");
        }
    }

    #[test]
    fn numbers_out_of_range_and_another_method_are_refused() {
        refused(
            "hangzhou-2018",
            "quota = 6\n",
            "quota = 33\n",
            0,
            "representatives.quota: expected a whole number from 1 to 32, found 33",
        );
        refused(
            "hangzhou-2018",
            "answer_hours = 12",
            "answer_hours = 0",
            0,
            "representatives.invitation.answer_hours: expected a whole number from 1 to 720, found 0",
        );
        refused(
            "hangzhou-2018",
            "method = \"score-v1\"\nquota",
            "method = \"rank-v1\"\nquota",
            0,
            "representatives.method: expected score-v1, found `rank-v1`",
        );
    }
}
