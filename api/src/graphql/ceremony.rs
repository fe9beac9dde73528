//! The ceremony: freeze → announce → close → finish.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use verifier::{beacon::Chain, text::Digest};

use super::{
    approval::proposal,
    context::ContextExt as _,
    draw::Draw,
    error::Result,
    global_id::Noun,
    once::{self, Once},
    outcome::{Echo, outcome},
    scalars::{Bytes32, DateTime, Long, PeriodNumber},
    unsigned::UnsignedRecord,
};
use crate::{
    error::Error,
    service::{
        approvals::{self, Action},
        ceremony::{self, Reveals, Sealing, Stepped, Terms},
    },
};

/// Which period.
#[derive(InputObject)]
struct FreezePeriodInput {
    /// The period.
    period: PeriodNumber,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// Which period's representatives.
#[derive(InputObject)]
struct FreezeRepresentativesInput {
    /// The period.
    period: PeriodNumber,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// The terms of a draw.
#[derive(InputObject)]
struct AnnounceDrawInput {
    /// The draw's id.
    draw: ID,
    /// Contributions committed to beforehand. Those that representatives have handed in are
    /// announced beside them, and nobody can leave one out.
    #[graphql(default)]
    sealed: Vec<SealedInput>,
    /// Labels of values that are made in public at the ceremony.
    #[graphql(default)]
    open: Vec<String>,
    /// How long the announcement must have stood, witnessed, before contributions close.
    window_seconds: u32,
    /// How far witnessed records must lie before the beacon round.
    margin_seconds: u32,
    /// Until when contributions may be revealed.
    closes_at: DateTime,
    /// The beacon chain's `chain.json`; the city's own choice if it is not given.
    chain: Option<String>,
    /// The beacon round; if it is not given, the first that leaves twice the margin after
    /// `closesAt`.
    round: Option<Long>,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// A contributor's commitment.
#[derive(InputObject)]
struct SealedInput {
    /// Who, for example `notary.example/c1`.
    name: String,
    /// The commitment to their secret.
    commitment: Bytes32,
}

/// What the contributors brought.
#[derive(InputObject)]
struct CloseContributionsInput {
    /// The draw's id.
    draw: ID,
    /// Secrets of the sealed contributions, beside those that representatives have revealed
    /// themselves. Who is in neither is written down as missing.
    #[graphql(default)]
    sealed: Vec<RevealInput>,
    /// The open values; every announced label needs one.
    #[graphql(default)]
    open: Vec<OpenValueInput>,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// A revealed secret.
#[derive(InputObject)]
struct RevealInput {
    /// Who, as announced.
    name: String,
    /// The secret.
    secret: Bytes32,
}

/// A value made in public.
#[derive(InputObject)]
struct OpenValueInput {
    /// Its label, as announced.
    label: String,
    /// The value.
    value: String,
}

/// Which draw.
#[derive(InputObject)]
struct FinishDrawInput {
    /// The draw's id.
    draw: ID,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// Which draw, and why.
#[derive(InputObject)]
struct VoidDrawInput {
    /// The draw's id.
    draw: ID,
    /// The reason, one line; it becomes part of the public record.
    reason: String,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

proposal! {
    /// What became of proposing to freeze.
    FreezePeriodPayload,
    /// What became of proposing to freeze.
    FreezeRepresentativesPayload,
    /// What became of proposing to announce.
    AnnounceDrawPayload,
    /// What became of proposing to void.
    VoidDrawPayload,
}

/// The contributions are signed, logged, witnessed and public, or wait for their signature.
#[derive(SimpleObject)]
#[graphql(complex)]
struct CloseContributionsPayload {
    /// The draw.
    draw: Draw,
    /// The record, where it waits for the signature of a key on a machine without network: the draw is not
    /// closed yet. Null where it is signed and public.
    unsigned: Option<UnsignedRecord>,
}

/// The result is signed, logged, witnessed, verified and public, or waits for its signature.
#[derive(SimpleObject)]
#[graphql(complex)]
struct FinishDrawPayload {
    /// The draw.
    draw: Draw,
    /// The record, where it waits for the signature of a key on a machine without network: the draw is not
    /// finished yet. Null where it is signed and public.
    unsigned: Option<UnsignedRecord>,
}

impl TryFrom<AnnounceDrawInput> for Terms {
    type Error = Error;

    fn try_from(input: AnnounceDrawInput) -> crate::Result<Self> {
        let chain = input
            .chain
            .map(|json| Chain::parse(json.as_bytes()))
            .transpose();
        let round = input
            .round
            .map(|Long(round)| u64::try_from(round))
            .transpose();
        let sealed = input.sealed.into_iter().map(|sealed| Sealing {
            name: sealed.name,
            commitment: Digest(sealed.commitment.0),
        });
        Ok(Self {
            sealed: sealed.collect(),
            open: input.open,
            window_secs: input.window_seconds.into(),
            margin_secs: input.margin_seconds.into(),
            closes_at: input.closes_at.0,
            chain: chain.map_err(|cause| Error::invalid("chain", cause))?,
            round: round.map_err(|cause| Error::invalid("round", cause))?,
        })
    }
}

/// Where a draw stands after a step, and the record that waits.
fn stepped(stepped: Stepped) -> (Draw, Option<UnsignedRecord>) {
    match stepped {
        Stepped::Recorded(draw) => (draw.into(), None),
        Stepped::AwaitsSignature { draw, record } => (draw.into(), Some(record.into())),
    }
}

/// The public id of the draw that an id names.
fn draw_of(id: &ID) -> crate::Result<String> {
    Noun::Draw.key("draw", id)
}

outcome!(CloseContributionsPayload, FinishDrawPayload);

#[derive(Default)]
pub(super) struct CeremonyMutation;

#[Object]
impl CeremonyMutation {
    /// Propose to fix who takes part in a period, with which weight, and to make the draw; `approve`
    /// does it. From then on every application in the pool is locked until the draw has ended. Officers
    /// only.
    async fn freeze_period(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period.")] input: FreezePeriodInput,
    ) -> Result<FreezePeriodPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let period = input.period.0;
        let proposing = approvals::propose(app, officer, Action::FreezePeriod { period });
        let proposed = once::answer(app, asked, proposing).await?;
        Ok(FreezePeriodPayload::of(app, proposed)?)
    }

    /// Propose to fix who may be drawn as a representative of a period's applicants (申请人代表),
    /// everybody with one ticket, and to make that draw; `approve` does it. The draw is announced,
    /// closed and finished like any other. It locks no application, and the period goes its way whatever
    /// becomes of it. Officers only.
    async fn freeze_representatives(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period.")] input: FreezeRepresentativesInput,
    ) -> Result<FreezeRepresentativesPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let period = input.period.0;
        let freezing = Action::FreezeRepresentatives { period };
        let proposing = approvals::propose(app, officer, freezing);
        let proposed = once::answer(app, asked, proposing).await?;
        Ok(FreezeRepresentativesPayload::of(app, proposed)?)
    }

    /// Propose to sign, log and publish the pool's hashes and the terms of the draw; `approve` does it.
    /// A draw is announced once. Officers only.
    async fn announce_draw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The terms.")] input: AnnounceDrawInput,
    ) -> Result<AnnounceDrawPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let draw = draw_of(&input.draw)?;
        let terms = Terms::try_from(input)?;
        let announcing = Action::AnnounceDraw { draw, terms };
        let proposing = approvals::propose(app, officer, announcing);
        let proposed = once::answer(app, asked, proposing).await?;
        Ok(AnnounceDrawPayload::of(app, proposed)?)
    }

    /// Sign, log and publish the contributions, before the beacon round exists. One officer does this:
    /// the announcement has bound every input. Where the record key is on a machine without network, the
    /// record waits for it. Officers only.
    async fn close_contributions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contributions.")] input: CloseContributionsInput,
    ) -> Result<CloseContributionsPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let sealed = input
            .sealed
            .into_iter()
            .map(|reveal| (reveal.name, reveal.secret.0));
        let open = input.open.into_iter().map(|open| (open.label, open.value));
        let reveals = Reveals {
            sealed: sealed.collect(),
            open: open.collect(),
        };
        let id = draw_of(&input.draw)?;
        let closing = ceremony::close(app, officer, &id, reveals);
        let (draw, unsigned) = stepped(once::answer(app, asked, closing).await?);
        Ok(CloseContributionsPayload { draw, unsigned })
    }

    /// Draw, once the beacon round has come, and sign, log and publish the result. One officer does
    /// this, since nothing is left to decide. Finishing a finished draw answers with it again. Where the
    /// record key is on a machine without network, the record waits for it. Officers only.
    async fn finish_draw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draw.")] input: FinishDrawInput,
    ) -> Result<FinishDrawPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let id = draw_of(&input.draw)?;
        let finishing = ceremony::finish(app, officer, &id);
        let (draw, unsigned) = stepped(once::answer(app, asked, finishing).await?);
        Ok(FinishDrawPayload { draw, unsigned })
    }

    /// Propose to give a draw up, in public, while nobody can know its outcome; `approve` does it. The
    /// period can then be frozen again, as a new draw; the old one stays visible for ever. Officers
    /// only.
    async fn void_draw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draw and the reason.")] input: VoidDrawInput,
    ) -> Result<VoidDrawPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let draw = draw_of(&input.draw)?;
        let reason = input.reason;
        let proposing = approvals::propose(app, officer, Action::VoidDraw { draw, reason });
        let proposed = once::answer(app, asked, proposing).await?;
        Ok(VoidDrawPayload::of(app, proposed)?)
    }
}
