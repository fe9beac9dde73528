//! Who a request comes from: opaque tokens, of which only a hash is kept.

mod account;

use ::entity::{ApplicantId, session};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};

use crate::{
    app::App,
    domain::actor::{AccountHolder, Actor, Applicant, Auditor, Officer, Operator, Reviewer},
    error::{Error, Result},
    ids, store,
};

pub(super) use account::{DEVICES_REMEMBERED, open_for_account};
pub use account::{Device, Ending, Shown, end_many, end_one, list};

/// How long a session of somebody of the city lasts.
const STAFF_SESSION: TimeDelta = TimeDelta::hours(12);

/// How long an applicant's session lasts, at the counter or of an account.
const APPLICANT_SESSION: TimeDelta = TimeDelta::days(30);

/// How exactly it is known when a session was last used: reading is not to write each time.
const SEEN_EVERY: TimeDelta = TimeDelta::hours(1);

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

/// Opens a session for an auditor, in the same way.
pub async fn open_for_auditor(app: &App, _: &Operator, name: &str) -> Result<String> {
    open_for_staff(app, session::Role::Auditor, name).await
}

async fn open_for_staff(app: &App, role: session::Role, name: &str) -> Result<String> {
    if name.is_empty()
        || 64 < name.len()
        || !name
            .chars()
            .all(|c| c.is_alphanumeric() || "-._".contains(c))
    {
        return Err(Error::invalid(
            "name",
            "a name in the audit trail has 1 to 64 letters, digits, dots, hyphens or underscores",
        ));
    }
    let opening = Opening {
        role,
        subject: name.to_owned(),
        lasts: STAFF_SESSION,
        device_hash: None,
    };
    open(app, &app.db, opening).await
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
    let opening = Opening {
        role: session::Role::Applicant,
        subject: id.to_string(),
        lasts: APPLICANT_SESSION,
        device_hash: None,
    };
    open(app, db, opening).await
}

/// A session that is opened.
struct Opening {
    role: session::Role,
    subject: String,
    lasts: TimeDelta,
    device_hash: Option<[u8; 32]>,
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
    recheck(app, &Ticket::of(token)).await
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

/// Who a ticket belongs to now; a session may have ended since.
///
/// # Errors
///
/// [`Error::Unauthenticated`] as for its token.
pub async fn recheck(app: &App, Ticket(token_hash): &Ticket) -> Result<Actor> {
    let (now, token_hash) = (app.clock.now(), *token_hash);
    let row = store::sessions::find_live(&app.db, app.city, token_hash, now)
        .await?
        .ok_or(Error::Unauthenticated)?;
    see(app, &row, now).await?;
    Ok(match row.role {
        session::Role::Reviewer => Actor::Reviewer(Reviewer::new(row.subject)),
        session::Role::Officer => Actor::Officer(Officer::signed_in(row.subject, token_hash)),
        session::Role::Auditor => Actor::Auditor(Auditor::new(row.subject)),
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

/// Notes that a session is used, where that is worth a write.
async fn see(app: &App, row: &session::Model, now: DateTime<Utc>) -> Result<()> {
    if row.last_seen_at.is_some_and(|seen| now < seen + SEEN_EVERY) {
        return Ok(());
    }
    store::sessions::see(&app.db, app.city, &row.token_hash, now).await
}

fn fresh_token() -> String {
    URL_SAFE_NO_PAD.encode(ids::random::<32>())
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}
