//! Applicant representatives (申请人代表): drawn as a period's winners are, invited, and heard.
//!
//! Their draw is a draw like any other, with records and files of its own; see
//! [`ceremony`](super::ceremony). What follows it is here: who is called, who comes, and the sealed
//! contributions that they bring to the period's own draw.

/// Who is invited, and who is called when somebody will not come.
mod calling;

/// What somebody answers to an invitation.
mod answering;

/// What a representative brings to the period's draw.
mod contributing;

/// Who came.
mod attendance;

use ::entity::{draw, representative};
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::{ceremony::draw_id, once::Again};
use crate::{
    app::App,
    domain::{actor::Applicant, phase, representative::RepresentativeName},
    error::{Error, Result},
    store,
};

pub use answering::{Answer, Answered, respond};
pub use attendance::record_attendance;
pub use calling::expire_due;
pub use contributing::{Contribution, contribution, seal};

pub(super) use calling::select;
pub(super) use contributing::{is_reserved_name, list_sealings};

/// Everybody who was drawn for a period, reserves included, in the order of the result.
///
/// # Errors
///
/// [`Error::NotFound`] for a period that does not exist.
pub async fn list_of_period(app: &App, number: &str) -> Result<Vec<representative::Model>> {
    store::periods::get(&app.db, app.city, number).await?;
    store::representatives::list_of_period(&app.db, app.city, number).await
}

/// Somebody who was drawn, by the name under which they are invited, if there is such a place.
pub async fn find_drawn(app: &App, name: &str) -> Result<Option<representative::Model>> {
    find(&app.db, app, name).await
}

/// What the applicant was invited to, latest first. A reserve who was not called learns nothing
/// here: the result file shows their place to everybody.
pub async fn list_invitations(
    app: &App,
    applicant: &Applicant,
) -> Result<Vec<representative::Model>> {
    let rows = store::representatives::list_of_applicant(&app.db, app.city, applicant.id());
    Ok(rows.await?.into_iter().filter(was_invited).collect())
}

/// One invitation of the applicant's; somebody else's looks as if it did not exist.
pub async fn find_invitation(
    app: &App,
    applicant: &Applicant,
    name: &str,
) -> Result<Option<representative::Model>> {
    match own(&app.db, app, applicant, name).await {
        Err(Error::NotFound { .. }) => Ok(None),
        found => found.map(Some),
    }
}

impl Again for representative::Model {
    async fn again(app: &App, subject: &str) -> Result<Self> {
        let row = find(&app.db, app, subject).await?;
        row.ok_or_else(|| Error::not_found("representative", subject))
    }
}

/// The time in whole seconds: both databases keep these alike, and fractions differently.
fn now(app: &App) -> DateTime<Utc> {
    let now = app.clock.now();
    DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now)
}

fn was_invited(row: &representative::Model) -> bool {
    row.invited_at.is_some()
}

/// The applicant's own invitation; somebody else's looks as if it did not exist.
async fn own(
    db: &impl ConnectionTrait,
    app: &App,
    applicant: &Applicant,
    id: &str,
) -> Result<representative::Model> {
    let row = find(db, app, id).await?;
    row.filter(|row| row.applicant_id == applicant.id() && was_invited(row))
        .ok_or_else(|| Error::not_found("invitation", id))
}

/// The row that a name leads to.
async fn find(
    db: &impl ConnectionTrait,
    app: &App,
    id: &str,
) -> Result<Option<representative::Model>> {
    match RepresentativeName::parse(id) {
        Some(name) => store::representatives::find(db, app.city, &name.draw, name.rank).await,
        None => Ok(None),
    }
}

/// The id of the draw that representatives of a period bring their commitments to: the one that
/// will be announced next. It is known before the pool is frozen, because a commitment names it.
///
/// # Errors
///
/// [`Error::WrongPhase`] once the period's draw is announced: what it names can no longer change.
async fn draw_to_come(db: &impl ConnectionTrait, app: &App, number: &str) -> Result<String> {
    let purpose = draw::Purpose::Allocation;
    let draws = store::draws::list_of_period(db, app.city, number, purpose).await?;
    match draws.first() {
        Some(latest) if latest.phase != draw::Phase::Voided => {
            phase::require_draw(latest, draw::Phase::Frozen)?;
            Ok(latest.id.clone())
        }
        _ => Ok(draw_id(number, purpose, draws.len())),
    }
}
