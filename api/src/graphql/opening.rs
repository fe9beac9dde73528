//! Leading a period to the freeze.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{
    approval::proposal,
    context::ContextExt as _,
    error::Result,
    once::{self, Once},
    outcome::{Echo, outcome},
    period::Period,
    scalars::{Bytes32, Date, PeriodNumber},
};
use crate::{
    error::Error,
    service::{
        self,
        approvals::{self, Action},
        periods::{Opening, Quota},
    },
};

/// What an officer decides of a new period. The days must not go backwards.
#[derive(InputObject)]
struct OpenPeriodInput {
    /// Its number.
    number: PeriodNumber,
    /// First day on which applications are taken.
    applies_from: Date,
    /// Last day on which applications are taken.
    applies_until: Date,
    /// Day on which review results are published.
    review_publish_on: Date,
    /// Day on which applicant representatives are drawn; where it is not given, the policy's day, if
    /// that lies between the review results and the draw.
    representatives_on: Option<Date>,
    /// Day of the draw; a working day where the city's rules move it to one.
    draw_on: Date,
    /// What may be allocated, each category at most once.
    quotas: Vec<QuotaInput>,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// What may be allocated in one category.
#[derive(InputObject)]
pub(super) struct QuotaInput {
    /// The category, a key of the policy.
    category: String,
    /// How many may win.
    quota: u32,
    /// How many ordered reserves are drawn behind the winners; may exceed the pool.
    #[graphql(default)]
    reserve: u32,
    /// How many of the quota are taken out of the carry-over; at most the quota, and at most what
    /// waits there.
    #[graphql(default)]
    carried_over: u32,
}

impl From<QuotaInput> for Quota {
    fn from(input: QuotaInput) -> Self {
        Self {
            category: input.category,
            quota: input.quota,
            reserve: input.reserve,
            carried_over: input.carried_over,
        }
    }
}

/// Which period.
#[derive(InputObject)]
struct ClosePeriodInput {
    /// The period.
    period: PeriodNumber,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// Which period.
#[derive(InputObject)]
struct PublishReviewInput {
    /// The period.
    period: PeriodNumber,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// Which text of the rules.
#[derive(InputObject)]
struct ConfirmPolicyInput {
    /// SHA-256 of the text that was read. Confirming another text than the one in force is refused.
    sha256: Bytes32,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// The period is open.
#[derive(SimpleObject)]
#[graphql(complex)]
struct OpenPeriodPayload {
    /// The period.
    period: Period,
}

/// The period takes no more applications.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ClosePeriodPayload {
    /// The period.
    period: Period,
}

/// The review results are public.
#[derive(SimpleObject)]
#[graphql(complex)]
struct PublishReviewPayload {
    /// The period.
    period: Period,
}

proposal! {
    /// What became of proposing to confirm.
    ConfirmPolicyPayload,
}

outcome!(OpenPeriodPayload, ClosePeriodPayload, PublishReviewPayload);

#[derive(Default)]
pub(super) struct OpeningMutation;

#[Object]
impl OpeningMutation {
    /// Propose to confirm the rules that rest on weak sources (`policy { weakRules }`), in the name of
    /// the city; `approve` does it. Periods that they bear on open only after that. Officers only.
    async fn confirm_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The text that was read.")] input: ConfirmPolicyInput,
    ) -> Result<ConfirmPolicyPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        if input.sha256.0 != app.policy.digest() {
            let reason =
                "these are not the rules in force; read them and give the digest of what you read";
            return Err(Error::invalid("sha256", reason).into());
        }
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let proposing = approvals::propose(app, officer, Action::ConfirmPolicy);
        let proposed = once::answer(app, asked, proposing).await?;
        Ok(ConfirmPolicyPayload::of(app, proposed)?)
    }

    /// Open a period that nobody has planned; a planned one opens by itself on its first day.
    /// Officers only.
    async fn open_period(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period.")] input: OpenPeriodInput,
    ) -> Result<OpenPeriodPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let quotas = input.quotas.into_iter().map(Quota::from);
        let opening = Opening {
            number: input.number.0,
            applies_from: input.applies_from.0,
            applies_until: input.applies_until.0,
            review_publish_on: input.review_publish_on.0,
            representatives_on: input.representatives_on.map(|day| day.0),
            draw_on: input.draw_on.0,
            quotas: quotas.collect(),
        };
        let opening = service::periods::open(app, officer, opening);
        let period = once::answer(app, asked, opening).await?.into();
        Ok(OpenPeriodPayload { period })
    }

    /// End the taking of applications, once the last advertised day is over. Officers only.
    async fn close_period(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period.")] input: ClosePeriodInput,
    ) -> Result<ClosePeriodPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let closing = service::periods::close(app, officer, &input.period.0);
        let row = once::answer(app, asked, closing).await?;
        Ok(ClosePeriodPayload { period: row.into() })
    }

    /// Publish the review results, once every application is decided on and the advertised day has
    /// come. Officers only.
    async fn publish_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period.")] input: PublishReviewInput,
    ) -> Result<PublishReviewPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let publishing = service::periods::publish_review(app, officer, &input.period.0);
        let row = once::answer(app, asked, publishing).await?;
        Ok(PublishReviewPayload { period: row.into() })
    }
}
