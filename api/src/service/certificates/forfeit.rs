//! Forfeiture (视为放弃): what follows when the last day of a certificate passes unused.

use ::entity::{
    ban,
    certificate::{self, Origin, Status},
    participation,
};
use chrono::NaiveDate;
use sea_orm::DatabaseTransaction;

use crate::{
    app::App,
    domain::{
        actor::Worker,
        certificate::{BanDates, ban_after},
        message::Purpose,
    },
    error::Result,
    ids,
    policy::{Policy, ResetEvent},
    service::{
        carry_over,
        messages::{self, Post, Recipient},
        rules, trail,
    },
    store,
};

/// Certificates that one transaction ends.
const PIECE_ROWS: u64 = 200;

/// Ends every certificate whose last day has passed: the quota returns to the carry-over, and one
/// that was won by lottery brings its ban. Gives how many. Stopped at any moment and run again, it
/// goes on; run twice, it changes nothing.
pub async fn forfeit_all(app: &App, _: &Worker) -> Result<u64> {
    let mut forfeited = 0;
    loop {
        let txn = store::begin(&app.db).await?;
        let ended = forfeit_piece(app, &txn).await?;
        txn.commit().await?;
        if ended == 0 {
            return Ok(forfeited);
        }
        forfeited += ended;
    }
}

/// The same inside of a transaction that needs to know who is banned.
pub(in crate::service) async fn forfeit_all_in(app: &App, txn: &DatabaseTransaction) -> Result<()> {
    while 0 < forfeit_piece(app, txn).await? {}
    Ok(())
}

async fn forfeit_piece(app: &App, txn: &DatabaseTransaction) -> Result<u64> {
    // Two who come at once would otherwise both see the same certificates as live.
    store::cities::lock(txn, app.city).await?;
    let overdue =
        store::certificates::list_overdue(txn, app.city, None, app.today(), PIECE_ROWS).await?;
    for row in &overdue {
        forfeit(app, txn, row).await?;
    }
    u64::try_from(overdue.len()).map_err(crate::Error::internal)
}

async fn forfeit(app: &App, txn: &DatabaseTransaction, row: &certificate::Model) -> Result<()> {
    let ended = store::certificates::end(txn, row, Status::Forfeited, app.today()).await?;
    carry_over::give_back(app, txn, &ended).await?;
    let policy = rules::get(app, &row.policy_digest).await?;
    let banned_until = ban(app, txn, row, ban_following(row, &policy)).await?;
    if row.origin == Origin::Lottery && policy.reset_on.contains(&ResetEvent::Forfeit) {
        let reset = participation::Model {
            city_id: app.city,
            applicant_id: row.applicant_id,
            period_number: row.period_number.clone(),
            kind: participation::Kind::Reset,
            published_on: app.today(),
        };
        store::participation::insert_reset(txn, reset).await?;
    }
    let purpose = Purpose::CertificateForfeited {
        number: row.number.clone(),
        banned_until,
    };
    let to = Recipient::Applicant(row.applicant_id);
    messages::post(app, txn, Post::new(to, purpose, &row.number, &row.number)).await?;
    let detail = serde_json::json!({ "expired_on": row.expires_on, "banned_until": banned_until });
    let actor = Worker.actor();
    trail::note(app, txn, actor, "certificates.forfeit", &row.number, detail).await
}

/// Imposes the ban that follows, where one does; gives its last day.
async fn ban(
    app: &App,
    txn: &DatabaseTransaction,
    row: &certificate::Model,
    dates: Option<BanDates>,
) -> Result<Option<NaiveDate>> {
    let Some(dates) = dates else {
        return Ok(None);
    };
    let now = app.clock.now();
    let imposed = ban::Model {
        city_id: app.city,
        id: ids::uuid_v7(now),
        applicant_id: row.applicant_id,
        begins_on: dates.from,
        ends_on: dates.until,
        reason: ban::Reason::Forfeited,
        certificate_number: row.number.clone(),
        imposed_at: now,
        lifted_at: None,
    };
    store::bans::insert(txn, imposed).await?;
    Ok(Some(dates.until))
}

/// The ban that follows when a certificate runs out unused, where one does: after a lottery alone.
pub(super) fn ban_following(row: &certificate::Model, policy: &Policy) -> Option<BanDates> {
    let months = policy.certificate.ban_months;
    (row.origin == Origin::Lottery && 0 < months).then(|| ban_after(row.expires_on, months))
}
