//! Joining the tier, and cancelling.

use async_graphql::{Context, Description, ID, InputObject, Object, SimpleObject, Union};

use super::{
    application::Application,
    context::ContextExt as _,
    error::Result,
    global_id::Noun,
    once::{self, Once},
    outcome::{Echo, outcome, refusal},
    scalars::DateTime,
};
use crate::service::{
    self,
    applications::{Cancelled, Joined},
};

/// Which application joins the tier.
#[derive(InputObject)]
struct JoinTierInput {
    /// The application's id.
    application_id: ID,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of joining the tier.
#[derive(Union)]
enum JoinTierPayload {
    Joined(TierJoined),
    NotOffered(TierNotOffered),
    Ended(ApplicationEnded),
}

/// The application is in the tier. Joining again gives the first answer again.
#[derive(SimpleObject)]
#[graphql(complex)]
struct TierJoined {
    /// Since when.
    joined_at: DateTime,
    /// The application.
    application: Application,
}

/// The city has no tier to join; nothing was changed.
#[derive(Description)]
struct TierNotOffered;

refusal! {
    bare TierNotOffered:
    "本市没有需要报名的阶梯摇号。",
    "This city has no tier to join.",
}

/// The application had ended before: refused, cancelled or selected. Nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct ApplicationEnded {
    /// The application.
    pub(super) application: Application,
}

refusal! {
    ApplicationEnded:
    "该申请已结束，不能再变更。",
    "This application has ended, and nothing about it can be changed any more.",
}

/// Which application is cancelled.
#[derive(InputObject)]
struct CancelApplicationInput {
    /// The application's id.
    application_id: ID,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of a cancellation.
#[derive(Union)]
enum CancelApplicationPayload {
    Cancelled(ApplicationCancelled),
    Locked(ApplicationLocked),
    Ended(ApplicationEnded),
}

/// The application is cancelled. Participation so far is kept.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApplicationCancelled {
    /// The application.
    application: Application,
}

/// The code is in the frozen pool of a draw under way; nothing was changed. It can be cancelled
/// when the draw has ended.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct ApplicationLocked {
    /// The draw.
    pub(super) draw: ID,
    /// The application.
    pub(super) application: Application,
}

refusal! {
    ApplicationLocked:
    "申请编码已进入摇号池，摇号结束前不能变更。",
    "The code is in the pool of a draw under way. Try again when the draw has ended.",
}

outcome!(TierJoined, ApplicationCancelled);

#[derive(Default)]
pub(super) struct StandingMutation;

#[Object]
impl StandingMutation {
    /// Join the tier (阶梯摇号): once, for ever, without a new review. The applicant only.
    async fn join_tier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The application.")] input: JoinTierInput,
    ) -> Result<JoinTierPayload> {
        let (app, applicant) = (ctx.app(), ctx.actor().applicant()?);
        let id = Noun::Application.key("applicationId", &input.application_id)?;
        let asked = input.once.asked(ctx, &applicant.actor(), &input)?;
        let joining = service::applications::join_tier(app, applicant, id);
        let joined = once::answer(app, asked, joining).await?;
        let application = Application::own(service::applications::get(app, id).await?);
        Ok(match joined {
            Joined::Since(at) => JoinTierPayload::Joined(TierJoined {
                joined_at: DateTime(at),
                application,
            }),
            Joined::NotOffered => JoinTierPayload::NotOffered(TierNotOffered),
            Joined::Ended => JoinTierPayload::Ended(ApplicationEnded { application }),
        })
    }

    /// Cancel an application; never out of a frozen pool. The applicant only.
    async fn cancel_application(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The application.")] input: CancelApplicationInput,
    ) -> Result<CancelApplicationPayload> {
        let (app, applicant) = (ctx.app(), ctx.actor().applicant()?);
        let id = Noun::Application.key("applicationId", &input.application_id)?;
        let asked = input.once.asked(ctx, &applicant.actor(), &input)?;
        let cancelling = service::applications::cancel(app, applicant, id);
        let cancelled = once::answer(app, asked, cancelling).await?;
        let application = Application::own(service::applications::get(app, id).await?);
        Ok(match cancelled {
            Cancelled::Done => {
                CancelApplicationPayload::Cancelled(ApplicationCancelled { application })
            }
            Cancelled::InFrozenPool(draw) => {
                let draw = Noun::Draw.id(draw);
                CancelApplicationPayload::Locked(ApplicationLocked { draw, application })
            }
            Cancelled::Ended => CancelApplicationPayload::Ended(ApplicationEnded { application }),
        })
    }
}
