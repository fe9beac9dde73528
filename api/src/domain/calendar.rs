//! Working days and the dates of a period.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::{PeriodKind, PeriodNumber, PeriodNumberError};
use crate::policy::{Cadence, DayOfPeriod, DrawShift, Schedule};

/// Which days are worked: Monday to Friday but for the statutory holidays, and the weekends that
/// make up for them (调休). It knows the years it was given and guesses no other.
#[derive(Clone, Debug, Default)]
pub struct WorkingDays {
    years: BTreeMap<i32, Year>,
}

#[derive(Clone, Debug)]
struct Year {
    holidays: BTreeSet<NaiveDate>,
    working_weekends: BTreeSet<NaiveDate>,
}

/// The days that matter in a period's life, in the order in which they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodDates {
    /// First day on which applications are taken.
    pub apply_from: NaiveDate,
    /// Last day on which applications are taken.
    pub apply_until: NaiveDate,
    /// Day on which review results are published.
    pub review_publish_on: NaiveDate,
    /// Day on which applicant representatives are drawn, where the city has them.
    pub representatives_on: Option<NaiveDate>,
    /// Day of the draw; a working day where the policy moves it to one.
    pub draw_on: NaiveDate,
}

/// Why a date could not be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The calendar of working days was never given that year.
    #[error(
        "no working-day calendar for {year}: add the year from the State Council's notice to the file that `calendar` of the settings names"
    )]
    MissingYear {
        /// The year that was asked for.
        year: i32,
    },
    /// Tier periods have no fixed days; an officer sets them.
    #[error("{number} is a tier period: its dates are not computed, set them when creating it")]
    NotScheduled {
        /// The tier period.
        number: PeriodNumber,
    },
    /// The city has no such period.
    #[error(transparent)]
    Number(#[from] PeriodNumberError),
}

impl WorkingDays {
    /// Adds a year's statutory holidays and working weekends, in place of what was known of it.
    pub fn add_year(
        &mut self,
        year: i32,
        holidays: BTreeSet<NaiveDate>,
        working_weekends: BTreeSet<NaiveDate>,
    ) {
        self.years.insert(
            year,
            Year {
                holidays,
                working_weekends,
            },
        );
    }

    /// Has a day worked, whatever day it is. A year that is not known has no holidays besides.
    pub fn add_working_day(&mut self, date: NaiveDate) {
        let year = self.years.entry(date.year()).or_insert_with(|| Year {
            holidays: BTreeSet::new(),
            working_weekends: BTreeSet::new(),
        });
        year.holidays.remove(&date);
        if is_weekend(date) {
            year.working_weekends.insert(date);
        }
    }

    /// Adds the years of another calendar, in place of what was known of them.
    pub fn add_all(&mut self, other: Self) {
        self.years.extend(other.years);
    }

    /// The years it knows, ascending.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.years.keys().copied()
    }

    /// Whether the day is worked.
    pub fn is_working_day(&self, date: NaiveDate) -> Result<bool, CalendarError> {
        let year = date.year();
        let known = self
            .years
            .get(&year)
            .ok_or(CalendarError::MissingYear { year })?;
        if known.holidays.contains(&date) {
            return Ok(false);
        }
        Ok(!is_weekend(date) || known.working_weekends.contains(&date))
    }

    /// The day itself if it is worked, else the first working day after it.
    pub fn first_working_day_from(&self, date: NaiveDate) -> Result<NaiveDate, CalendarError> {
        let mut day = date;
        while !self.is_working_day(day)? {
            day = day
                .checked_add_days(Days::new(1))
                .ok_or(CalendarError::MissingYear {
                    year: day.year() + 1,
                })?;
        }
        Ok(day)
    }
}

/// Whether the day is a Saturday or a Sunday.
#[must_use]
pub fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The numbers of a year's periods under a cadence, ascending.
pub fn numbers_of(
    kind: PeriodKind,
    year: u16,
    cadence: Cadence,
) -> Result<Vec<PeriodNumber>, PeriodNumberError> {
    (1..=cadence.periods_per_year())
        .map(|ordinal| PeriodNumber::new(kind, year, ordinal))
        .collect()
}

/// The days on which a regular period takes applications, first and last; they need no calendar of
/// working days.
pub fn window_of(
    number: PeriodNumber,
    cadence: Cadence,
    schedule: &Schedule,
) -> Result<(NaiveDate, NaiveDate), CalendarError> {
    let month = first_of_month(number, cadence)?;
    Ok((
        date_in(month, schedule.apply_from)?,
        date_in(month, schedule.apply_until)?,
    ))
}

/// The dates of a regular period under a city's schedule.
pub fn dates_of(
    number: PeriodNumber,
    cadence: Cadence,
    schedule: &Schedule,
    working_days: &WorkingDays,
) -> Result<PeriodDates, CalendarError> {
    let first_of_month = first_of_month(number, cadence)?;
    let on = |day: DayOfPeriod| date_in(first_of_month, day);
    let draw_day = on(schedule.draw)?;
    Ok(PeriodDates {
        apply_from: on(schedule.apply_from)?,
        apply_until: on(schedule.apply_until)?,
        review_publish_on: on(schedule.review_publish)?,
        representatives_on: schedule.representatives.map(on).transpose()?,
        draw_on: match schedule.draw_shift {
            DrawShift::NextWorkingDay => working_days.first_working_day_from(draw_day)?,
            DrawShift::Never => draw_day,
        },
    })
}

/// The first day of the month in which a regular period is drawn.
fn first_of_month(number: PeriodNumber, cadence: Cadence) -> Result<NaiveDate, CalendarError> {
    if number.kind() == PeriodKind::Tier {
        return Err(CalendarError::NotScheduled { number });
    }
    number.require(cadence)?;
    let year = i32::from(number.year());
    let month = u32::from(number.ordinal() * cadence.months_per_period());
    NaiveDate::from_ymd_opt(year, month, 1).ok_or(CalendarError::MissingYear { year })
}

fn date_in(first_of_month: NaiveDate, day: DayOfPeriod) -> Result<NaiveDate, CalendarError> {
    first_of_month
        .checked_sub_months(Months::new(day.months_before()))
        .and_then(|month| month.with_day(day.day()))
        .ok_or(CalendarError::MissingYear {
            year: first_of_month.year() - 1,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a date")
    }

    fn calendar() -> WorkingDays {
        policy::working_days().expect("the calendar that comes with the house")
    }

    #[test]
    fn a_day_is_worked_or_not_as_the_state_council_said() {
        let calendar = calendar();
        for (date, worked) in [
            (day(2026, 6, 26), true),
            (day(2026, 6, 19), false),
            (day(2026, 9, 26), false),
            (day(2026, 9, 20), true),
            (day(2025, 1, 26), true),
            (day(2018, 11, 10), false),
            (day(2018, 12, 31), false),
            (day(2018, 12, 29), true),
            (day(2024, 10, 1), false),
            (day(2024, 10, 12), true),
        ] {
            assert_eq!(calendar.is_working_day(date), Ok(worked), "{date}");
        }
    }

    #[test]
    fn a_year_that_the_calendar_does_not_have_is_an_error_and_not_a_guess() {
        let calendar = calendar();
        let missing = Err(CalendarError::MissingYear { year: 2031 });
        assert_eq!(calendar.is_working_day(day(2031, 1, 6)), missing);
        assert_eq!(
            calendar.first_working_day_from(day(2031, 1, 6)),
            Err(CalendarError::MissingYear { year: 2031 })
        );
    }

    /// 31 December 2018 was a holiday, and so was the day after, which another year must say.
    #[test]
    fn a_shift_into_a_year_that_is_missing_is_an_error() {
        let whole = calendar();
        let shifted = whole.first_working_day_from(day(2018, 12, 30));
        assert_eq!(shifted, Ok(day(2019, 1, 2)));

        let mut one_year = WorkingDays::default();
        one_year.add_year(2018, BTreeSet::from([day(2018, 12, 31)]), BTreeSet::new());
        assert_eq!(
            one_year.first_working_day_from(day(2018, 12, 30)),
            Err(CalendarError::MissingYear { year: 2019 })
        );
    }

    #[test]
    fn a_tier_period_and_a_period_too_many_have_no_dates() {
        let beijing = policy::find_builtin("beijing-2016").expect("built in");
        let beijing = beijing.policy().expect("valid");
        for (text, message) in [
            (
                "2016J1",
                "2016J1 is a tier period: its dates are not computed, set them when creating it",
            ),
            (
                "201607",
                "201607 is not a period of this city: it has 6 a year",
            ),
        ] {
            let number = text.parse().expect("a number");
            let error = dates_of(number, beijing.cadence, &beijing.schedule, &calendar());
            assert_eq!(error.expect_err(text).to_string(), message);
        }
    }

    /// Every regular period of every built-in city in the years that the calendar has whole: the
    /// draw is on a working day, and not before the representatives are drawn.
    #[test]
    fn no_draw_falls_on_a_day_off_or_before_its_representatives() {
        let calendar = calendar();
        let (mut tried, mut moved) = (0, 0);
        for builtin in policy::builtin() {
            let policy = builtin.policy().expect("valid");
            for year in (2018..=2026).filter(|year| *year != 2020) {
                for number in
                    numbers_of(PeriodKind::Normal, year, policy.cadence).expect("a year's numbers")
                {
                    let dates = dates_of(number, policy.cadence, &policy.schedule, &calendar)
                        .expect("dates");
                    assert_eq!(calendar.is_working_day(dates.draw_on), Ok(true), "{number}");
                    assert!(
                        dates
                            .representatives_on
                            .is_none_or(|on| on <= dates.draw_on)
                    );
                    assert!(dates.apply_until <= dates.review_publish_on);
                    assert!(dates.review_publish_on < dates.draw_on);
                    tried += 1;
                    moved += usize::from(dates.draw_on.day() != 26);
                }
            }
        }
        assert_eq!(tried, 8 * (12 + 6));
        assert!((30..tried).contains(&moved), "{moved} of {tried} moved");
    }

    #[test]
    fn a_window_needs_no_working_days() {
        let hangzhou = policy::find_builtin("hangzhou-2018").expect("built in");
        let hangzhou = hangzhou.policy().expect("valid");
        let number = "203102".parse().expect("a number");
        assert_eq!(
            window_of(number, hangzhou.cadence, &hangzhou.schedule),
            Ok((day(2031, 2, 1), day(2031, 2, 8)))
        );
    }
}
