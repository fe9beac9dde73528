//! Passwords that are changed or forgotten, and application codes that are forgotten.

use async_graphql::{Context, Description, InputObject, Object, SimpleObject, Union};

use super::{
    account::{DeviceInput, SignInDelayed, SignedIn},
    context::ContextExt as _,
    error::Result,
    one_time_code::{CodeRefused, NoAccount, TypedCodeInput},
    outcome::{Echo, outcome, refusal},
    scalars::{ApplicationCode, Long},
};
use crate::{
    error::Error,
    service::accounts::{self, PasswordChange, Recovered, Reset},
};

/// The password so far, and the new one.
#[derive(InputObject)]
struct ChangePasswordInput {
    /// The password so far.
    current: String,
    /// The new one, 10 to 128 characters.
    new: String,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of changing a password.
#[derive(Union)]
enum ChangePasswordPayload {
    Changed(PasswordChanged),
    Refused(PasswordRefused),
    Delayed(SignInDelayed),
}

/// The password is changed, and every other session of the account has ended.
#[derive(SimpleObject)]
#[graphql(complex)]
struct PasswordChanged {
    /// How many sessions have ended.
    ended_sessions: Long,
}

/// The password so far is not that one, or the account has none; nothing was changed.
#[derive(Description)]
struct PasswordRefused;

refusal! {
    bare PasswordRefused:
    "原密码不正确。忘记或尚未设置密码的，请用验证码重设密码。",
    "The password so far is not right. If it is forgotten or was never set, reset it with a code.",
}

/// A code, and the new password.
#[derive(InputObject)]
struct ResetPasswordInput {
    /// The code, asked for with the purpose `RESET_PASSWORD`.
    code: TypedCodeInput,
    /// The new password, 10 to 128 characters.
    password: String,
    /// The device.
    device: Option<DeviceInput>,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of choosing a new password.
#[derive(Union)]
enum ResetPasswordPayload {
    SignedIn(SignedIn),
    NoAccount(NoAccount),
    CodeRefused(CodeRefused),
}

/// A one-time code.
#[derive(InputObject)]
struct RecoverApplicationCodesInput {
    /// The code, asked for with the purpose `RECOVER_CODES`.
    code: TypedCodeInput,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of asking for forgotten application codes.
#[derive(Union)]
enum RecoverApplicationCodesPayload {
    Codes(ApplicationCodes),
    CodeRefused(CodeRefused),
}

/// The application codes of everybody whose phone on file it is.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApplicationCodes {
    /// The codes, the newest first; empty where there is none.
    codes: Vec<ApplicationCode>,
}

outcome!(PasswordChanged, ApplicationCodes);

#[derive(Default)]
pub(super) struct PasswordMutation;

#[Object]
impl PasswordMutation {
    /// Change the password (修改密码). Accounts only; every other session of the account ends.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The password so far, and the new one.")] input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload> {
        let (app, holder) = (ctx.app(), ctx.actor().account()?);
        let changed = accounts::change_password(app, holder, &input.current, &input.new).await?;
        Ok(match changed {
            PasswordChange::Done { ended_sessions } => {
                let ended_sessions = ended_sessions.try_into().map_err(Error::internal)?;
                ChangePasswordPayload::Changed(PasswordChanged { ended_sessions })
            }
            PasswordChange::Refused => ChangePasswordPayload::Refused(PasswordRefused),
            PasswordChange::Wait(until) => {
                ChangePasswordPayload::Delayed(SignInDelayed::until(until))
            }
        })
    }

    /// Choose a new password for the account of a phone that a code proves. Anybody may; every other
    /// session of the account ends.
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code, new password and device.")] input: ResetPasswordInput,
    ) -> Result<ResetPasswordPayload> {
        let device = DeviceInput::device(input.device.as_ref());
        let typed = input.code.typed()?;
        let reset = accounts::reset_password(ctx.app(), typed, &input.password, &device).await?;
        Ok(match reset {
            Reset::Done(signed_in) => ResetPasswordPayload::SignedIn(signed_in.into()),
            Reset::NoAccount => ResetPasswordPayload::NoAccount(NoAccount),
            Reset::CodeRefused => ResetPasswordPayload::CodeRefused(CodeRefused),
        })
    }

    /// Learn forgotten application codes, by a code to the phone on file. Anybody may.
    async fn recover_application_codes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The one-time code.")] input: RecoverApplicationCodesInput,
    ) -> Result<RecoverApplicationCodesPayload> {
        let recovered = accounts::recover_codes(ctx.app(), input.code.typed()?).await?;
        Ok(match recovered {
            Recovered::Codes(codes) => {
                let codes = codes.into_iter().map(ApplicationCode).collect();
                RecoverApplicationCodesPayload::Codes(ApplicationCodes { codes })
            }
            Recovered::CodeRefused => RecoverApplicationCodesPayload::CodeRefused(CodeRefused),
        })
    }
}
