//! Voiding: a draw is given up, for a public reason, while nobody can know its outcome.

use ::entity::{draw, record};
use sea_orm::DatabaseTransaction;
use verifier::{record::Void, text::Digest};

use super::{
    latest_record,
    recording::{Stepped, WorkedOut, record_or_leave},
    time,
};
use crate::{
    app::{App, Stage},
    domain::{approval, phase},
    error::{Error, Result},
    service::{
        approvals::Approved,
        log,
        publication::timely,
        trail,
        unsigned::{self, Composing},
    },
    store,
};

/// A void that could be recorded now.
pub(in crate::service) struct Voiding {
    row: draw::Model,
    origin: String,
    announce: Digest,
    reason: String,
    text: String,
}

impl Voiding {
    /// All of what is decided of it.
    pub(in crate::service) fn content(&self) -> approval::Voiding {
        approval::Voiding {
            origin: self.origin.clone(),
            draw: self.row.id.clone(),
            announce: self.announce.to_string(),
            reason: self.reason.clone(),
        }
    }
}

/// Says whether a draw can be given up now, and writes the record's text.
///
/// # Errors
///
/// [`Error::AwaitsSignature`] while another record waits;
/// [`Error::WrongPhase`] unless the draw is announced or closed; [`Error::TooLate`] once the
/// witnessed record could no longer lie before the beacon round, because a void counts only then;
/// [`Error::InvalidInput`] for a reason that is not one line.
pub(in crate::service) async fn prepare_void(
    app: &App,
    txn: &DatabaseTransaction,
    id: &str,
    reason: String,
) -> Result<Voiding> {
    let now = app.clock.now();
    unsigned::require_none(app, txn).await?;
    let row = store::draws::get(txn, app.city, id).await?;
    phase::may_void(&row)?;
    let (terms, announce) = log::announced(txn, app, id).await?;
    let latest = latest_record(&row, &terms)?;
    if latest < now {
        return Err(Error::TooLate {
            what: "voiding the draw",
            at: latest,
            remedy: match row.phase {
                draw::Phase::Closed => "finish it: its outcome can be computed by anybody",
                _ => timely::SAY_SO,
            },
        });
    }
    let trail = trail::link_all(app, txn).await?;
    let origin = app.origin.to_string();
    let text = Void {
        origin: origin.clone(),
        draw: id.to_owned(),
        announce,
        issued: time(now),
        trail: Some(trail),
        reason: reason.clone(),
    }
    .to_string();
    Void::parse(&text).map_err(|cause| Error::invalid("reason", cause))?;
    Ok(Voiding {
        row,
        origin,
        announce,
        reason,
        text,
    })
}

/// Signs and logs that the draw is given up, or leaves that to be signed elsewhere; it is public once it
/// is cosigned. The period can then
/// be frozen again, as a new draw; the old one stays visible for ever.
pub(in crate::service) async fn void(
    app: &App,
    txn: &DatabaseTransaction,
    approved: &Approved<Voiding>,
) -> Result<Stepped> {
    let voiding = approved.what();
    let id = voiding.row.id.as_str();
    app.reached("void", Stage::Decided);

    let composing = Composing {
        subject: id.to_owned(),
        kind: record::Kind::Void,
        text: voiding.text.clone(),
        chain: None,
        actor: approved.by().actor(),
        detail: approved.detail(serde_json::json!({ "reason": voiding.reason })),
        approval: Some(approved.id()),
    };
    let composed = unsigned::compose(app, txn, composing, None).await?;
    record_or_leave(app, txn, composed, WorkedOut::Nothing).await
}

/// Does what a signed void says.
pub(super) async fn enact(txn: &DatabaseTransaction, row: &draw::Model) -> Result<draw::Model> {
    phase::may_void(row)?;
    store::draws::advance(txn, row, draw::Phase::Voided, None).await
}
