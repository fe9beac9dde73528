//! Staff: accounts of the people of the city. The operator invites them, and they sign in with a
//! passkey, or with a password and the code that their authenticator app shows.

mod accounts;
mod challenges;
mod entrance;
mod passkeys;
mod password;

use ::entity::{StaffId, session::Role, staff};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{sessions::hash, trail};
use crate::{app::App, domain::actor::Actor, error::Result, store};

pub use accounts::{Invited, Listed, Ways, add, block, invite, list};
pub use entrance::{Entered, SignedIn};
pub use passkeys::{
    PasskeyAsked, PasskeyRegistered, RegistrationAsked, finish_registration, finish_sign_in,
    start_registration, start_sign_in,
};
pub use password::{Confirmed, PasswordSet, Typed, confirm_password, set_password, sign_in};

/// What a staff account keeps sealed.
#[derive(Default, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Sealed {
    /// What somebody signs in with; none until it is confirmed.
    credentials: Option<Credentials>,
    /// What was set with the invitation and is not confirmed yet.
    unconfirmed: Option<Credentials>,
}

/// A password, and what an authenticator app makes its codes from.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Credentials {
    /// Hash of the password, as a PHC string.
    password: String,
    /// Secret of the codes.
    totp: Vec<u8>,
}

fn unseal(app: &App, row: &staff::Model) -> Result<Sealed> {
    app.unseal(&place(app, row.id), &row.sealed)
}

fn seal(app: &App, id: StaffId, sealed: &Sealed) -> Result<Vec<u8>> {
    app.seal(&place(app, id), sealed)
}

fn place(app: &App, id: StaffId) -> String {
    format!("staff/{}/{id}", app.city)
}

/// The account of a name that is not blocked.
async fn find_unblocked(
    app: &App,
    db: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<staff::Model>> {
    let found = store::staff::find_by_name(db, app.city, &name.to_lowercase()).await?;
    Ok(found.filter(|row| row.blocked_at.is_none()))
}

/// The account that an invitation was made for, while it can be used. Of a wrong name, a wrong
/// invitation, a used one and a late one nobody learns which it is.
async fn find_invited(
    app: &App,
    db: &impl ConnectionTrait,
    name: &str,
    invitation: &str,
) -> Result<Option<staff::Model>> {
    let found = find_unblocked(app, db, name).await?;
    let (given, now) = (hash(invitation), app.clock.now());
    Ok(found.filter(|row| {
        row.invitation_hash.as_deref() == Some(&given[..])
            && row.invitation_until.is_some_and(|until| now < until)
    }))
}

/// The account that somebody of the city signed in to; none where the operator printed their token.
async fn find_signed_in(
    app: &App,
    db: &impl ConnectionTrait,
    actor: &Actor,
) -> Result<Option<staff::Model>> {
    let (token_hash, now) = (actor.staff_session()?, app.clock.now());
    let session = store::sessions::find_live(db, app.city, token_hash, now).await?;
    let Some(id) = session.and_then(|session| session.staff_id) else {
        return Ok(None);
    };
    let found = store::staff::find(db, app.city, id).await?;
    Ok(found.filter(|row| row.blocked_at.is_none()))
}

/// What somebody of the city may act as, as it is called in the trail and at the command line.
#[must_use]
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Reviewer => "reviewer",
        Role::Officer => "officer",
        Role::Approver => "approver",
        Role::Auditor => "auditor",
        Role::Applicant => "applicant",
        Role::Account => "account",
    }
}

/// Notes what somebody did to their own account.
async fn note(
    app: &App,
    txn: &DatabaseTransaction,
    row: &staff::Model,
    action: &'static str,
    detail: serde_json::Value,
) -> Result<()> {
    let actor = format!("staff:{}", row.name);
    trail::note(app, txn, actor, action, &row.name, detail).await
}

/// The row without an invitation.
fn without_invitation(row: staff::Model) -> staff::Model {
    staff::Model {
        invitation_hash: None,
        invitation_until: None,
        ..row
    }
}

/// A moment as the trail writes it.
fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
