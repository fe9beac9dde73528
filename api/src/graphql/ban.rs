//! Bans.

use ::entity::ban;
use async_graphql::{Context, Description, Enum, ID, InputObject, Object};

use super::{
    approval::proposal,
    context::ContextExt as _,
    error::Result,
    global_id::Noun,
    once::{self, Once},
    outcome::Echo,
    scalars::{CertificateNumber, Date, DateTime},
};
use crate::service::approvals::{self, Action};

/// A time in which a person may not apply (不得申请).
#[derive(Description)]
pub(super) struct Ban(pub(super) ban::Model);

#[Object(use_type_description)]
impl Ban {
    /// The ban's id.
    pub(super) async fn id(&self) -> ID {
        Noun::Ban.id(self.0.id)
    }

    /// First day.
    async fn begins_on(&self) -> Date {
        Date(self.0.begins_on)
    }

    /// Last day; from the day after one may apply again.
    async fn ends_on(&self) -> Date {
        Date(self.0.ends_on)
    }

    /// Why.
    async fn reason(&self) -> BanReason {
        self.0.reason.into()
    }

    /// When two officers lifted it; null while it counts.
    async fn lifted_at(&self) -> Option<DateTime> {
        self.0.lifted_at.map(DateTime)
    }

    /// The certificate that it follows from.
    async fn certificate(&self) -> CertificateNumber {
        CertificateNumber(self.0.certificate_number.clone())
    }
}

/// Why somebody may not apply.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "ban::Reason")]
pub(super) enum BanReason {
    /// A certificate won by lottery ran out unused.
    Forfeited,
}

/// Which ban is to be lifted.
#[derive(InputObject)]
struct LiftBanInput {
    /// The certificate that it follows from.
    certificate: CertificateNumber,
    /// Why: one line of 1 to 200 characters, which stays in the audit trail and names nobody.
    reason: String,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

proposal! {
    /// What became of proposing to lift a ban.
    LiftBanPayload,
}

#[derive(Default)]
pub(super) struct BanMutation;

#[Object]
impl BanMutation {
    /// Propose to lift a ban before its last day; `approve` does it, and from then on it bars nobody.
    /// The person is told. Officers only.
    async fn lift_ban(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ban and the reason.")] input: LiftBanInput,
    ) -> Result<LiftBanPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let lifting = Action::LiftBan {
            certificate: input.certificate.0,
            reason: input.reason,
        };
        let proposing = approvals::propose(app, officer, lifting);
        let proposed = once::answer(app, asked, proposing).await?;
        Ok(LiftBanPayload::of(app, proposed)?)
    }
}
