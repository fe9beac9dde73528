//! Opening an account, and signing in.

use ::entity::{AccountId, account, one_time_code::Purpose as Use};
use chrono::{DateTime, Utc};
use sea_orm::DatabaseTransaction;

use super::{Sealed, actor, guesses, password, recognition::recognise, refused, seal, unseal};
use crate::{
    app::{App, PHONE},
    domain::{self, actor::AccountHolder},
    error::Result,
    ids,
    service::{
        one_time_codes::{Typed, check_phone, try_code},
        sessions::{self, Device},
        trail,
    },
    store::{self, accounts::Written},
};

/// Somebody who has just signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The session's token; it is nowhere else.
    pub token: String,
    /// The device's token, by which it is known again; it is nowhere else.
    pub device_token: String,
    /// Who they are.
    pub holder: AccountHolder,
}

/// What became of opening an account.
#[derive(Debug)]
pub enum Registered {
    /// It is open, and its holder signed in.
    Done(SignedIn),
    /// The phone has an account already.
    AccountExists,
    /// The code is wrong, used up, over or for something else.
    CodeRefused,
}

/// What became of signing in.
#[derive(Debug)]
pub enum Entered {
    /// They are in.
    Done(SignedIn),
    /// Phone and password do not belong together, or the code is not right.
    Refused,
    /// Too many wrong passwords: none is looked at until this moment.
    Wait(DateTime<Utc>),
    /// The phone was proven, and has no account.
    NoAccount,
}

/// Opens an account for a phone that a code proves, with or without a password.
pub async fn register(
    app: &App,
    typed: Typed<'_>,
    password: Option<&str>,
    device: &Device<'_>,
) -> Result<Registered> {
    if let Some(password) = password {
        domain::password::check(password, "").map_err(refused)?;
    }
    device.check()?;
    let Some(right) = try_code(app, Use::Register, typed, |_| String::new()).await? else {
        return Ok(Registered::CodeRefused);
    };
    if let Some(password) = password {
        domain::password::check(password, &right.phone).map_err(refused)?;
    }
    let existing = store::accounts::find_by_phone(&app.db, app.city, &right.phone_index);
    if existing.await?.is_some() {
        return Ok(Registered::AccountExists);
    }
    let password = match password {
        Some(password) => Some(password::hash(password).await?),
        None => None,
    };
    let txn = store::begin(&app.db).await?;
    if !right.spend(app, &txn).await? {
        return Ok(Registered::CodeRefused);
    }
    let Some(row) = write(app, &txn, &right.phone, password).await? else {
        return Ok(Registered::AccountExists);
    };
    note(app, &txn, &row, "accounts.register").await?;
    let row = recognise(app, &txn, row).await?;
    let signed_in = let_in(app, &txn, &row, device).await?;
    txn.commit().await?;
    Ok(Registered::Done(signed_in))
}

/// Writes a new account; none where the phone has one.
pub(super) async fn write(
    app: &App,
    txn: &DatabaseTransaction,
    phone: &str,
    password: Option<String>,
) -> Result<Option<account::Model>> {
    let now = app.clock.now();
    let id = AccountId(ids::uuid_v7(now));
    let sealed = Sealed {
        phone: phone.to_owned(),
        password,
    };
    let row = account::Model {
        city_id: app.city,
        id,
        phone_index: app.data_key.blind_index(PHONE, phone).to_vec(),
        applicant_id: None,
        sealed: seal(app, id, &sealed)?,
        epoch: 0,
        created_at: now,
    };
    match store::accounts::insert(txn, row.clone()).await? {
        Written::Done => Ok(Some(row)),
        Written::PhoneTaken | Written::ApplicantTaken => Ok(None),
    }
}

/// Signs in with phone and password. An unknown phone is refused in the same words, after the same
/// work.
pub async fn sign_in(
    app: &App,
    phone: &str,
    password: &str,
    device: &Device<'_>,
) -> Result<Entered> {
    check_phone(phone)?;
    device.check()?;
    if domain::password::LENGTH_MAX < password.chars().count() {
        return Ok(Entered::Refused);
    }
    let phone_index = app.data_key.blind_index(PHONE, phone);
    if let Some(until) = guesses::count(app, &phone_index).await? {
        return Ok(Entered::Wait(until));
    }
    let row = store::accounts::find_by_phone(&app.db, app.city, &phone_index).await?;
    let sealed = row.as_ref().map(|row| unseal(app, row)).transpose()?;
    let hash = sealed
        .as_ref()
        .and_then(|sealed| sealed.password.as_deref());
    let is_right = password::verify(password, hash).await?;
    let Some(seen) = row.filter(|_| is_right) else {
        return Ok(Entered::Refused);
    };
    guesses::forget(app, &phone_index).await?;
    let txn = store::begin(&app.db).await?;
    let row = store::accounts::find(&txn, app.city, seen.id).await?;
    // The password may have been changed while it was compared.
    let Some(row) = row else {
        return Ok(Entered::Refused);
    };
    if unseal(app, &row)?.password.as_deref() != hash {
        return Ok(Entered::Refused);
    }
    note(app, &txn, &row, "accounts.sign_in").await?;
    let signed_in = let_in(app, &txn, &row, device).await?;
    txn.commit().await?;
    Ok(Entered::Done(signed_in))
}

/// Signs in with a code.
pub async fn sign_in_with_code(
    app: &App,
    typed: Typed<'_>,
    device: &Device<'_>,
) -> Result<Entered> {
    device.check()?;
    let Some(right) = try_code(app, Use::SignIn, typed, |_| String::new()).await? else {
        return Ok(Entered::Refused);
    };
    let txn = store::begin(&app.db).await?;
    let row = store::accounts::find_by_phone(&txn, app.city, &right.phone_index).await?;
    let Some(row) = row else {
        return Ok(Entered::NoAccount);
    };
    if !right.spend(app, &txn).await? {
        return Ok(Entered::Refused);
    }
    note(app, &txn, &row, "accounts.sign_in_with_code").await?;
    let row = recognise(app, &txn, row).await?;
    let signed_in = let_in(app, &txn, &row, device).await?;
    txn.commit().await?;
    Ok(Entered::Done(signed_in))
}

/// Opens a session from a device, and tells the account where the device is new to it.
pub(super) async fn let_in(
    app: &App,
    txn: &DatabaseTransaction,
    row: &account::Model,
    device: &Device<'_>,
) -> Result<SignedIn> {
    let phone = unseal(app, row)?.phone.clone();
    let opened = sessions::open_for_account(app, txn, row, &phone, device).await?;
    Ok(SignedIn {
        token: opened.token,
        device_token: opened.device_token,
        holder: opened.holder,
    })
}

/// Notes what somebody did who was let in by what they know or hold.
pub(super) async fn note(
    app: &App,
    txn: &DatabaseTransaction,
    row: &account::Model,
    action: &'static str,
) -> Result<()> {
    let subject = row.id.to_string();
    let detail = serde_json::json!({});
    trail::note(app, txn, actor(row), action, &subject, detail).await
}
