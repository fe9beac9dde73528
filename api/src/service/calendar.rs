//! The public calendar: the days of periods, and which days are worked.

use ::entity::{period, period_move::Milestone};
use chrono::NaiveDate;

use crate::{
    app::App,
    domain::moving,
    error::{Error, Result},
    store,
};

/// How many days can be asked for at once.
const DAYS: i64 = 366;

/// What happens between two days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The days of periods, ascending.
    pub events: Vec<Event>,
    /// Every day from the first to the last.
    pub days: Vec<Day>,
}

/// A day of a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The day.
    pub on: NaiveDate,
    /// Which of the period's days it is.
    pub milestone: Milestone,
    /// The period.
    pub period: period::Model,
    /// Where it was before it was moved last, if it was.
    pub moved_from: Option<NaiveDate>,
}

/// A day, and whether it is worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day.
    pub on: NaiveDate,
    /// Whether it is worked; unknown in a year that the calendar of working days does not have.
    pub is_working_day: Option<bool>,
}

/// What happens from one day to another, both included.
///
/// # Errors
///
/// [`Error::InvalidInput`] for days the wrong way round, or more than 366 of them.
pub async fn list(app: &App, from: NaiveDate, to: NaiveDate) -> Result<Calendar> {
    let span = (to - from).num_days();
    if !(0..DAYS).contains(&span) {
        return Err(Error::invalid(
            "to",
            format!("expected a day from {from} on, less than {DAYS} days later, found {to}"),
        ));
    }
    let moves = store::milestones::list_moves_between(&app.db, app.city, from, to).await?;
    let mut events = Vec::new();
    for period in store::periods::list_between(&app.db, app.city, from, to).await? {
        for (milestone, on) in moving::milestones(&period) {
            if !(from..=to).contains(&on) {
                continue;
            }
            let last_move = moves.iter().rfind(|moved| {
                moved.period_number == period.number
                    && moved.milestone == milestone
                    && moved.moved_to == on
            });
            events.push(Event {
                on,
                milestone,
                period: period.clone(),
                moved_from: last_move.map(|moved| moved.moved_from),
            });
        }
    }
    events.sort_by(|one, other| {
        (one.on, one.milestone, &one.period.number).cmp(&(
            other.on,
            other.milestone,
            &other.period.number,
        ))
    });
    let days = from.iter_days().take_while(|day| *day <= to);
    let days = days.map(|on| Day {
        on,
        is_working_day: app.working_days.is_working_day(on).ok(),
    });
    Ok(Calendar {
        events,
        days: days.collect(),
    })
}
