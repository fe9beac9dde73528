//! Voiding: a draw is given up, for a public reason, while nobody can know its outcome.

use ::entity::{draw, record};
use verifier::record::Void;

use super::{latest_record, settle, time};
use crate::{
    app::{App, Stage},
    domain::{actor::Officer, phase},
    error::{Error, Result},
    service::{log, messages, once::keep, trail},
    store,
};

/// Signs, logs and publishes that the draw is given up. The period can then be frozen again, as a
/// new draw; the old one stays visible for ever.
///
/// # Errors
///
/// [`Error::WrongPhase`] unless the draw is announced or closed; [`Error::TooLate`] once the
/// witnessed record could no longer lie before the beacon round, because a void counts only then;
/// [`Error::InvalidInput`] for a reason that is not one line.
pub async fn void(app: &App, officer: &Officer, id: &str, reason: &str) -> Result<draw::Model> {
    let now = app.clock.now();
    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    let row = store::draws::get(&txn, app.city, id).await?;
    phase::may_void(&row)?;
    let (terms, announce) = log::announced(&txn, app, id).await?;
    let latest = latest_record(&row, &terms)?;
    if latest < now {
        return Err(Error::TooLate {
            what: "voiding the draw",
            at: latest,
            remedy: "finish it: its outcome can be computed by anybody",
        });
    }
    let trail = trail::link_all(app, &txn).await?;
    let text = Void {
        origin: app.origin.to_string(),
        draw: id.to_owned(),
        announce,
        issued: time(now),
        trail: Some(trail),
        reason: reason.to_owned(),
    }
    .to_string();
    Void::parse(&text).map_err(|cause| Error::invalid("reason", cause))?;
    app.reached("void", Stage::Decided);

    let voided = store::draws::advance(&txn, &row, draw::Phase::Voided, None).await?;
    log::append(app, &txn, id, record::Kind::Void, text).await?;
    trail::note(
        app,
        &txn,
        officer.actor(),
        "ceremony.void",
        id,
        serde_json::json!({ "reason": reason }),
    )
    .await?;
    messages::tell(app, &txn, "draw.voided", id, serde_json::json!({})).await?;
    keep(app, &txn, id).await?;
    app.reached("void", Stage::Recorded);
    txn.commit().await?;
    app.reached("void", Stage::Committed);

    settle(app, "void", id).await?;
    Ok(voided)
}
