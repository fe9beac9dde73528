//! Passwords that are changed or forgotten, and application codes that are forgotten.

use ::entity::{account, one_time_code::Purpose as Use, session::Role};
use chrono::{DateTime, Utc};
use sea_orm::DatabaseTransaction;

use super::{
    Sealed, SignedIn,
    entrance::{let_in, note},
    guesses, own, password, refused, seal, unseal,
};
use crate::{
    app::App,
    domain::{self, actor::AccountHolder, message::Purpose},
    error::Result,
    service::{
        messages::{self, Post, Recipient},
        one_time_codes::{Typed, try_code},
        sessions::Device,
    },
    store,
};

/// What became of changing a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordChange {
    /// It is changed; so many other sessions have ended.
    Done {
        /// How many.
        ended_sessions: u64,
    },
    /// The current password is not that one, or the account has none; a code resets it.
    Refused,
    /// Too many wrong passwords: none is looked at until this moment.
    Wait(DateTime<Utc>),
}

/// Changes the password of somebody who knows the one that they have.
pub async fn change_password(
    app: &App,
    holder: &AccountHolder,
    current: &str,
    new: &str,
) -> Result<PasswordChange> {
    let seen = own(app, &app.db, holder).await?;
    let sealed = unseal(app, &seen)?;
    domain::password::check(new, &sealed.phone).map_err(refused)?;
    if let Some(until) = guesses::count(app, &seen.phone_index).await? {
        return Ok(PasswordChange::Wait(until));
    }
    if !password::verify(current, sealed.password.as_deref()).await? {
        return Ok(PasswordChange::Refused);
    }
    guesses::forget(app, &seen.phone_index).await?;
    let hash = password::hash(new).await?;
    let txn = store::begin(&app.db).await?;
    let row = set_password(app, &txn, seen, hash).await?;
    let kept = Some(holder.session());
    let ended_sessions = end_sessions(app, &txn, &row, kept).await?;
    note(app, &txn, &row, "accounts.change_password").await?;
    txn.commit().await?;
    Ok(PasswordChange::Done { ended_sessions })
}

/// What became of choosing a new password.
#[derive(Debug)]
pub enum Reset {
    /// It is chosen, every other session has ended, and the holder is signed in.
    Done(SignedIn),
    /// The code is wrong, used up, over or for something else.
    CodeRefused,
    /// The phone was proven, and has no account.
    NoAccount,
}

/// Chooses a new password for the account of a phone that a code proves.
pub async fn reset_password(
    app: &App,
    typed: Typed<'_>,
    new: &str,
    device: &Device<'_>,
) -> Result<Reset> {
    domain::password::check(new, "").map_err(refused)?;
    device.check()?;
    let Some(right) = try_code(app, Use::ResetPassword, typed, |_| String::new()).await? else {
        return Ok(Reset::CodeRefused);
    };
    domain::password::check(new, &right.phone).map_err(refused)?;
    let row = store::accounts::find_by_phone(&app.db, app.city, &right.phone_index).await?;
    let Some(row) = row else {
        return Ok(Reset::NoAccount);
    };
    let hash = password::hash(new).await?;
    let txn = store::begin(&app.db).await?;
    if !right.spend(app, &txn).await? {
        return Ok(Reset::CodeRefused);
    }
    let row = set_password(app, &txn, row, hash).await?;
    end_sessions(app, &txn, &row, None).await?;
    note(app, &txn, &row, "accounts.reset_password").await?;
    let signed_in = let_in(app, &txn, &row, device).await?;
    txn.commit().await?;
    guesses::forget(app, &right.phone_index).await?;
    Ok(Reset::Done(signed_in))
}

/// What became of asking for forgotten application codes.
#[derive(Debug, PartialEq, Eq)]
pub enum Recovered {
    /// The codes of everybody whose phone on file it is, newest first; there may be none.
    Codes(Vec<String>),
    /// The one-time code is wrong, used up, over or for something else.
    CodeRefused,
}

/// Tells the application codes that go with a phone that a one-time code proves.
pub async fn recover_codes(app: &App, typed: Typed<'_>) -> Result<Recovered> {
    let Some(right) = try_code(app, Use::RecoverCodes, typed, |_| String::new()).await? else {
        return Ok(Recovered::CodeRefused);
    };
    let txn = store::begin(&app.db).await?;
    if !right.spend(app, &txn).await? {
        return Ok(Recovered::CodeRefused);
    }
    let codes = store::applications::list_codes_of_phone(&txn, app.city, &right.phone_index);
    let codes = codes.await?;
    txn.commit().await?;
    Ok(Recovered::Codes(codes))
}

/// Writes another password over the row that the caller saw, and says so to its holder.
async fn set_password(
    app: &App,
    txn: &DatabaseTransaction,
    row: account::Model,
    hash: String,
) -> Result<account::Model> {
    let phone = unseal(app, &row)?.phone.clone();
    let sealed = Sealed {
        phone,
        password: Some(hash),
    };
    let row = account::Model {
        sealed: seal(app, row.id, &sealed)?,
        ..row
    };
    store::accounts::update(txn, &row).await?;
    let epoch = row.epoch + 1;
    let to = Recipient::Account {
        id: row.id.0,
        phone: Some(&sealed.phone),
        email: None,
    };
    let at = app.clock.now();
    let occasion = format!("{} {epoch}", row.id);
    messages::post(
        app,
        txn,
        Post::new(to, Purpose::PasswordChanged { at }, "", &occasion),
    )
    .await?;
    Ok(account::Model { epoch, ..row })
}

/// Ends the sessions of an account, all but one where one is named.
pub(super) async fn end_sessions(
    app: &App,
    txn: &DatabaseTransaction,
    row: &account::Model,
    kept: Option<[u8; 32]>,
) -> Result<u64> {
    let subject = row.id.to_string();
    store::sessions::delete_of_subject(txn, app.city, Role::Account, &subject, kept).await
}
