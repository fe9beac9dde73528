//! Who works on which review.

use ::entity::review_claim;
use async_graphql::{Context, Description, InputObject, Object, SimpleObject, Union};

use super::{
    application::Application,
    context::ContextExt as _,
    error::Result,
    outcome::{Echo, outcome, refusal},
    page,
    queue::{ReviewQueueFilter, WaitingApplication},
    scalars::{ApplicationCode, DateTime},
};
use crate::{
    error::Error,
    service::{
        self,
        reviews::{Claimed, Released},
    },
};

/// Somebody works on an application's review. Until the claim runs out, nobody else decides on it.
#[derive(SimpleObject)]
pub(super) struct ReviewClaim {
    /// Who.
    reviewer: String,
    /// Since when.
    claimed_at: DateTime,
    /// From this moment on anybody may claim it.
    expires_at: DateTime,
}

impl From<review_claim::Model> for ReviewClaim {
    fn from(row: review_claim::Model) -> Self {
        Self {
            reviewer: row.reviewer,
            claimed_at: DateTime(row.claimed_at),
            expires_at: DateTime(row.expires_at),
        }
    }
}

/// Which application is claimed.
#[derive(InputObject)]
struct ClaimApplicationInput {
    /// The application code.
    code: ApplicationCode,
    #[graphql(flatten)]
    echo: Echo,
}

/// How many applications are claimed, and which.
#[derive(InputObject)]
struct ClaimApplicationsInput {
    /// How many at most, 1 to 100.
    count: i32,
    /// Only those; `claimedBy` is left out, because nobody has claimed them.
    #[graphql(default)]
    filter: ReviewQueueFilter,
    #[graphql(flatten)]
    echo: Echo,
}

/// Which claim is given back.
#[derive(InputObject)]
struct ReleaseClaimInput {
    /// The application code.
    code: ApplicationCode,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of a claim.
#[derive(Union)]
enum ClaimApplicationPayload {
    Claimed(ApplicationClaimed),
    ByAnother(ApplicationClaimedByAnother),
    NotWaiting(ApplicationNotWaiting),
    DecidedByYou(SecondLookNotForYou),
}

/// The application is yours until the claim runs out. Claiming it again begins anew.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApplicationClaimed {
    /// The application with the claim.
    waiting: WaitingApplication,
}

/// Somebody else works on it; nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct ApplicationClaimedByAnother {
    /// Their claim.
    pub(super) claim: ReviewClaim,
}

refusal! {
    ApplicationClaimedByAnother:
    "其他审核人员已领取该申请，请处理其他申请，或等领取到期。",
    "A colleague works on this application. Take another one, or wait until their claim runs out.",
}

/// Nothing waits there for a reviewer; nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApplicationNotWaiting {
    /// The application.
    application: Application,
}

refusal! {
    ApplicationNotWaiting:
    "该申请目前无需审核。",
    "This application waits for no review now.",
}

/// You have decided on this application before, and the second look is for somebody else; nothing
/// was changed.
#[derive(Description)]
pub(super) struct SecondLookNotForYou;

refusal! {
    bare SecondLookNotForYou:
    "您审核过该申请，复核须由其他审核人员进行。",
    "You have decided on this application before. Leave the second look to a colleague.",
}

/// The applications that are yours now.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ClaimApplicationsPayload {
    /// The oldest that nobody worked on; fewer than asked for when fewer wait.
    claimed: Vec<WaitingApplication>,
}

/// What became of giving a claim back.
#[derive(Union)]
enum ReleaseClaimPayload {
    Released(ClaimReleased),
    NotYours(ClaimNotYours),
}

/// Anybody may claim the application now.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ClaimReleased {
    /// The application code.
    code: ApplicationCode,
}

/// You have no claim on the application, or not any more; nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ClaimNotYours {
    /// The application code.
    code: ApplicationCode,
}

refusal! {
    ClaimNotYours:
    "您没有领取该申请，或领取已到期。",
    "You have no claim on this application, or not any more.",
}

outcome!(ApplicationClaimed, ClaimApplicationsPayload, ClaimReleased);

#[derive(Default)]
pub(super) struct ClaimMutation;

#[Object]
impl ClaimMutation {
    /// Claim one application that waits for a review. Reviewers and officers only.
    async fn claim_application(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The application.")] input: ClaimApplicationInput,
    ) -> Result<ClaimApplicationPayload> {
        let reviewer = ctx.actor().reviewer()?;
        let claimed = service::reviews::claim(ctx.app(), &reviewer, &input.code.0).await?;
        Ok(match claimed {
            Claimed::Yours(waiting) => ClaimApplicationPayload::Claimed(ApplicationClaimed {
                waiting: WaitingApplication::new(*waiting, &reviewer),
            }),
            Claimed::ByAnother(claim) => {
                let claim = claim.into();
                ClaimApplicationPayload::ByAnother(ApplicationClaimedByAnother { claim })
            }
            Claimed::NotWaiting(row) => {
                let application = Application::for_reviewer(row, &reviewer);
                ClaimApplicationPayload::NotWaiting(ApplicationNotWaiting { application })
            }
            Claimed::DecidedByYou => ClaimApplicationPayload::DecidedByYou(SecondLookNotForYou),
        })
    }

    /// Claim the applications that have waited longest and that nobody works on. Reviewers and
    /// officers only.
    #[graphql(complexity = "page::weight(Some(input.count), None) * child_complexity")]
    async fn claim_applications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, and which.")] input: ClaimApplicationsInput,
    ) -> Result<ClaimApplicationsPayload> {
        let reviewer = ctx.actor().reviewer()?;
        let filter: service::reviews::Filter = input.filter.into();
        if filter.claimed_by.is_some() {
            let reason = "only what nobody works on can be claimed; leave it out";
            return Err(Error::invalid("claimedBy", reason).into());
        }
        // A negative number is out of range in the same way as a large one.
        let count = u64::try_from(input.count).unwrap_or_default();
        let claimed = service::reviews::claim_next(ctx.app(), &reviewer, &filter, count).await?;
        Ok(ClaimApplicationsPayload {
            claimed: WaitingApplication::all(claimed, &reviewer),
        })
    }

    /// Give a claim back. Reviewers and officers only, each their own.
    async fn release_claim(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The claim.")] input: ReleaseClaimInput,
    ) -> Result<ReleaseClaimPayload> {
        let reviewer = ctx.actor().reviewer()?;
        let code = input.code;
        let released = service::reviews::release(ctx.app(), &reviewer, &code.0).await?;
        Ok(match released {
            Released::Done => ReleaseClaimPayload::Released(ClaimReleased { code }),
            Released::NotYours => ReleaseClaimPayload::NotYours(ClaimNotYours { code }),
        })
    }
}
