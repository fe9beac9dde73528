//! Staff: setting up a password with an invitation, and signing in with it.

use ::entity::session::Role;
use async_graphql::{Context, Description, Enum, InputObject, Object, SimpleObject, Union};

use super::{
    context::ContextExt as _,
    error::Result,
    outcome::{Echo, outcome, refusal},
    scalars::DateTime,
    viewer::Viewer,
};
use crate::service::staff::{self, Confirmed, Entered, PasswordSet, Typed};

/// As what somebody of the city signs in.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum StaffRole {
    /// Somebody who decides on applications.
    Reviewer,
    /// Somebody who runs the lottery.
    Officer,
    /// Somebody who decides on what officers have proposed, and does nothing else.
    Approver,
    /// Somebody who reads the audit trail.
    Auditor,
}

impl StaffRole {
    /// The same for the service.
    pub(super) fn role(self) -> Role {
        match self {
            Self::Reviewer => Role::Reviewer,
            Self::Officer => Role::Officer,
            Self::Approver => Role::Approver,
            Self::Auditor => Role::Auditor,
        }
    }

    /// Those among roles that people of the city have.
    fn all(roles: &[Role]) -> Vec<Self> {
        let all = [Self::Reviewer, Self::Officer, Self::Approver, Self::Auditor];
        let held = all.into_iter().filter(|it| roles.contains(&it.role()));
        held.collect()
    }
}

/// An invitation, and the password that somebody chooses.
#[derive(InputObject)]
struct SetStaffPasswordInput {
    /// The name that was invited.
    name: String,
    /// The invitation, from the operator.
    invitation: String,
    /// The password, 10 to 128 characters.
    password: String,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of setting a password.
#[derive(Union)]
enum SetStaffPasswordPayload {
    Set(StaffPasswordSet),
    InvitationRefused(StaffInvitationRefused),
}

/// The password is set, and counts as soon as `confirmStaffPassword` has a code of the authenticator
/// app.
#[derive(SimpleObject)]
#[graphql(complex)]
struct StaffPasswordSet {
    /// What an authenticator app reads as a QR code or a link (`otpauth://totp/…`). It is shown this
    /// once.
    otpauth_uri: String,
    /// The secret in it, for an app that it is typed into: base 32, without padding.
    secret: String,
}

/// The invitation is wrong, used or over, or not for this name: which of these is not told. Nothing
/// was changed.
#[derive(Description)]
pub(super) struct StaffInvitationRefused;

refusal! {
    bare StaffInvitationRefused:
    "邀请无效、已使用或已过期，或与姓名不符。请向运维人员重新索取。",
    "The invitation is wrong, used or over, or not for this name. Ask the operator for another one.",
}

/// An invitation, and the first code of the authenticator app.
#[derive(InputObject)]
struct ConfirmStaffPasswordInput {
    /// The name that was invited.
    name: String,
    /// The invitation, from the operator.
    invitation: String,
    /// The code that the app shows, six digits.
    code: String,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of confirming a password.
#[derive(Union)]
enum ConfirmStaffPasswordPayload {
    Confirmed(StaffPasswordConfirmed),
    CodeRefused(StaffCodeRefused),
    InvitationRefused(StaffInvitationRefused),
}

/// From now on one signs in with the password and a code. The invitation is used up.
#[derive(SimpleObject)]
#[graphql(complex)]
struct StaffPasswordConfirmed {
    /// The name.
    name: String,
}

/// The code is not the app's of this moment, or no password was set before. Nothing was changed.
#[derive(Description)]
struct StaffCodeRefused;

refusal! {
    bare StaffCodeRefused:
    "动态验证码不正确，或尚未设置密码。请核对设备时间，稍候输入下一个验证码。",
    "The code is not right, or no password was set before. Check the device's clock, and give the next code.",
}

/// Name, password and authenticator code.
#[derive(InputObject)]
struct SignInStaffInput {
    /// The name, in whatever case.
    name: String,
    /// The password.
    password: String,
    /// The code that the authenticator app shows. Each is taken once.
    code: String,
    /// As what; needed of whoever may act as several.
    role: Option<StaffRole>,
    /// The `deviceToken` of an earlier sign-in from this device.
    device_token: Option<String>,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of signing in with a password.
#[derive(Union)]
enum SignInStaffPayload {
    SignedIn(StaffSignedIn),
    Refused(StaffSignInRefused),
    Delayed(StaffSignInDelayed),
    RoleToChoose(StaffRoleToChoose),
}

/// Somebody of the city is signed in.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct StaffSignedIn {
    /// The session's token; send it as `Authorization: Bearer <token>`. It is shown this once.
    token: String,
    /// The device's token: keep it on the device, and send it with the next sign-in. Two people who
    /// sign in from one device do not count as two where two are wanted.
    device_token: String,
    /// When the session ends; earlier when it is not used for some minutes, which the settings say.
    expires_at: DateTime,
    /// Who is signed in.
    viewer: Viewer,
}

impl From<staff::SignedIn> for StaffSignedIn {
    fn from(signed_in: staff::SignedIn) -> Self {
        Self {
            token: signed_in.token,
            device_token: signed_in.device_token,
            expires_at: DateTime(signed_in.expires_at),
            viewer: Viewer(signed_in.actor),
        }
    }
}

/// What was given does not belong together, or was used before. It is the same for a name that nobody
/// has, and for one that is blocked.
#[derive(Description)]
pub(super) struct StaffSignInRefused;

refusal! {
    bare StaffSignInRefused:
    "登录信息不正确，或验证码、通行密钥的应答已使用过。遗失登录方式的，请向运维人员索取新的邀请。",
    "What was given is not right, or was used before. Whoever lost what they sign in with asks the operator for another invitation.",
}

/// Five wrong passwords or codes in a row were given with this name: none is looked at for fifteen
/// minutes. Passkeys go on working.
#[derive(SimpleObject)]
#[graphql(complex)]
struct StaffSignInDelayed {
    /// From when they are looked at again.
    next_at: DateTime,
}

refusal! {
    StaffSignInDelayed:
    "错误次数过多，请稍后再试，或用通行密钥登录。",
    "Too many wrong passwords or codes. Try again later, or sign in with a passkey.",
}

/// They are who they say, and may act as several, or not as what was asked for. Nobody is signed in,
/// and neither code nor answer is used up: send the same with one of these.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct StaffRoleToChoose {
    /// What they may act as.
    roles: Vec<StaffRole>,
}

refusal! {
    StaffRoleToChoose:
    "请选择登录身份后重新提交。",
    "Say as what you sign in, and send the same again.",
}

impl StaffRoleToChoose {
    /// Of these.
    pub(super) fn of(roles: &[Role]) -> Self {
        let roles = StaffRole::all(roles);
        Self { roles }
    }
}

outcome!(StaffPasswordSet, StaffPasswordConfirmed, StaffSignedIn);

#[derive(Default)]
pub(super) struct StaffMutation;

#[Object]
impl StaffMutation {
    /// Choose a password with an invitation of the operator's. Anybody who has one may, also again
    /// until it is confirmed.
    async fn set_staff_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The invitation and the password.")] input: SetStaffPasswordInput,
    ) -> Result<SetStaffPasswordPayload> {
        let (name, invitation) = (&input.name, &input.invitation);
        let set = staff::set_password(ctx.app(), name, invitation, &input.password).await?;
        Ok(match set {
            PasswordSet::Done { uri, secret } => SetStaffPasswordPayload::Set(StaffPasswordSet {
                otpauth_uri: uri.to_string(),
                secret: secret.to_string(),
            }),
            PasswordSet::InvitationRefused => {
                SetStaffPasswordPayload::InvitationRefused(StaffInvitationRefused)
            }
        })
    }

    /// Confirm the password with a code of the authenticator app, which uses the invitation up.
    async fn confirm_staff_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The invitation and the code.")] input: ConfirmStaffPasswordInput,
    ) -> Result<ConfirmStaffPasswordPayload> {
        let (name, invitation) = (&input.name, &input.invitation);
        let confirmed = staff::confirm_password(ctx.app(), name, invitation, &input.code).await?;
        Ok(match confirmed {
            Confirmed::Done => {
                let name = input.name;
                ConfirmStaffPasswordPayload::Confirmed(StaffPasswordConfirmed { name })
            }
            Confirmed::CodeRefused => ConfirmStaffPasswordPayload::CodeRefused(StaffCodeRefused),
            Confirmed::InvitationRefused => {
                ConfirmStaffPasswordPayload::InvitationRefused(StaffInvitationRefused)
            }
        })
    }

    /// Sign in as somebody of the city, with password and authenticator code. Anybody may try; a name
    /// that nobody has is refused like a wrong password.
    async fn sign_in_staff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Name, password and code.")] input: SignInStaffInput,
    ) -> Result<SignInStaffPayload> {
        let typed = Typed {
            name: &input.name,
            password: &input.password,
            code: &input.code,
            role: input.role.map(StaffRole::role),
            device_token: input.device_token.as_deref(),
        };
        Ok(match staff::sign_in(ctx.app(), typed).await? {
            Entered::Done(signed_in) => SignInStaffPayload::SignedIn(signed_in.into()),
            Entered::Refused => SignInStaffPayload::Refused(StaffSignInRefused),
            Entered::Wait(until) => SignInStaffPayload::Delayed(StaffSignInDelayed {
                next_at: DateTime(until),
            }),
            Entered::RoleToChoose(roles) => {
                SignInStaffPayload::RoleToChoose(StaffRoleToChoose::of(&roles))
            }
        })
    }
}
