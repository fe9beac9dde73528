//! Moving days of a period: which ones, and within which rules.

use ::entity::{period, period_move::Milestone};
use chrono::NaiveDate;

use super::{CalendarError, WorkingDays};
use crate::policy::DrawShift;

/// The new days of a period; what is not given stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewDays {
    /// Last day on which applications are taken; only ever later than it was.
    pub applies_until: Option<NaiveDate>,
    /// Day on which review results are published.
    pub review_publish_on: Option<NaiveDate>,
    /// Day on which applicant representatives are drawn.
    pub representatives_on: Option<NaiveDate>,
    /// Day of the draw.
    pub draw_on: Option<NaiveDate>,
}

/// One day that is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Which day.
    pub milestone: Milestone,
    /// Where it was.
    pub from: NaiveDate,
    /// Where it is now.
    pub to: NaiveDate,
}

/// Why days cannot be moved so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoveError {
    /// No day changes.
    #[error("no day is moved: give at least one day that differs from {0}'s own")]
    Nothing(String),
    /// The step of that day is done.
    #[error("{what} is over; it cannot be moved any more")]
    Over {
        /// Which day.
        what: &'static str,
    },
    /// The new day has passed.
    #[error("{what} cannot be moved to {to}, which is before today, {today}")]
    Past {
        /// Which day.
        what: &'static str,
        /// Where to.
        to: NaiveDate,
        /// Today.
        today: NaiveDate,
    },
    /// People were promised more time.
    #[error(
        "applications were promised to be taken until {from}; that day can be moved to a later one alone"
    )]
    Shortened {
        /// What was promised.
        from: NaiveDate,
    },
    /// The days would come in another order.
    #[error("{later} on {later_on} would come before {earlier} on {earlier_on}; move that as well")]
    Order {
        /// What has to come first.
        earlier: &'static str,
        /// When that is.
        earlier_on: NaiveDate,
        /// What has to come after it.
        later: &'static str,
        /// When that would be.
        later_on: NaiveDate,
    },
    /// The draw would be on a day that is not worked.
    #[error(
        "{on} is not a working day, and there is no draw on such a day; the next working day is {next}"
    )]
    DayOff {
        /// The day.
        on: NaiveDate,
        /// The working day after it.
        next: NaiveDate,
    },
    /// The period has no such day.
    #[error("period {0} draws no representatives; there is no day to move")]
    NoRepresentatives(String),
    /// The calendar of working days cannot tell.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

/// A day of a period in words.
#[must_use]
pub fn name(milestone: Milestone) -> &'static str {
    match milestone {
        Milestone::AppliesFrom => "the first day of applications",
        Milestone::AppliesUntil => "the last day of applications",
        Milestone::ReviewPublish => "the publication of review results",
        Milestone::Representatives => "the drawing of representatives",
        Milestone::Draw => "the draw",
    }
}

/// The days of a period in the order in which they come.
#[must_use]
pub fn milestones(row: &period::Model) -> Vec<(Milestone, NaiveDate)> {
    let mut days = vec![
        (Milestone::AppliesFrom, row.applies_from),
        (Milestone::AppliesUntil, row.applies_until),
        (Milestone::ReviewPublish, row.review_publish_on),
    ];
    days.extend(
        row.representatives_on
            .map(|day| (Milestone::Representatives, day)),
    );
    days.push((Milestone::Draw, row.draw_on));
    days
}

/// Refuses days that go backwards: no day comes before the one that it depends on. Days may fall
/// together.
pub fn require_order(row: &period::Model) -> Result<(), MoveError> {
    for pair in milestones(row).windows(2) {
        let ((earlier, earlier_on), (later, later_on)) = (pair[0], pair[1]);
        if later_on < earlier_on {
            return Err(MoveError::Order {
                earlier: name(earlier),
                earlier_on,
                later: name(later),
                later_on,
            });
        }
    }
    Ok(())
}

/// Refuses a draw on a day that is not worked, where the city's rules move such a draw.
pub fn require_working_day(
    draw_on: NaiveDate,
    shift: DrawShift,
    working_days: &WorkingDays,
) -> Result<(), MoveError> {
    if shift == DrawShift::Never || working_days.is_working_day(draw_on)? {
        return Ok(());
    }
    Err(MoveError::DayOff {
        on: draw_on,
        next: working_days.first_working_day_from(draw_on)?,
    })
}

/// What a day can still be moved for: before its own step is done.
fn is_over(milestone: Milestone, row: &period::Model, is_announced: bool) -> bool {
    let last = match milestone {
        Milestone::AppliesFrom => return true,
        Milestone::AppliesUntil => period::Phase::Open,
        Milestone::ReviewPublish => period::Phase::Closed,
        Milestone::Representatives => period::Phase::ReviewPublished,
        Milestone::Draw => period::Phase::Frozen,
    };
    last < row.phase || (milestone == Milestone::Draw && is_announced)
}

/// The period with its new days, and which of them are moved.
///
/// A day moves only while its own step is not done, never before today, and not past the days that
/// depend on it; a draw stays on a working day, and not before its representatives are drawn.
/// `is_announced` says that the draw's times stand in a signed record.
pub fn apply(
    row: &period::Model,
    days: NewDays,
    is_announced: bool,
    today: NaiveDate,
    draw_shift: DrawShift,
    working_days: &WorkingDays,
) -> Result<(period::Model, Vec<Moved>), MoveError> {
    if days.representatives_on.is_some() && row.representatives_on.is_none() {
        return Err(MoveError::NoRepresentatives(row.number.clone()));
    }
    let changed = period::Model {
        applies_until: days.applies_until.unwrap_or(row.applies_until),
        review_publish_on: days.review_publish_on.unwrap_or(row.review_publish_on),
        representatives_on: days.representatives_on.or(row.representatives_on),
        draw_on: days.draw_on.unwrap_or(row.draw_on),
        ..row.clone()
    };
    let pairs = milestones(row).into_iter().zip(milestones(&changed));
    let moved: Vec<_> = pairs
        .filter(|((_, from), (_, to))| from != to)
        .map(|((milestone, from), (_, to))| Moved {
            milestone,
            from,
            to,
        })
        .collect();
    if moved.is_empty() {
        return Err(MoveError::Nothing(format!("period {}", row.number)));
    }
    for day in &moved {
        require_movable(row, *day, is_announced, today)?;
    }
    require_order(&changed)?;
    require_working_day(changed.draw_on, draw_shift, working_days)?;
    Ok((changed, moved))
}

fn require_movable(
    row: &period::Model,
    day: Moved,
    is_announced: bool,
    today: NaiveDate,
) -> Result<(), MoveError> {
    let what = name(day.milestone);
    if is_over(day.milestone, row, is_announced) {
        return Err(MoveError::Over { what });
    }
    if day.to < today {
        return Err(MoveError::Past {
            what,
            to: day.to,
            today,
        });
    }
    if day.milestone == Milestone::AppliesUntil && day.to < day.from {
        return Err(MoveError::Shortened { from: day.from });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 9, day).expect("a date")
    }

    /// September 2026: the 20th is a Sunday that is worked, the 25th to the 27th are holidays.
    fn september(phase: period::Phase) -> period::Model {
        period::Model {
            city_id: ::entity::CityId(330_100),
            number: "202609".to_owned(),
            kind: period::Kind::Normal,
            phase,
            epoch: 0,
            policy_digest: Vec::new(),
            applies_from: day(1),
            applies_until: day(8),
            review_publish_on: day(10),
            draw_on: day(28),
            published_on: None,
            representatives_on: Some(day(25)),
        }
    }

    fn moved(phase: period::Phase, days: NewDays) -> Result<Vec<Moved>, String> {
        let calendar = policy::working_days().expect("the calendar");
        let shift = DrawShift::NextWorkingDay;
        apply(&september(phase), days, false, day(5), shift, &calendar)
            .map(|(_, moved)| moved)
            .map_err(|error| error.to_string())
    }

    fn draw_on(on: u32) -> NewDays {
        NewDays {
            draw_on: Some(day(on)),
            ..NewDays::default()
        }
    }

    #[test]
    fn a_draw_moves_to_another_working_day_after_its_representatives() {
        assert_eq!(
            moved(period::Phase::Closed, draw_on(30)),
            Ok(vec![Moved {
                milestone: Milestone::Draw,
                from: day(28),
                to: day(30),
            }])
        );
        let earlier = NewDays {
            representatives_on: Some(day(18)),
            ..draw_on(20)
        };
        assert_eq!(
            moved(period::Phase::Closed, earlier).map(|all| all.len()),
            Ok(2)
        );
    }

    #[test]
    fn a_day_that_makes_no_sense_is_refused_with_what_to_do() {
        let review = |on| NewDays {
            review_publish_on: Some(day(on)),
            ..NewDays::default()
        };
        let until = |on| NewDays {
            applies_until: Some(day(on)),
            ..NewDays::default()
        };
        for (phase, days, sentence) in [
            (
                period::Phase::Closed,
                draw_on(26),
                "2026-09-26 is not a working day, and there is no draw on such a day; the next working day is 2026-09-28",
            ),
            (
                period::Phase::Closed,
                draw_on(24),
                "the draw on 2026-09-24 would come before the drawing of representatives on 2026-09-25; move that as well",
            ),
            (
                period::Phase::Closed,
                draw_on(28),
                "no day is moved: give at least one day that differs from period 202609's own",
            ),
            (
                period::Phase::Closed,
                review(4),
                "the publication of review results cannot be moved to 2026-09-04, which is before today, 2026-09-05",
            ),
            (
                period::Phase::ReviewPublished,
                review(12),
                "the publication of review results is over; it cannot be moved any more",
            ),
            (
                period::Phase::Open,
                until(7),
                "applications were promised to be taken until 2026-09-08; that day can be moved to a later one alone",
            ),
            (
                period::Phase::Open,
                until(11),
                "the publication of review results on 2026-09-10 would come before the last day of applications on 2026-09-11; move that as well",
            ),
            (
                period::Phase::Closed,
                until(9),
                "the last day of applications is over; it cannot be moved any more",
            ),
            (
                period::Phase::Published,
                draw_on(30),
                "the draw is over; it cannot be moved any more",
            ),
        ] {
            assert_eq!(moved(phase, days), Err(sentence.to_owned()));
        }
    }
}
