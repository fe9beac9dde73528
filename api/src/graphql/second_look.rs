//! Second looks (复核).

use ::entity::second_look;
use async_graphql::{Context, Description, ID, InputObject, Object, SimpleObject, Union};

use super::{
    application::Application,
    context::ContextExt as _,
    error::Result,
    global_id::Noun,
    once::{self, Once},
    outcome::{Echo, outcome, refusal},
    scalars::{Date, DateTime},
};
use crate::service::{self, reviews::Requested};

/// A request to have a refusal looked at once more, by somebody else.
#[derive(SimpleObject)]
pub(super) struct SecondLook {
    /// When it was asked for.
    requested_at: DateTime,
    /// When it was decided; null until then.
    decided_at: Option<DateTime>,
}

impl From<second_look::Model> for SecondLook {
    fn from(row: second_look::Model) -> Self {
        Self {
            requested_at: DateTime(row.requested_at),
            decided_at: row.decided_at.map(DateTime),
        }
    }
}

/// A request for a second look.
#[derive(InputObject)]
struct RequestSecondLookInput {
    /// The application's id.
    application_id: ID,
    /// Why the refusal is wrong, 1 to 2000 characters. Reviewers read it.
    statement: String,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of a request.
#[derive(Union)]
enum RequestSecondLookPayload {
    Requested(SecondLookRequested),
    NotRefused(ApplicationNotRefused),
    AskedBefore(SecondLookAskedBefore),
    TooLate(SecondLookTooLate),
    AppliedAgain(AppliedAgain),
}

/// Somebody who has not decided on the application before will look at it.
#[derive(SimpleObject)]
#[graphql(complex)]
struct SecondLookRequested {
    /// The application.
    application: Application,
}

/// The application is not refused, as far as is public; nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApplicationNotRefused {
    /// The application.
    application: Application,
}

refusal! {
    ApplicationNotRefused:
    "该申请目前没有审核不通过的结果，无需复核。",
    "The application is not refused, as far as is public, so there is nothing to look at once more.",
}

/// A second look was asked for before, and there is one for an application; nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct SecondLookAskedBefore {
    /// The earlier request.
    second_look: SecondLook,
}

refusal! {
    SecondLookAskedBefore:
    "该申请已申请过复核，每次不通过只能复核一次。",
    "A second look was asked for before, and there is one for an application.",
}

/// The last day for it has passed; nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct SecondLookTooLate {
    /// The day until which it was possible.
    until: Date,
}

refusal! {
    SecondLookTooLate:
    "申请复核的期限已过。",
    "The last day for asking for a second look has passed.",
}

/// You have applied again since, and only one application can be live; nothing was changed.
#[derive(Description)]
struct AppliedAgain;

refusal! {
    bare AppliedAgain:
    "您已重新提交申请。如需对原申请复核，请先取消新的申请。",
    "You have applied again since. To have the earlier refusal looked at once more, cancel the new application first.",
}

outcome!(SecondLookRequested);

#[derive(Default)]
pub(super) struct SecondLookMutation;

#[Object]
impl SecondLookMutation {
    /// Ask for a second look (复核) at one's refused application: once, and until the day that
    /// `Application.secondLookUntil` names. The applicant only.
    async fn request_second_look(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The application and the reason.")] input: RequestSecondLookInput,
    ) -> Result<RequestSecondLookPayload> {
        let (app, applicant) = (ctx.app(), ctx.actor().applicant()?);
        let id = Noun::Application.key("applicationId", &input.application_id)?;
        let asked = input.once.asked(ctx, &applicant.actor(), &input)?;
        let requesting = service::reviews::request(app, applicant, id, &input.statement);
        let requested = once::answer(app, asked, requesting).await?;
        Ok(match requested {
            Requested::Done(row) => RequestSecondLookPayload::Requested(SecondLookRequested {
                application: Application::own(row),
            }),
            Requested::NotRefused => {
                let application = Application::own(service::applications::get(app, id).await?);
                RequestSecondLookPayload::NotRefused(ApplicationNotRefused { application })
            }
            Requested::AskedBefore(row) => {
                RequestSecondLookPayload::AskedBefore(SecondLookAskedBefore {
                    second_look: row.into(),
                })
            }
            Requested::TooLate(day) => {
                RequestSecondLookPayload::TooLate(SecondLookTooLate { until: Date(day) })
            }
            Requested::AppliedAgain => RequestSecondLookPayload::AppliedAgain(AppliedAgain),
        })
    }
}
