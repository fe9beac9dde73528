//! Another phone, and persons whom officers assign to one.

use async_graphql::{Context, Description, InputObject, Object, SimpleObject, Union};

use super::{
    context::ContextExt as _,
    error::Result,
    once::{self, Once},
    one_time_code::{CodeDelayed, CodeRefused, CodeSent, NoAccount, TypedCodeInput},
    outcome::{Echo, outcome, refusal},
    scalars::{ApplicationCode, Long},
};
use crate::{
    error::Error,
    service::accounts::{self, Assigned, PhoneAsked, PhoneChange},
};

/// Which phone takes over.
#[derive(InputObject)]
struct RequestPhoneChangeInput {
    /// The other phone, eleven digits.
    phone: String,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of asking to change the phone.
#[derive(Union)]
enum RequestPhoneChangePayload {
    Sent(PhoneChangeRequested),
    Delayed(CodeDelayed),
}

/// A code is on its way to either phone.
#[derive(SimpleObject)]
#[graphql(complex)]
struct PhoneChangeRequested {
    /// The code to the phone so far.
    leave: CodeSent,
    /// The code to the other phone.
    take: CodeSent,
}

/// The codes that both phones were sent.
#[derive(InputObject)]
struct ChangePhoneInput {
    /// The code of the phone so far.
    leave: TypedCodeInput,
    /// The code of the other phone.
    take: TypedCodeInput,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of changing the phone.
#[derive(Union)]
enum ChangePhonePayload {
    Changed(PhoneChanged),
    Taken(PhoneTaken),
    CodeRefused(CodeRefused),
}

/// The phone is changed, on the applicant's file too, and every other session of the account has
/// ended.
#[derive(SimpleObject)]
#[graphql(complex)]
struct PhoneChanged {
    /// How many sessions have ended.
    ended_sessions: Long,
}

/// Both phones were proven, and the other one has an account of its own. Nothing was changed.
#[derive(Description)]
struct PhoneTaken;

refusal! {
    bare PhoneTaken:
    "该手机号已有自己的账户，请换一个手机号，或携带身份证件到办理窗口。",
    "That phone has an account of its own. Take another one, or bring your identity document to a counter.",
}

/// Which person is assigned to which phone's account.
#[derive(InputObject)]
struct AssignApplicantInput {
    /// Code of one of the person's applications.
    code: ApplicationCode,
    /// The phone whose account lets the person in from now on.
    phone: String,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of assigning a person.
#[derive(Union)]
enum AssignApplicantPayload {
    Assigned(ApplicantAssigned),
    NoAccount(NoAccount),
    Occupied(AccountOccupied),
}

/// The account lets the person in, and no other account does.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApplicantAssigned {
    /// Code of the person's application, as it was given.
    code: ApplicationCode,
}

/// The account of that phone lets another person in. Nothing was changed.
#[derive(Description)]
struct AccountOccupied;

refusal! {
    bare AccountOccupied:
    "该手机号的账户已属于另一名申请人，每名申请人须使用自己的手机号。",
    "The account of this phone is another applicant's. Every applicant needs a phone of their own.",
}

outcome!(PhoneChangeRequested, PhoneChanged, ApplicantAssigned);

#[derive(Default)]
pub(super) struct PhoneMutation;

#[Object]
impl PhoneMutation {
    /// Have codes sent to the phone so far and to another one, to change the phone (修改手机).
    /// Accounts only.
    async fn request_phone_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The other phone.")] input: RequestPhoneChangeInput,
    ) -> Result<RequestPhoneChangePayload> {
        let (app, holder) = (ctx.app(), ctx.actor().account()?);
        let asked = accounts::request_phone_change(app, holder, &input.phone).await?;
        Ok(match asked {
            PhoneAsked::Sent { leave, take } => {
                let (leave, take) = (leave.into(), take.into());
                RequestPhoneChangePayload::Sent(PhoneChangeRequested { leave, take })
            }
            PhoneAsked::Wait(until) => {
                RequestPhoneChangePayload::Delayed(CodeDelayed::until(until))
            }
        })
    }

    /// Change the phone (修改手机), with the codes that both phones were sent. Accounts only; every
    /// other session of the account ends.
    async fn change_phone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Both codes.")] input: ChangePhoneInput,
    ) -> Result<ChangePhonePayload> {
        let (app, holder) = (ctx.app(), ctx.actor().account()?);
        let (leave, take) = (input.leave.typed()?, input.take.typed()?);
        let asked = input.once.asked(ctx, &holder.actor(), &input)?;
        let changing = accounts::change_phone(app, holder, leave, take);
        Ok(match once::answer(app, asked, changing).await? {
            PhoneChange::Done { ended_sessions } => {
                let ended_sessions = ended_sessions.try_into().map_err(Error::internal)?;
                ChangePhonePayload::Changed(PhoneChanged { ended_sessions })
            }
            PhoneChange::PhoneTaken => ChangePhonePayload::Taken(PhoneTaken),
            PhoneChange::CodeRefused => ChangePhonePayload::CodeRefused(CodeRefused),
        })
    }

    /// Let the account of a phone let a person in, at the counter: the officer has seen the person's
    /// identity document and the phone. For lost phones, shared phones and people whom the city knows
    /// under another phone. Officers only.
    async fn assign_applicant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person and the phone.")] input: AssignApplicantInput,
    ) -> Result<AssignApplicantPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let assigned = accounts::assign(app, officer, &input.code.0, &input.phone).await?;
        Ok(match assigned {
            Assigned::Done => {
                AssignApplicantPayload::Assigned(ApplicantAssigned { code: input.code })
            }
            Assigned::NoAccount => AssignApplicantPayload::NoAccount(NoAccount),
            Assigned::Occupied => AssignApplicantPayload::Occupied(AccountOccupied),
        })
    }
}
