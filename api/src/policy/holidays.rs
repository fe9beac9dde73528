//! The calendar of working days.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use super::{
    Fault,
    reader::{self, Section},
    rule,
};
use crate::domain::{WorkingDays, calendar::is_weekend};

/// Reads the statutory holidays and working weekends of one or more years.
///
/// Each year states how many holidays the law gives it, and the lists must agree: every holiday on a
/// weekday beyond that number is paid for with a weekend that is worked.
pub fn parse_working_days(file: &str, text: &str) -> Result<WorkingDays, Vec<Fault>> {
    let (working_days, _) = reader::read(file, text, |root| {
        let years = root.sections("year")?;
        let mut working_days = WorkingDays::default();
        let mut seen = BTreeSet::new();
        let mut complete = true;
        for section in &years {
            match read(section) {
                Some(year) if seen.insert(year.number) => {
                    working_days.add_year(year.number, year.holidays, year.working_weekends);
                }
                Some(year) => section.fault("year", format!("{} is there twice", year.number)),
                None => complete = false,
            }
        }
        complete.then_some(working_days)
    })?;
    Ok(working_days)
}

struct Year {
    number: i32,
    holidays: BTreeSet<NaiveDate>,
    working_weekends: BTreeSet<NaiveDate>,
}

fn read(section: &Section<'_>) -> Option<Year> {
    let year = section.number("year", 2000..=2999);
    let statutory_days = section.number("statutory_days", 1..=366);
    let holidays = section.sections("holidays").map(|spans| {
        let spans: Vec<_> = spans.iter().map(span).collect();
        spans.into_iter().collect::<Option<Vec<_>>>()
    });
    let working_weekends = section.dates("working_weekends");
    rule::read(section);
    section.refuse_unknown_keys();
    let year = i32::try_from(year?).ok()?;
    let holidays: BTreeSet<NaiveDate> = holidays??.into_iter().flatten().collect();
    let working_weekends: BTreeSet<NaiveDate> = working_weekends?.into_iter().collect();
    if holidays
        .iter()
        .chain(&working_weekends)
        .any(|day| day.year() != year)
    {
        section.fault(
            "year",
            format!("expected days of {year} alone, found another year's"),
        );
    }
    if let Some(day) = working_weekends.iter().find(|day| !is_weekend(**day)) {
        section.fault(
            "working_weekends",
            format!("expected weekends alone, found {day}"),
        );
    }
    if let Some(day) = working_weekends.intersection(&holidays).next() {
        section.fault("working_weekends", format!("{day} is a holiday as well"));
    }
    let weekdays_off = holidays.iter().filter(|day| !is_weekend(**day)).count();
    let paid_for = usize::try_from(statutory_days?).ok()? + working_weekends.len();
    if weekdays_off != paid_for {
        section.fault(
            "statutory_days",
            format!(
                "the lists do not agree: {weekdays_off} weekdays off, but statutory days and working weekends make {paid_for}"
            ),
        );
    }
    Some(Year {
        number: year,
        holidays,
        working_weekends,
    })
}

fn span(section: &Section<'_>) -> Option<Vec<NaiveDate>> {
    let name = section.text("name");
    let (from, until) = (section.date("from"), section.date("until"));
    section.refuse_unknown_keys();
    name?;
    let (from, until) = (from?, until?);
    if until < from || (until - from).num_days() > 31 {
        section.fault("until", "expected a day at most a month after `from`");
        return None;
    }
    Some(from.iter_days().take_while(|day| *day <= until).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::refusals::{changed, shown};

    const CALENDAR: &str = include_str!("../../policies/calendar-cn.toml");

    #[test]
    fn a_calendar_whose_lists_do_not_add_up_is_refused() {
        let mut tried = 0;
        for (from, to, below, fault) in [
            (
                "    2026-01-04, ",
                "    ",
                -11,
                "year[11].statutory_days: the lists do not agree: 19 weekdays off, but statutory days and working weekends make 18",
            ),
            (
                "    2026-01-04, ",
                "    2026-01-05, ",
                -1,
                "year[11].working_weekends: expected weekends alone, found 2026-01-05",
            ),
            (
                "    2026-01-04, ",
                "    2026-01-03, ",
                -1,
                "year[11].working_weekends: 2026-01-03 is a holiday as well",
            ),
            (
                "year = 2025",
                "year = 2026",
                0,
                "year[10].year: expected days of 2026 alone, found another year's",
            ),
            (
                "from = 2026-02-15, until = 2026-02-23",
                "from = 2026-02-23, until = 2026-02-15",
                0,
                "year[11].holidays[1].until: expected a day at most a month after `from`",
            ),
        ] {
            let (text, line) = changed(CALENDAR, from, to);
            let faults = parse_working_days("calendar.toml", &text).expect_err("a faulty calendar");
            let line = line.checked_add_signed(below).expect("a line");
            let expected = format!("calendar.toml:{line}: {fault}");
            assert!(
                shown(&faults).contains(&expected),
                "{expected} not in {:?}",
                shown(&faults)
            );
            tried += 1;
        }
        assert_eq!(tried, 5);
    }

    #[test]
    fn a_year_that_is_there_twice_is_refused() {
        let again = CALENDAR.find("[[year]]").expect("a year");
        let next = CALENDAR[again + 1..]
            .find("[[year]]")
            .expect("another year");
        let text = format!("{CALENDAR}\n{}", &CALENDAR[again..=again + next]);

        let faults = parse_working_days("calendar.toml", &text).expect_err("2014 twice");

        assert_eq!(faults.len(), 1);
        assert!(
            faults[0].message.ends_with("2014 is there twice"),
            "{}",
            faults[0]
        );
    }

    #[test]
    fn a_holiday_of_months_is_refused() {
        let (from, to) = ("until = 2014-02-06", "until = 2014-03-06");
        let (text, line) = changed(CALENDAR, from, to);

        let faults = parse_working_days("calendar.toml", &text).expect_err("five weeks off");

        assert_eq!(
            shown(&faults),
            [format!(
                "calendar.toml:{line}: year[0].holidays[1].until: expected a day at most a month after `from`"
            )]
        );
    }
}
