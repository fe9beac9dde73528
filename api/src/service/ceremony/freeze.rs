//! Freezing: the last moment at which a pool may change.

mod pool;

use ::entity::{draw, draw_pool, period};
use sea_orm::DatabaseTransaction;

use crate::{
    app::{App, Stage},
    domain::{actor::Officer, phase},
    error::{Error, Result},
    service::{certificates, duplicates, once::keep, periods, renewals, reviews, rules, trail},
    store,
};
use pool::Filling;

/// Fixes who takes part in a period, with which weight, and makes the draw.
///
/// Nothing is signed yet. From here on every application in the pool is locked until the draw has
/// ended. Whoever holds a live certificate, is banned, or is in another pool under way stays out,
/// which the audit trail says of each. A period is frozen once; only after its draw was voided may
/// it be frozen again, as a new draw. An empty pool is allowed: its draw has no winners.
///
/// # Errors
///
/// [`Error::WrongPhase`] unless review results are published; [`Error::InvalidInput`] while
/// applications of the period wait for a review or a second look, or while two applications that
/// may be one person's touch its pools and nobody has said what they are.
pub async fn freeze(app: &App, officer: &Officer, number: &str) -> Result<draw::Model> {
    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    let period = store::periods::get(&txn, app.city, number).await?;
    let purpose = draw::Purpose::Allocation;
    let earlier = store::draws::list_of_period(&txn, app.city, number, purpose).await?;
    phase::may_freeze(&period, &earlier)?;
    periods::require_reviewed(app, &txn, number).await?;
    reviews::require_looked_at_again(app, &txn, number).await?;
    duplicates::require_resolved(app, &txn, number).await?;
    // A ban that has begun and a validity that is over keep out, whether or not the worker has run.
    certificates::forfeit_all_in(app, &txn).await?;
    renewals::lapse_all(app, &txn, &officer.actor()).await?;
    let policy = rules::get(app, &period.policy_digest).await?;
    let id = draw_id(number, purpose, earlier.len());

    let filling = Filling {
        app,
        policy: &policy,
        period: &period,
        draw: &id,
        as_of: app.today(),
        actor: officer.actor(),
    };
    let pools = filling.fill_all(&txn).await?;
    app.reached("freeze", Stage::Decided);

    let detail = insert_draw(app, &txn, &period, purpose, &id, pools).await?;
    if period.phase != period::Phase::Frozen {
        let frozen = period::Phase::Frozen;
        store::periods::advance(&txn, &period, frozen, None).await?;
        periods::note(app, &txn, number, frozen, period.draw_on, officer.actor()).await?;
    }
    trail::note(
        app,
        &txn,
        officer.actor(),
        "ceremony.freeze",
        number,
        detail,
    )
    .await?;
    let frozen = store::draws::get(&txn, app.city, &id).await?;
    keep(app, &txn, &id).await?;
    app.reached("freeze", Stage::Recorded);
    txn.commit().await?;
    app.reached("freeze", Stage::Committed);
    Ok(frozen)
}

/// Fixes who may be drawn as a representative of a period's applicants, everybody with one ticket,
/// and makes the draw.
///
/// Possible between the publication of the review results and the period's own freeze. It locks no
/// application, and the period goes its way whatever becomes of it.
///
/// # Errors
///
/// [`Error::InvalidInput`] in a city whose rules know no representatives; [`Error::WrongPhase`]
/// unless review results are published, and while an earlier draw of the period's representatives
/// stands that was not voided; [`Error::TooLate`] from the day of the period's draw on.
pub async fn freeze_representatives(
    app: &App,
    officer: &Officer,
    number: &str,
) -> Result<draw::Model> {
    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    let period = store::periods::get(&txn, app.city, number).await?;
    let policy = rules::get(app, &period.policy_digest).await?;
    let representatives = policy.representatives.as_ref().ok_or_else(|| {
        let policy = &policy.key;
        Error::invalid(
            "period",
            format!("{policy} knows no applicant representatives; freeze the period itself"),
        )
    })?;
    let purpose = draw::Purpose::Representatives;
    let earlier = store::draws::list_of_period(&txn, app.city, number, purpose).await?;
    phase::may_freeze_representatives(&period, &earlier)?;
    let latest = app.start_of(period.draw_on);
    if latest <= app.clock.now() {
        return Err(Error::TooLate {
            what: "drawing the representatives",
            at: latest,
            remedy: "freeze the period itself and draw without them",
        });
    }
    certificates::forfeit_all_in(app, &txn).await?;
    renewals::lapse_all(app, &txn, &officer.actor()).await?;
    let id = draw_id(number, purpose, earlier.len());
    let filling = Filling {
        app,
        policy: &policy,
        period: &period,
        draw: &id,
        as_of: app.today(),
        actor: officer.actor(),
    };
    let pool = filling.fill_representatives(&txn, representatives).await?;
    app.reached("freeze", Stage::Decided);

    let detail = insert_draw(app, &txn, &period, purpose, &id, vec![pool]).await?;
    let action = "ceremony.freeze_representatives";
    trail::note(app, &txn, officer.actor(), action, number, detail).await?;
    let frozen = store::draws::get(&txn, app.city, &id).await?;
    keep(app, &txn, &id).await?;
    app.reached("freeze", Stage::Recorded);
    txn.commit().await?;
    app.reached("freeze", Stage::Committed);
    Ok(frozen)
}

/// The first draw of a period carries its number, that of its representatives an `R` behind it; a
/// redo says how-manieth it is.
pub(in crate::service) fn draw_id(number: &str, purpose: draw::Purpose, earlier: usize) -> String {
    let mark = match purpose {
        draw::Purpose::Allocation => "",
        draw::Purpose::Representatives => "R",
    };
    if earlier == 0 {
        format!("{number}{mark}")
    } else {
        format!("{number}{mark}-{}", earlier + 1)
    }
}

/// Writes a draw that was just frozen; gives what an auditor reads of it.
async fn insert_draw(
    app: &App,
    txn: &DatabaseTransaction,
    period: &period::Model,
    purpose: draw::Purpose,
    id: &str,
    pools: Vec<draw_pool::Model>,
) -> Result<serde_json::Value> {
    let sequence = store::draws::count(txn, app.city).await? + 1;
    let row = draw::Model {
        city_id: app.city,
        id: id.to_owned(),
        period_number: period.number.clone(),
        purpose,
        sequence: i64::try_from(sequence).map_err(Error::internal)?,
        phase: draw::Phase::Frozen,
        epoch: 0,
        policy_digest: period.policy_digest.clone(),
        frozen_at: app.clock.now(),
        chain: None,
        round: None,
        closes_at: None,
    };
    let sums: Vec<_> = pools
        .iter()
        .map(|pool| (&pool.category, pool.pool_rows, pool.tickets))
        .collect();
    let detail = serde_json::json!({ "draw": id, "pools": sums });
    store::draws::insert(txn, row, pools).await?;
    Ok(detail)
}
