//! Making periods, and moving their days.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{
    context::ContextExt as _,
    error::Result,
    once::{self, Once},
    opening::QuotaInput,
    outcome::{Echo, outcome},
    period::Period,
    scalars::{Date, PeriodNumber},
};
use crate::{
    domain::{PeriodDates, moving::NewDays},
    service::{self, periods::Plan},
};

/// Of which year.
#[derive(InputObject)]
struct PlanPeriodsInput {
    /// The year, 2000 to 2999.
    year: u16,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// The periods that were made; none where all were there.
#[derive(SimpleObject)]
#[graphql(complex)]
struct PlanPeriodsPayload {
    /// The new ones, in the order of their numbers.
    periods: Vec<Period>,
}

/// What an officer decides of a tier period. The days must not go backwards.
#[derive(InputObject)]
struct PlanPeriodInput {
    /// Its number.
    number: PeriodNumber,
    /// First day on which applications are taken; today at the earliest.
    applies_from: Date,
    /// Last day on which applications are taken.
    applies_until: Date,
    /// Day on which review results are published.
    review_publish_on: Date,
    /// Day on which applicant representatives are drawn, if there are any.
    representatives_on: Option<Date>,
    /// Day of the draw; a working day where the city's rules move it to one.
    draw_on: Date,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// The period is planned.
#[derive(SimpleObject)]
#[graphql(complex)]
struct PlanPeriodPayload {
    /// The period.
    period: Period,
}

/// What a planned period may allocate in one category.
#[derive(InputObject)]
struct SetQuotaInput {
    /// The period.
    period: PeriodNumber,
    /// The category with its numbers.
    quota: QuotaInput,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// The quota is set.
#[derive(SimpleObject)]
#[graphql(complex)]
struct SetQuotaPayload {
    /// The period.
    period: Period,
}

/// New days of a period; what is not given stays.
#[derive(InputObject)]
struct MovePeriodDatesInput {
    /// The period.
    period: PeriodNumber,
    /// Last day on which applications are taken; later than it was, and before it is over.
    applies_until: Option<Date>,
    /// Day on which review results are published.
    review_publish_on: Option<Date>,
    /// Day on which applicant representatives are drawn.
    representatives_on: Option<Date>,
    /// Day of the draw; a working day where the city's rules move it to one, and not before the
    /// representatives are drawn.
    draw_on: Option<Date>,
    /// Why, in one line of at most 300 characters; everybody can read it.
    reason: String,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// The days are moved; applicants of the period are told, and the old days stay in `moves`.
#[derive(SimpleObject)]
#[graphql(complex)]
struct MovePeriodDatesPayload {
    /// The period.
    period: Period,
}

outcome!(
    PlanPeriodsPayload,
    PlanPeriodPayload,
    SetQuotaPayload,
    MovePeriodDatesPayload
);

#[derive(Default)]
pub(super) struct PlanningMutation;

#[Object]
impl PlanningMutation {
    /// Make the regular periods of a year from the city's rules and the calendar of working days;
    /// those that are there, or whose days for applying are over, are left alone. Officers only.
    async fn plan_periods(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The year.")] input: PlanPeriodsInput,
    ) -> Result<PlanPeriodsPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let planning = service::periods::plan_year(app, officer, input.year);
        let rows = once::answer(app, asked, planning).await?;
        Ok(PlanPeriodsPayload {
            periods: Period::all(rows),
        })
    }

    /// Plan a tier period, whose days the city chooses. It opens on its first day, once its quotas
    /// are set. Officers only.
    async fn plan_period(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period.")] input: PlanPeriodInput,
    ) -> Result<PlanPeriodPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let plan = Plan {
            number: input.number.0,
            dates: PeriodDates {
                apply_from: input.applies_from.0,
                apply_until: input.applies_until.0,
                review_publish_on: input.review_publish_on.0,
                representatives_on: input.representatives_on.map(|day| day.0),
                draw_on: input.draw_on.0,
            },
        };
        let planning = service::periods::plan_one(app, officer, plan);
        let row = once::answer(app, asked, planning).await?;
        Ok(PlanPeriodPayload { period: row.into() })
    }

    /// Set what a planned period may allocate in a category. Once it has opened its quotas stand.
    /// Officers only.
    async fn set_quota(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The quota.")] input: SetQuotaInput,
    ) -> Result<SetQuotaPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let (number, quota) = (input.period.0, input.quota.into());
        let setting = service::periods::set_quota(app, officer, &number, quota);
        let row = once::answer(app, asked, setting).await?;
        Ok(SetQuotaPayload { period: row.into() })
    }

    /// Move days of a period, for a reason that everybody can read. Officers only.
    async fn move_period_dates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new days.")] input: MovePeriodDatesInput,
    ) -> Result<MovePeriodDatesPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let days = NewDays {
            applies_until: input.applies_until.map(|day| day.0),
            review_publish_on: input.review_publish_on.map(|day| day.0),
            representatives_on: input.representatives_on.map(|day| day.0),
            draw_on: input.draw_on.map(|day| day.0),
        };
        let (number, reason) = (&input.period.0, &input.reason);
        let moving = service::periods::move_dates(app, officer, number, days, reason);
        let row = once::answer(app, asked, moving).await?;
        Ok(MovePeriodDatesPayload { period: row.into() })
    }
}
