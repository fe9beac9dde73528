//! A draw, live.

use std::{fmt::Write as _, sync::Arc};

use async_graphql::{
    ComplexObject, Context, Description, Interface, Object, SimpleObject, Subscription,
};
use futures_util::{Stream, StreamExt as _};
use verifier::{record::PoolLine, text::Digest};

use super::{
    context::ContextExt as _,
    draw::{Beacon, DrawPhase},
    error::{ApiError, Result},
    page,
    scalars::{ApplicationCode, Bytes32, DateTime, Long},
    verdict::{Report, Verdicts},
};
use crate::{
    error::Error,
    service::{
        live::{DrawEvent, Happened, Live, Place, Position, Standing, WINNERS_MAX},
        publication,
    },
};

/// What cursors of draws begin with.
const CURSOR: &str = "progress";

/// Something that happened in a draw. Events of a draw come in one order, which is the same for
/// everybody: the steps; then the seed, the winners of each category, and the verdict.
#[derive(Interface)]
#[expect(
    clippy::duplicated_attributes,
    reason = "two fields of the interface are of one type"
)]
#[graphql(
    field(
        name = "cursor",
        desc = "Its place among the events of the draw; what to give as `after` to go on from here.",
        ty = "&String"
    ),
    field(name = "public_id", desc = "The draw's public id.", ty = "&String")
)]
enum DrawProgress {
    Reached(DrawStepReached),
    Seed(DrawSeedFormed),
    Winners(DrawWinnersConfirmed),
    Completed(DrawCompleted),
}

/// A step was reached, and its record is cosigned and public. The first event of a draw that is
/// followed without `after` tells where it stands.
#[derive(SimpleObject)]
#[graphql(complex)]
struct DrawStepReached {
    /// Its place among the events of the draw; what to give as `after` to go on from here.
    cursor: String,
    /// The draw's public id.
    public_id: String,
    /// Where the draw stands from then on.
    phase: DrawPhase,
    /// When, by the city's clock. Witnesses say when they saw the record.
    at: DateTime,
    /// Hash of the step's record; the freeze has none.
    record: Option<Bytes32>,
    #[graphql(skip)]
    standing: Arc<Standing>,
    #[graphql(skip)]
    is_announced: bool,
}

#[ComplexObject]
impl DrawStepReached {
    /// Until when contributions may be revealed; null before the announcement.
    async fn closes_at(&self) -> Option<DateTime> {
        let announced = self.standing.announced.as_ref();
        let announced = announced.filter(|_| self.is_announced);
        announced.map(|announced| DateTime(announced.closes_at))
    }

    /// The beacon round that makes the seed, with its time: what a countdown counts to. Null before
    /// the announcement.
    async fn beacon(&self) -> Option<async_graphql::Result<Beacon>> {
        let announced = self.standing.announced.as_ref();
        let announced = announced.filter(|_| self.is_announced)?;
        let round = long(announced.round);
        Some(round.map(|round| Beacon {
            chain: bytes(announced.chain),
            round,
            at: DateTime(announced.round_at),
        }))
    }

    /// The pools that are drawn from, one a category. Empty before the announcement.
    async fn pools(&self) -> Option<async_graphql::Result<Vec<DrawPool>>> {
        let announced = self.standing.announced.as_ref();
        let announced = announced.filter(|_| self.is_announced);
        let pools = announced.map_or(&[][..], |announced| &announced.pools);
        Some(pools.iter().map(DrawPool::of).collect())
    }
}

/// A category of a draw, as it was announced.
#[derive(SimpleObject)]
struct DrawPool {
    /// The category.
    category: String,
    /// How many may win.
    quota: Long,
    /// How many ordered reserves are drawn behind the winners.
    reserve: Long,
    /// Codes in the pool.
    rows: Long,
    /// Tickets in the pool: the sum of the weights.
    tickets: Long,
}

impl DrawPool {
    fn of(line: &PoolLine) -> async_graphql::Result<Self> {
        Ok(Self {
            category: line.category.clone(),
            quota: long(line.quota)?,
            reserve: long(line.reserve)?,
            rows: long(line.file.rows)?,
            tickets: long(line.file.tickets)?,
        })
    }
}

/// The beacon round has come, and the seed follows from it and from the records before it. It is told
/// together with the result that was drawn with it.
#[derive(SimpleObject)]
struct DrawSeedFormed {
    /// Its place among the events of the draw; what to give as `after` to go on from here.
    cursor: String,
    /// The draw's public id.
    public_id: String,
    /// The beacon round.
    round: Long,
    /// The beacon's signature of the round, 96 hex digits.
    signature: String,
    /// The draw's seed.
    seed: Bytes32,
}

/// Winners of a category, by rank, at most 100 an event. They are told after the result record is
/// cosigned and public.
#[derive(Description)]
struct DrawWinnersConfirmed {
    cursor: String,
    public_id: String,
    category: String,
    total: Long,
    reserves: Long,
    places: Arc<[Place]>,
}

#[Object(use_type_description)]
impl DrawWinnersConfirmed {
    /// Its place among the events of the draw; what to give as `after` to go on from here.
    async fn cursor(&self) -> &String {
        &self.cursor
    }

    /// The draw's public id.
    async fn public_id(&self) -> &String {
        &self.public_id
    }

    /// The category.
    async fn category(&self) -> &str {
        &self.category
    }

    /// How many won in the category, told or not.
    async fn total(&self) -> Long {
        self.total
    }

    /// How many ordered reserves were drawn behind them; the file names them.
    async fn reserves(&self) -> Long {
        self.reserves
    }

    /// The next winners by rank; empty where none were asked for or nobody won.
    #[graphql(complexity = "100 * child_complexity")]
    async fn winners(&self) -> Vec<DrawWinner> {
        let winner = |place: &Place| DrawWinner {
            rank: Long(place.rank),
            code: ApplicationCode(place.code.clone()),
        };
        self.places.iter().map(winner).collect()
    }

    /// Path on this server of the category's whole result, with reserves and scores.
    async fn url(&self) -> String {
        let file = publication::result_name(&self.category);
        format!("/public/draws/{}/{file}", self.public_id)
    }
}

/// A winner.
#[derive(SimpleObject)]
struct DrawWinner {
    /// The place among all that were placed, from 1.
    rank: Long,
    /// The application code.
    code: ApplicationCode,
}

/// Everything of the draw is public. The last event of a draw that was not given up.
#[derive(SimpleObject)]
#[graphql(complex)]
struct DrawCompleted {
    /// Its place among the events of the draw; what to give as `after` to go on from here.
    cursor: String,
    /// The draw's public id.
    public_id: String,
    #[graphql(skip)]
    standing: Arc<Standing>,
}

#[ComplexObject]
impl DrawCompleted {
    /// What the public's own verifier says of the published folder. Anybody can ask the same of
    /// `fairplate-verifier`, and should trust that answer more.
    #[graphql(complexity = "200 + 20 * child_complexity")]
    async fn verdict(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Report>> {
        let verdicts: &Verdicts = ctx.data_unchecked();
        let report = verdicts.get(ctx.app(), &self.standing.row).await;
        Some(report.map(Report).map_err(shown))
    }
}

impl DrawProgress {
    fn of(event: DrawEvent) -> async_graphql::Result<Self> {
        let standing = event.standing;
        let public_id = standing.row.id.clone();
        let cursor = page::cursor(CURSOR, &format!("{public_id}/{}", event.position));
        let gone = || {
            shown(Error::internal(anyhow::anyhow!(
                "an event tells of nothing"
            )))
        };
        let result = || standing.result.as_ref().ok_or_else(gone);
        Ok(match event.happened {
            Happened::Step(number) => {
                let step = *standing.steps.get(number).ok_or_else(gone)?;
                Self::Reached(DrawStepReached {
                    cursor,
                    public_id,
                    phase: step.phase.into(),
                    at: DateTime(step.at),
                    record: step.record.map(bytes),
                    is_announced: 0 < number,
                    standing,
                })
            }
            Happened::Seed => {
                let result = result()?;
                Self::Seed(DrawSeedFormed {
                    cursor,
                    public_id,
                    round: long(result.round)?,
                    signature: hex(&result.signature),
                    seed: bytes(result.seed),
                })
            }
            Happened::Winners { category, .. } => {
                let outcome = result()?.outcomes.get(category).ok_or_else(gone)?;
                Self::Winners(DrawWinnersConfirmed {
                    cursor,
                    public_id,
                    category: outcome.category.clone(),
                    total: long(outcome.winners)?,
                    reserves: long(outcome.reserves)?,
                    places: event.places,
                })
            }
            Happened::Complete => Self::Completed(DrawCompleted {
                cursor,
                public_id,
                standing,
            }),
        })
    }
}

fn long(number: u64) -> async_graphql::Result<Long> {
    Long::try_from(number).map_err(|cause| shown(Error::internal(cause)))
}

fn bytes(digest: Digest) -> Bytes32 {
    Bytes32(digest.0)
}

fn hex(signature: &[u8]) -> String {
    signature.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn shown(error: Error) -> async_graphql::Error {
    ApiError::from(error).into()
}

#[derive(Default)]
pub(super) struct DrawSubscription;

#[Subscription]
impl DrawSubscription {
    /// A draw, live: where it stands, then what happens, each as soon as it is public. It ends with
    /// the draw. Anybody may follow it.
    async fn draw_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draw's public id, for example 202606.")] public_id: String,
        #[graphql(
            desc = "Cursor of the last event that was seen; everything behind it comes again."
        )]
        after: Option<String>,
        #[graphql(
            default = 100,
            desc = "How many codes of each category's winners to tell at most, 0 to 1000. The file has them all."
        )]
        winners: i32,
    ) -> Result<impl Stream<Item = async_graphql::Result<DrawProgress>> + use<>> {
        let winners = u64::try_from(winners)
            .ok()
            .filter(|winners| *winners <= WINNERS_MAX)
            .ok_or_else(|| {
                let reason = format!("expected 0 to {WINNERS_MAX} codes, found {winners}");
                Error::invalid("winners", reason)
            })?;
        let after = after
            .map(|cursor| position(&public_id, &cursor))
            .transpose()?;
        let live: &Arc<Live> = ctx.data_unchecked();
        let events = live.follow_draw(&public_id, after, winners).await?;
        Ok(events.map(|event| event.map_err(shown).and_then(DrawProgress::of)))
    }
}

/// The position in a cursor of this draw.
fn position(public_id: &str, cursor: &str) -> crate::Result<Position> {
    let key = page::key("after", CURSOR, cursor)?;
    let position = key
        .strip_prefix(public_id)
        .and_then(|rest| rest.strip_prefix('/'))
        .and_then(|text| text.parse().ok());
    position.ok_or_else(|| Error::invalid("after", "expected a cursor of an event of this draw"))
}
