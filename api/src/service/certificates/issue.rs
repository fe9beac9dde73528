//! Issuing: every winner gets a certificate in the transaction that makes the result.

use ::entity::{certificate, draw};
use sea_orm::DatabaseTransaction;

use crate::{
    app::App,
    domain::{CertificateNumber, certificate::expires_on},
    error::Result,
    ids,
    policy::Policy,
    service::trail,
    store,
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
    let today = app.today();
    let expires_on = expires_on(today, policy.certificate.validity_months);
    let wins = store::certificates::list_wins(txn, app.city, &row.id).await?;
    let certificates: Vec<_> = wins
        .into_iter()
        .map(|win| certificate::Model {
            city_id: app.city,
            // A number that is taken fails the transaction, and finishing again draws others: with
            // 10¹⁵ numbers that is rarer than a power cut.
            number: CertificateNumber::from_random(ids::random()).to_string(),
            applicant_id: win.applicant_id,
            application_id: win.application_id,
            category: win.category,
            origin: certificate::Origin::Lottery,
            period_number: row.period_number.clone(),
            policy_digest: row.policy_digest.clone(),
            status: certificate::Status::Live,
            issued_on: today,
            expires_on,
            ended_on: None,
            told_days: None,
        })
        .collect();
    let detail = serde_json::json!({ "count": certificates.len(), "expires_on": expires_on });
    store::certificates::insert(txn, certificates).await?;
    trail::note(app, txn, actor, "certificates.issue", &row.id, detail).await
}
