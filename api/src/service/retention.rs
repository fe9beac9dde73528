//! What is kept how long: codes, sessions, devices, drafts and keys of requests that nobody needs are removed.

use crate::{
    app::App,
    domain::actor::Worker,
    error::Result,
    service::{accounts, drafts, once, sessions, trail},
    store,
};

/// Removes what is over; gives how many rows that were. Codes stay until their day is over, since
/// there is a limit a day.
pub async fn purge(app: &App, worker: &Worker) -> Result<u64> {
    let (now, city) = (app.clock.now(), app.city);
    let txn = store::begin(&app.db).await?;
    let codes = store::one_time_codes::delete_before(&txn, city, app.today(), now).await?;
    let guesses =
        store::password_guesses::delete_before(&txn, city, now - accounts::GUESSES_REMEMBERED);
    let guesses = guesses.await?;
    let ended = store::sessions::delete_before(&txn, city, now).await?;
    let devices = store::devices::delete_before(&txn, city, now - sessions::DEVICES_REMEMBERED);
    let devices = devices.await?;
    let drafts = store::drafts::delete_before(&txn, city, now - drafts::KEPT).await?;
    let keys = store::idempotency_keys::delete_before(&txn, city, now - once::REMEMBERED).await?;
    let count = codes + guesses + ended + devices + drafts + keys;
    if 0 < count {
        let detail = serde_json::json!({
            "codes": codes,
            "guesses": guesses,
            "sessions": ended,
            "devices": devices,
            "drafts": drafts,
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
    Ok(count)
}
