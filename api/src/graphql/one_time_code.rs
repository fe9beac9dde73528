//! One-time codes.

use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject, Union};

use super::{
    context::ContextExt as _,
    error::Result,
    global_id::Noun,
    outcome::{Echo, outcome, refusal},
    scalars::DateTime,
};
use crate::service::one_time_codes::{self, Asked, Opening, Request, Typed};

/// What a code is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Opening")]
enum CodePurpose {
    /// To open an account, with `register`.
    Register,
    /// To sign in without a password, with `signInWithCode`.
    SignIn,
    /// To choose a new password, with `resetPassword`.
    ResetPassword,
    /// To learn one's application codes, with `recoverApplicationCodes`.
    RecoverCodes,
}

/// To which phone a code goes, and what for.
#[derive(InputObject)]
struct RequestCodeInput {
    /// Mobile phone number, eleven digits.
    phone: String,
    /// What for. The code is good for nothing else.
    purpose: CodePurpose,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of asking for a code. It does not depend on whether the phone has an account.
#[derive(Union)]
enum RequestCodePayload {
    Sent(CodeSent),
    Delayed(CodeDelayed),
}

/// A code is on its way by text message.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct CodeSent {
    /// The request; give it back together with the code.
    request: ID,
    /// Until when the code is good: five minutes.
    expires_at: DateTime,
    /// From when another one may be asked for.
    next_at: DateTime,
}

impl From<Request> for CodeSent {
    fn from(request: Request) -> Self {
        Self {
            request: Noun::CodeRequest.id(request.id),
            expires_at: DateTime(request.expires_at),
            next_at: DateTime(request.next_at),
        }
    }
}

/// No code was sent: a phone is sent one a minute, and a few a day.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct CodeDelayed {
    /// From when one may be asked for.
    next_at: DateTime,
}

refusal! {
    CodeDelayed:
    "验证码发送过于频繁，请稍后再试。",
    "Too many codes were asked for. Try again later.",
}

impl CodeDelayed {
    /// None is sent before this moment.
    pub(super) fn until(moment: chrono::DateTime<chrono::Utc>) -> Self {
        Self {
            next_at: DateTime(moment),
        }
    }
}

/// The code was not taken, and nothing was changed: it is mistyped, used already, older than five
/// minutes, tried five times, or was sent for something else.
#[derive(Description)]
pub(super) struct CodeRefused;

refusal! {
    bare CodeRefused:
    "验证码不正确或已失效，请核对后重试，或重新获取。",
    "The code is not right, or no longer good. Check it, or ask for a new one.",
}

/// The phone was proven by the code, and has no account.
#[derive(Description)]
pub(super) struct NoAccount;

refusal! {
    bare NoAccount:
    "该手机号尚未注册账户，请先注册。",
    "This phone has no account yet. Register first.",
}

/// A one-time code as it was typed.
#[derive(InputObject)]
pub(super) struct TypedCodeInput {
    /// The request that the code was sent for.
    request: ID,
    /// The seven digits of the text message; blanks and hyphens do not matter.
    code: String,
}

impl TypedCodeInput {
    /// The same for the service.
    pub(super) fn typed(&self) -> crate::Result<Typed<'_>> {
        let request = Noun::CodeRequest.key("request", &self.request)?;
        Ok(Typed {
            request,
            code: &self.code,
        })
    }
}

outcome!(CodeSent);

#[derive(Default)]
pub(super) struct OneTimeCodeMutation;

#[Object]
impl OneTimeCodeMutation {
    /// Have a one-time code sent to a phone. Anybody may; the answer and its time are the same for
    /// phones with and without an account.
    async fn request_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To which phone, and what for.")] input: RequestCodeInput,
    ) -> Result<RequestCodePayload> {
        let asked = one_time_codes::request(ctx.app(), &input.phone, input.purpose.into()).await?;
        Ok(match asked {
            Asked::Sent(request) => RequestCodePayload::Sent(request.into()),
            Asked::Wait(until) => RequestCodePayload::Delayed(CodeDelayed::until(until)),
        })
    }
}
