//! Decisions on applications.

use ::entity::review;
use async_graphql::{Context, Description, Enum, InputObject, Object, SimpleObject, Union};

use super::{
    application::Application,
    city::ReviewReason,
    claim::{ApplicationClaimedByAnother, SecondLookNotForYou},
    context::ContextExt as _,
    error::Result,
    once::{self, Once},
    outcome::{Echo, outcome, refusal},
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
    /// What made it necessary.
    async fn kind(&self) -> ReviewKind {
        self.0.kind.into()
    }

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

/// What made a decision necessary.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "review::Kind")]
enum ReviewKind {
    /// The application was new.
    First,
    /// The applicant asked for a second look (复核).
    SecondLook,
    /// It turned out to be a second application of the same person.
    Duplicate,
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
    /// A note for colleagues, up to 2000 characters. It is sealed, and no applicant sees it.
    note: Option<String>,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of a decision.
#[derive(Union)]
enum ReviewApplicationPayload {
    Decided(ApplicationReviewed),
    AlreadyDecided(ApplicationReviewedBefore),
    ClaimedByAnother(ApplicationClaimedByAnother),
    DecidedByYou(SecondLookNotForYou),
    Barred(ApplicationBarred),
}

/// The decision stands. The applicant sees a first one when the period publishes its review results,
/// and the one after a second look at once.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApplicationReviewed {
    /// The application.
    application: Application,
}

/// Somebody had decided before, and that stands, or the application has ended; nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApplicationReviewedBefore {
    /// The application.
    application: Application,
}

refusal! {
    ApplicationReviewedBefore:
    "该申请已有审核结论或已结束，原结论不变。",
    "The application was decided on before, or has ended. That stands.",
}

/// It cannot be approved: the person has won since, or may not apply. Nothing was changed; refuse
/// it, with a reason of the policy.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApplicationBarred {
    /// The application.
    application: Application,
    /// What stands in the way.
    violations: Vec<Violation>,
}

refusal! {
    ApplicationBarred:
    "该申请人已中签或不得申请，不能通过审核；请按政策原因不予通过。",
    "The person has won since, or may not apply. Refuse the application, with a reason of the policy.",
}

outcome!(ApplicationReviewed);

#[derive(Default)]
pub(super) struct ReviewMutation;

#[Object]
impl ReviewMutation {
    /// Decide on an application (资格审核): on a new one, or on one that is looked at once more. While
    /// somebody's claim on it lives, only they do. Reviewers and officers only.
    async fn review_application(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The application and the decision.")] input: ReviewApplicationInput,
    ) -> Result<ReviewApplicationPayload> {
        let (app, reviewer) = (ctx.app(), ctx.actor().reviewer()?);
        let asked = input.once.asked(ctx, &reviewer.actor(), &input)?;
        let verdict = match (input.decision, input.reasons) {
            (Decision::Refused, reasons) => Verdict::Refuse(reasons),
            (Decision::Approved, reasons) if reasons.is_empty() => Verdict::Approve,
            (Decision::Approved, _) => {
                let reason = "an approval has no reasons; leave them out, or refuse";
                return Err(crate::Error::invalid("reasons", reason).into());
            }
        };
        let (code, note) = (&input.code.0, input.note.as_deref());
        let deciding = service::reviews::decide(app, &reviewer, code, &verdict, note);
        let outcome = once::answer(app, asked, deciding).await?;
        let shown = |row| Application::for_reviewer(row, &reviewer);
        Ok(match outcome {
            Reviewed::Decided(row) => ReviewApplicationPayload::Decided(ApplicationReviewed {
                application: shown(row),
            }),
            Reviewed::AlreadyDecided(row) => {
                let application = shown(row);
                ReviewApplicationPayload::AlreadyDecided(ApplicationReviewedBefore { application })
            }
            Reviewed::ClaimedByAnother(claim) => {
                let claim = claim.into();
                let another = ApplicationClaimedByAnother { claim };
                ReviewApplicationPayload::ClaimedByAnother(another)
            }
            Reviewed::DecidedByYou => ReviewApplicationPayload::DecidedByYou(SecondLookNotForYou),
            Reviewed::Barred(row, violations) => {
                ReviewApplicationPayload::Barred(ApplicationBarred {
                    application: shown(*row),
                    violations: violations.into_iter().map(Violation).collect(),
                })
            }
        })
    }
}
