//! Joining the tier, and cancelling.

use async_graphql::{Context, Description, ID, InputObject, Object, SimpleObject, Union};

use super::{
    application::Application, context::ContextExt as _, error::Result, global_id::Noun,
    locale::Locale, scalars::DateTime,
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
struct TierJoined {
    /// Since when.
    joined_at: DateTime,
    /// The application.
    application: Application,
}

/// The city has no tier to join; nothing was changed.
#[derive(Description)]
struct TierNotOffered;

#[Object(use_type_description)]
impl TierNotOffered {
    /// What is so, for people.
    async fn explanation(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> String {
        locale.choose(
            "本市没有需要报名的阶梯摇号。",
            "This city has no tier to join.",
        )
    }
}

/// The application had ended before: refused, cancelled or selected. Nothing was changed.
#[derive(SimpleObject)]
pub(super) struct ApplicationEnded {
    /// The application.
    pub(super) application: Application,
}

/// Which application is cancelled.
#[derive(InputObject)]
struct CancelApplicationInput {
    /// The application's id.
    application_id: ID,
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
struct ApplicationCancelled {
    /// The application.
    application: Application,
}

/// The code is in the frozen pool of a draw under way; nothing was changed. It can be cancelled
/// when the draw has ended.
#[derive(SimpleObject)]
pub(super) struct ApplicationLocked {
    /// The draw.
    pub(super) draw: ID,
    /// The application.
    pub(super) application: Application,
}

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
        let joined = service::applications::join_tier(app, applicant, id).await?;
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
        let cancelled = service::applications::cancel(app, applicant, id).await?;
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
