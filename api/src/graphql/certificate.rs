//! Certificates.

use ::entity::certificate;
use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject, Union};

use super::{
    context::ContextExt as _,
    error::{ApiError, Result},
    global_id::Noun,
    once::{self, Once},
    outcome::{Echo, outcome, refusal},
    scalars::{CertificateNumber, Date, PeriodNumber},
};
use crate::service::{
    self,
    certificates::{Standing, Surrendered, Used},
};

/// What a winner holds (指标确认通知书): the right to register one car until a day.
#[derive(Description)]
pub(super) struct Certificate(pub(super) certificate::Model);

#[Object(use_type_description)]
impl Certificate {
    /// The certificate's id.
    pub(super) async fn id(&self) -> ID {
        Noun::Certificate.id(&self.0.number)
    }

    /// The certificate's number.
    async fn number(&self) -> CertificateNumber {
        CertificateNumber(self.0.number.clone())
    }

    /// The category, a key of the policy.
    async fn category(&self) -> &str {
        &self.0.category
    }

    /// The period whose quota it is.
    async fn period(&self) -> PeriodNumber {
        PeriodNumber(self.0.period_number.clone())
    }

    /// How it was come by.
    async fn origin(&self) -> CertificateOrigin {
        self.0.origin.into()
    }

    /// Where it stands.
    async fn status(&self) -> CertificateStatus {
        self.0.status.into()
    }

    /// First day of validity.
    async fn issued_on(&self) -> Date {
        Date(self.0.issued_on)
    }

    /// Last day of validity. Unused by then it counts as given up, and after a lottery a ban begins
    /// on the day after.
    async fn expires_on(&self) -> Date {
        Date(self.0.expires_on)
    }

    /// Day on which it was used, given back, forfeited or revoked; null while it is live.
    async fn ended_on(&self) -> Option<Date> {
        self.0.ended_on.map(Date)
    }
}

/// Where a certificate stands. All but the first are for ever.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "certificate::Status")]
pub(super) enum CertificateStatus {
    /// It can be used until its last day.
    Live,
    /// A car was registered with it.
    Used,
    /// Its last day passed without that (视为放弃).
    Forfeited,
    /// Its holder gave it back.
    Surrendered,
    /// An amend of the result took its holder's place.
    Revoked,
}

/// How a certificate was come by.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "certificate::Origin")]
pub(super) enum CertificateOrigin {
    /// Won in a draw. Unused, it brings a ban.
    Lottery,
    /// Bought at an auction. Unused, it brings none.
    Auction,
}

/// What anybody may know of a certificate's number.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Standing")]
enum CertificateStanding {
    /// A car can be registered with it today.
    Valid,
    /// A car was registered with it.
    Used,
    /// No car can be registered with it any more.
    Expired,
}

/// Which certificate was used.
#[derive(InputObject)]
struct MarkCertificateUsedInput {
    /// The certificate's number.
    number: CertificateNumber,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of using a certificate.
#[derive(Union)]
enum MarkCertificateUsedPayload {
    Used(CertificateUsed),
    Ended(CertificateEnded),
}

/// A car is registered with it, now or since before.
#[derive(SimpleObject)]
#[graphql(complex)]
struct CertificateUsed {
    /// The certificate.
    certificate: Certificate,
}

/// Which certificate is given back.
#[derive(InputObject)]
struct SurrenderCertificateInput {
    /// The certificate's number.
    number: CertificateNumber,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of giving a certificate back.
#[derive(Union)]
enum SurrenderCertificatePayload {
    Surrendered(CertificateSurrendered),
    Ended(CertificateEnded),
}

/// It is given back, now or since before. Its quota is in the carry-over, and no ban follows.
#[derive(SimpleObject)]
#[graphql(complex)]
struct CertificateSurrendered {
    /// The certificate.
    certificate: Certificate,
}

/// The certificate had ended before: it was used, was given back, or its last day has passed.
/// Nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct CertificateEnded {
    /// The certificate.
    certificate: Certificate,
}

refusal! {
    CertificateEnded:
    "该指标确认通知书已使用、已退回或已过有效期。",
    "The certificate was used, was given back, or its last day has passed.",
}

#[derive(Default)]
pub(super) struct CertificateQuery;

#[Object]
impl CertificateQuery {
    /// Whether a car can be registered with the certificate of a number, and nothing of whose it
    /// is; null if there is no such certificate.
    async fn certificate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The certificate's number.")] number: CertificateNumber,
    ) -> Option<async_graphql::Result<CertificateStanding>> {
        let found = service::certificates::check(ctx.app(), &number.0).await;
        let found = found.transpose()?;
        Some(
            found
                .map(CertificateStanding::from)
                .map_err(|error| ApiError::from(error).into()),
        )
    }
}

outcome!(CertificateUsed, CertificateSurrendered);

#[derive(Default)]
pub(super) struct CertificateMutation;

#[Object]
impl CertificateMutation {
    /// Note that a car was registered with a certificate. Doing it again changes nothing. Officers
    /// only.
    async fn mark_certificate_used(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The certificate.")] input: MarkCertificateUsedInput,
    ) -> Result<MarkCertificateUsedPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let marking = service::certificates::mark_used(app, officer, &input.number.0);
        let used = once::answer(app, asked, marking).await?;
        Ok(match used {
            Used::Done(row) => MarkCertificateUsedPayload::Used(CertificateUsed {
                certificate: Certificate(row),
            }),
            Used::Ended(row) => MarkCertificateUsedPayload::Ended(CertificateEnded {
                certificate: Certificate(row),
            }),
        })
    }

    /// Give a certificate back before it runs out: its quota goes to a later period, and no ban
    /// follows. It cannot be taken back; doing it again changes nothing. The holder only.
    async fn surrender_certificate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The certificate.")] input: SurrenderCertificateInput,
    ) -> Result<SurrenderCertificatePayload> {
        let (app, applicant) = (ctx.app(), ctx.actor().applicant()?);
        let asked = input.once.asked(ctx, &applicant.actor(), &input)?;
        let giving = service::certificates::surrender(app, applicant, &input.number.0);
        let given = once::answer(app, asked, giving).await?;
        Ok(match given {
            Surrendered::Done(row) => {
                SurrenderCertificatePayload::Surrendered(CertificateSurrendered {
                    certificate: Certificate(row),
                })
            }
            Surrendered::Ended(row) => SurrenderCertificatePayload::Ended(CertificateEnded {
                certificate: Certificate(row),
            }),
        })
    }
}
