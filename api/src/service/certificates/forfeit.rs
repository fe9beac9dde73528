//! Forfeiture (视为放弃): what follows when the last day of a certificate passes unused.

use ::entity::{
    ApplicantId, ban,
    certificate::{self, Origin, Status},
    participation,
};
use chrono::NaiveDate;
use sea_orm::DatabaseTransaction;

use crate::{
    app::App,
    domain::{actor::Worker, certificate::ban_after, message::Purpose},
    error::Result,
    ids,
    policy::ResetEvent,
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
        let ended = forfeit_piece(app, &txn, None).await?;
        txn.commit().await?;
        if ended == 0 {
            return Ok(forfeited);
        }
        forfeited += ended;
    }
}

/// The same inside of a transaction that needs to know who is banned.
pub(in crate::service) async fn forfeit_all_in(app: &App, txn: &DatabaseTransaction) -> Result<()> {
    while 0 < forfeit_piece(app, txn, None).await? {}
    Ok(())
}

/// The same for one person, before it is asked what stands in their way: a ban begins on its day,
/// also when the city's calendar stood still.
pub async fn forfeit_of(app: &App, applicant: ApplicantId) -> Result<()> {
    let overdue =
        store::certificates::list_overdue(&app.db, app.city, Some(applicant), app.today(), 1);
    if overdue.await?.is_empty() {
        return Ok(());
    }
    let txn = store::begin(&app.db).await?;
    forfeit_piece(app, &txn, Some(applicant)).await?;
    txn.commit().await?;
    Ok(())
}

async fn forfeit_piece(
    app: &App,
    txn: &DatabaseTransaction,
    applicant: Option<ApplicantId>,
) -> Result<u64> {
    // Two who come at once would otherwise both see the same certificates as live.
    store::cities::lock(txn, app.city).await?;
    let overdue =
        store::certificates::list_overdue(txn, app.city, applicant, app.today(), PIECE_ROWS)
            .await?;
    for row in &overdue {
        forfeit(app, txn, row).await?;
    }
    u64::try_from(overdue.len()).map_err(crate::Error::internal)
}

async fn forfeit(app: &App, txn: &DatabaseTransaction, row: &certificate::Model) -> Result<()> {
    let ended = store::certificates::end(txn, row, Status::Forfeited, app.today()).await?;
    carry_over::give_back(app, txn, &ended).await?;
    let policy = rules::get(app, &row.policy_digest).await?;
    let banned_until = ban(app, txn, row, policy.certificate.ban_months).await?;
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
    ban_months: u32,
) -> Result<Option<NaiveDate>> {
    if row.origin != Origin::Lottery || ban_months == 0 {
        return Ok(None);
    }
    let dates = ban_after(row.expires_on, ban_months);
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
    };
    store::bans::insert(txn, imposed).await?;
    Ok(Some(dates.until))
}
