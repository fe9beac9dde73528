//! How applications are reviewed.

use super::{ReviewReason, reader::Section, review_reason, rule};

/// How long a reviewer, and how long an applicant, has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewTerms {
    /// Minutes for which a claimed application is one reviewer's, 1 to 1440.
    pub claim_mins: u32,
    /// Days after the publication of a refusal on which a second look (复核) may be asked for, 1 to
    /// 60.
    pub second_look_days: u32,
}

pub(super) fn read(section: &Section<'_>) -> Option<(Vec<ReviewReason>, ReviewTerms)> {
    let reasons = review_reason::read_all(section);
    let claim_mins = read_number(section, "claim", "minutes", 1_440);
    let second_look_days = read_number(section, "second_look", "days", 60);
    rule::read(section);
    section.refuse_unknown_keys();
    let terms = ReviewTerms {
        claim_mins: claim_mins?,
        second_look_days: second_look_days?,
    };
    Some((reasons?, terms))
}

/// A rule of one number, in a table of its own.
fn read_number(section: &Section<'_>, table: &str, key: &str, max: u32) -> Option<u32> {
    let section = section.section(table)?;
    let number = section.number(key, 1..=max);
    rule::read(&section);
    section.refuse_unknown_keys();
    number
}

#[cfg(test)]
mod tests {
    use crate::policy::{find_builtin, refusals::refused};

    #[test]
    fn both_cities_say_how_long_a_claim_and_the_request_for_a_second_look_take() {
        for key in ["hangzhou-2018", "beijing-2016"] {
            let policy = find_builtin(key).expect("built in").policy();
            let terms = policy.expect("valid").review;
            assert_eq!((terms.claim_mins, terms.second_look_days), (30, 5), "{key}");
        }
    }

    #[test]
    fn a_second_look_that_nobody_could_ask_for_is_refused() {
        refused(
            "hangzhou-2018",
            "days = 5",
            "days = 0",
            0,
            "review.second_look.days: expected a whole number from 1 to 60, found 0",
        );
        refused(
            "hangzhou-2018",
            "minutes = 30",
            "minutes = 1441",
            0,
            "review.claim.minutes: expected a whole number from 1 to 1440, found 1441",
        );
    }
}
