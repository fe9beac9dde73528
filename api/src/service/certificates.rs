//! What comes after a draw: certificates, what becomes of them, and what follows when they are not
//! used.

mod ending;
mod forfeit;
mod issue;
mod lifting;
mod telling;

use std::collections::{HashMap, HashSet};

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

pub(super) use ending::revoke;
pub use ending::{Surrendered, Used, mark_used, surrender};
use forfeit::ban_following;
pub use forfeit::forfeit_all;
pub(super) use forfeit::forfeit_all_in;
pub(super) use issue::{issue, issue_to};
pub(super) use lifting::{Lifting, lift, prepare_lifting};
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
        | certificate::Status::Surrendered
        | certificate::Status::Revoked => Standing::Expired,
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

/// The same for several persons at once.
#[derive(Debug, Default)]
pub(super) struct AllBars {
    held: HashSet<(ApplicantId, String)>,
    banned_until: HashMap<ApplicantId, NaiveDate>,
}

impl AllBars {
    /// What stands in the way of one of them in a category.
    pub(super) fn of(&self, applicant: ApplicantId, category: &str) -> Bars {
        Bars {
            holds_certificate: self.held.contains(&(applicant, category.to_owned())),
            banned_until: self.banned_until.get(&applicant).copied(),
        }
    }
}

/// What stands in these persons' way today. A caller that writes afterwards asks in its transaction.
/// A certificate that ran out bars from its day on, whether or not the worker has ended it yet.
pub(super) async fn list_bars(
    db: &impl ConnectionTrait,
    app: &App,
    applicants: &[ApplicantId],
) -> Result<AllBars> {
    let (city, today) = (app.city, app.today());
    let held = store::certificates::list_held(db, city, applicants, today).await?;
    let held = held.into_iter().map(|row| (row.applicant_id, row.category));
    let mut all = AllBars {
        held: held.collect(),
        banned_until: HashMap::new(),
    };
    let mut bar = |applicant, until: NaiveDate| {
        let known = all.banned_until.entry(applicant).or_insert(until);
        *known = until.max(*known);
    };
    for ban in store::bans::list_in_force(db, city, applicants, today).await? {
        bar(ban.applicant_id, ban.ends_on);
    }
    let limit = 100 * applicants.len() as u64;
    let overdue = Some(applicants);
    for row in store::certificates::list_overdue(db, city, overdue, today, limit).await? {
        let policy = rules::get(app, &row.policy_digest).await?;
        let dates = ban_following(&row, &policy).filter(|dates| dates.covers(today));
        if let Some(dates) = dates {
            bar(row.applicant_id, dates.until);
        }
    }
    Ok(all)
}

/// What stands in a person's way today.
pub(super) async fn bars(
    db: &impl ConnectionTrait,
    app: &App,
    applicant: ApplicantId,
    category: &str,
) -> Result<Bars> {
    let all = list_bars(db, app, &[applicant]).await?;
    Ok(all.of(applicant, category))
}

/// The rules of the city that a person's earlier wins break today, as an officer is told them who
/// would approve an application.
pub(super) async fn violations_of(
    db: &impl ConnectionTrait,
    app: &App,
    row: &application::Model,
) -> Result<Vec<Violation>> {
    let bars = bars(db, app, row.applicant_id, &row.category).await?;
    Ok(violations(app, row, bars))
}

/// The same from what is known of the person.
pub(super) fn violations(app: &App, row: &application::Model, bars: Bars) -> Vec<Violation> {
    let is_broken = |check: &Check| match check {
        Check::NoLiveCertificate => bars.holds_certificate,
        Check::NoActiveBan => bars.banned_until.is_some(),
        _ => false,
    };
    let requirements = app.policy.requirements.iter();
    requirements
        .filter(|it| it.applies_to(&row.identity_type) && is_broken(&it.check))
        .map(|it| Violation::of(it, bars.banned_until))
        .collect()
}

/// A number as people type it.
fn parse(number: &str) -> Result<CertificateNumber> {
    number
        .parse()
        .map_err(|cause| Error::invalid("number", cause))
}
