//! Staff: registering a passkey, and signing in with one.

use async_graphql::{Context, Description, ID, InputObject, Object, SimpleObject, Union};

use super::{
    context::ContextExt as _,
    error::Result,
    global_id::Noun,
    outcome::{Echo, outcome, refusal},
    staff::{
        StaffInvitationRefused, StaffRole, StaffRoleToChoose, StaffSignInRefused, StaffSignedIn,
    },
};
use crate::service::staff::{
    self, Entered, PasskeyAsked, PasskeyRegistered as Registered, RegistrationAsked,
};

/// Whoever has an invitation. Somebody who is signed in to a staff account needs none.
#[derive(InputObject)]
struct InvitedInput {
    /// The name that was invited.
    name: String,
    /// The invitation, from the operator.
    invitation: String,
}

/// Who registers a passkey.
#[derive(InputObject)]
struct StartPasskeyRegistrationInput {
    /// The invitation; without it, whoever is signed in.
    invited: Option<InvitedInput>,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of asking for a registration.
#[derive(Union)]
enum StartPasskeyRegistrationPayload {
    Asked(PasskeyRegistrationStarted),
    InvitationRefused(StaffInvitationRefused),
    Unavailable(PasskeysUnavailable),
}

/// The browser is to make a passkey, within five minutes.
#[derive(SimpleObject)]
#[graphql(complex)]
struct PasskeyRegistrationStarted {
    /// The request, to be given back with the browser's answer.
    request: ID,
    /// Options for `navigator.credentials.create`, as JSON; binary values are base64url.
    options: String,
}

/// Passkeys are not set up for this city; one signs in with a password and an authenticator code.
#[derive(Description)]
struct PasskeysUnavailable;

refusal! {
    bare PasskeysUnavailable:
    "本系统未启用通行密钥，请使用密码和动态验证码登录。",
    "Passkeys are not set up here. Sign in with a password and an authenticator code.",
}

/// What the browser answered.
#[derive(InputObject)]
struct FinishPasskeyRegistrationInput {
    /// The request, as `startPasskeyRegistration` gave it.
    request: ID,
    /// The browser's `PublicKeyCredential`, as JSON; binary values are base64url.
    credential: String,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of registering a passkey.
#[derive(Union)]
enum FinishPasskeyRegistrationPayload {
    Registered(PasskeyRegistered),
    Refused(PasskeyRefused),
    Unavailable(PasskeysUnavailable),
}

/// From now on one signs in with this passkey. An invitation is used up.
#[derive(Description)]
struct PasskeyRegistered;

#[Object(use_type_description)]
impl PasskeyRegistered {
    /// The `clientMutationId` of the mutation's input; null where none was given.
    async fn client_mutation_id(&self, ctx: &Context<'_>) -> Option<String> {
        super::outcome::client_mutation_id(ctx)
    }
}

/// The answer does not fit the request, the place or the person, was given before or came too late;
/// or the passkey is registered already. Nothing was changed.
#[derive(Description)]
struct PasskeyRefused;

refusal! {
    bare PasskeyRefused:
    "通行密钥未能登记：应答不符、已使用或已超时。请重新开始。",
    "The passkey was not registered: its answer does not fit, was used or came too late. Begin again.",
}

/// Who signs in.
#[derive(InputObject)]
struct StartPasskeySignInInput {
    /// The name, in whatever case.
    name: String,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of asking to sign in with a passkey.
#[derive(Union)]
enum StartPasskeySignInPayload {
    Asked(PasskeySignInStarted),
    Unavailable(PasskeysUnavailable),
}

/// The browser is to answer with a passkey, within five minutes. It is the same for a name that nobody
/// has.
#[derive(SimpleObject)]
#[graphql(complex)]
struct PasskeySignInStarted {
    /// The request, to be given back with the browser's answer.
    request: ID,
    /// Options for `navigator.credentials.get`, as JSON; binary values are base64url.
    options: String,
}

/// What the browser answered.
#[derive(InputObject)]
struct FinishPasskeySignInInput {
    /// The request, as `startPasskeySignIn` gave it.
    request: ID,
    /// The browser's `PublicKeyCredential`, as JSON; binary values are base64url.
    credential: String,
    /// As what; needed of whoever may act as several.
    role: Option<StaffRole>,
    /// The `deviceToken` of an earlier sign-in from this device.
    device_token: Option<String>,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of signing in with a passkey.
#[derive(Union)]
enum FinishPasskeySignInPayload {
    SignedIn(StaffSignedIn),
    Refused(StaffSignInRefused),
    RoleToChoose(StaffRoleToChoose),
    Unavailable(PasskeysUnavailable),
}

outcome!(PasskeyRegistrationStarted, PasskeySignInStarted);

#[derive(Default)]
pub(super) struct PasskeyMutation;

#[Object]
impl PasskeyMutation {
    /// Begin to register a passkey: with an invitation, or signed in to a staff account.
    async fn start_passkey_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The invitation, if it takes one.")] input: StartPasskeyRegistrationInput,
    ) -> Result<StartPasskeyRegistrationPayload> {
        let invited = input.invited.as_ref();
        let invited = invited.map(|it| (it.name.as_str(), it.invitation.as_str()));
        let asked = staff::start_registration(ctx.app(), ctx.actor(), invited).await?;
        Ok(match asked {
            RegistrationAsked::Asked(PasskeyAsked { id, options }) => {
                let request = Noun::PasskeyRequest.id(id);
                let started = PasskeyRegistrationStarted { request, options };
                StartPasskeyRegistrationPayload::Asked(started)
            }
            RegistrationAsked::InvitationRefused => {
                StartPasskeyRegistrationPayload::InvitationRefused(StaffInvitationRefused)
            }
            RegistrationAsked::Unavailable => {
                StartPasskeyRegistrationPayload::Unavailable(PasskeysUnavailable)
            }
        })
    }

    /// Register the passkey that the browser made. Whoever began without an invitation is still signed
    /// in.
    async fn finish_passkey_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The browser's answer.")] input: FinishPasskeyRegistrationInput,
    ) -> Result<FinishPasskeyRegistrationPayload> {
        use FinishPasskeyRegistrationPayload as Payload;

        let id = Noun::PasskeyRequest.key("request", &input.request)?;
        let (app, actor) = (ctx.app(), ctx.actor());
        let registered = staff::finish_registration(app, actor, id, &input.credential).await?;
        Ok(match registered {
            Registered::Done => Payload::Registered(PasskeyRegistered),
            Registered::Refused => Payload::Refused(PasskeyRefused),
            Registered::Unavailable => Payload::Unavailable(PasskeysUnavailable),
        })
    }

    /// Begin to sign in as somebody of the city, with a passkey. Anybody may try.
    async fn start_passkey_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name.")] input: StartPasskeySignInInput,
    ) -> Result<StartPasskeySignInPayload> {
        let asked = staff::start_sign_in(ctx.app(), &input.name).await?;
        Ok(match asked {
            Some(PasskeyAsked { id, options }) => {
                let request = Noun::PasskeyRequest.id(id);
                StartPasskeySignInPayload::Asked(PasskeySignInStarted { request, options })
            }
            None => StartPasskeySignInPayload::Unavailable(PasskeysUnavailable),
        })
    }

    /// Sign in with the passkey that has answered. Anybody may try.
    async fn finish_passkey_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The browser's answer.")] input: FinishPasskeySignInInput,
    ) -> Result<FinishPasskeySignInPayload> {
        use FinishPasskeySignInPayload as Payload;

        let id = Noun::PasskeyRequest.key("request", &input.request)?;
        let role = input.role.map(StaffRole::role);
        let (answer, device) = (&input.credential, input.device_token.as_deref());
        let entered = staff::finish_sign_in(ctx.app(), id, answer, role, device).await?;
        Ok(match entered {
            Some(Entered::Done(signed_in)) => Payload::SignedIn(signed_in.into()),
            Some(Entered::RoleToChoose(roles)) => {
                Payload::RoleToChoose(StaffRoleToChoose::of(&roles))
            }
            Some(Entered::Refused | Entered::Wait(_)) => Payload::Refused(StaffSignInRefused),
            None => Payload::Unavailable(PasskeysUnavailable),
        })
    }
}
