//! Renewing.

use async_graphql::{Context, Description, ID, InputObject, Object, SimpleObject, Union};

use super::{
    application::Application,
    context::ContextExt as _,
    error::Result,
    global_id::Noun,
    once::{self, Once},
    outcome::{Echo, outcome, refusal},
    scalars::Date,
    standing::{ApplicationEnded, ApplicationLocked},
    submission::{AlreadyApplied, ApplicationNotEligible, NoOpenPeriod, Violation},
};
use crate::service::{self, renewals::Renewed};

/// Which application is renewed.
#[derive(InputObject)]
struct RenewApplicationInput {
    /// The application's id.
    application_id: ID,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of a renewal.
#[derive(Union)]
enum RenewApplicationPayload {
    Renewed(ApplicationRenewed),
    TooEarly(RenewalTooEarly),
    Locked(ApplicationLocked),
    NotEligible(ApplicationNotEligible),
    AlreadyApplied(AlreadyApplied),
    NoOpenPeriod(NoOpenPeriod),
    NotOffered(RenewalNotOffered),
    Ended(ApplicationEnded),
}

/// The application is new again, with the same code, under the review of the period that takes
/// applications now.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApplicationRenewed {
    /// The application.
    application: Application,
}

/// It is too early; nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct RenewalTooEarly {
    /// The first day on which it can be renewed.
    renewable_from: Date,
    /// The application.
    application: Application,
}

refusal! {
    RenewalTooEarly:
    "还未到可以延期的日期，请到期前再办理。",
    "It is too early to renew. Come back from the day that is named.",
}

/// The city's rules know no renewal; nothing was changed.
#[derive(Description)]
struct RenewalNotOffered;

refusal! {
    bare RenewalNotOffered:
    "本市申请不办理延期，失效后请重新申请。",
    "This city renews no applications; apply anew when yours has ended.",
}

outcome!(ApplicationRenewed);

#[derive(Default)]
pub(super) struct RenewalMutation;

#[Object]
impl RenewalMutation {
    /// Renew an application, from some days before its last day on, and after it has lapsed. Code,
    /// tier and participation stay; the review is new. The applicant only.
    async fn renew_application(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The application.")] input: RenewApplicationInput,
    ) -> Result<RenewApplicationPayload> {
        let (app, applicant) = (ctx.app(), ctx.actor().applicant()?);
        let id = Noun::Application.key("applicationId", &input.application_id)?;
        let asked = input.once.asked(ctx, &applicant.actor(), &input)?;
        let renewing = service::renewals::renew(app, applicant, id);
        let renewed = once::answer(app, asked, renewing).await?;
        let application = Application::own(service::applications::get(app, id).await?);
        Ok(match renewed {
            Renewed::Done => RenewApplicationPayload::Renewed(ApplicationRenewed { application }),
            Renewed::TooEarly(from) => RenewApplicationPayload::TooEarly(RenewalTooEarly {
                renewable_from: Date(from),
                application,
            }),
            Renewed::InFrozenPool(draw) => RenewApplicationPayload::Locked(ApplicationLocked {
                draw: Noun::Draw.id(draw),
                application,
            }),
            Renewed::NotEligible(violations) => {
                let violations = violations.into_iter().map(Violation).collect();
                RenewApplicationPayload::NotEligible(ApplicationNotEligible { violations })
            }
            Renewed::AlreadyApplied => RenewApplicationPayload::AlreadyApplied(AlreadyApplied),
            Renewed::NoOpenPeriod => RenewApplicationPayload::NoOpenPeriod(NoOpenPeriod),
            Renewed::NotOffered => RenewApplicationPayload::NotOffered(RenewalNotOffered),
            Renewed::Ended => RenewApplicationPayload::Ended(ApplicationEnded { application }),
        })
    }
}
