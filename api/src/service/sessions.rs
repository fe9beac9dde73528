//! Who a request comes from: opaque tokens, of which only a hash is kept.

use ::entity::{ApplicantId, session};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use sha2::{Digest as _, Sha256};

use crate::{
    app::App,
    domain::actor::{Actor, Applicant, Auditor, Officer, Operator, Reviewer},
    error::{Error, Result},
    ids, store,
};

/// How long a session of somebody of the city lasts.
const STAFF_SESSION: TimeDelta = TimeDelta::hours(12);

/// How long an applicant's session lasts.
const APPLICANT_SESSION: TimeDelta = TimeDelta::days(30);

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
    open(app, &app.db, role, name.to_owned(), STAFF_SESSION).await
}

/// Opens a session for the applicant of an application code. Only somebody who has the machine
/// may do this: it is how a counter clerk lets somebody in whose phone is lost.
pub async fn open_for_code(app: &App, _: &Operator, code: &str) -> Result<String> {
    let application = store::applications::find_by_code(&app.db, app.city, code)
        .await?
        .ok_or_else(|| Error::not_found("application", code))?;
    open_for_applicant(app, &app.db, application.applicant_id).await
}

/// Opens a session for somebody who has just been registered, in the same transaction.
pub(super) async fn open_for_applicant(
    app: &App,
    db: &impl ConnectionTrait,
    id: ApplicantId,
) -> Result<String> {
    open(
        app,
        db,
        session::Role::Applicant,
        id.to_string(),
        APPLICANT_SESSION,
    )
    .await
}

async fn open(
    app: &App,
    db: &impl ConnectionTrait,
    role: session::Role,
    subject: String,
    lasts: TimeDelta,
) -> Result<String> {
    let token = URL_SAFE_NO_PAD.encode(ids::random::<32>());
    let now = app.clock.now();
    let row = session::Model {
        city_id: app.city,
        token_hash: hash(&token).to_vec(),
        role,
        subject,
        created_at: now,
        expires_at: now + lasts,
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
    let row = store::sessions::find_live(&app.db, app.city, hash(token), app.clock.now())
        .await?
        .ok_or(Error::Unauthenticated)?;
    Ok(match row.role {
        session::Role::Reviewer => Actor::Reviewer(Reviewer::new(row.subject)),
        session::Role::Officer => Actor::Officer(Officer::new(row.subject)),
        session::Role::Auditor => Actor::Auditor(Auditor::new(row.subject)),
        session::Role::Applicant => Actor::Applicant(Applicant::new(
            row.subject.parse().map_err(Error::internal)?,
        )),
    })
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}
