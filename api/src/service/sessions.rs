//! Who a request comes from: opaque tokens, of which only a hash is kept.

mod account;
mod staff;

use ::entity::{ApplicantId, StaffId, session};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};

use crate::{
    app::App,
    domain::actor::{
        AccountHolder, Actor, Applicant, Approver, Auditor, Officer, Operator, Reviewer,
    },
    error::{Error, Result},
    ids, store,
};

pub(super) use account::{DEVICES_REMEMBERED, open_for_account};
pub use account::{Device, Ending, Shown, end_one, list};
pub(super) use staff::{SigningIn, open_for_staff_account};

/// How long a session of somebody of the city lasts whose token the operator printed.
const STAFF_SESSION: TimeDelta = TimeDelta::hours(12);

/// How long an applicant's session lasts, at the counter or of an account.
const APPLICANT_SESSION: TimeDelta = TimeDelta::days(30);

/// How exactly it is known when a session was last used: reading is not to write each time.
const SEEN_EVERY: TimeDelta = TimeDelta::hours(1);

/// The same of a session that ends when it is idle.
const SEEN_EVERY_IF_IDLE: TimeDelta = TimeDelta::minutes(1);

/// Opens a session for an officer. Only somebody who has the machine may do this.
///
/// Returns the token; it is nowhere else.
pub async fn open_for_officer(app: &App, _: &Operator, name: &str) -> Result<String> {
    open_for_staff(app, session::Role::Officer, name).await
}

/// Opens a session for a reviewer, in the same way.
pub async fn open_for_reviewer(app: &App, _: &Operator, name: &str) -> Result<String> {
    open_for_staff(app, session::Role::Reviewer, name).await
}

/// Opens a session for an approver, in the same way.
pub async fn open_for_approver(app: &App, _: &Operator, name: &str) -> Result<String> {
    open_for_staff(app, session::Role::Approver, name).await
}

/// Opens a session for an auditor, in the same way.
pub async fn open_for_auditor(app: &App, _: &Operator, name: &str) -> Result<String> {
    open_for_staff(app, session::Role::Auditor, name).await
}

async fn open_for_staff(app: &App, role: session::Role, name: &str) -> Result<String> {
    check_name(name)?;
    let known = store::staff::find_by_name(&app.db, app.city, &name.to_lowercase()).await?;
    if known.is_some_and(|row| row.blocked_at.is_some()) {
        let reason = format!("{name} is blocked; `fairplate staff invite {name}` lets them back");
        return Err(Error::invalid("name", reason));
    }
    let opening = Opening::lasting(role, name.to_owned(), STAFF_SESSION);
    open(app, &app.db, opening).await
}

/// Refuses a name that cannot stand in the audit trail.
pub(super) fn check_name(name: &str) -> Result<()> {
    let is_usable = (1..=64).contains(&name.len())
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || "-._".contains(c));
    if is_usable {
        return Ok(());
    }
    Err(Error::invalid(
        "name",
        "a name in the audit trail has 1 to 64 letters, digits, dots, hyphens or underscores",
    ))
}

/// Opens a session for the applicant of an application code, without an account. Only somebody who
/// has the machine may do this: it is how a counter clerk lets somebody in whose phone is lost.
pub async fn open_for_code(app: &App, _: &Operator, code: &str) -> Result<String> {
    let application = store::applications::find_by_code(&app.db, app.city, code)
        .await?
        .ok_or_else(|| Error::not_found("application", code))?;
    open_for_applicant(app, &app.db, application.applicant_id).await
}

async fn open_for_applicant(
    app: &App,
    db: &impl ConnectionTrait,
    id: ApplicantId,
) -> Result<String> {
    let opening = Opening::lasting(session::Role::Applicant, id.to_string(), APPLICANT_SESSION);
    open(app, db, opening).await
}

/// A session that is opened.
struct Opening {
    role: session::Role,
    subject: String,
    lasts: TimeDelta,
    device_hash: Option<[u8; 32]>,
    staff: Option<StaffOpening>,
}

/// What is noted of a session of somebody of the city who signed in.
struct StaffOpening {
    id: StaffId,
    by: session::OpenedBy,
    idle_secs: i32,
}

impl Opening {
    /// A session that only its time ends, on no device that is known.
    fn lasting(role: session::Role, subject: String, lasts: TimeDelta) -> Self {
        Self {
            role,
            subject,
            lasts,
            device_hash: None,
            staff: None,
        }
    }
}

async fn open(app: &App, db: &impl ConnectionTrait, opening: Opening) -> Result<String> {
    let token = fresh_token();
    let now = app.clock.now();
    let row = session::Model {
        city_id: app.city,
        token_hash: hash(&token).to_vec(),
        role: opening.role,
        subject: opening.subject,
        created_at: now,
        expires_at: now + opening.lasts,
        device_hash: opening.device_hash.map(Vec::from),
        last_seen_at: Some(now),
        staff_id: opening.staff.as_ref().map(|staff| staff.id),
        opened_by: opening.staff.as_ref().map(|staff| staff.by),
        idle_secs: opening.staff.as_ref().map(|staff| staff.idle_secs),
    };
    store::sessions::insert(db, row).await?;
    Ok(token)
}

/// Who a token belongs to.
///
/// # Errors
///
/// [`Error::Unauthenticated`] for a token that is unknown or has ended; both look the same.
pub async fn identify(app: &App, token: &str) -> Result<Actor> {
    let now = app.clock.now();
    let row = find(app, hash(token), now).await?;
    see(app, &row, now).await?;
    actor(app, row).await
}

/// What is kept of a token to look its session up again. It lets nobody in.
#[derive(Clone)]
pub struct Ticket([u8; 32]);

impl Ticket {
    /// The ticket of a token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(hash(token))
    }
}

/// Who a ticket belongs to now; a session may have ended since. Whoever only follows something does
/// nothing, and a session that ends when it is idle does so meanwhile.
///
/// # Errors
///
/// [`Error::Unauthenticated`] as for its token.
pub async fn recheck(app: &App, Ticket(token_hash): &Ticket) -> Result<Actor> {
    let now = app.clock.now();
    let row = find(app, *token_hash, now).await?;
    if row.idle_secs.is_none() {
        see(app, &row, now).await?;
    }
    actor(app, row).await
}

async fn find(app: &App, token_hash: [u8; 32], now: DateTime<Utc>) -> Result<session::Model> {
    store::sessions::find_live(&app.db, app.city, token_hash, now)
        .await?
        .ok_or(Error::Unauthenticated)
}

/// Who speaks through a session.
async fn actor(app: &App, row: session::Model) -> Result<Actor> {
    let token_hash = row.token_hash.as_slice().try_into();
    let token_hash: [u8; 32] = token_hash.map_err(Error::internal)?;
    Ok(match row.role {
        session::Role::Reviewer => Actor::Reviewer(Reviewer::signed_in(row.subject, token_hash)),
        session::Role::Officer => Actor::Officer(Officer::signed_in(row.subject, token_hash)),
        session::Role::Approver => Actor::Approver(Approver::signed_in(row.subject, token_hash)),
        session::Role::Auditor => Actor::Auditor(Auditor::signed_in(row.subject, token_hash)),
        session::Role::Applicant => Actor::Applicant(Applicant::new(
            row.subject.parse().map_err(Error::internal)?,
        )),
        session::Role::Account => {
            let id = row.subject.parse().map_err(Error::internal)?;
            let account = store::accounts::find(&app.db, app.city, id).await?;
            let account = account.ok_or(Error::Unauthenticated)?;
            Actor::Account(AccountHolder::new(id, token_hash, account.applicant_id))
        }
    })
}

/// Ends sessions of whoever asks; gives how many.
///
/// # Errors
///
/// [`Error::Forbidden`] for an applicant at the counter, [`Error::Unauthenticated`] for nobody in
/// particular.
pub async fn end_many(app: &App, actor: &Actor, ending: Ending) -> Result<u64> {
    match actor {
        Actor::Account(holder) => account::end_many(app, holder, ending).await,
        other => staff::end_many(app, other, ending).await,
    }
}

/// Notes that a session is used, where that is worth a write.
async fn see(app: &App, row: &session::Model, now: DateTime<Utc>) -> Result<()> {
    let every = match row.idle_secs {
        Some(_) => SEEN_EVERY_IF_IDLE,
        None => SEEN_EVERY,
    };
    if row.last_seen_at.is_some_and(|seen| now < seen + every) {
        return Ok(());
    }
    store::sessions::see(&app.db, app.city, &row.token_hash, now).await
}

pub(super) fn fresh_token() -> String {
    URL_SAFE_NO_PAD.encode(ids::random::<32>())
}

pub(super) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}
