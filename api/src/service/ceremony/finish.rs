//! Finishing: the beacon round has come, and the result follows from public bytes alone.

use std::{fs::File, io::BufReader};

use ::entity::{draw, period, placement, record, unsigned_record};
use sea_orm::DatabaseTransaction;
use verifier::{
    beacon::Chain,
    draw::{Outcome, draw_scored},
    record::{Announce, OutcomeLine, ResultRecord},
    score,
    text::Digest,
};

use super::{
    chain_of, instant,
    recording::{Stepped, WorkedOut, record_or_leave},
    round_time, settle, time,
};
use crate::{
    app::{App, Stage},
    beacon::BeaconError,
    domain::{actor::Officer, phase},
    error::{Error, Result},
    policy::ResetEvent,
    service::{
        carry_over, certificates, log,
        once::keep,
        periods,
        publication::{self, timely},
        representatives, rules, trail,
        unsigned::{self, Composing},
    },
    store,
};

/// Draws, and signs, logs and publishes the result; or leaves it to be signed elsewhere.
///
/// Finishing a finished draw answers with it again, so that two officers, or two processes, who
/// press the button at the same moment get the same result; so does finishing one whose result waits.
///
/// # Errors
///
/// [`Error::WrongPhase`] unless the contributions are closed; [`Error::AwaitsSignature`] while a record
/// of something else waits; [`Error::TooEarly`] before the beacon round; [`Error::Unavailable`] while no
/// beacon source gives the round, or the quorum has not cosigned the contributions; [`Error::TooLate`]
/// where it did so too late for the draw to count.
pub async fn finish(app: &App, officer: &Officer, id: &str) -> Result<Stepped> {
    let row = store::draws::get(&app.db, app.city, id).await?;
    if row.phase == draw::Phase::Finished {
        settle(app, "finish", id).await?;
        return Ok(Stepped::Recorded(row));
    }
    phase::require_draw(&row, draw::Phase::Closed)?;
    if let Some(waiting) = unsigned::find(app).await? {
        return waits_already(row, waiting);
    }
    let (terms, _) = log::announced(&app.db, app, id).await?;
    let chain = chain_of(&row)?;
    let beacon_at = round_time(&chain, terms.round)?;
    if app.clock.now() < beacon_at {
        return Err(Error::TooEarly {
            what: "finishing the draw",
            at: beacon_at,
        });
    }
    // Whoever saw the contributions in time and whose answer was lost gives it again; no result is
    // recorded of a draw that no verifier would accept.
    log::cosign(app).await?;
    timely::require(app, &app.db, &row).await?;
    let signature = fetch(app, &chain, terms.round).await?;
    let (result, drawn) = work_out(app, &row, signature).await?;
    app.reached("finish", Stage::Decided);
    let finished = record_result(app, officer, &row, result, drawn).await?;
    if let Stepped::Recorded(_) = finished {
        settle(app, "finish", id).await?;
    }
    Ok(finished)
}

/// The result of this draw waits already, or the record of something else does.
fn waits_already(draw: draw::Model, record: unsigned_record::Model) -> Result<Stepped> {
    if record.subject == draw.id && record.kind == record::Kind::Result {
        return Ok(Stepped::AwaitsSignature { draw, record });
    }
    Err(unsigned::waits(&record))
}

/// The result that follows from what is recorded of a draw and the round's signature, with what it
/// draws. Only its trail is not known yet.
async fn work_out(
    app: &App,
    row: &draw::Model,
    signature: [u8; 48],
) -> Result<(ResultRecord, Vec<Drawn>)> {
    let id = row.id.as_str();
    // The pools are read back from the public files, which every node can write again.
    publication::publish(app, "refresh", id).await?;
    let (terms, announce) = log::announced(&app.db, app, id).await?;
    let close = store::records::find(&app.db, app.city, id, record::Kind::Close)
        .await?
        .ok_or_else(|| {
            Error::internal(anyhow::anyhow!(
                "draw {id} is closed and has no close record"
            ))
        })?;
    let close = log::digest(&close.hash)?;
    let seed = score::seed(announce, close, &signature);
    let drawn = draw_all(app, &terms, seed).await?;
    let result = ResultRecord {
        origin: terms.origin.clone(),
        draw: terms.draw.clone(),
        announce,
        close,
        issued: time(app.clock.now()),
        trail: None,
        chain: chain_of(row)?.hash,
        round: terms.round,
        signature,
        seed,
        outcomes: drawn.iter().map(|drawn| drawn.line.clone()).collect(),
    };
    Ok((result, drawn))
}

/// Draws once more what a composed result says was drawn.
///
/// # Errors
///
/// [`Error::Internal`] where the same records and the same round would give another result today.
pub(super) async fn draw_again(app: &App, composed: &ResultRecord) -> Result<Vec<Drawn>> {
    let row = store::draws::get(&app.db, app.city, &composed.draw).await?;
    let (mut result, drawn) = work_out(app, &row, composed.signature).await?;
    (result.issued, result.trail) = (composed.issued, composed.trail);
    if result != *composed {
        let id = &composed.draw;
        return Err(Error::internal(anyhow::anyhow!(
            "the result of draw {id} that was to be signed is not the one that its records give"
        )));
    }
    Ok(drawn)
}

/// One category's result.
pub(in crate::service) struct Drawn {
    line: OutcomeLine,
    outcome: Outcome,
}

/// The round, already checked against its chain by the source.
async fn fetch(app: &App, chain: &Chain, round: u64) -> Result<[u8; 48]> {
    app.beacon
        .fetch(chain, round)
        .await
        .map_err(|cause| match cause {
            BeaconError::NotYet { at, .. } => Error::TooEarly {
                what: "finishing the draw",
                at: instant(at),
            },
            other => Error::Unavailable {
                what: "the beacon",
                reason: other.to_string(),
            },
        })
}

/// Draws every category from its published pool.
async fn draw_all(app: &App, terms: &Announce, seed: Digest) -> Result<Vec<Drawn>> {
    let folder = app.layout.draw(&terms.draw);
    let pools = terms.pools.clone();
    let drawing = tokio::task::spawn_blocking(move || -> anyhow::Result<Vec<Drawn>> {
        let mut drawn = Vec::new();
        for pool in pools {
            let file = File::open(folder.join(publication::pool_name(&pool.category)))?;
            let key = score::category_key(seed, &pool.category);
            let (outcome, read) = draw_scored(BufReader::new(file), key, pool.quota, pool.reserve)?;
            anyhow::ensure!(
                read == pool.file,
                "the public pool of {} is not the announced one",
                pool.category
            );
            let file = outcome.write(std::io::sink())?;
            drawn.push(Drawn {
                line: outcome.line(&pool.category, file),
                outcome,
            });
        }
        Ok(drawn)
    });
    drawing
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)
}

/// The one transaction that makes a result: record, places, ledger and what follows for winners; or the
/// record alone, which waits.
async fn record_result(
    app: &App,
    officer: &Officer,
    row: &draw::Model,
    mut result: ResultRecord,
    drawn: Vec<Drawn>,
) -> Result<Stepped> {
    let txn = store::begin(&app.db).await?;
    rules::lock(app, &txn).await?;
    let current = store::draws::get(&txn, app.city, &row.id).await?;
    let waiting = store::unsigned_records::find(&txn, app.city).await?;
    // Another process was faster, with the same bytes.
    if current.phase == draw::Phase::Finished {
        txn.rollback().await?;
        return Ok(Stepped::Recorded(current));
    }
    phase::require_draw(&current, draw::Phase::Closed)?;
    if let Some(waiting) = waiting {
        txn.rollback().await?;
        return waits_already(current, waiting);
    }
    result.trail = Some(trail::link_all(app, &txn).await?);
    let composing = Composing {
        subject: row.id.clone(),
        kind: record::Kind::Result,
        text: result.to_string(),
        chain: None,
        actor: officer.actor(),
        detail: serde_json::json!({ "seed": result.seed.to_string() }),
        approval: None,
    };
    let composed = unsigned::compose(app, &txn, composing, None).await?;
    let finished = record_or_leave(app, &txn, composed, WorkedOut::Drawn(drawn)).await?;
    keep(app, &txn, finished.subject()).await?;
    app.reached("finish", Stage::Recorded);
    txn.commit().await?;
    app.reached("finish", Stage::Committed);
    Ok(finished)
}

/// Does what a signed result says: places, ledger and what follows for winners.
pub(super) async fn enact(
    app: &App,
    txn: &DatabaseTransaction,
    row: &draw::Model,
    actor: &str,
    drawn: Vec<Drawn>,
) -> Result<draw::Model> {
    phase::require_draw(row, draw::Phase::Closed)?;
    let finished = store::draws::advance(txn, row, draw::Phase::Finished, None).await?;
    for drawn in drawn {
        insert_places(txn, row, &drawn).await?;
        if row.purpose == draw::Purpose::Allocation {
            let left = left_over(txn, row, &drawn).await?;
            carry_over::note_unallocated(app, txn, &row.period_number, &drawn.line.category, left)
                .await?;
        }
    }
    match row.purpose {
        draw::Purpose::Allocation => follow_up(app, txn, row, actor).await?,
        draw::Purpose::Representatives => representatives::select(app, txn, row).await?,
    }
    Ok(finished)
}

async fn insert_places(txn: &DatabaseTransaction, row: &draw::Model, drawn: &Drawn) -> Result<()> {
    let number = |count: u64| i64::try_from(count).map_err(Error::internal);
    let mut rows = Vec::with_capacity(drawn.outcome.places.len());
    for place in &drawn.outcome.places {
        rows.push(placement::Model {
            city_id: row.city_id,
            draw_id: row.id.clone(),
            category: drawn.line.category.clone(),
            place_rank: number(place.rank)?,
            code: place.code.to_string(),
            serial: number(place.serial)?,
            score: place.score.to_be_bytes().to_vec(),
            is_winner: place.rank <= drawn.outcome.winners,
        });
    }
    store::placements::insert(txn, rows).await
}

/// How much of a pool's quota found nobody.
async fn left_over(txn: &DatabaseTransaction, row: &draw::Model, drawn: &Drawn) -> Result<i64> {
    let pools = store::draws::list_pools(txn, row.city_id, &row.id).await?;
    let pool = pools
        .iter()
        .find(|pool| pool.category == drawn.line.category);
    let winners = i64::try_from(drawn.outcome.winners).map_err(Error::internal)?;
    Ok(pool.map_or(0, |pool| pool.quota - winners))
}

/// What a result means for those in the pool: the ledger counts it, winners hold a certificate.
async fn follow_up(
    app: &App,
    txn: &DatabaseTransaction,
    row: &draw::Model,
    actor: &str,
) -> Result<()> {
    let today = app.today();
    let period = store::periods::get(txn, app.city, &row.period_number).await?;
    let policy = rules::get(app, &row.policy_digest).await?;
    let is_counted = match period.kind {
        period::Kind::Normal => true,
        period::Kind::Tier => policy.counting().tier_periods_count,
    };
    if is_counted {
        store::participation::insert_for_pools(txn, app.city, &row.id, &period.number, today)
            .await?;
    }
    if policy.reset_on.contains(&ResetEvent::Win) {
        store::participation::insert_resets_for_winners(
            txn,
            app.city,
            &row.id,
            &period.number,
            today,
        )
        .await?;
    }
    let winners = store::placements::list_winning_codes(txn, app.city, &row.id).await?;
    store::applications::mark_allocated(txn, app.city, &winners).await?;
    certificates::issue(app, txn, &policy, row, actor.to_owned()).await?;
    let published = period::Phase::Published;
    store::periods::advance(txn, &period, published, Some(today)).await?;
    let (number, due_on) = (&period.number, period.draw_on);
    periods::note(app, txn, number, published, due_on, actor.to_owned()).await
}
