//! Second looks (复核).

use ::entity::second_look;
use async_graphql::{Context, Description, ID, InputObject, Object, SimpleObject, Union};

use super::{
    application::Application,
    context::ContextExt as _,
    error::Result,
    global_id::Noun,
    locale::Locale,
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
struct SecondLookRequested {
    /// The application.
    application: Application,
}

/// The application is not refused, as far as is public; nothing was changed.
#[derive(SimpleObject)]
struct ApplicationNotRefused {
    /// The application.
    application: Application,
}

/// A second look was asked for before, and there is one for an application; nothing was changed.
#[derive(SimpleObject)]
struct SecondLookAskedBefore {
    /// The earlier request.
    second_look: SecondLook,
}

/// The last day for it has passed; nothing was changed.
#[derive(SimpleObject)]
struct SecondLookTooLate {
    /// The day until which it was possible.
    until: Date,
}

/// You have applied again since, and only one application can be live; nothing was changed.
#[derive(Description)]
struct AppliedAgain;

#[Object(use_type_description)]
impl AppliedAgain {
    /// What is so, and what to do, for people.
    async fn explanation(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> String {
        locale.choose(
            "您已重新提交申请。如需对原申请复核，请先取消新的申请。",
            "You have applied again since. To have the earlier refusal looked at once more, cancel the new application first.",
        )
    }
}

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
        let requested = service::reviews::request(app, applicant, id, &input.statement).await?;
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
