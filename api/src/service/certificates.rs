//! What comes after a draw: certificates, what becomes of them, and what follows when they are not
//! used.

mod ending;
mod forfeit;
mod issue;
mod telling;

use ::entity::{ApplicantId, application, ban, certificate};
use chrono::NaiveDate;
use sea_orm::ConnectionTrait;

use crate::{
    app::App,
    domain::{CertificateNumber, actor::Applicant, eligibility::Violation},
    error::{Error, Result},
    policy::Check,
    service::rules,
    store,
};

pub use ending::{Surrendered, Used, mark_used, surrender};
use forfeit::ban_following;
pub use forfeit::forfeit_all;
pub(super) use forfeit::forfeit_all_in;
pub(super) use issue::issue;
pub(super) use telling::ISSUED_DAYS;
pub use telling::{Told, tell_holders};

/// What anybody may know of a certificate's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A car can be registered with it today.
    Valid,
    /// A car was registered with it.
    Used,
    /// No car can be registered with it any more.
    Expired,
}

/// How a certificate stands on a day. One whose last day has passed is not valid, whether or not
/// the city has got round to it.
#[must_use]
pub fn standing(row: &certificate::Model, today: NaiveDate) -> Standing {
    match row.status {
        certificate::Status::Live if today <= row.expires_on => Standing::Valid,
        certificate::Status::Used => Standing::Used,
        certificate::Status::Live
        | certificate::Status::Forfeited
        | certificate::Status::Surrendered => Standing::Expired,
    }
}

/// How the certificate of a number stands today; none if there is no such certificate.
///
/// # Errors
///
/// [`Error::InvalidInput`] for a text that no certificate can have as its number.
pub async fn check(app: &App, number: &str) -> Result<Option<Standing>> {
    let number = parse(number)?;
    let row = store::certificates::find(&app.db, app.city, number.as_str()).await?;
    Ok(row.map(|row| standing(&row, app.today())))
}

/// The applicant's certificates, newest first.
pub async fn list(app: &App, applicant: &Applicant) -> Result<Vec<certificate::Model>> {
    store::certificates::list_of_applicant(&app.db, app.city, applicant.id()).await
}

/// The applicant's bans, past and present, the latest first.
pub async fn list_bans(app: &App, applicant: &Applicant) -> Result<Vec<ban::Model>> {
    store::bans::list_of_applicant(&app.db, app.city, applicant.id()).await
}

/// What a person's earlier wins mean for a new application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bars {
    /// Whether a certificate of the category is still valid.
    pub holds_certificate: bool,
    /// Last day of the ban in force, if there is one.
    pub banned_until: Option<NaiveDate>,
}

/// What stands in a person's way today. A caller that writes afterwards asks in its transaction.
/// A certificate that ran out bars from its day on, whether or not the worker has ended it yet.
pub(super) async fn bars(
    db: &impl ConnectionTrait,
    app: &App,
    applicant: ApplicantId,
    category: &str,
) -> Result<Bars> {
    let today = app.today();
    let held = store::certificates::is_held(db, app.city, applicant, category, today).await?;
    let ban = store::bans::find_in_force(db, app.city, applicant, today).await?;
    let mut banned_until = ban.map(|ban| ban.ends_on);
    for row in store::certificates::list_overdue(db, app.city, Some(applicant), today, 100).await? {
        let policy = rules::get(app, &row.policy_digest).await?;
        let dates = ban_following(&row, &policy).filter(|dates| dates.covers(today));
        banned_until = banned_until.max(dates.map(|dates| dates.until));
    }
    Ok(Bars {
        holds_certificate: held,
        banned_until,
    })
}

/// The rules of the city that a person's earlier wins break today, as an officer is told them who
/// would approve an application.
pub(super) async fn violations_of(
    db: &impl ConnectionTrait,
    app: &App,
    row: &application::Model,
) -> Result<Vec<Violation>> {
    let bars = bars(db, app, row.applicant_id, &row.category).await?;
    let is_broken = |check: &Check| match check {
        Check::NoLiveCertificate => bars.holds_certificate,
        Check::NoActiveBan => bars.banned_until.is_some(),
        _ => false,
    };
    let requirements = app.policy.requirements.iter();
    Ok(requirements
        .filter(|it| it.applies_to(&row.identity_type) && is_broken(&it.check))
        .map(|it| Violation::of(it, bars.banned_until))
        .collect())
}

/// A number as people type it.
fn parse(number: &str) -> Result<CertificateNumber> {
    number
        .parse()
        .map_err(|cause| Error::invalid("number", cause))
}
