//! What an authenticator is asked: it lies sealed in the database, since the answer may come to another
//! node, and is answered once, within minutes.

use ::entity::{
    StaffId,
    passkey_challenge::{self, Purpose},
};
use chrono::TimeDelta;
use sea_orm::DatabaseTransaction;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{app::App, error::Result, ids, store};

/// How long a challenge can be answered.
const CHALLENGE_TIME: TimeDelta = TimeDelta::minutes(5);

/// Longest answer of an authenticator, in bytes; real ones have a few thousand.
const ANSWER_MAX: usize = 32 * 1024;

/// What is asked, and of whom.
pub(super) struct Asking {
    pub(super) purpose: Purpose,
    pub(super) staff: Option<StaffId>,
    pub(super) invitation: Option<Vec<u8>>,
}

/// Keeps what an authenticator is asked until it answers.
pub(super) async fn ask(app: &App, asking: Asking, state: &impl Serialize) -> Result<Uuid> {
    let now = app.clock.now();
    let id = ids::uuid_v7(now);
    let row = passkey_challenge::Model {
        city_id: app.city,
        id,
        purpose: asking.purpose,
        staff_id: asking.staff,
        invitation_hash: asking.invitation,
        sealed: app.seal(&place(app, id), state)?,
        expires_at: now + CHALLENGE_TIME,
    };
    store::passkeys::insert_challenge(&app.db, row).await?;
    Ok(id)
}

/// Uses a challenge up, in the caller's transaction; none where it was used, is over, or is for
/// something else.
pub(super) async fn take<T: DeserializeOwned>(
    app: &App,
    txn: &DatabaseTransaction,
    purpose: Purpose,
    id: Uuid,
) -> Result<Option<(passkey_challenge::Model, T)>> {
    let now = app.clock.now();
    let found = store::passkeys::find_challenge(txn, app.city, id, now).await?;
    let Some(row) = found.filter(|row| row.purpose == purpose) else {
        return Ok(None);
    };
    if !store::passkeys::spend_challenge(txn, app.city, id).await? {
        return Ok(None);
    }
    let state = app.unseal(&place(app, id), &row.sealed)?;
    Ok(Some((row, state)))
}

/// What an authenticator answered; none where it is no answer at all.
pub(super) fn read<T: DeserializeOwned>(answer: &str) -> Option<T> {
    let is_short = answer.len() <= ANSWER_MAX;
    is_short
        .then(|| serde_json::from_str(answer).ok())
        .flatten()
}

fn place(app: &App, id: Uuid) -> String {
    format!("passkey_challenge/{}/{id}", app.city)
}
