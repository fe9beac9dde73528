//! What the operator does with staff accounts.

use std::collections::HashMap;

use ::entity::{StaffId, session::Role, staff};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::DatabaseTransaction;

use super::{Sealed, moment, role_name, seal, unseal};
use crate::{
    app::App,
    domain::actor::Operator,
    error::{Error, Result},
    ids,
    service::{
        sessions::{check_name, fresh_token, hash},
        trail,
    },
    store,
};

/// How long an invitation can be used.
const INVITATION_TIME: TimeDelta = TimeDelta::hours(24);

/// Somebody who was invited to set up how they sign in.
#[derive(Debug)]
pub struct Invited {
    /// The name.
    pub name: String,
    /// What they may act as.
    pub roles: Vec<Role>,
    /// The invitation; it is nowhere else.
    pub invitation: String,
    /// Until when it can be used.
    pub until: DateTime<Utc>,
}

/// A staff account as the operator sees it.
#[derive(Debug)]
pub struct Listed {
    /// The name.
    pub name: String,
    /// What they may act as.
    pub roles: Vec<Role>,
    /// What they can sign in with.
    pub ways: Ways,
    /// Until when their invitation can be used; none where none is open.
    pub invited_until: Option<DateTime<Utc>>,
    /// When the account was added.
    pub created_at: DateTime<Utc>,
    /// Since when they cannot sign in.
    pub blocked_at: Option<DateTime<Utc>>,
}

/// What somebody can sign in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ways {
    /// Password and authenticator code.
    pub password: bool,
    /// How many passkeys.
    pub passkeys: usize,
}

/// Adds an account and invites its holder. Only somebody who has the machine may do this.
///
/// # Errors
///
/// [`Error::InvalidInput`] for a name that cannot stand in the audit trail or that somebody has,
/// whatever its case, and for no role.
pub async fn add(app: &App, _: &Operator, name: &str, roles: &[Role]) -> Result<Invited> {
    check_name(name)?;
    check_roles(roles)?;
    let now = app.clock.now();
    let id = StaffId(ids::uuid_v7(now));
    let invitation = fresh_token();
    let until = now + INVITATION_TIME;
    let row = with_roles(
        staff::Model {
            city_id: app.city,
            id,
            name: name.to_owned(),
            name_key: name.to_lowercase(),
            is_reviewer: false,
            is_officer: false,
            is_approver: false,
            is_auditor: false,
            sealed: seal(app, id, &Sealed::default())?,
            totp_step: None,
            invitation_hash: Some(hash(&invitation).to_vec()),
            invitation_until: Some(until),
            epoch: 0,
            created_at: now,
            blocked_at: None,
        },
        roles,
    );
    let txn = store::begin(&app.db).await?;
    if !store::staff::insert(&txn, row.clone()).await? {
        let reason = format!(
            "there is a staff account of this name; `fairplate staff invite {name}` invites its holder anew"
        );
        return Err(Error::invalid("name", reason));
    }
    note_invitation(app, &txn, "staff.add", &row).await?;
    txn.commit().await?;
    Ok(Invited {
        name: row.name.clone(),
        roles: row.roles(),
        invitation,
        until,
    })
}

/// Invites somebody anew, who has another device or lost what they signed in with: whatever they had
/// is dropped, their sessions end, and a block is lifted. With roles they have these from now on.
///
/// # Errors
///
/// [`Error::NotFound`] for a name that nobody has.
pub async fn invite(app: &App, _: &Operator, name: &str, roles: &[Role]) -> Result<Invited> {
    let invitation = fresh_token();
    let until = app.clock.now() + INVITATION_TIME;
    let txn = store::begin(&app.db).await?;
    let row = get(app, &txn, name).await?;
    let row = if roles.is_empty() {
        row
    } else {
        with_roles(row, roles)
    };
    let row = staff::Model {
        sealed: seal(app, row.id, &Sealed::default())?,
        invitation_hash: Some(hash(&invitation).to_vec()),
        invitation_until: Some(until),
        blocked_at: None,
        ..row
    };
    shut_out(app, &txn, &row).await?;
    note_invitation(app, &txn, "staff.invite", &row).await?;
    txn.commit().await?;
    Ok(Invited {
        name: row.name.clone(),
        roles: row.roles(),
        invitation,
        until,
    })
}

/// Blocks an account: its sessions end, and nothing lets anybody in to it any more. Again, it changes
/// nothing; gives whether it did.
///
/// # Errors
///
/// [`Error::NotFound`] for a name that nobody has.
pub async fn block(app: &App, _: &Operator, name: &str) -> Result<bool> {
    let txn = store::begin(&app.db).await?;
    let row = get(app, &txn, name).await?;
    if row.blocked_at.is_some() {
        return Ok(false);
    }
    let row = staff::Model {
        sealed: seal(app, row.id, &Sealed::default())?,
        blocked_at: Some(app.clock.now()),
        ..super::without_invitation(row)
    };
    let ended = shut_out(app, &txn, &row).await?;
    let detail = serde_json::json!({ "ended_sessions": ended });
    let actor = "operator".to_owned();
    trail::note(app, &txn, actor, "staff.block", &row.name, detail).await?;
    txn.commit().await?;
    Ok(true)
}

/// All staff accounts, by name.
pub async fn list(app: &App, _: &Operator) -> Result<Vec<Listed>> {
    let mut passkeys: HashMap<StaffId, usize> = HashMap::new();
    for row in store::passkeys::list(&app.db, app.city).await? {
        *passkeys.entry(row.staff_id).or_default() += 1;
    }
    let now = app.clock.now();
    let rows = store::staff::list(&app.db, app.city).await?.into_iter();
    let listed = rows.map(|row| {
        Ok(Listed {
            ways: Ways {
                password: unseal(app, &row)?.credentials.is_some(),
                passkeys: passkeys.get(&row.id).copied().unwrap_or_default(),
            },
            roles: row.roles(),
            invited_until: row.invitation_until.filter(|until| now < *until),
            created_at: row.created_at,
            blocked_at: row.blocked_at,
            name: row.name,
        })
    });
    listed.collect()
}

async fn get(app: &App, txn: &DatabaseTransaction, name: &str) -> Result<staff::Model> {
    let found = store::staff::find_by_name(txn, app.city, &name.to_lowercase()).await?;
    found.ok_or_else(|| Error::not_found("staff account", name))
}

/// Writes the account, and ends whatever somebody has open; gives how many sessions that were.
async fn shut_out(app: &App, txn: &DatabaseTransaction, row: &staff::Model) -> Result<u64> {
    if !store::staff::update(txn, row).await? {
        return Err(Error::Conflict {
            what: format!("the staff account {}", row.name),
        });
    }
    store::passkeys::delete_of_staff(txn, app.city, row.id).await?;
    store::passkeys::delete_challenges_of_staff(txn, app.city, row.id).await?;
    store::sessions::delete_of_staff(txn, app.city, &row.name, None).await
}

fn check_roles(roles: &[Role]) -> Result<()> {
    if roles.iter().any(|role| Role::STAFF.contains(role)) {
        return Ok(());
    }
    let reason = "somebody of the city is a reviewer, an officer, an approver or an auditor";
    Err(Error::invalid("role", reason))
}

fn with_roles(row: staff::Model, roles: &[Role]) -> staff::Model {
    staff::Model {
        is_reviewer: roles.contains(&Role::Reviewer),
        is_officer: roles.contains(&Role::Officer),
        is_approver: roles.contains(&Role::Approver),
        is_auditor: roles.contains(&Role::Auditor),
        ..row
    }
}

async fn note_invitation(
    app: &App,
    txn: &DatabaseTransaction,
    action: &'static str,
    row: &staff::Model,
) -> Result<()> {
    let roles: Vec<_> = row.roles().into_iter().map(role_name).collect();
    let until = row.invitation_until.map(moment);
    let detail = serde_json::json!({ "roles": roles, "invitation_until": until });
    trail::note(app, txn, "operator".to_owned(), action, &row.name, detail).await
}
