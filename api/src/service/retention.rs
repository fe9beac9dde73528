//! What is kept how long: codes, sessions, devices, drafts, letters and keys of requests that nobody
//! needs are removed.

use crate::{
    app::App,
    domain::actor::Worker,
    error::Result,
    service::{accounts, drafts, messages, once, sessions, trail},
    store,
};

/// What a pass has removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purged {
    /// How many rows.
    pub count: u64,
    /// Whether more are over.
    pub has_more: bool,
}

/// Removes what is over. Codes stay until their day is over, since there is a limit a day.
pub async fn purge(app: &App, worker: &Worker) -> Result<Purged> {
    let (now, city) = (app.clock.now(), app.city);
    let txn = store::begin(&app.db).await?;
    let codes = store::one_time_codes::delete_before(&txn, city, app.today(), now).await?;
    let guesses =
        store::password_guesses::delete_before(&txn, city, now - accounts::GUESSES_REMEMBERED);
    let guesses = guesses.await?;
    let ended = store::sessions::delete_before(&txn, city, now).await?;
    let challenges = store::passkeys::delete_challenges_before(&txn, city, now).await?;
    let devices = store::devices::delete_before(&txn, city, now - sessions::DEVICES_REMEMBERED);
    let devices = devices.await?;
    let drafts = store::drafts::delete_before(&txn, city, now - drafts::KEPT).await?;
    let letters = messages::remove_old(app, &txn).await?;
    let keys = store::idempotency_keys::delete_before(&txn, city, now - once::REMEMBERED).await?;
    let count = codes + guesses + ended + challenges + devices + drafts + letters.count() + keys;
    if 0 < count {
        let detail = serde_json::json!({
            "codes": codes,
            "guesses": guesses,
            "sessions": ended,
            "passkey_challenges": challenges,
            "devices": devices,
            "drafts": drafts,
            "letters_handed_over": letters.handed_over,
            "letters_dead": letters.dead,
            "letters_in_inboxes": letters.inbox,
            "idempotency_keys": keys,
        });
        let subject = &app.policy.city.key;
        trail::note(
            app,
            &txn,
            worker.actor(),
            "retention.purge",
            subject,
            detail,
        )
        .await?;
    }
    txn.commit().await?;
    Ok(Purged {
        count,
        has_more: letters.has_more(),
    })
}
