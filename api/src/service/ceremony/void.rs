//! Voiding: a draw is given up, for a public reason, while nobody can know its outcome.

use ::entity::{draw, record};
use sea_orm::DatabaseTransaction;
use verifier::{record::Void, text::Digest};

use super::{latest_record, time};
use crate::{
    app::{App, Stage},
    domain::{approval, phase},
    error::{Error, Result},
    service::{approvals::Approved, log, messages, publication::timely, trail},
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

/// Signs and logs that the draw is given up; it is public once it is cosigned. The period can then
/// be frozen again, as a new draw; the old one stays visible for ever.
pub(in crate::service) async fn void(
    app: &App,
    txn: &DatabaseTransaction,
    approved: &Approved<Voiding>,
) -> Result<draw::Model> {
    let voiding = approved.what();
    let id = voiding.row.id.as_str();
    app.reached("void", Stage::Decided);

    let voided = store::draws::advance(txn, &voiding.row, draw::Phase::Voided, None).await?;
    log::append(app, txn, id, record::Kind::Void, voiding.text.clone()).await?;
    let detail = approved.detail(serde_json::json!({ "reason": voiding.reason }));
    let actor = approved.by().actor();
    trail::note(app, txn, actor, "ceremony.void", id, detail).await?;
    messages::tell(app, txn, "draw.voided", id, serde_json::json!({})).await?;
    Ok(voided)
}
