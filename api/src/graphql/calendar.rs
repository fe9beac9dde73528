//! The days of periods, and which days are worked.

use ::entity::{period, period_move, period_transition};
use async_graphql::{Context, Description, Enum, Object, SimpleObject};

use super::{
    context::ContextExt as _,
    error::ApiError,
    locale::Locale,
    period::{Period, PeriodPhase},
    scalars::{Date, DateTime},
};
use crate::service;

/// A day of a period's life, in the order in which they come.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "period_move::Milestone")]
pub(super) enum Milestone {
    /// The first day on which applications are taken.
    AppliesFrom,
    /// The last day on which applications are taken.
    AppliesUntil,
    /// The day on which review results are published.
    ReviewPublish,
    /// The day on which applicant representatives are drawn.
    Representatives,
    /// The day of the draw.
    Draw,
}

/// A day of a period that an officer has moved.
#[derive(SimpleObject)]
pub(super) struct PeriodMove {
    /// Which day.
    milestone: Milestone,
    /// Where it was.
    from: Date,
    /// Where it came to.
    to: Date,
    /// Why.
    reason: String,
    /// When it was moved.
    moved_at: DateTime,
}

impl From<period_move::Model> for PeriodMove {
    fn from(row: period_move::Model) -> Self {
        Self {
            milestone: row.milestone.into(),
            from: Date(row.moved_from),
            to: Date(row.moved_to),
            reason: row.reason,
            moved_at: DateTime(row.moved_at),
        }
    }
}

/// A step of a period's life.
#[derive(SimpleObject)]
pub(super) struct PeriodTransition {
    /// The phase it came into.
    phase: PeriodPhase,
    /// The day on which the calendar had that.
    due_on: Date,
    /// When it happened.
    at: DateTime,
}

impl From<period_transition::Model> for PeriodTransition {
    fn from(row: period_transition::Model) -> Self {
        Self {
            phase: row.phase.into(),
            due_on: Date(row.due_on),
            at: DateTime(row.at),
        }
    }
}

/// What happens between two days.
#[derive(SimpleObject)]
struct Calendar {
    /// The days of periods, ascending.
    events: Vec<CalendarEvent>,
    /// Every day from the first to the last.
    days: Vec<CalendarDay>,
}

/// A day, and whether it is worked.
#[derive(SimpleObject)]
struct CalendarDay {
    /// The day.
    on: Date,
    /// Whether it is worked: Monday to Friday but for the statutory holidays, and the weekends that
    /// make up for them (调休). Null in a year that the calendar does not have.
    is_working_day: Option<bool>,
}

/// A day of a period.
#[derive(Description)]
struct CalendarEvent(service::calendar::Event);

#[Object(use_type_description)]
impl CalendarEvent {
    /// The day.
    async fn on(&self) -> Date {
        Date(self.0.on)
    }

    /// Which of the period's days it is.
    async fn milestone(&self) -> Milestone {
        self.0.milestone.into()
    }

    /// The period.
    async fn period(&self) -> Period {
        Period(self.0.period.clone())
    }

    /// Where the day was before it was moved; null if it was not.
    async fn moved_from(&self) -> Option<Date> {
        self.0.moved_from.map(Date)
    }

    /// The day as a sentence, fit for a reminder.
    async fn text(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> String {
        text(&self.0, locale)
    }
}

fn text(event: &service::calendar::Event, locale: Locale) -> String {
    let day = crate::domain::Locale::from(locale).date(event.on);
    let what = milestone_text(event, locale.into());
    let (zh, en) = (format!("{day}，{what}。"), format!("{day}, {what}."));
    locale.choose(&zh, &en)
}

/// What happens on a day, without the day.
pub(crate) fn milestone_text(
    event: &service::calendar::Event,
    locale: crate::domain::Locale,
) -> String {
    use period_move::Milestone;

    let period::Model { number, .. } = &event.period;
    let (zh, en) = match event.milestone {
        Milestone::AppliesFrom => ("开始接受申请", "applications are taken from today on"),
        Milestone::AppliesUntil => (
            "申请截止，请在当日24时前提交",
            "last day for applications, until midnight",
        ),
        Milestone::ReviewPublish => ("公布资格审核结果", "review results are published"),
        Milestone::Representatives => ("抽取申请人代表", "applicant representatives are drawn"),
        Milestone::Draw => ("摇号", "the draw is held"),
    };
    match locale {
        crate::domain::Locale::ZhCn => format!("{number}期{zh}"),
        crate::domain::Locale::En => format!("period {number}: {en}"),
    }
}

#[derive(Default)]
pub(super) struct CalendarQuery;

#[Object]
impl CalendarQuery {
    /// The days of the city's periods and the working days from one day to another, both included;
    /// at most 366 days.
    #[graphql(complexity = "20 + 20 * child_complexity")]
    async fn calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day.")] from: Date,
        #[graphql(desc = "The last day.")] to: Date,
    ) -> Option<async_graphql::Result<Calendar>> {
        let listed = service::calendar::list(ctx.app(), from.0, to.0).await;
        let calendar = listed.map(|calendar| Calendar {
            events: calendar.events.into_iter().map(CalendarEvent).collect(),
            days: calendar
                .days
                .into_iter()
                .map(|day| CalendarDay {
                    on: Date(day.on),
                    is_working_day: day.is_working_day,
                })
                .collect(),
        });
        Some(calendar.map_err(|error| ApiError::from(error).into()))
    }
}
