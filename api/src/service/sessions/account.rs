//! Sessions of accounts, device by device.

use std::collections::HashMap;

use ::entity::{AccountId, account, device, session};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{APPLICANT_SESSION, Opening, fresh_token, hash, open};
use crate::{
    app::App,
    domain::{actor::AccountHolder, message::Purpose},
    error::{Error, Result},
    service::{
        messages::{self, Post, Recipient},
        trail,
    },
    store,
};

/// How long a device that nobody signs in from is known.
pub(in crate::service) const DEVICES_REMEMBERED: TimeDelta = TimeDelta::days(400);

/// Most characters of what a device is called.
const LABEL_MAX: usize = 64;

/// Longest device token that is looked up.
const TOKEN_MAX: usize = 64;

/// The device that somebody signs in from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Device<'a> {
    /// The token it was given when somebody signed in from it before.
    pub token: Option<&'a str>,
    /// What it is called, for its owner to tell it from others.
    pub label: Option<&'a str>,
}

impl Device<'_> {
    /// Refuses what cannot be shown to its owner again.
    pub(in crate::service) fn check(&self) -> Result<()> {
        let is_usable = self.label.is_none_or(|label| {
            label.chars().count() <= LABEL_MAX && !label.chars().any(char::is_control)
        });
        if is_usable {
            Ok(())
        } else {
            Err(Error::invalid(
                "deviceLabel",
                "expected at most 64 printable characters",
            ))
        }
    }
}

/// What is sealed beside a device.
#[derive(Serialize, Deserialize)]
struct Sealed {
    label: String,
}

/// A session that was opened.
pub(in crate::service) struct Opened {
    pub(in crate::service) token: String,
    pub(in crate::service) device_token: String,
    pub(in crate::service) holder: AccountHolder,
}

/// Opens a session of an account. A device that the account does not know is remembered, and where
/// it is not the account's first the holder is told.
pub(in crate::service) async fn open_for_account(
    app: &App,
    txn: &DatabaseTransaction,
    row: &account::Model,
    phone: &str,
    device: &Device<'_>,
) -> Result<Opened> {
    let known = match device.token.filter(|token| token.len() <= TOKEN_MAX) {
        None => None,
        Some(token) => store::devices::find(txn, app.city, row.id, hash(token))
            .await?
            .map(|found| (token.to_owned(), found)),
    };
    let device_token = match known {
        Some((token, found)) => {
            store::devices::see(txn, &found, app.clock.now()).await?;
            token
        }
        None => remember(app, txn, row, phone, device).await?,
    };
    let opening = Opening {
        role: session::Role::Account,
        subject: row.id.to_string(),
        lasts: APPLICANT_SESSION,
        device_hash: Some(hash(&device_token)),
        staff: None,
    };
    let token = open(app, txn, opening).await?;
    let holder = AccountHolder::new(row.id, hash(&token), row.applicant_id);
    Ok(Opened {
        token,
        device_token,
        holder,
    })
}

async fn remember(
    app: &App,
    txn: &DatabaseTransaction,
    row: &account::Model,
    phone: &str,
    device: &Device<'_>,
) -> Result<String> {
    let (now, token) = (app.clock.now(), fresh_token());
    let is_first = store::devices::count_of_account(txn, app.city, row.id).await? == 0;
    let label = device.label.map(str::trim).unwrap_or_default().to_owned();
    let token_hash = hash(&token);
    let sealed = Sealed {
        label: label.clone(),
    };
    let remembered = device::Model {
        city_id: app.city,
        account_id: row.id,
        token_hash: token_hash.to_vec(),
        sealed: app.seal(&place(app, row.id, &token_hash), &sealed)?,
        first_seen_at: now,
        last_seen_at: now,
    };
    store::devices::insert(txn, remembered).await?;
    if !is_first {
        let to = Recipient::Account {
            id: row.id.0,
            phone: Some(phone),
            email: None,
        };
        let purpose = Purpose::SignInFromNewDevice {
            device: label,
            at: now,
        };
        let occasion = public_id(&token_hash).to_string();
        messages::post(app, txn, Post::new(to, purpose, "", &occasion)).await?;
    }
    Ok(token)
}

fn place(app: &App, account: AccountId, token_hash: &[u8]) -> String {
    format!("device/{}/{account}/{}", app.city, public_id(token_hash))
}

/// How a session or a device is named in public: half of the hash of its token, from which the
/// token does not follow.
fn public_id(token_hash: &[u8]) -> Uuid {
    let half = token_hash.get(..16).and_then(|half| half.try_into().ok());
    Uuid::from_bytes(half.unwrap_or_default())
}

/// A session as the account's holder sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// How it is named when it is to be ended.
    pub id: Uuid,
    /// What the device is called; empty where it has no name.
    pub device: String,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the hour.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

/// The account's live sessions, the newest first.
pub async fn list(app: &App, holder: &AccountHolder) -> Result<Vec<Shown>> {
    let mut labels = HashMap::new();
    for device in store::devices::list_of_account(&app.db, app.city, holder.id()).await? {
        let place = place(app, holder.id(), &device.token_hash);
        let sealed: Sealed = app.unseal(&place, &device.sealed)?;
        labels.insert(device.token_hash, sealed.label);
    }
    let rows = live(app, &app.db, holder).await?;
    let shown = rows.into_iter().map(|row| Shown {
        id: public_id(&row.token_hash),
        device: row
            .device_hash
            .and_then(|hash| labels.get(&hash).cloned())
            .unwrap_or_default(),
        created_at: row.created_at,
        last_seen_at: row.last_seen_at.unwrap_or(row.created_at),
        expires_at: row.expires_at,
        is_current: row.token_hash == holder.session(),
    });
    Ok(shown.collect())
}

/// Ends one session of the account; false where it has none of that name.
pub async fn end_one(app: &App, holder: &AccountHolder, id: Uuid) -> Result<bool> {
    let txn = store::begin(&app.db).await?;
    let rows = live(app, &txn, holder).await?;
    let ending = rows.iter().find(|row| public_id(&row.token_hash) == id);
    let Some(row) = ending else {
        return Ok(false);
    };
    store::sessions::delete(&txn, app.city, &row.token_hash).await?;
    note(app, &txn, holder, 1).await?;
    txn.commit().await?;
    Ok(true)
}

/// Which sessions end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The one that asks.
    This,
    /// All others.
    Others,
    /// All of them.
    All,
}

/// Ends sessions of the account; gives how many.
pub(super) async fn end_many(app: &App, holder: &AccountHolder, ending: Ending) -> Result<u64> {
    let (role, subject) = (session::Role::Account, holder.id().to_string());
    let txn = store::begin(&app.db).await?;
    let ended = match ending {
        Ending::This => store::sessions::delete(&txn, app.city, &holder.session()).await?,
        Ending::Others => {
            let kept = Some(holder.session());
            store::sessions::delete_of_subject(&txn, app.city, role, &subject, kept).await?
        }
        Ending::All => {
            store::sessions::delete_of_subject(&txn, app.city, role, &subject, None).await?
        }
    };
    note(app, &txn, holder, ended).await?;
    txn.commit().await?;
    Ok(ended)
}

async fn live(
    app: &App,
    db: &impl sea_orm::ConnectionTrait,
    holder: &AccountHolder,
) -> Result<Vec<session::Model>> {
    let subject = holder.id().to_string();
    let role = session::Role::Account;
    store::sessions::list_live(db, app.city, role, &subject, app.clock.now()).await
}

async fn note(
    app: &App,
    txn: &DatabaseTransaction,
    holder: &AccountHolder,
    ended: u64,
) -> Result<()> {
    let subject = holder.id().to_string();
    let detail = serde_json::json!({ "ended": ended });
    trail::note(app, txn, holder.actor(), "sessions.end", &subject, detail).await
}
