//! Accounts: opening one, and signing in.

use async_graphql::{Context, Description, ID, InputObject, Object, SimpleObject, Union};

use super::{
    context::ContextExt as _,
    error::Result,
    global_id::Noun,
    one_time_code::{CodeRefused, NoAccount, TypedCodeInput},
    outcome::{Echo, outcome, refusal},
    scalars::DateTime,
    viewer::Viewer,
};
use crate::{
    domain::actor::Actor,
    service::{
        accounts::{self, Entered, Registered, Shown},
        sessions::Device,
    },
};

/// The account of whoever is signed in: a phone that was proven, and the one person whom it lets in.
#[derive(Description)]
pub(super) struct Account(pub(super) Shown);

#[Object(use_type_description)]
impl Account {
    /// The account's id.
    pub(super) async fn id(&self) -> ID {
        Noun::Account.id(self.0.id)
    }

    /// The phone with its middle hidden.
    async fn masked_phone(&self) -> &str {
        &self.0.masked_phone
    }

    /// Whether it has a password; without one its holder signs in with codes.
    async fn has_password(&self) -> bool {
        self.0.has_password
    }

    /// Whether it lets a person in: from the first application on, or since the person was
    /// recognised by the phone on file.
    async fn has_applicant(&self) -> bool {
        self.0.has_applicant
    }

    /// When the phone was proven first.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
}

/// The device that somebody signs in from.
#[derive(InputObject, Default)]
pub(super) struct DeviceInput {
    /// The `deviceToken` of an earlier sign-in from this device; without it the device is new.
    token: Option<String>,
    /// What the device is called in the list of sessions, at most 64 characters.
    label: Option<String>,
}

impl DeviceInput {
    /// The same for the service.
    pub(super) fn device(input: Option<&Self>) -> Device<'_> {
        Device {
            token: input.and_then(|input| input.token.as_deref()),
            label: input.and_then(|input| input.label.as_deref()),
        }
    }
}

/// Somebody is signed in.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct SignedIn {
    /// The session's token; send it as `Authorization: Bearer <token>`. It is shown this once, and
    /// lasts thirty days.
    token: String,
    /// The device's token. Keep it on the device and send it with the next sign-in, so that the
    /// account is not told of a new device.
    device_token: String,
    /// Who is signed in.
    viewer: Viewer,
}

impl From<accounts::SignedIn> for SignedIn {
    fn from(signed_in: accounts::SignedIn) -> Self {
        Self {
            token: signed_in.token,
            device_token: signed_in.device_token,
            viewer: Viewer(Actor::Account(signed_in.holder)),
        }
    }
}

/// What opens an account.
#[derive(InputObject)]
struct RegisterInput {
    /// The code that proves the phone, asked for with the purpose `REGISTER`.
    code: TypedCodeInput,
    /// A password of 10 to 128 characters. Without one, codes are what one signs in with.
    password: Option<String>,
    /// The device.
    device: Option<DeviceInput>,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of opening an account.
#[derive(Union)]
enum RegisterPayload {
    SignedIn(SignedIn),
    Exists(AccountExists),
    CodeRefused(CodeRefused),
}

/// The phone was proven by the code, and has an account already. Nothing was changed.
#[derive(Description)]
struct AccountExists;

refusal! {
    bare AccountExists:
    "该手机号已注册账户，请直接登录；忘记密码可用验证码登录。",
    "This phone has an account already. Sign in; if the password is forgotten, with a code.",
}

/// Phone and password.
#[derive(InputObject)]
struct SignInInput {
    /// Mobile phone number, eleven digits.
    phone: String,
    /// The password.
    password: String,
    /// The device.
    device: Option<DeviceInput>,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of signing in with a password.
#[derive(Union)]
enum SignInPayload {
    SignedIn(SignedIn),
    Refused(SignInRefused),
    Delayed(SignInDelayed),
}

/// Phone and password do not belong together. It is the same for a phone without an account.
#[derive(Description)]
struct SignInRefused;

refusal! {
    bare SignInRefused:
    "手机号或密码不正确。忘记密码可用验证码登录。",
    "Phone or password is not right. If the password is forgotten, sign in with a code.",
}

/// Five wrong passwords in a row were given with this phone: none is looked at for fifteen minutes.
/// Codes go on working.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct SignInDelayed {
    /// From when a password is looked at again.
    next_at: DateTime,
}

refusal! {
    SignInDelayed:
    "密码错误次数过多，请稍后再试，或用验证码登录。",
    "Too many wrong passwords. Try again later, or sign in with a code.",
}

impl SignInDelayed {
    /// None is looked at before this moment.
    pub(super) fn until(moment: chrono::DateTime<chrono::Utc>) -> Self {
        Self {
            next_at: DateTime(moment),
        }
    }
}

/// A code to sign in with.
#[derive(InputObject)]
struct SignInWithCodeInput {
    /// The code, asked for with the purpose `SIGN_IN`.
    code: TypedCodeInput,
    /// The device.
    device: Option<DeviceInput>,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of signing in with a code.
#[derive(Union)]
enum SignInWithCodePayload {
    SignedIn(SignedIn),
    NoAccount(NoAccount),
    CodeRefused(CodeRefused),
}

outcome!(SignedIn);

#[derive(Default)]
pub(super) struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Open an account for a phone that a code proves. Anybody may. Somebody whom the city knows
    /// under this phone from before is recognised.
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code, password and device.")] input: RegisterInput,
    ) -> Result<RegisterPayload> {
        let device = DeviceInput::device(input.device.as_ref());
        let (typed, password) = (input.code.typed()?, input.password.as_deref());
        let registered = accounts::register(ctx.app(), typed, password, &device).await?;
        Ok(match registered {
            Registered::Done(signed_in) => RegisterPayload::SignedIn(signed_in.into()),
            Registered::AccountExists => RegisterPayload::Exists(AccountExists),
            Registered::CodeRefused => RegisterPayload::CodeRefused(CodeRefused),
        })
    }

    /// Sign in with phone and password. Anybody may; an unknown phone is refused like a wrong
    /// password.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Phone, password and device.")] input: SignInInput,
    ) -> Result<SignInPayload> {
        let device = DeviceInput::device(input.device.as_ref());
        let entered = accounts::sign_in(ctx.app(), &input.phone, &input.password, &device).await?;
        Ok(match entered {
            Entered::Done(signed_in) => SignInPayload::SignedIn(signed_in.into()),
            Entered::Wait(until) => SignInPayload::Delayed(SignInDelayed::until(until)),
            Entered::Refused | Entered::NoAccount => SignInPayload::Refused(SignInRefused),
        })
    }

    /// Sign in with a code. Anybody may. Somebody whom the city knows under this phone from before
    /// is recognised.
    async fn sign_in_with_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code and device.")] input: SignInWithCodeInput,
    ) -> Result<SignInWithCodePayload> {
        let device = DeviceInput::device(input.device.as_ref());
        let entered = accounts::sign_in_with_code(ctx.app(), input.code.typed()?, &device).await?;
        Ok(match entered {
            Entered::Done(signed_in) => SignInWithCodePayload::SignedIn(signed_in.into()),
            Entered::NoAccount => SignInWithCodePayload::NoAccount(NoAccount),
            Entered::Refused | Entered::Wait(_) => SignInWithCodePayload::CodeRefused(CodeRefused),
        })
    }
}
