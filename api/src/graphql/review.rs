//! Decisions on applications.

use ::entity::review;
use async_graphql::{Context, Description, Enum, InputObject, Object, SimpleObject, Union};

use super::{
    application::Application,
    city::ReviewReason,
    context::ContextExt as _,
    error::Result,
    scalars::{ApplicationCode, DateTime},
    submission::Violation,
};
use crate::service::{
    self,
    reviews::{Reviewed, Verdict},
};

/// What was decided on an application.
#[derive(Description)]
pub(super) struct Review(pub(super) review::Model);

#[Object(use_type_description)]
impl Review {
    /// The decision.
    async fn decision(&self) -> Decision {
        self.0.decision.into()
    }

    /// When it was made.
    async fn decided_at(&self) -> DateTime {
        DateTime(self.0.decided_at)
    }

    /// Why, for a refusal.
    #[graphql(complexity = "5 * child_complexity")]
    async fn reasons(&self, ctx: &Context<'_>) -> Vec<ReviewReason> {
        let policy = &ctx.app().policy;
        let codes = self.0.reasons.split_whitespace();
        codes
            .filter_map(|code| policy.find_review_reason(code).cloned())
            .map(ReviewReason)
            .collect()
    }
}

/// What a reviewer decides.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "review::Decision")]
pub(super) enum Decision {
    /// The application's code becomes valid.
    Approved,
    /// It does not, for coded reasons.
    Refused,
}

/// A decision on an application.
#[derive(InputObject)]
struct ReviewApplicationInput {
    /// The application code.
    code: ApplicationCode,
    /// The decision.
    decision: Decision,
    /// Reason codes of the policy: at least one for a refusal, none for an approval.
    #[graphql(default)]
    reasons: Vec<String>,
}

/// What became of a decision.
#[derive(Union)]
enum ReviewApplicationPayload {
    Decided(ApplicationReviewed),
    AlreadyDecided(ApplicationReviewedBefore),
    Barred(ApplicationBarred),
}

/// The decision stands. The applicant sees it when the period publishes its review results.
#[derive(SimpleObject)]
struct ApplicationReviewed {
    /// The application.
    application: Application,
}

/// Somebody had decided before, and that stands; nothing was changed.
#[derive(SimpleObject)]
struct ApplicationReviewedBefore {
    /// The application.
    application: Application,
}

/// It cannot be approved: the person has won since, or may not apply. Nothing was changed; refuse
/// it, with a reason of the policy.
#[derive(SimpleObject)]
struct ApplicationBarred {
    /// The application.
    application: Application,
    /// What stands in the way.
    violations: Vec<Violation>,
}

#[derive(Default)]
pub(super) struct ReviewMutation;

#[Object]
impl ReviewMutation {
    /// Decide on an application (资格审核). Officers only.
    async fn review_application(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The application and the decision.")] input: ReviewApplicationInput,
    ) -> Result<ReviewApplicationPayload> {
        let officer = ctx.actor().officer()?;
        let verdict = match (input.decision, input.reasons) {
            (Decision::Refused, reasons) => Verdict::Refuse(reasons),
            (Decision::Approved, reasons) if reasons.is_empty() => Verdict::Approve,
            (Decision::Approved, _) => {
                let reason = "an approval has no reasons; leave them out, or refuse";
                return Err(crate::Error::invalid("reasons", reason).into());
            }
        };
        let reviewed =
            service::reviews::decide(ctx.app(), officer, &input.code.0, &verdict).await?;
        let shown = |row| Application::for_officer(row, officer);
        Ok(match reviewed {
            Reviewed::Decided(row) => ReviewApplicationPayload::Decided(ApplicationReviewed {
                application: shown(row),
            }),
            Reviewed::AlreadyDecided(row) => {
                let application = shown(row);
                ReviewApplicationPayload::AlreadyDecided(ApplicationReviewedBefore { application })
            }
            Reviewed::Barred(row, violations) => {
                ReviewApplicationPayload::Barred(ApplicationBarred {
                    application: shown(*row),
                    violations: violations.into_iter().map(Violation).collect(),
                })
            }
        })
    }
}
