//! Lifting a ban before its last day, for a reason that two officers have.

use ::entity::ban;
use sea_orm::DatabaseTransaction;

use crate::{
    app::{App, Stage},
    domain::{approval, message::Purpose},
    error::{Error, Result},
    service::{
        approvals::Approved,
        messages::{self, Post, Recipient},
        trail,
    },
    store,
};

/// Most characters of a reason.
const REASON_CHARS: usize = 200;

/// A ban that could be lifted now.
pub(in crate::service) struct Lifting {
    row: ban::Model,
    reason: String,
}

impl Lifting {
    /// All of what is decided of it.
    pub(in crate::service) fn content(&self) -> approval::Lifting {
        approval::Lifting {
            city: self.row.city_id.0,
            certificate: self.row.certificate_number.clone(),
            begins_on: self.row.begins_on,
            ends_on: self.row.ends_on,
            reason: self.reason.clone(),
        }
    }
}

/// Says whether the ban that follows from a certificate can be lifted now.
///
/// # Errors
///
/// [`Error::NotFound`] where none follows from it, or the worker has not imposed it yet;
/// [`Error::InvalidInput`] for one that counts no more, and for a reason that is not one line of 1 to
/// 200 characters.
pub(in crate::service) async fn prepare_lifting(
    app: &App,
    txn: &DatabaseTransaction,
    certificate: &str,
    reason: String,
) -> Result<Lifting> {
    let chars = reason.chars().count();
    if reason.trim().is_empty() || REASON_CHARS < chars || reason.chars().any(char::is_control) {
        return Err(Error::invalid(
            "reason",
            format!("expected one line of 1 to {REASON_CHARS} characters, found {chars}"),
        ));
    }
    let row = store::bans::find_of_certificate(txn, app.city, certificate)
        .await?
        .ok_or_else(|| Error::not_found("ban of the certificate", certificate))?;
    if row.lifted_at.is_some() || row.ends_on < app.today() {
        return Err(Error::invalid(
            "certificate",
            "the ban that follows from it counts no more: it was lifted, or its last day has passed",
        ));
    }
    Ok(Lifting { row, reason })
}

/// Lifts it: from now on it bars nobody. The person is told.
pub(in crate::service) async fn lift(
    app: &App,
    txn: &DatabaseTransaction,
    approved: &Approved<Lifting>,
) -> Result<()> {
    let Lifting { row, reason } = approved.what();
    app.reached("lift", Stage::Decided);
    let lifted = store::bans::lift(txn, row, app.clock.now()).await?;
    let number = lifted.certificate_number.as_str();
    let to = Recipient::Applicant(lifted.applicant_id);
    messages::post(app, txn, Post::new(to, Purpose::BanLifted, number, number)).await?;
    let facts = serde_json::json!({ "ends_on": lifted.ends_on, "reason": reason });
    let (actor, detail) = (approved.by().actor(), approved.detail(facts));
    trail::note(app, txn, actor, "certificates.lift_ban", number, detail).await
}
