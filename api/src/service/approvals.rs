//! What no officer can do alone: one proposes it, and another one, or an approver, approves of exactly
//! that.
//!
//! [`propose`] checks that it could be done now and writes down all of what is to be done;
//! [`approve`] works that out once more from the city as it is then, and where it is still the same,
//! does it. Decision, effect and audit rows are one transaction. The functions that freeze, announce,
//! void, amend, confirm, change keys and rules take an [`Approved`], and only this module makes one.

mod approved;
mod deciding;
mod prepared;

use ::entity::{approval, session};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;
use verifier::text::Digest;

pub(in crate::service) use approved::Approved;
pub use deciding::{Decided, Refused, Withdrawn, approve, refuse, withdraw};
pub use prepared::Action;

use super::{
    messages,
    once::{Again, keep},
    rules, trail,
};
use crate::{
    app::{App, Stage},
    domain::{
        actor::{Approver, Officer},
        amend::Obstacle,
        approval::{Content, Signatory, state_at},
        span::Span,
    },
    error::{Error, Result},
    ids,
    store::{self, approvals::Decision},
};
use prepared::Prepared;

/// What became of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposed {
    /// It waits for another officer.
    Requested(approval::Model),
    /// The same thing was proposed before, with this or another content, and nobody has decided.
    AlreadyWaiting(approval::Model),
    /// It cannot be done as it is asked for. Only an amend says so as data.
    Refused(Vec<Obstacle>),
}

/// Proposes something that another officer has to approve of.
///
/// # Errors
///
/// What the action itself would refuse now; [`Error::Forbidden`] for an officer without a session,
/// [`Error::Unauthenticated`] for one whose session has ended.
pub async fn propose(app: &App, officer: &Officer, action: Action) -> Result<Proposed> {
    let now = app.clock.now();
    let txn = store::begin(&app.db).await?;
    rules::lock(app, &txn).await?;
    let session = require_session(app, &txn, &officer.approver()).await?;
    let content = match Prepared::of(app, &txn, action).await? {
        Ok(prepared) => prepared.content(),
        Err(obstacles) => return Ok(Proposed::Refused(obstacles)),
    };
    let (action, subject) = (content.action(), content.subject());
    if let Some(earlier) = store::approvals::find_waiting(&txn, app.city, action, subject).await? {
        if state_at(&earlier, now) == approval::State::Waiting {
            return Ok(Proposed::AlreadyWaiting(earlier));
        }
        expire(app, &txn, &earlier).await?;
    }
    app.reached("propose", Stage::Decided);

    let spelt = spelling(&content)?;
    let row = approval::Model {
        city_id: app.city,
        id: ids::uuid_v7(now),
        action,
        subject: subject.to_owned(),
        digest: Digest::of(spelt.as_bytes()).0.to_vec(),
        content: spelt,
        proposed_by: officer.name().to_owned(),
        proposed_session: session.token_hash,
        proposed_device: session.device_hash,
        proposed_at: now,
        expires_at: now + app.approval_time,
        state: approval::State::Waiting,
        decided_by: None,
        decided_session: None,
        decided_at: None,
    };
    store::approvals::insert(&txn, row.clone()).await?;
    note(app, &txn, officer.actor(), "approvals.propose", &row).await?;
    tell_others(app, &txn, &row).await?;
    keep(app, &txn, row.id).await?;
    app.reached("propose", Stage::Recorded);
    txn.commit().await?;
    app.reached("propose", Stage::Committed);
    Ok(Proposed::Requested(row))
}

impl Again for Proposed {
    async fn again(app: &App, subject: &str) -> Result<Self> {
        let id = subject.parse().map_err(Error::internal)?;
        let row = store::approvals::get(&app.db, app.city, id).await?;
        Ok(Self::Requested(row))
    }
}

/// A part of the approvals, those that stand in a state now or all, newest first.
pub async fn list(
    app: &App,
    _: &Approver,
    state: Option<approval::State>,
    span: Span<Uuid>,
) -> Result<Vec<approval::Model>> {
    let state = state.map(|state| (state, app.clock.now()));
    store::approvals::list(&app.db, app.city, state, span).await
}

/// One approval, if there is one.
pub async fn find(app: &App, _: &Approver, id: Uuid) -> Result<Option<approval::Model>> {
    store::approvals::find(&app.db, app.city, id).await
}

/// What is to be done, as it was written down.
///
/// # Errors
///
/// [`Error::Internal`] for a row that is not ours: of another form, or with another digest.
pub fn content_of(row: &approval::Model) -> Result<Content> {
    if Digest::of(row.content.as_bytes()).0[..] != row.digest[..] {
        return Err(Error::internal(anyhow::anyhow!(
            "the content of approval {} does not have the digest that stands beside it",
            row.id
        )));
    }
    serde_json::from_str(&row.content).map_err(Error::internal)
}

/// The one spelling of a content.
fn spelling(content: &Content) -> Result<String> {
    serde_json::to_string(content).map_err(Error::internal)
}

/// The session that an officer or an approver speaks through, as it is now: a name alone proposes and
/// decides nothing.
async fn require_session(
    app: &App,
    txn: &DatabaseTransaction,
    who: &Approver,
) -> Result<session::Model> {
    let token_hash = who.session()?;
    let role = if who.is_officer() {
        session::Role::Officer
    } else {
        session::Role::Approver
    };
    let found = store::sessions::find_live(txn, app.city, token_hash, app.clock.now()).await?;
    let is_theirs = |row: &session::Model| row.role == role && row.subject == who.name();
    found.filter(is_theirs).ok_or(Error::Unauthenticated)
}

/// Whoever speaks through a session.
fn signatory(session: &session::Model) -> Signatory<'_> {
    Signatory {
        name: &session.subject,
        session: &session.token_hash,
        device: session.device_hash.as_deref(),
    }
}

/// Notes that the time of a proposal is over.
async fn expire(app: &App, txn: &DatabaseTransaction, row: &approval::Model) -> Result<()> {
    let decision = Decision {
        state: approval::State::Expired,
        by: None,
        at: app.clock.now(),
    };
    store::approvals::decide(txn, row, decision).await?;
    note(app, txn, "calendar".to_owned(), "approvals.expire", row).await
}

/// Writes the audit row of a step of an approval, under what it is about.
async fn note(
    app: &App,
    txn: &DatabaseTransaction,
    actor: String,
    step: &'static str,
    row: &approval::Model,
) -> Result<()> {
    let digest: [u8; 32] = row.digest.as_slice().try_into().map_err(Error::internal)?;
    let detail = serde_json::json!({
        "approval": row.id,
        "action": action_name(row.action),
        "digest": Digest(digest).to_string(),
        "proposed_by": row.proposed_by,
    });
    trail::note(app, txn, actor, step, &row.subject, detail).await
}

/// Tells the city's own systems that another officer is needed, and what for: officers have neither a
/// phone nor an address here.
async fn tell_others(app: &App, txn: &DatabaseTransaction, row: &approval::Model) -> Result<()> {
    let digest = row.digest.as_slice().try_into().map_err(Error::internal)?;
    let facts = serde_json::json!({
        "approval": row.id,
        "action": action_name(row.action),
        "digest": Digest(digest).to_string(),
        "proposedBy": row.proposed_by,
        "until": row.expires_at,
    });
    messages::tell(app, txn, "approval.requested", &row.subject, facts).await
}

/// How an action is called in the audit trail and at the command line.
#[must_use]
pub fn action_name(action: approval::Action) -> &'static str {
    match action {
        approval::Action::FreezePeriod => "freeze",
        approval::Action::FreezeRepresentatives => "freeze_representatives",
        approval::Action::AnnounceDraw => "announce",
        approval::Action::VoidDraw => "void",
        approval::Action::ConfirmPolicy => "confirm",
        approval::Action::LiftBan => "lift_ban",
        approval::Action::AmendResult => "amend",
        approval::Action::ChangeRecordKey => "rotate_record",
        approval::Action::ChangeTrust => "change_trust",
        approval::Action::ChangePolicy => "adopt",
    }
}
