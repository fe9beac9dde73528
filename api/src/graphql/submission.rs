//! Applying.

use async_graphql::{Context, Description, Enum, InputObject, Object, SimpleObject, Union};

use super::{
    application::Application, context::ContextExt as _, error::Result, locale::Locale,
    scalars::Date,
};
use crate::{
    domain,
    service::{
        self,
        applications::{Form, Submitted},
    },
};

/// The application form (个人小客车增量指标申请表).
#[derive(InputObject)]
struct SubmitApplicationInput {
    /// The category applied for, a key of the policy.
    category: String,
    /// The identity type, a key of the policy.
    identity_type: String,
    /// The applicant's name.
    name: String,
    /// Number of the identity document.
    id_number: String,
    /// Mobile phone number, eleven digits.
    phone: String,
    /// E-mail address, if there is one.
    email: Option<String>,
    /// Address in the city.
    address: String,
    /// Postcode, six digits.
    postcode: String,
    /// The driving licence.
    licence: Option<LicenceInput>,
    /// Whether a small car registered in the city is in the applicant's name.
    owns_local_car: bool,
    /// Whether to join the tier (阶梯摇号) at once, where the city has one to join.
    #[graphql(default)]
    joins_tier: bool,
}

/// A driving licence.
#[derive(InputObject)]
struct LicenceInput {
    /// Day of its issue.
    issued_on: Date,
    /// Its classes (准驾车型).
    classes: Vec<LicenceClass>,
}

/// A class of the mainland driving licence (准驾车型).
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::LicenceClass")]
pub(super) enum LicenceClass {
    /// Large passenger vehicles.
    A1,
    /// Tractor units.
    A2,
    /// City buses.
    A3,
    /// Medium passenger vehicles.
    B1,
    /// Large goods vehicles.
    B2,
    /// Small vehicles.
    C1,
    /// Small vehicles with automatic gears.
    C2,
    /// Low-speed goods vehicles.
    C3,
    /// Three-wheeled vehicles.
    C4,
    /// Small automatic passenger vehicles for drivers with a disability.
    C5,
    /// Three-wheeled motorcycles.
    D,
    /// Two-wheeled motorcycles.
    E,
    /// Light motorcycles.
    F,
    /// Wheeled self-propelled machines.
    M,
    /// Trolleybuses.
    N,
    /// Trams.
    P,
}

/// What became of a submission.
#[derive(Union)]
enum SubmitApplicationPayload {
    Submitted(ApplicationSubmitted),
    NotEligible(ApplicationNotEligible),
    Already(AlreadyApplied),
    NoPeriod(NoOpenPeriod),
}

/// The application is in.
#[derive(SimpleObject)]
struct ApplicationSubmitted {
    /// The application with its code.
    application: Application,
    /// A session token for somebody whom the city had not known; send it as
    /// `Authorization: Bearer <token>`. It is shown this once. Null for a person who is known:
    /// knowing an identity number is not enough to be let in.
    token: Option<String>,
}

/// The rules of the city do not admit it; nothing was written.
#[derive(SimpleObject)]
pub(super) struct ApplicationNotEligible {
    /// Every requirement that is not met.
    pub(super) violations: Vec<Violation>,
}

/// The person has a live application in this category; nothing was written.
#[derive(Description)]
pub(super) struct AlreadyApplied;

#[Object(use_type_description)]
impl AlreadyApplied {
    /// What is so, and what to do, for people.
    async fn explanation(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> String {
        locale.choose(
            "您已有有效的申请，不能重复申请。",
            "This person has an application in this category already. Sign in to see it.",
        )
    }
}

/// No period takes applications now; nothing was written.
#[derive(Description)]
pub(super) struct NoOpenPeriod;

#[Object(use_type_description)]
impl NoOpenPeriod {
    /// What is so, and what to do, for people.
    async fn explanation(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> String {
        locale.choose(
            "现在没有受理申请的期次，请在下一期受理期间申请。",
            "No period takes applications now. Apply when the next one opens.",
        )
    }
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

impl From<SubmitApplicationInput> for Form {
    fn from(input: SubmitApplicationInput) -> Self {
        let (issued_on, classes) = match input.licence {
            Some(licence) => (Some(licence.issued_on.0), licence.classes),
            None => (None, Vec::new()),
        };
        Self {
            category: input.category,
            identity_type: input.identity_type,
            name: input.name,
            id_number: input.id_number,
            phone: input.phone,
            email: input.email,
            address: input.address,
            postcode: input.postcode,
            licence_issued_on: issued_on,
            licence_classes: classes.into_iter().map(Into::into).collect(),
            owns_local_car: input.owns_local_car,
            joins_tier: input.joins_tier,
        }
    }
}

#[derive(Default)]
pub(super) struct SubmissionMutation;

#[Object]
impl SubmissionMutation {
    /// Apply. Anybody may; what the rules say against it is in the payload.
    async fn submit_application(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The application form.")] input: SubmitApplicationInput,
    ) -> Result<SubmitApplicationPayload> {
        let submitted = service::applications::submit(ctx.app(), &input.into()).await?;
        Ok(match submitted {
            Submitted::Accepted { application, token } => {
                let application = Application::own(*application);
                SubmitApplicationPayload::Submitted(ApplicationSubmitted { application, token })
            }
            Submitted::NotEligible(violations) => {
                let violations = violations.into_iter().map(Violation).collect();
                SubmitApplicationPayload::NotEligible(ApplicationNotEligible { violations })
            }
            Submitted::AlreadyApplied => SubmitApplicationPayload::Already(AlreadyApplied),
            Submitted::NoOpenPeriod => SubmitApplicationPayload::NoPeriod(NoOpenPeriod),
        })
    }
}
