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
