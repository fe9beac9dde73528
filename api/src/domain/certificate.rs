//! What a winner gets, until when, and what follows when it is not used.

use chrono::{Days, Months, NaiveDate};

/// Days on which a person may not apply; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BanDates {
    /// First day of the ban.
    pub from: NaiveDate,
    /// Last day of the ban.
    pub until: NaiveDate,
}

impl BanDates {
    /// Whether the ban bars an application on that day.
    #[must_use]
    pub fn covers(&self, date: NaiveDate) -> bool {
        self.from <= date && date <= self.until
    }
}

/// The last day on which a certificate can be used: the same day of the month some months later, or
/// that month's last day where it has no such day.
///
/// Nothing past the end of the calendar's range is a date; such a certificate never expires.
#[must_use]
pub fn expires_on(issued_on: NaiveDate, validity_months: u32) -> NaiveDate {
    issued_on
        .checked_add_months(Months::new(validity_months))
        .unwrap_or(NaiveDate::MAX)
}

/// The ban after a lottery-won certificate ran out unused: it begins on the day after the last day
/// of validity and lasts the given months.
#[must_use]
pub fn ban_after(expires_on: NaiveDate, ban_months: u32) -> BanDates {
    let from = expires_on
        .checked_add_days(Days::new(1))
        .unwrap_or(NaiveDate::MAX);
    let until = from
        .checked_add_months(Months::new(ban_months))
        .and_then(|after| after.checked_sub_days(Days::new(1)))
        .unwrap_or(NaiveDate::MAX);
    BanDates { from, until }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a date")
    }

    #[test]
    fn a_certificate_ends_on_the_same_day_a_year_later_or_on_the_months_last() {
        assert_eq!(expires_on(day(2018, 5, 28), 12), day(2019, 5, 28));
        assert_eq!(expires_on(day(2020, 2, 29), 12), day(2021, 2, 28));
        assert_eq!(expires_on(day(2017, 8, 31), 6), day(2018, 2, 28));
    }

    #[test]
    fn a_ban_begins_the_day_after_and_lasts_two_whole_years() {
        let ban = ban_after(day(2019, 5, 28), 24);

        assert_eq!(ban.from, day(2019, 5, 29));
        assert_eq!(ban.until, day(2021, 5, 28));
        assert!(!ban.covers(day(2019, 5, 28)));
        assert!(ban.covers(day(2019, 5, 29)));
        assert!(ban.covers(day(2021, 5, 28)));
        assert!(!ban.covers(day(2021, 5, 29)));
    }
}
