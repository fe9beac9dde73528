//! Password and authenticator code: setting them up with an invitation, and signing in.

use ::entity::{
    session::{OpenedBy, Role},
    staff,
};
use zeroize::Zeroizing;

use super::{
    Credentials, Entered, Sealed,
    entrance::{choose, let_in},
    find_invited, find_unblocked, note, seal, unseal, without_invitation,
};
use crate::{
    app::{App, STAFF_NAME},
    domain::{self, totp},
    error::{Error, Result},
    ids,
    service::{
        accounts::{guesses, password},
        sessions::SigningIn,
    },
    store,
};

/// What became of setting a password.
pub enum PasswordSet {
    /// It is set, and counts when a code of the authenticator app has confirmed it.
    Done {
        /// What the app is given as a QR code or a link; it is nowhere else.
        uri: Zeroizing<String>,
        /// The secret in it, for an app that it is typed into.
        secret: Zeroizing<String>,
    },
    /// The invitation is wrong, used or over, or not for this name.
    InvitationRefused,
}

/// What became of confirming it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// From now on they sign in with it; the invitation is used up.
    Done,
    /// The code is not right, or no password was set before.
    CodeRefused,
    /// The invitation is wrong, used or over, or not for this name.
    InvitationRefused,
}

/// What somebody types to sign in.
#[derive(Clone, Copy)]
pub struct Typed<'a> {
    /// The name.
    pub name: &'a str,
    /// The password.
    pub password: &'a str,
    /// The code that the app shows.
    pub code: &'a str,
    /// As what they sign in; needed of whoever may act as several.
    pub role: Option<Role>,
    /// The token of the device, if it has one.
    pub device_token: Option<&'a str>,
}

/// Sets a password with an invitation, and makes the secret of the authenticator codes. It can be
/// done again until a code confirms it.
///
/// # Errors
///
/// [`Error::InvalidInput`] for a password that is not good enough.
pub async fn set_password(
    app: &App,
    name: &str,
    invitation: &str,
    password: &str,
) -> Result<PasswordSet> {
    let refused = |fault| Error::invalid("password", fault);
    domain::password::check(password, "").map_err(refused)?;
    if find_invited(app, &app.db, name, invitation)
        .await?
        .is_none()
    {
        return Ok(PasswordSet::InvitationRefused);
    }
    let hash = password::hash(password).await?;
    let secret = Zeroizing::new(ids::random::<{ totp::SECRET_BYTES }>());
    let txn = store::begin(&app.db).await?;
    let Some(row) = find_invited(app, &txn, name, invitation).await? else {
        return Ok(PasswordSet::InvitationRefused);
    };
    let sealed = Sealed {
        credentials: None,
        unconfirmed: Some(Credentials {
            password: hash,
            totp: secret.to_vec(),
        }),
    };
    let row = staff::Model {
        sealed: seal(app, row.id, &sealed)?,
        ..row
    };
    write(&txn, &row).await?;
    note(app, &txn, &row, "staff.set_password", serde_json::json!({})).await?;
    txn.commit().await?;
    let uri = totp::uri(&app.policy.city.key, &row.name, &secret[..]);
    Ok(PasswordSet::Done {
        uri: Zeroizing::new(uri),
        secret: Zeroizing::new(totp::base32(&secret[..])),
    })
}

/// Confirms the password with a code of the app, which uses the invitation up.
pub async fn confirm_password(
    app: &App,
    name: &str,
    invitation: &str,
    code: &str,
) -> Result<Confirmed> {
    let txn = store::begin(&app.db).await?;
    let Some(row) = find_invited(app, &txn, name, invitation).await? else {
        return Ok(Confirmed::InvitationRefused);
    };
    let mut sealed = unseal(app, &row)?;
    let Some(credentials) = sealed.unconfirmed.take() else {
        return Ok(Confirmed::CodeRefused);
    };
    let now = app.clock.now().timestamp();
    let Some(step) = totp::accept(&credentials.totp, code, now, None) else {
        return Ok(Confirmed::CodeRefused);
    };
    sealed.credentials = Some(credentials);
    let row = staff::Model {
        sealed: seal(app, row.id, &sealed)?,
        totp_step: Some(step),
        ..without_invitation(row)
    };
    write(&txn, &row).await?;
    let action = "staff.confirm_password";
    note(app, &txn, &row, action, serde_json::json!({})).await?;
    txn.commit().await?;
    Ok(Confirmed::Done)
}

/// Signs in. An unknown name is refused in the same words, after the same work, as a wrong password
/// and a wrong code; all of them count as guesses with the name.
pub async fn sign_in(app: &App, typed: Typed<'_>) -> Result<Entered> {
    if domain::password::LENGTH_MAX < typed.password.chars().count() {
        return Ok(Entered::Refused);
    }
    let index = app
        .data_key
        .blind_index(STAFF_NAME, &typed.name.to_lowercase());
    if let Some(until) = guesses::count(app, &index).await? {
        return Ok(Entered::Wait(until));
    }
    let row = find_unblocked(app, &app.db, typed.name).await?;
    let mut sealed = row.as_ref().map(|row| unseal(app, row)).transpose()?;
    let known = sealed.as_mut().and_then(|sealed| sealed.credentials.take());
    let hash = known.as_ref().map(|known| known.password.as_str());
    let is_right = password::verify(typed.password, hash).await?;
    let (Some(row), Some(known)) = (row, known) else {
        return Ok(Entered::Refused);
    };
    let now = app.clock.now().timestamp();
    let step = totp::accept(&known.totp, typed.code, now, row.totp_step);
    let Some(step) = step.filter(|_| is_right) else {
        return Ok(Entered::Refused);
    };
    guesses::forget(app, &index).await?;
    let role = match choose(&row, typed.role) {
        Ok(role) => role,
        Err(roles) => return Ok(Entered::RoleToChoose(roles)),
    };
    let txn = store::begin(&app.db).await?;
    let row = staff::Model {
        totp_step: Some(step),
        ..row
    };
    // Of two sign-ins with one code, and of one beside a block, the account lets in one.
    if !store::staff::update(&txn, &row).await? {
        return Ok(Entered::Refused);
    }
    let how = SigningIn {
        role,
        by: OpenedBy::Password,
        device_token: typed.device_token,
    };
    let signed_in = let_in(app, &txn, &row, how).await?;
    txn.commit().await?;
    Ok(Entered::Done(signed_in))
}

/// Writes the account over the one that was seen in the same transaction.
async fn write(txn: &sea_orm::DatabaseTransaction, row: &staff::Model) -> Result<()> {
    if store::staff::update(txn, row).await? {
        return Ok(());
    }
    Err(Error::Conflict {
        what: format!("the staff account {}", row.name),
    })
}
