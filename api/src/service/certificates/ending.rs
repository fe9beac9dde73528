//! How a certificate ends while it is valid: used at the counter, given back, or revoked by an amend.

use ::entity::certificate::{self, Status};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{Standing, parse, standing};
use crate::{
    app::App,
    domain::actor::{Applicant, Officer},
    error::{Error, Result},
    service::{
        carry_over,
        once::{Again, keep},
        trail,
    },
    store,
};

/// What became of using a certificate.
#[derive(Debug, PartialEq, Eq)]
pub enum Used {
    /// It is used, now or since before.
    Done(certificate::Model),
    /// It had run out or had been given back; nothing was changed.
    Ended(certificate::Model),
}

/// What became of giving a certificate back.
#[derive(Debug, PartialEq, Eq)]
pub enum Surrendered {
    /// It is given back, now or since before; its quota is in the carry-over.
    Done(certificate::Model),
    /// It had been used or had run out; nothing was changed.
    Ended(certificate::Model),
}

impl Again for Used {
    async fn again(app: &App, subject: &str) -> Result<Self> {
        get(&app.db, app, subject).await.map(Self::Done)
    }
}

impl Again for Surrendered {
    async fn again(app: &App, subject: &str) -> Result<Self> {
        get(&app.db, app, subject).await.map(Self::Done)
    }
}

/// Notes that a car was registered with a certificate. Doing it again changes nothing.
///
/// # Errors
///
/// [`Error::InvalidInput`] for a text that cannot be a number; [`Error::NotFound`] for a number
/// that no certificate has.
pub async fn mark_used(app: &App, officer: &Officer, number: &str) -> Result<Used> {
    let number = parse(number)?.to_string();
    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    let row = get(&txn, app, &number).await?;
    if row.status == Status::Used {
        return Ok(Used::Done(row));
    }
    if standing(&row, app.today()) != Standing::Valid {
        return Ok(Used::Ended(row));
    }
    let ended = store::certificates::end(&txn, &row, Status::Used, app.today()).await?;
    let nothing = serde_json::json!({});
    trail::note(
        app,
        &txn,
        officer.actor(),
        "certificates.use",
        &number,
        nothing,
    )
    .await?;
    keep(app, &txn, &number).await?;
    txn.commit().await?;
    Ok(Used::Done(ended))
}

/// Gives a certificate back before it runs out: its quota returns to the carry-over at once, and no
/// ban follows. Doing it again changes nothing.
///
/// # Errors
///
/// [`Error::InvalidInput`] for a text that cannot be a number; [`Error::NotFound`] for a number of
/// nobody's or somebody else's certificate.
pub async fn surrender(app: &App, applicant: &Applicant, number: &str) -> Result<Surrendered> {
    let number = parse(number)?.to_string();
    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    let row = get(&txn, app, &number).await?;
    if row.applicant_id != applicant.id() {
        return Err(Error::not_found("certificate", number));
    }
    if row.status == Status::Surrendered {
        return Ok(Surrendered::Done(row));
    }
    if standing(&row, app.today()) != Standing::Valid {
        return Ok(Surrendered::Ended(row));
    }
    let ended = store::certificates::end(&txn, &row, Status::Surrendered, app.today()).await?;
    carry_over::give_back(app, &txn, &ended).await?;
    let nothing = serde_json::json!({});
    trail::note(
        app,
        &txn,
        applicant.actor(),
        "certificates.surrender",
        &number,
        nothing,
    )
    .await?;
    keep(app, &txn, &number).await?;
    txn.commit().await?;
    Ok(Surrendered::Done(ended))
}

/// Ends the certificate of somebody who lost their place. No ban follows, which only comes of leaving one
/// unused; where nobody moves up into the place, its quota returns to the carry-over.
pub(in crate::service) async fn revoke(
    app: &App,
    txn: &DatabaseTransaction,
    row: &certificate::Model,
    is_vacant: bool,
) -> Result<()> {
    let ended = store::certificates::end(txn, row, Status::Revoked, app.today()).await?;
    if is_vacant {
        carry_over::give_back(app, txn, &ended).await?;
    }
    Ok(())
}

async fn get(db: &impl ConnectionTrait, app: &App, number: &str) -> Result<certificate::Model> {
    store::certificates::find(db, app.city, number)
        .await?
        .ok_or_else(|| Error::not_found("certificate", number))
}
