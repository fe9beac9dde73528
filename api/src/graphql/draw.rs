//! Draws with their records and files.

use std::sync::Arc;

use ::entity::{draw, draw_pool, record};
use async_graphql::{Context, Description, Enum, ID, Object, SimpleObject};
use chrono::{DateTime as Moment, Utc};
use verifier::{beacon::Chain, text::Digest};

use super::{
    amend::Amend,
    context::ContextExt as _,
    error::{ApiError, Result},
    global_id::Noun,
    period::Period,
    record::Record,
    scalars::{Bytes32, DateTime, Long},
    together::{Facts, by_key},
    verdict::{Report, Verdicts},
};
use crate::{
    app::App,
    error::Error,
    service::{self, publication::published},
};

/// One draw. A redo after a void is a new draw; the old one stays visible.
#[derive(Clone, Description)]
pub(super) struct Draw {
    pub(super) row: draw::Model,
    listed: Arc<Listed>,
}

/// Draws that were listed together, and what hangs on them.
#[derive(Default)]
struct Listed {
    ids: Vec<String>,
    numbers: Vec<String>,
    periods: Facts<String, Period>,
    records: Facts<String, Vec<record::Model>>,
    pools: Facts<String, Vec<draw_pool::Model>>,
}

impl Draw {
    /// Draws that were listed together.
    pub(super) fn all(rows: Vec<draw::Model>) -> Vec<Self> {
        let listed = Arc::new(Listed {
            ids: rows.iter().map(|row| row.id.clone()).collect(),
            numbers: rows.iter().map(|row| row.period_number.clone()).collect(),
            ..Listed::default()
        });
        let draws = rows.into_iter().map(|row| Self {
            row,
            listed: Arc::clone(&listed),
        });
        draws.collect()
    }

    /// The records of the draw, looked up together with those of the draws beside it.
    async fn list_records(&self, app: &App) -> crate::Result<Vec<record::Model>> {
        let listed = &*self.listed;
        let look_up = async {
            let rows = service::draws::list_records(app, &listed.ids).await?;
            Ok(by_key(rows, |row| row.draw_id.clone()))
        };
        let rows = listed.records.get(&self.row.id, look_up).await?;
        Ok(rows.unwrap_or_default())
    }
}

impl From<draw::Model> for Draw {
    fn from(row: draw::Model) -> Self {
        let listed = Arc::new(Listed {
            ids: vec![row.id.clone()],
            numbers: vec![row.period_number.clone()],
            ..Listed::default()
        });
        Self { row, listed }
    }
}

#[Object(use_type_description)]
impl Draw {
    /// The draw's id.
    pub(super) async fn id(&self) -> ID {
        Noun::Draw.id(&self.row.id)
    }

    /// The draw's public id, which its records and its folder carry, for example `202606`.
    async fn public_id(&self) -> &str {
        &self.row.id
    }

    /// Where the draw stands.
    async fn phase(&self) -> DrawPhase {
        self.row.phase.into()
    }

    /// What it is for.
    async fn purpose(&self) -> DrawPurpose {
        self.row.purpose.into()
    }

    /// The how-manieth draw of the city, from 1, voided ones included.
    async fn sequence(&self) -> Long {
        Long(self.row.sequence)
    }

    /// The period drawn.
    #[graphql(complexity = "2 + child_complexity")]
    async fn period(&self, ctx: &Context<'_>) -> Result<Period> {
        let (app, listed) = (ctx.app(), &*self.listed);
        let look_up = async {
            let rows = service::periods::list_by_numbers(app, &listed.numbers).await?;
            let periods = Period::all(rows).into_iter();
            Ok(periods.map(|period| (period.key(), period)).collect())
        };
        let number = &self.row.period_number;
        let period = listed.periods.get(number, look_up).await?;
        Ok(period.ok_or_else(|| Error::not_found("period", number))?)
    }

    /// When the pool was frozen; counts and weights are as of this moment.
    async fn frozen_at(&self) -> DateTime {
        DateTime(self.row.frozen_at)
    }

    /// Until when contributions may be revealed; null before the announcement.
    async fn closes_at(&self) -> Option<DateTime> {
        self.row.closes_at.map(DateTime)
    }

    /// Where the randomness comes from that nobody controls; null before the announcement.
    async fn beacon(&self) -> Option<async_graphql::Result<Beacon>> {
        let beacon = beacon(&self.row).transpose()?;
        Some(beacon.map_err(|error| ApiError::from(error).into()))
    }

    /// The signed records so far, in the order of the log.
    #[graphql(complexity = "5 + 3 * child_complexity")]
    async fn records(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Record>>> {
        let rows = self.list_records(ctx.app()).await;
        let records = rows.and_then(|rows| rows.into_iter().map(Record::of).collect());
        Some(records.map_err(|error| ApiError::from(error).into()))
    }

    /// What became of the result since, in order; empty while nothing has. The result, its files and
    /// every look-up say what was drawn, and an amend does not change them.
    #[graphql(complexity = "5 + 3 * child_complexity")]
    async fn amends(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Amend>>> {
        let amends = self.list_records(ctx.app()).await.and_then(Amend::list);
        Some(amends.map_err(|error| ApiError::from(error).into()))
    }

    /// The pools, one a category. Empty before the announcement: until then the pools are fixed and
    /// nobody is told of them.
    #[graphql(complexity = "5 + 3 * child_complexity")]
    async fn pools(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Pool>>> {
        if self.row.phase == draw::Phase::Frozen {
            return Some(Ok(Vec::new()));
        }
        let (app, listed) = (ctx.app(), &*self.listed);
        let look_up = async {
            let rows = service::draws::list_pools_of(app, &listed.ids).await?;
            Ok(by_key(rows, |row| row.draw_id.clone()))
        };
        let rows = listed.pools.get(&self.row.id, look_up).await;
        let rows = rows.map(Option::unwrap_or_default);
        let pools = rows.and_then(|rows| rows.into_iter().map(Pool::of).collect());
        Some(pools.map_err(|error| ApiError::from(error).into()))
    }

    /// The published files of the draw's folder, by name. `GET /public/draws/<id>.tar` gives them
    /// all at once.
    #[graphql(complexity = "20 + 12 * child_complexity")]
    async fn files(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<PublicFile>>> {
        Some(
            files(ctx.app(), &self.row.id)
                .await
                .map_err(|error| ApiError::from(error).into()),
        )
    }

    /// What the public's own verifier says of the published folder; null while there is none.
    /// Anybody can ask the same of `fairplate-verifier`, and should trust that answer more.
    #[graphql(complexity = "200 + 20 * child_complexity")]
    async fn verdict(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Report>> {
        if self.row.phase == draw::Phase::Frozen {
            return None;
        }
        let verdicts: &Verdicts = ctx.data_unchecked();
        let report = verdicts.get(ctx.app(), &self.row).await;
        Some(
            report
                .map(Report)
                .map_err(|error| ApiError::from(error).into()),
        )
    }
}

/// What a draw is for.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "draw::Purpose")]
pub(super) enum DrawPurpose {
    /// It allocates a period's quota.
    Allocation,
    /// It picks who attends the period's draw for the applicants; it allocates nothing.
    Representatives,
}

/// Where a draw stands. A draw only ever moves down this list; `VOIDED` ends it early.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "draw::Phase")]
pub(super) enum DrawPhase {
    /// The pool is fixed and nobody outside knows it yet.
    Frozen,
    /// The pool's hashes are signed, logged and witnessed.
    Announced,
    /// The contributions are in; nobody has an input left.
    Closed,
    /// The result is signed, logged and public.
    Finished,
    /// Given up, with a reason, before its randomness existed.
    Voided,
}

/// One round of a public randomness beacon.
#[derive(SimpleObject)]
pub(super) struct Beacon {
    /// Hash of the chain.
    pub(super) chain: Bytes32,
    /// The round.
    pub(super) round: Long,
    /// When the round comes.
    pub(super) at: DateTime,
}

fn beacon(row: &draw::Model) -> crate::Result<Option<Beacon>> {
    let (Some(json), Some(round)) = (&row.chain, row.round) else {
        return Ok(None);
    };
    let chain = Chain::parse(json.as_bytes()).map_err(Error::internal)?;
    let at = u64::try_from(round)
        .ok()
        .and_then(|round| chain.time_of(round))
        .and_then(|time| Moment::<Utc>::from_timestamp(time.0, 0))
        .ok_or_else(|| {
            Error::internal(anyhow::anyhow!(
                "draw {} names a round without a time",
                row.id
            ))
        })?;
    Ok(Some(Beacon {
        chain: Bytes32(chain.hash.0),
        round: Long(round),
        at: DateTime(at),
    }))
}

/// One category's frozen pool: what the announcement says of its file, and who stayed out.
#[derive(SimpleObject)]
pub(super) struct Pool {
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
    /// Root hash of the pool file.
    root: Bytes32,
    /// SHA-256 of the pool file.
    sha256: Bytes32,
    /// How many valid applications stayed out, because the person holds a live certificate, is
    /// banned, or is in another pool under way. The audit trail names each with the reason.
    excluded: Long,
}

impl Pool {
    fn of(row: draw_pool::Model) -> crate::Result<Self> {
        Ok(Self {
            root: bytes32(&row.root)?,
            sha256: bytes32(&row.sha256)?,
            category: row.category,
            quota: Long(row.quota),
            reserve: Long(row.reserve),
            rows: Long(row.pool_rows),
            tickets: Long(row.tickets),
            excluded: Long(row.excluded),
        })
    }
}

pub(super) fn bytes32(bytes: &[u8]) -> crate::Result<Bytes32> {
    bytes.try_into().map(Bytes32).map_err(|_| {
        Error::internal(anyhow::anyhow!(
            "a digest in the database is not 32 bytes long"
        ))
    })
}

/// A published file.
#[derive(SimpleObject)]
pub(super) struct PublicFile {
    /// Its name in the draw's folder.
    name: String,
    /// Its length.
    bytes: Long,
    /// SHA-256 of its content.
    sha256: Bytes32,
    /// Path on this server.
    url: String,
}

async fn files(app: &App, id: &str) -> crate::Result<Vec<PublicFile>> {
    let folder = app.layout.draw(id);
    let listing = tokio::task::spawn_blocking(move || published::list(&folder));
    let files = listing
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)?;
    files
        .into_iter()
        .map(|file| {
            let Digest(sha256) = file.sha256;
            Ok(PublicFile {
                url: format!("/public/draws/{id}/{}", file.name),
                bytes: file.bytes.try_into().map_err(Error::internal)?,
                sha256: Bytes32(sha256),
                name: file.name,
            })
        })
        .collect()
}

#[derive(Default)]
pub(super) struct DrawQuery;

#[Object]
impl DrawQuery {
    /// A draw by its public id; null if there is none.
    async fn draw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draw's public id, for example 202606.")] public_id: String,
    ) -> Option<async_graphql::Result<Draw>> {
        let found = service::draws::find(ctx.app(), &public_id).await;
        let found = found.transpose()?;
        Some(
            found
                .map(Draw::from)
                .map_err(|error| ApiError::from(error).into()),
        )
    }
}
