//! Letting somebody of the city in who has proven who they are.

use ::entity::{
    session::{OpenedBy, Role},
    staff,
};
use chrono::{DateTime, Utc};
use sea_orm::DatabaseTransaction;

use super::{note, role_name};
use crate::{
    app::App,
    domain::actor::Actor,
    error::Result,
    service::sessions::{self, SigningIn},
};

/// Somebody of the city who has just signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The session's token; it is nowhere else.
    pub token: String,
    /// The device's token, by which it is known again; it is nowhere else.
    pub device_token: String,
    /// When the session ends, if it is used all the time.
    pub expires_at: DateTime<Utc>,
    /// Who they are.
    pub actor: Actor,
}

/// What became of signing in.
#[derive(Debug)]
pub enum Entered {
    /// They are in.
    Done(SignedIn),
    /// What was given does not belong together, was used before or is too old; or nobody has the
    /// name; or nobody may sign in under it.
    Refused,
    /// Too many wrong passwords and codes: none is looked at until this moment.
    Wait(DateTime<Utc>),
    /// They are who they say, and have to say as what they sign in: they may act as these.
    RoleToChoose(Vec<Role>),
}

/// The role somebody signs in with: the one they ask for, or the only one they have.
///
/// # Errors
///
/// What they may act as, where they ask for another role or do not say which.
pub(super) fn choose(row: &staff::Model, wanted: Option<Role>) -> Result<Role, Vec<Role>> {
    let roles = row.roles();
    match (wanted, &roles[..]) {
        (Some(role), _) if roles.contains(&role) => Ok(role),
        (None, [only]) => Ok(*only),
        _ => Err(roles),
    }
}

/// Opens the session.
pub(super) async fn let_in(
    app: &App,
    txn: &DatabaseTransaction,
    row: &staff::Model,
    how: SigningIn<'_>,
) -> Result<SignedIn> {
    let opened = sessions::open_for_staff_account(app, txn, row, how).await?;
    let by = match how.by {
        OpenedBy::Password => "password",
        OpenedBy::Passkey => "passkey",
    };
    let detail = serde_json::json!({ "role": role_name(how.role), "by": by });
    note(app, txn, row, "staff.sign_in", detail).await?;
    Ok(SignedIn {
        token: opened.token,
        device_token: opened.device_token,
        expires_at: opened.expires_at,
        actor: opened.actor,
    })
}
