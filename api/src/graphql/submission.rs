//! Confirming an application, by a code to the account's phone.

use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject, Union};

use super::{
    application::Application,
    context::ContextExt as _,
    draft::Draft,
    error::Result,
    form::FieldKey,
    global_id::Noun,
    locale::Locale,
    once::{self, Once},
    one_time_code::{CodeDelayed, CodeRefused, CodeSent, TypedCodeInput},
    outcome::{Echo, outcome, refusal},
    scalars::Date,
};
use crate::{
    domain,
    service::{
        applications::Submitted,
        drafts::{self, Asked, Confirmed},
    },
};

/// Which draft is to be confirmed.
#[derive(InputObject)]
struct RequestConfirmationInput {
    /// The draft's id.
    draft: ID,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of asking for the code that confirms.
#[derive(Union)]
enum RequestConfirmationPayload {
    Requested(ConfirmationRequested),
    Incomplete(FormIncomplete),
    Delayed(CodeDelayed),
}

/// A code is on its way to the account's phone. It confirms exactly what is filled in now.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ConfirmationRequested {
    /// The code.
    code: CodeSent,
    /// The phone that it went to, its middle hidden.
    masked_phone: String,
    /// The draft.
    draft: Draft,
}

/// Something is missing, or the rules do not admit it; no code was sent.
#[derive(SimpleObject)]
#[graphql(complex)]
struct FormIncomplete {
    /// The draft, with what is missing and what the rules do not admit.
    draft: Draft,
}

refusal! {
    FormIncomplete:
    "申请表有必填项未填写，或不符合申请条件，请补充后再试。",
    "Something is missing in the form, or the rules do not admit it. Complete it and ask again.",
}

/// The draft, and the code that confirms it.
#[derive(InputObject)]
struct ConfirmApplicationInput {
    /// The draft's id.
    draft: ID,
    /// The code.
    code: TypedCodeInput,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of confirming.
#[derive(Union)]
enum ConfirmApplicationPayload {
    Submitted(ApplicationSubmitted),
    NotEligible(ApplicationNotEligible),
    Already(AlreadyApplied),
    NoPeriod(NoOpenPeriod),
    Counter(CounterNeeded),
    CodeRefused(CodeRefused),
}

/// The application is in (完成申请). A draft that was confirmed before gives its application again.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApplicationSubmitted {
    /// The application with its code.
    application: Application,
}

/// The rules of the city do not admit it; nothing was written.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct ApplicationNotEligible {
    /// Every requirement that is not met.
    pub(super) violations: Vec<Violation>,
}

refusal! {
    ApplicationNotEligible:
    "不符合申请条件，请查看各不符合项及其处理办法。",
    "The city's rules do not admit the application. Each violation says what can be done about it.",
}

/// The person has a live application in this category; nothing was written.
#[derive(Description)]
pub(super) struct AlreadyApplied;

refusal! {
    bare AlreadyApplied:
    "您已有有效的申请，不能重复申请。",
    "You have a live application in this category already: `me` lists it.",
}

/// No period takes applications now; nothing was written.
#[derive(Description)]
pub(super) struct NoOpenPeriod;

refusal! {
    bare NoOpenPeriod:
    "现在没有受理申请的期次，请在下一期受理期间申请。",
    "No period takes applications now. Apply when the next one opens.",
}

/// This account cannot apply for the person with this identity number; nothing was written. Whether
/// the city knows that person is not said.
#[derive(Description)]
struct CounterNeeded;

refusal! {
    bare CounterNeeded:
    "请核对证件号码。如填写无误，请本人携带身份证件和手机到办理窗口。",
    "Check the identity number. If it is right, bring your identity document and your phone to a counter.",
}

/// A requirement that an applicant does not meet.
#[derive(Description)]
pub(super) struct Violation(pub(super) domain::Violation);

#[Object(use_type_description)]
impl Violation {
    /// The requirement, for programs.
    async fn code(&self) -> ViolationCode {
        self.0.code.into()
    }

    /// The field of the form that it is about; null where it is about none.
    async fn field(&self) -> Option<FieldKey> {
        self.0.code.field().map(Into::into)
    }

    /// The rule, for people.
    async fn rule(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> &str {
        self.0.rule.get(locale.into())
    }

    /// Where the rule comes from.
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// What the applicant can do about it.
    async fn remedy(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> &str {
        self.0.remedy.get(locale.into())
    }

    /// Last day on which it stands in the way, where the calendar alone ends it: that of a ban.
    async fn until(&self) -> Option<Date> {
        self.0.until.map(Date)
    }
}

/// What can stand in an applicant's way.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ViolationCode")]
enum ViolationCode {
    /// The city has no such identity type.
    IdentityTypeUnknown,
    /// The number cannot be that of the document.
    IdentityNumberInvalid,
    /// Not a mobile phone number.
    PhoneInvalid,
    /// Not an e-mail address.
    EmailInvalid,
    /// No address.
    AddressMissing,
    /// Not a postcode.
    PostcodeInvalid,
    /// No licence date or no licence class.
    LicenceMissing,
    /// The licence is dated after today.
    LicenceDateInFuture,
    /// None of the licence's classes allows to drive a small car.
    LicenceClassNotAccepted,
    /// A small car registered here is in the applicant's name.
    OwnsLocalCar,
    /// A certificate won earlier is still valid.
    CertificateLive,
    /// Banned from applying.
    BanActive,
    /// Too few consecutive months of social insurance.
    SocialInsuranceGap,
    /// The residence permit has run out.
    ResidencePermitExpired,
}

outcome!(ConfirmationRequested, ApplicationSubmitted);

#[derive(Default)]
pub(super) struct SubmissionMutation;

#[Object]
impl SubmissionMutation {
    /// Have a code sent to the account's phone that confirms exactly what is filled in (短信确认).
    /// Accounts only.
    async fn request_confirmation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft.")] input: RequestConfirmationInput,
    ) -> Result<RequestConfirmationPayload> {
        let (app, holder) = (ctx.app(), ctx.actor().account()?);
        let asked = drafts::request_confirmation(
            app,
            holder,
            Noun::ApplicationDraft.key("draft", &input.draft)?,
        )
        .await?;
        Ok(match asked {
            Asked::Sent {
                request,
                masked_phone,
                draft,
            } => RequestConfirmationPayload::Requested(ConfirmationRequested {
                code: request.into(),
                masked_phone,
                draft: Draft(draft),
            }),
            Asked::Incomplete(draft) => RequestConfirmationPayload::Incomplete(FormIncomplete {
                draft: Draft(draft),
            }),
            Asked::Wait(until) => RequestConfirmationPayload::Delayed(CodeDelayed::until(until)),
        })
    }

    /// Confirm an application with the code of the text message, and submit it. The applicant is the
    /// person whom the account lets in, from the first application on. Accounts only; what the rules
    /// say against it is in the payload.
    async fn confirm_application(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft and the code.")] input: ConfirmApplicationInput,
    ) -> Result<ConfirmApplicationPayload> {
        let (app, holder) = (ctx.app(), ctx.actor().account()?);
        let (id, typed) = (
            Noun::ApplicationDraft.key("draft", &input.draft)?,
            input.code.typed()?,
        );
        let asked = input.once.asked(ctx, &holder.actor(), &input)?;
        let confirming = drafts::confirm(app, holder, id, typed);
        let submitted = match once::answer(app, asked, confirming).await? {
            Confirmed::Submitted(submitted) => submitted,
            Confirmed::CodeRefused => {
                return Ok(ConfirmApplicationPayload::CodeRefused(CodeRefused));
            }
        };
        Ok(match submitted {
            Submitted::Accepted(row) => {
                let application = Application::own(*row);
                ConfirmApplicationPayload::Submitted(ApplicationSubmitted { application })
            }
            Submitted::NotEligible(violations) => {
                let violations = violations.into_iter().map(Violation).collect();
                ConfirmApplicationPayload::NotEligible(ApplicationNotEligible { violations })
            }
            Submitted::AlreadyApplied => ConfirmApplicationPayload::Already(AlreadyApplied),
            Submitted::NoOpenPeriod => ConfirmApplicationPayload::NoPeriod(NoOpenPeriod),
            Submitted::CounterNeeded => ConfirmApplicationPayload::Counter(CounterNeeded),
        })
    }
}
