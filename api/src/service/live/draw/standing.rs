//! What is public of a draw.

use std::sync::Arc;

use ::entity::{draw, record};
use chrono::{DateTime, Utc};
use verifier::{
    record::{PoolLine, Record, ResultRecord},
    text::Digest,
};

use crate::{
    app::App,
    error::{Error, Result},
    service::{ceremony, log, publication},
    store,
};

/// A draw as far as it is public.
#[derive(Debug)]
pub struct Standing {
    /// The draw's row; its phase may be ahead of what is public.
    pub row: draw::Model,
    /// What was reached, in order: the freeze, then a step for each public record.
    pub steps: Vec<Step>,
    /// What the announcement fixes.
    pub announced: Option<Announced>,
    /// The result, once it is public.
    pub result: Option<ResultRecord>,
}

/// A step of a draw.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Where the draw stood from then on.
    pub phase: draw::Phase,
    /// When, by the city's clock.
    pub at: DateTime<Utc>,
    /// Hash of the record; the freeze has none.
    pub record: Option<Digest>,
}

/// What the announcement fixes.
#[derive(Clone, Debug)]
pub struct Announced {
    /// Until when contributions may be revealed.
    pub closes_at: DateTime<Utc>,
    /// Hash of the beacon chain.
    pub chain: Digest,
    /// The beacon round.
    pub round: u64,
    /// When the round comes.
    pub round_at: DateTime<Utc>,
    /// The pools.
    pub pools: Vec<PoolLine>,
}

impl Standing {
    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let phase = self.steps.last().map(|step| step.phase);
        matches!(phase, Some(draw::Phase::Finished | draw::Phase::Voided))
    }
}

/// What is public of a draw now. Where nothing has changed, `known` is given back.
pub(super) async fn read(
    app: &App,
    id: &str,
    known: Option<&Arc<Standing>>,
) -> Result<Arc<Standing>> {
    let row = store::draws::get(&app.db, app.city, id).await?;
    if let Some(known) = known
        && has_all_steps(known, &row)
    {
        return Ok(Arc::clone(known));
    }
    let records = list_public(app, id).await?;
    if let Some(known) = known
        && known.steps.len() == records.len() + 1
    {
        return Ok(Arc::clone(known));
    }
    of_records(row, &records).map(Arc::new)
}

/// Each move of a draw's phase has one record.
fn has_all_steps(known: &Standing, row: &draw::Model) -> bool {
    usize::try_from(row.epoch).is_ok_and(|moves| known.steps.len() == moves + 1)
}

/// The records of a draw that its witnesses have cosigned and that lie in this node's public folder.
pub(in crate::service) async fn list_public(app: &App, id: &str) -> Result<Vec<record::Model>> {
    let records = store::records::list_of_draw(&app.db, app.city, id).await?;
    let public = publication::public_size(app).await?;
    let folder = app.layout.draw(id);
    let mut listed = Vec::new();
    for record in records {
        let file = folder.join(format!("{}.note", publication::file_stem(&record)));
        let is_there = tokio::fs::try_exists(file).await.unwrap_or(false);
        if public <= record.log_index || !is_there {
            break;
        }
        listed.push(record);
    }
    Ok(listed)
}

fn of_records(row: draw::Model, records: &[record::Model]) -> Result<Standing> {
    let frozen = Step {
        phase: draw::Phase::Frozen,
        at: row.frozen_at,
        record: None,
    };
    let mut standing = Standing {
        row,
        steps: vec![frozen],
        announced: None,
        result: None,
    };
    for record in records {
        match log::read(record)? {
            Record::Announce(announce) => {
                let round_at = ceremony::find_beacon_time(&standing.row)?.ok_or_else(|| {
                    Error::internal(anyhow::anyhow!("an announced draw has no beacon round"))
                })?;
                standing.announced = Some(Announced {
                    closes_at: ceremony::instant(announce.closes),
                    chain: announce.chain,
                    round: announce.round,
                    round_at,
                    pools: announce.pools,
                });
            }
            Record::Result(result) => standing.result = Some(result),
            _ => {}
        }
        let Some(phase) = phase(record.kind) else {
            continue;
        };
        standing.steps.push(Step {
            phase,
            at: record.issued_at,
            record: Some(log::digest(&record.hash)?),
        });
    }
    Ok(standing)
}

/// Where a draw stands after a record; an amend and a change of keys leave it where it was.
fn phase(kind: record::Kind) -> Option<draw::Phase> {
    Some(match kind {
        record::Kind::Announce => draw::Phase::Announced,
        record::Kind::Close => draw::Phase::Closed,
        record::Kind::Result => draw::Phase::Finished,
        record::Kind::Void => draw::Phase::Voided,
        record::Kind::Amend | record::Kind::Keys => return None,
    })
}
