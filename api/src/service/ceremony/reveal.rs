//! Revealing: a secret comes in while a draw is announced, from whoever holds it.

use ::entity::{contribution, draw, record};
use verifier::{record::commitment, text::Digest};

use crate::{
    app::App,
    error::Result,
    service::{trail, unsigned},
    store,
};

/// What became of a secret.
#[derive(Debug)]
pub enum Revealed {
    /// It is kept, and will stand in the draw's `close`.
    Kept(draw::Model),
    /// The draw has announced no commitment under this name, or is not announced yet.
    NotAnnounced(draw::Model),
    /// It does not open the announced commitment.
    Wrong(draw::Model),
    /// The draw takes no contributions any more; a close that waits for its signature says what they were.
    Closed(draw::Model),
}

/// Takes the secret of a commitment that a draw has announced. Revealing it again changes nothing and
/// is answered alike, also when the draw has gone on.
///
/// There is no other proof of who is asking: whoever can open the commitment made it, or was given its
/// secret by whoever did. Officers, representatives and contributors who have no account come in here.
///
/// # Errors
///
/// [`Error::NotFound`](crate::Error::NotFound) for a draw that does not exist.
pub async fn reveal(app: &App, id: &str, name: &str, secret: &[u8; 32]) -> Result<Revealed> {
    let now = app.clock.now();
    let row = store::draws::get(&app.db, app.city, id).await?;
    // Looked at before anything is locked: a stranger who only guesses holds nobody up.
    let sealed = store::contributions::find_sealed(&app.db, app.city, id, name).await?;
    let Some(sealed) = sealed else {
        return Ok(Revealed::NotAnnounced(row));
    };
    if !opens(app, &sealed, secret) {
        return Ok(Revealed::Wrong(row));
    }
    let txn = store::begin(&app.db).await?;
    // Waits for a closing under way, and then sees that it was made.
    store::cities::lock_shared(&txn, app.city).await?;
    let row = store::draws::get(&txn, app.city, id).await?;
    let sealed = store::contributions::find_sealed(&txn, app.city, id, name).await?;
    if sealed.as_ref().is_some_and(|sealed| sealed.value.is_some()) {
        return Ok(Revealed::Kept(row));
    }
    let is_closing = unsigned::is_waiting(app, &txn, id, record::Kind::Close).await?;
    let is_late = is_closing || row.closes_at.is_none_or(|closes_at| closes_at < now);
    let (Some(sealed), draw::Phase::Announced, false) = (sealed, row.phase, is_late) else {
        return Ok(Revealed::Closed(row));
    };
    let is_news = store::contributions::reveal(&txn, &sealed, &Digest(*secret).to_string()).await?;
    if is_news {
        let actor = format!("contributor:{name}");
        let detail = serde_json::json!({ "name": name });
        trail::note(app, &txn, actor, "ceremony.reveal", id, detail).await?;
    }
    txn.commit().await?;
    Ok(Revealed::Kept(row))
}

/// Whether a secret opens the commitment of a contribution.
fn opens(app: &App, sealed: &contribution::Model, secret: &[u8; 32]) -> bool {
    let made = commitment(&app.origin, &sealed.draw_id, &sealed.name, secret);
    sealed.commitment.as_deref() == Some(&made.0[..])
}
