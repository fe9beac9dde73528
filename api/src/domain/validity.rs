//! How long an application stays valid (有效期), and when it can be renewed.

use chrono::{Days, Months, NaiveDate};

use crate::policy::ApplicationTerms;

/// The last day on which a code enters pools: the same day of the month some months after the day
/// on which its review result was published, or that month's last day where it has no such day.
#[must_use]
pub fn valid_until(published_on: NaiveDate, terms: &ApplicationTerms) -> NaiveDate {
    published_on
        .checked_add_months(Months::new(terms.validity_months))
        .unwrap_or(NaiveDate::MAX)
}

/// The first day on which an application that is valid until a day can be renewed.
#[must_use]
pub fn renewable_from(valid_until: NaiveDate, terms: &ApplicationTerms) -> NaiveDate {
    days_before(valid_until, terms.renewal_days_before)
}

/// The reminders before the last day, by their days before it; the last one first, because it is
/// the one that a late pass has to send.
#[must_use]
pub fn reminders(terms: &ApplicationTerms) -> [u32; 2] {
    [
        terms.last_reminder_days_before,
        terms.first_reminder_days_before,
    ]
}

/// So many days before a day.
#[must_use]
pub fn days_before(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_sub_days(Days::new(u64::from(days)))
        .unwrap_or(NaiveDate::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a date")
    }

    #[test]
    fn a_code_is_valid_for_the_policys_months_from_the_publication() {
        for (key, published_on, until) in [
            ("hangzhou-2018", day(2018, 11, 10), day(2019, 2, 10)),
            ("hangzhou-2018", day(2018, 11, 30), day(2019, 2, 28)),
            ("beijing-2016", day(2016, 8, 31), day(2017, 2, 28)),
        ] {
            let builtin = policy::find_builtin(key).expect("built in");
            let terms = builtin.policy().expect("valid").application;
            assert_eq!(valid_until(published_on, &terms), until, "{published_on}");
        }
    }

    /// Whoever renews as early as possible finds days for applying before the code lapses: a month
    /// holds the first eight days of one.
    #[test]
    fn the_time_for_renewing_holds_days_on_which_applications_are_taken() {
        let hangzhou = policy::find_builtin("hangzhou-2018").expect("built in");
        let hangzhou = hangzhou.policy().expect("valid");
        for published_on in day(2018, 1, 1).iter_days().take(1_461) {
            let until = valid_until(published_on, &hangzhou.application);
            let from = renewable_from(until, &hangzhou.application);
            let days = from.iter_days().take_while(|day| *day <= until);
            let for_applying = days.filter(|day| (1..=8).contains(&chrono::Datelike::day(day)));
            assert!(for_applying.count() >= 8, "{published_on}");
        }
    }
}
