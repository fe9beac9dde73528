//! Issuing: every winner gets a certificate in the transaction that makes the result, and whoever moves
//! up later in that of the amend.

use ::entity::{application, certificate, draw, participation};
use chrono::NaiveDate;
use sea_orm::DatabaseTransaction;

use crate::{
    app::App,
    domain::{CertificateNumber, certificate::expires_on},
    error::Result,
    ids,
    policy::{Policy, ResetEvent},
    service::trail,
    store::{self, certificates::Win},
};

/// Issues a certificate to every winner of a draw. They are told by the city's calendar afterwards:
/// a draw has tens of thousands of winners, and its result waits for none of their messages.
pub(in crate::service) async fn issue(
    app: &App,
    txn: &DatabaseTransaction,
    policy: &Policy,
    row: &draw::Model,
    actor: String,
) -> Result<()> {
    let expires_on = expires_on(app.today(), policy.certificate.validity_months);
    let wins = store::certificates::list_wins(txn, app.city, &row.id).await?;
    let certificates: Vec<_> = wins
        .into_iter()
        .map(|win| certificate(app, row, win, expires_on))
        .collect();
    let detail = serde_json::json!({ "count": certificates.len(), "expires_on": expires_on });
    store::certificates::insert(txn, certificates).await?;
    trail::note(app, txn, actor, "certificates.issue", &row.id, detail).await
}

/// Issues one to somebody who moved up, and resets their count where a win does. Like the winners they
/// are told by the city's calendar.
pub(in crate::service) async fn issue_to(
    app: &App,
    txn: &DatabaseTransaction,
    policy: &Policy,
    row: &draw::Model,
    gained: &application::Model,
    actor: &str,
) -> Result<()> {
    let expires_on = expires_on(app.today(), policy.certificate.validity_months);
    let win = Win {
        category: gained.category.clone(),
        applicant_id: gained.applicant_id,
        application_id: gained.id,
    };
    let issued = certificate(app, row, win, expires_on);
    store::certificates::insert(txn, vec![issued]).await?;
    if policy.reset_on.contains(&ResetEvent::Win) {
        let reset = participation::Model {
            city_id: app.city,
            applicant_id: gained.applicant_id,
            period_number: row.period_number.clone(),
            kind: participation::Kind::Reset,
            published_on: app.today(),
        };
        store::participation::insert_reset(txn, reset).await?;
    }
    let detail = serde_json::json!({ "count": 1, "expires_on": expires_on });
    let actor = actor.to_owned();
    trail::note(app, txn, actor, "certificates.issue", &gained.code, detail).await
}

fn certificate(
    app: &App,
    row: &draw::Model,
    win: Win,
    expires_on: NaiveDate,
) -> certificate::Model {
    certificate::Model {
        city_id: app.city,
        // A number that is taken fails the transaction, and doing it again draws others: with 10¹⁵
        // numbers that is rarer than a power cut.
        number: CertificateNumber::from_random(ids::random()).to_string(),
        applicant_id: win.applicant_id,
        application_id: win.application_id,
        category: win.category,
        origin: certificate::Origin::Lottery,
        period_number: row.period_number.clone(),
        policy_digest: row.policy_digest.clone(),
        status: certificate::Status::Live,
        issued_on: app.today(),
        expires_on,
        ended_on: None,
        told_days: None,
    }
}
