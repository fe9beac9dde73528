//! How often a city draws, and on which days.

use super::{reader::Section, rule};
use crate::domain::{PeriodKind, PeriodNumber};

/// How many periods a year has; they are evenly spread over its months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cadence {
    periods_per_year: u8,
}

impl Cadence {
    /// A period a month.
    pub const MONTHLY: Self = Self {
        periods_per_year: 12,
    };
    /// Six periods a year, in the even months.
    pub const EVERY_TWO_MONTHS: Self = Self {
        periods_per_year: 6,
    };

    /// A cadence of 1, 2, 3, 4, 6 or 12 periods a year.
    #[must_use]
    pub fn new(periods_per_year: u8) -> Option<Self> {
        matches!(periods_per_year, 1 | 2 | 3 | 4 | 6 | 12).then_some(Self { periods_per_year })
    }

    /// How many periods a year has.
    #[must_use]
    pub fn periods_per_year(self) -> u8 {
        self.periods_per_year
    }

    /// How many months a period takes. The draw of a year's nth period is in the month n times this.
    #[must_use]
    pub fn months_per_period(self) -> u8 {
        12 / self.periods_per_year
    }
}

/// A day of a period, told from the month of its draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayOfPeriod {
    months_before: u32,
    day: u32,
}

impl DayOfPeriod {
    /// How many months before the month of the draw, 0 to 11.
    #[must_use]
    pub fn months_before(self) -> u32 {
        self.months_before
    }

    /// Day of the month, 1 to 28, so that every month has it.
    #[must_use]
    pub fn day(self) -> u32 {
        self.day
    }

    /// Earlier days have smaller keys.
    fn order(self) -> (std::cmp::Reverse<u32>, u32) {
        (std::cmp::Reverse(self.months_before), self.day)
    }
}

/// What happens to a draw day that is not worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawShift {
    /// The draw is on the first working day after it.
    NextWorkingDay,
    /// The draw is on that day all the same.
    Never,
}

/// The days of a regular period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// First day on which applications are taken.
    pub apply_from: DayOfPeriod,
    /// Last day on which applications are taken.
    pub apply_until: DayOfPeriod,
    /// Day on which review results are published.
    pub review_publish: DayOfPeriod,
    /// Day on which applicant representatives are drawn, where the city has them.
    pub representatives: Option<DayOfPeriod>,
    /// Day of the draw, before any shift.
    pub draw: DayOfPeriod,
    /// What happens when that day is not worked.
    pub draw_shift: DrawShift,
    /// How many days before its first day a period is planned, 1 to 366.
    pub plan_ahead_days: u32,
    /// How many days before review results are due officers are reminded of open reviews, 0 to 31.
    pub review_reminder_days: u32,
}

/// The cadence and the programme's first period, from the table `period`.
pub(super) fn read_period(section: &Section<'_>) -> Option<(Cadence, PeriodNumber)> {
    let cadence = section.choice(
        "cadence",
        &[
            ("monthly", Cadence::MONTHLY),
            ("every-two-months", Cadence::EVERY_TWO_MONTHS),
        ],
    );
    let first = section.text("first").and_then(|text| {
        let number = text.parse::<PeriodNumber>();
        match number {
            Ok(number) if number.kind() == PeriodKind::Normal => Some(number),
            Ok(_) => {
                section.fault(
                    "first",
                    "expected a regular period YYYYnn, found a tier period",
                );
                None
            }
            Err(error) => {
                section.fault("first", error.to_string());
                None
            }
        }
    });
    rule::read(section);
    section.refuse_unknown_keys();
    Some((cadence?, first?))
}

/// The days, from the table `calendar`.
pub(super) fn read(section: &Section<'_>) -> Option<Schedule> {
    let apply = section.section("apply").and_then(|apply| {
        let from = day(&apply, "from");
        let until = day(&apply, "until");
        rule::read(&apply);
        apply.refuse_unknown_keys();
        Some((from?, until?))
    });
    let review_publish = section
        .section("review")
        .and_then(|review| only_day(&review));
    let representatives = section.find_section("representatives");
    let representatives = representatives.map(|section| only_day(&section));
    let draw = section.section("draw").and_then(|draw| {
        let shift = draw.choice(
            "shift",
            &[
                ("next-working-day", DrawShift::NextWorkingDay),
                ("never", DrawShift::Never),
            ],
        );
        Some((only_day(&draw)?, shift?))
    });
    let plan = section.section("plan").and_then(|plan| {
        let ahead_days = plan.number("ahead_days", 1..=366);
        let review_reminder_days = plan.number("review_reminder_days", 0..=31);
        rule::read(&plan);
        plan.refuse_unknown_keys();
        Some((ahead_days?, review_reminder_days?))
    });
    section.refuse_unknown_keys();
    let (apply_from, apply_until) = apply?;
    let (plan_ahead_days, review_reminder_days) = plan?;
    let (draw, draw_shift) = draw?;
    let schedule = Schedule {
        apply_from,
        apply_until,
        review_publish: review_publish?,
        representatives: match representatives {
            None => None,
            Some(day) => Some(day?),
        },
        draw,
        draw_shift,
        plan_ahead_days,
        review_reminder_days,
    };
    is_in_order(&schedule, section).then_some(schedule)
}

/// Representatives attend the draw, reviews are of applications: no day comes before the one that
/// it depends on.
fn is_in_order(schedule: &Schedule, section: &Section<'_>) -> bool {
    let mut days = vec![
        ("apply.from", schedule.apply_from),
        ("apply.until", schedule.apply_until),
        ("review", schedule.review_publish),
    ];
    days.extend(schedule.representatives.map(|day| ("representatives", day)));
    days.push(("draw", schedule.draw));
    let mut in_order = true;
    for pair in days.windows(2) {
        let ((before, earlier), (after, later)) = (pair[0], pair[1]);
        if later.order() < earlier.order() {
            in_order = false;
            section.fault(after, format!("expected a day not before `{before}`"));
        }
    }
    if in_order && schedule.draw.months_before != 0 {
        in_order = false;
        section.fault(
            "draw",
            "the draw is in its own month: expected months_before = 0",
        );
    }
    in_order
}

fn only_day(section: &Section<'_>) -> Option<DayOfPeriod> {
    let day = day(section, "on");
    rule::read(section);
    section.refuse_unknown_keys();
    day
}

fn day(section: &Section<'_>, key: &str) -> Option<DayOfPeriod> {
    let table = section.section(key)?;
    let months_before = table.number("months_before", 0..=11);
    let day = table.number("day", 1..=28);
    table.refuse_unknown_keys();
    Some(DayOfPeriod {
        months_before: months_before?,
        day: day?,
    })
}

#[cfg(test)]
mod tests {
    use crate::policy::{
        Policy,
        refusals::{refused, text_of},
    };

    #[test]
    fn days_out_of_order_are_refused() {
        refused(
            "hangzhou-2018",
            "[calendar.draw]\non = { months_before = 0",
            "[calendar.draw]\non = { months_before = 1",
            0,
            "calendar.draw: expected a day not before `representatives`",
        );
        refused(
            "hangzhou-2018",
            "[calendar.representatives]\non = { months_before = 0, day = 25 }",
            "[calendar.representatives]\non = { months_before = 0, day = 27 }",
            6,
            "calendar.draw: expected a day not before `representatives`",
        );
        refused(
            "hangzhou-2018",
            "until = { months_before = 0, day = 8 }",
            "until = { months_before = 0, day = 31 }",
            0,
            "calendar.apply.until.day: expected a whole number from 1 to 28, found 31",
        );
    }

    #[test]
    fn days_may_fall_together_but_the_draw_stays_in_its_month() {
        let same = text_of("hangzhou-2018").replacen(
            "[calendar.review]\non = { months_before = 0, day = 10 }",
            "[calendar.review]\non = { months_before = 0, day = 8 }",
            1,
        );
        assert!(Policy::parse("city.toml", &same).is_ok());

        let earlier = text_of("hangzhou-2018").replace("months_before = 0", "months_before = 1");
        let faults = Policy::parse("city.toml", &earlier).expect_err("a draw in the month before");
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].field, "calendar.draw");
        assert!(
            faults[0]
                .message
                .starts_with("the draw is in its own month")
        );
    }
}
