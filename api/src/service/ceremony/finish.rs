//! Finishing: the beacon round has come, and the result follows from public bytes alone.

use std::{fs::File, io::BufReader};

use ::entity::{draw, period, placement, record};
use sea_orm::DatabaseTransaction;
use verifier::{
    beacon::Chain,
    draw::{Outcome, draw_scored},
    record::{Announce, OutcomeLine, ResultRecord},
    score,
    text::Digest,
};

use super::{chain_of, instant, round_time, settle, time};
use crate::{
    app::{App, Stage},
    beacon::BeaconError,
    domain::{actor::Officer, phase},
    error::{Error, Result},
    policy::ResetEvent,
    service::{
        carry_over, certificates, log, messages,
        once::keep,
        periods,
        publication::{self, timely},
        representatives, rules, trail,
    },
    store,
};

/// Draws, and signs, logs and publishes the result.
///
/// Finishing a finished draw answers with it again, so that two officers, or two processes, who
/// press the button at the same moment get the same result.
///
/// # Errors
///
/// [`Error::WrongPhase`] unless the contributions are closed; [`Error::TooEarly`] before the
/// beacon round; [`Error::Unavailable`] while no beacon source gives the round, or the quorum has not
/// cosigned the contributions; [`Error::TooLate`] where it did so too late for the draw to count.
pub async fn finish(app: &App, officer: &Officer, id: &str) -> Result<draw::Model> {
    let row = store::draws::get(&app.db, app.city, id).await?;
    if row.phase == draw::Phase::Finished {
        settle(app, "finish", id).await?;
        return Ok(row);
    }
    phase::require_draw(&row, draw::Phase::Closed)?;
    let (terms, announce) = log::announced(&app.db, app, id).await?;
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
    // The pools are read back from the public files, which every node can write again.
    publication::publish(app, "refresh", id).await?;
    let close = store::records::find(&app.db, app.city, id, record::Kind::Close)
        .await?
        .ok_or_else(|| {
            Error::internal(anyhow::anyhow!(
                "draw {id} is closed and has no close record"
            ))
        })?;
    let close = log::digest(&close.hash)?;
    let seed = score::seed(announce, close, &signature);
    let outcomes = draw_all(app, &terms, seed).await?;
    let result = ResultRecord {
        origin: terms.origin.clone(),
        draw: terms.draw.clone(),
        announce,
        close,
        issued: time(app.clock.now()),
        trail: None,
        chain: chain.hash,
        round: terms.round,
        signature,
        seed,
        outcomes: outcomes.iter().map(|drawn| drawn.line.clone()).collect(),
    };
    app.reached("finish", Stage::Decided);
    let finished = record_result(app, officer, &row, result, outcomes).await?;
    settle(app, "finish", id).await?;
    Ok(finished)
}

/// One category's result.
struct Drawn {
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

/// The one transaction that makes a result: record, places, ledger and what follows for winners.
async fn record_result(
    app: &App,
    officer: &Officer,
    row: &draw::Model,
    mut result: ResultRecord,
    outcomes: Vec<Drawn>,
) -> Result<draw::Model> {
    let txn = store::begin(&app.db).await?;
    rules::lock(app, &txn).await?;
    let current = store::draws::get(&txn, app.city, &row.id).await?;
    if current.phase == draw::Phase::Finished {
        // Another process was faster, with the same bytes.
        txn.rollback().await?;
        return Ok(current);
    }
    phase::require_draw(&current, draw::Phase::Closed)?;
    result.trail = Some(trail::link_all(app, &txn).await?);
    let finished = store::draws::advance(&txn, &current, draw::Phase::Finished, None).await?;
    for drawn in outcomes {
        insert_places(&txn, row, &drawn).await?;
        if row.purpose == draw::Purpose::Allocation {
            let left = left_over(&txn, row, &drawn).await?;
            carry_over::note_unallocated(app, &txn, &row.period_number, &drawn.line.category, left)
                .await?;
        }
    }
    match row.purpose {
        draw::Purpose::Allocation => follow_up(app, &txn, row, officer).await?,
        draw::Purpose::Representatives => representatives::select(app, &txn, row).await?,
    }
    log::append(app, &txn, &row.id, record::Kind::Result, result.to_string()).await?;
    trail::note(
        app,
        &txn,
        officer.actor(),
        "ceremony.finish",
        &row.id,
        serde_json::json!({ "seed": result.seed.to_string() }),
    )
    .await?;
    messages::tell(app, &txn, "draw.finished", &row.id, serde_json::json!({})).await?;
    keep(app, &txn, &row.id).await?;
    app.reached("finish", Stage::Recorded);
    txn.commit().await?;
    app.reached("finish", Stage::Committed);
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
    officer: &Officer,
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
    certificates::issue(app, txn, &policy, row, officer.actor()).await?;
    let published = period::Phase::Published;
    store::periods::advance(txn, &period, published, Some(today)).await?;
    let (number, due_on) = (&period.number, period.draw_on);
    periods::note(app, txn, number, published, due_on, officer.actor()).await
}
