//! Amending a result, and what the amends of a draw say.

use ::entity::record;
use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject, Union};
use verifier::record::Change;

use super::{
    approval::{ApprovalAlreadyWaiting, ApprovalRequested, shown},
    context::ContextExt as _,
    error::Result,
    global_id::Noun,
    locale::Locale,
    once::{self, Once},
    outcome::{Echo, refusal},
    scalars::{ApplicationCode, Bytes32, DateTime, Long},
};
use crate::{
    app::App,
    domain::amend::{Dropping, Obstacle, ObstacleKind},
    error::Error,
    service::{
        approvals::{self, Action, Proposed},
        draws,
    },
};

/// What became of a result since: somebody lost a place, or a reserve moved up. What was drawn stays as
/// it is, in the result's files and in every look-up.
#[derive(SimpleObject)]
pub(super) struct Amend {
    /// Which amend of the draw it is, from 1; its file is `amend-<number>.note`.
    number: i32,
    /// SHA-256 of the record's text.
    hash: Bytes32,
    /// Place in the log, from 0.
    log_index: Long,
    /// When it was issued, by the city's clock. Witnesses say when they saw it.
    issued_at: DateTime,
    /// What it changes, in the order of the record.
    changes: Vec<AmendChange>,
}

/// One line of an amend.
#[derive(SimpleObject)]
struct AmendChange {
    /// What happened.
    kind: AmendChangeKind,
    /// The category.
    category: String,
    /// The rank in the result.
    rank: Long,
    /// The application code with that rank.
    code: ApplicationCode,
    /// Why, in one line, for whoever was dropped; null for a reserve who moved up.
    reason: Option<String>,
}

/// What happened to a place.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum AmendChangeKind {
    /// Somebody drawn lost their place.
    Dropped,
    /// A reserve moved up.
    Promoted,
}

impl Amend {
    /// The amends among the records of a draw.
    pub(super) fn list(records: Vec<record::Model>) -> crate::Result<Vec<Self>> {
        let amended = draws::read_amends(records)?;
        amended.into_iter().map(Self::of).collect()
    }

    fn of((row, amend): draws::Amended) -> crate::Result<Self> {
        let changes = amend.changes.into_iter().map(AmendChange::of);
        Ok(Self {
            number: row.number,
            hash: super::draw::bytes32(&row.hash)?,
            log_index: Long(row.log_index),
            issued_at: DateTime(row.issued_at),
            changes: changes.collect::<crate::Result<_>>()?,
        })
    }
}

impl AmendChange {
    fn of(change: Change) -> crate::Result<Self> {
        let (kind, category, rank, code, reason) = match change {
            Change::Drop {
                category,
                rank,
                code,
                reason,
            } => (AmendChangeKind::Dropped, category, rank, code, Some(reason)),
            Change::Promote {
                category,
                rank,
                code,
            } => (AmendChangeKind::Promoted, category, rank, code, None),
        };
        Ok(Self {
            kind,
            category,
            rank: Long::try_from(rank).map_err(Error::internal)?,
            code: ApplicationCode(code.to_string()),
            reason,
        })
    }
}

/// Who is to lose their place.
#[derive(InputObject)]
struct DropInput {
    /// The category, a key of the policy.
    category: String,
    /// The application code, as it stands in the result.
    code: ApplicationCode,
    /// Why: one line of at most 1,000 bytes. It becomes part of the public record and names nobody.
    reason: String,
}

/// Which result is amended, and how.
#[derive(InputObject)]
struct AmendResultInput {
    /// The draw's id.
    draw: ID,
    /// Who loses their place, 1 to 100 of them; who moves up is worked out.
    drops: Vec<DropInput>,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of proposing to amend a result.
#[derive(Union)]
enum AmendResultPayload {
    Requested(ApprovalRequested),
    Waiting(ApprovalAlreadyWaiting),
    Refused(ResultNotAmendable),
}

/// The result cannot be amended as it was asked for. Nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ResultNotAmendable {
    /// Everything that stands in the way.
    obstacles: Vec<AmendObstacle>,
}

refusal! {
    ResultNotAmendable:
    "该次摇号的结果不能按所提内容更正，原因逐项列明。",
    "The result of the draw cannot be amended as proposed; each reason is listed.",
}

/// What stands in the way of an amend.
#[derive(Description)]
struct AmendObstacle(Obstacle);

#[Object(use_type_description)]
impl AmendObstacle {
    /// What it is.
    async fn reason(&self) -> AmendObstacleReason {
        self.0.kind.into()
    }

    /// The category of the place that it is about; null where it is about the whole draw.
    async fn category(&self) -> Option<&str> {
        self.0.place.as_ref().map(|place| place.category.as_str())
    }

    /// The code that it is about; null where it is about the whole draw.
    async fn code(&self) -> Option<ApplicationCode> {
        let place = self.0.place.as_ref()?;
        Some(ApplicationCode(place.code.clone()))
    }

    /// What is so, and what to do, for people.
    async fn explanation(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> &str {
        self.0.sentence(locale.into())
    }
}

/// What stands in the way of an amend.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "ObstacleKind")]
enum AmendObstacleReason {
    /// The draw has no result yet.
    NotFinished,
    /// The draw was given up and has no result.
    Voided,
    /// The result is recorded and not public yet.
    NotPublished,
    /// The draw is one of representatives, whose reserves are called and not promoted.
    OfRepresentatives,
    /// Nobody is named.
    NobodyNamed,
    /// A code is named twice.
    NamedTwice,
    /// A code is not in the result of the category.
    NotInResult,
    /// A place was dropped by an earlier amend.
    AlreadyDropped,
    /// The certificate is used, or has ended: nothing is left of the place to take.
    CertificateEnded,
    /// The next reserve holds a certificate of the category.
    ReserveHoldsCertificate,
    /// The next reserve may not apply.
    ReserveBanned,
    /// The next reserve is in the frozen pool of a draw under way, and could win twice.
    ReserveInAnotherPool,
    /// The next reserve's application was cancelled or refused since, or has won.
    ReserveEnded,
}

impl AmendResultPayload {
    fn of(app: &App, proposed: Proposed) -> crate::Result<Self> {
        if let Proposed::Refused(obstacles) = proposed {
            let obstacles = obstacles.into_iter().map(AmendObstacle).collect();
            return Ok(Self::Refused(ResultNotAmendable { obstacles }));
        }
        Ok(match shown(app, proposed)? {
            Ok(requested) => Self::Requested(requested),
            Err(waiting) => Self::Waiting(waiting),
        })
    }
}

#[derive(Default)]
pub(super) struct AmendMutation;

#[Object]
impl AmendMutation {
    /// Propose to take places of a published result from those who should not have them; `approve` does
    /// it. For every place that becomes free the next reserve moves up, if there is one. The amend is
    /// signed, logged, witnessed and public; certificates and applications follow it, and those whom it
    /// is about are told. Officers only.
    async fn amend_result(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draw and who loses their place.")] input: AmendResultInput,
    ) -> Result<AmendResultPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let draw = Noun::Draw.key("draw", &input.draw)?;
        let drops = input.drops.into_iter().map(|drop| Dropping {
            category: drop.category,
            code: drop.code.0,
            reason: drop.reason,
        });
        let drops = drops.collect();
        let proposing = approvals::propose(app, officer, Action::AmendResult { draw, drops });
        let proposed = once::answer(app, asked, proposing).await?;
        Ok(AmendResultPayload::of(app, proposed)?)
    }
}
