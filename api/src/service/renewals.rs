//! The validity of applications: renewed by their applicants, ended by the calendar, which reminds
//! them before. Participation is the person's and stays, whatever becomes of an application.

use std::collections::{HashMap, HashSet};

use ::entity::{ApplicantId, ApplicationId, application, period};
use chrono::{Days, NaiveDate};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::{
    app::App,
    domain::{
        actor::{Applicant, Worker},
        eligibility::Violation,
        message::Purpose,
        validity,
    },
    error::{Error, Result},
    service::{
        applications, certificates,
        messages::{self, Post, Recipient},
        once::{Again, keep},
        rules, trail,
    },
    store,
};

/// Applications that one transaction ends or reminds of.
const PIECE_ROWS: u64 = 200;

/// What became of a renewal.
#[derive(Debug)]
pub enum Renewed {
    /// The application is new again, under the review of the period that takes applications now.
    Done,
    /// It can be renewed from this day on.
    TooEarly(NaiveDate),
    /// No period takes applications now.
    NoOpenPeriod,
    /// Its code is in the frozen pool of this draw: it can be renewed when the draw has ended.
    InFrozenPool(String),
    /// The person has another live application in the category.
    AlreadyApplied,
    /// The rules do not admit the person now.
    NotEligible(Vec<Violation>),
    /// The city's rules know no renewal: apply anew.
    NotOffered,
    /// It has ended, or waits for its review already.
    Ended,
}

impl Again for Renewed {
    async fn again(_: &App, _: &str) -> Result<Self> {
        Ok(Self::Done)
    }
}

/// Renews an application, from some days before its last day on and after it has lapsed. The code
/// and the tier stay; the review is new.
pub async fn renew(app: &App, applicant: &Applicant, id: ApplicationId) -> Result<Renewed> {
    if !app.policy.application.is_renewable {
        return Ok(Renewed::NotOffered);
    }
    let txn = store::begin(&app.db).await?;
    rules::lock_shared(app, &txn).await?;
    let row = applications::own(&txn, app, applicant, id).await?;
    if let Some(refusal) = refusal(app, &txn, &row).await? {
        return Ok(refusal);
    }
    let today = app.today();
    let open =
        store::periods::find_taking_applications(&txn, app.city, period::Kind::Normal, today);
    let Some(period) = open.await? else {
        return Ok(Renewed::NoOpenPeriod);
    };
    let now = applications::whole_seconds(app.clock.now());
    match store::validity::renew(&txn, &row, &period.number, now).await? {
        store::validity::Renewal::LiveOneExists => return Ok(Renewed::AlreadyApplied),
        store::validity::Renewal::Written => {}
    }
    let detail = serde_json::json!({ "period": period.number, "was": row.period_number });
    trail::note(
        app,
        &txn,
        applicant.actor(),
        "applications.renew",
        &row.code,
        detail,
    )
    .await?;
    let purpose = Purpose::ApplicationReceived {
        code: row.code.clone(),
        period: period.number.clone(),
        review_publish_on: period.review_publish_on,
    };
    let to = Recipient::Applicant(row.applicant_id);
    let occasion = format!("{}/{}", row.id, period.number);
    messages::post(app, &txn, Post::new(to, purpose, &row.code, &occasion)).await?;
    keep(app, &txn, id).await?;
    txn.commit().await?;
    Ok(Renewed::Done)
}

/// Why an application cannot be renewed as it stands, if there is a reason.
async fn refusal(
    app: &App,
    txn: &impl ConnectionTrait,
    row: &application::Model,
) -> Result<Option<Renewed>> {
    if let Some(refusal) = refusal_of_standing(app, row) {
        return Ok(Some(refusal));
    }
    let locking = store::pools::find_locking_draw(txn, app.city, &row.category, &row.code).await?;
    if let Some(draw) = locking {
        return Ok(Some(Renewed::InFrozenPool(draw)));
    }
    let violations = certificates::violations_of(txn, app, row).await?;
    Ok((!violations.is_empty()).then_some(Renewed::NotEligible(violations)))
}

/// The part of it that the application alone tells.
fn refusal_of_standing(app: &App, row: &application::Model) -> Option<Renewed> {
    match row.status {
        application::Status::Lapsed => None,
        application::Status::Valid => {
            let Some(until) = row.valid_until else {
                // Its review result is not public yet: for its applicant it is new.
                return Some(Renewed::Ended);
            };
            let from = validity::renewable_from(until, &app.policy.application);
            (app.today() < from).then_some(Renewed::TooEarly(from))
        }
        _ => Some(Renewed::Ended),
    }
}

/// What an applicant may know of an application's validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// Its last day, once its review result is public.
    pub until: Option<NaiveDate>,
    /// From which day it can be renewed, where the city's rules know that.
    pub renewable_from: Option<NaiveDate>,
    /// Whether it can be renewed today.
    pub can_renew: bool,
}

/// How long these applications are valid, and whether they can be renewed today.
pub async fn list_validity(
    app: &App,
    rows: &[application::Model],
) -> Result<HashMap<ApplicationId, Validity>> {
    let terms = &app.policy.application;
    let renewable = list_renewable(app, rows).await?;
    let validity = rows.iter().map(|row| {
        let until = row.valid_until;
        let counted = until.filter(|_| terms.is_renewable);
        let validity = Validity {
            until,
            renewable_from: counted.map(|until| validity::renewable_from(until, terms)),
            can_renew: renewable.contains(&row.id),
        };
        (row.id, validity)
    });
    Ok(validity.collect())
}

/// Which of these applications can be renewed today.
async fn list_renewable(app: &App, rows: &[application::Model]) -> Result<HashSet<ApplicationId>> {
    let is_renewable = app.policy.application.is_renewable;
    let standing = rows
        .iter()
        .filter(|row| is_renewable && refusal_of_standing(app, row).is_none());
    let mut standing: Vec<&application::Model> = standing.collect();
    let (db, city, today) = (&app.db, app.city, app.today());
    let kind = period::Kind::Normal;
    let open = store::periods::find_taking_applications(db, city, kind, today).await?;
    if standing.is_empty() || open.is_none() {
        return Ok(HashSet::new());
    }
    let codes: Vec<String> = standing.iter().map(|row| row.code.clone()).collect();
    let locked = store::pools::list_locked_of(db, city, &codes).await?;
    let applicants: Vec<ApplicantId> = standing.iter().map(|row| row.applicant_id).collect();
    let bars = certificates::list_bars(db, app, &applicants).await?;
    standing.retain(|row| {
        let is_locked = locked.contains(&(row.category.clone(), row.code.clone()));
        let bars = bars.of(row.applicant_id, &row.category);
        !is_locked && certificates::violations(app, row, bars).is_empty()
    });
    Ok(standing.into_iter().map(|row| row.id).collect())
}

/// What a pass over the applications has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    /// How many were ended or reminded of.
    pub count: u64,
    /// Whether there are more.
    pub has_more: bool,
}

/// Ends the next applications whose last day has passed, but for those in the frozen pool of a draw
/// under way, and tells their applicants.
pub async fn lapse(app: &App, worker: &Worker) -> Result<Swept> {
    let txn = store::begin(&app.db).await?;
    rules::lock(app, &txn).await?;
    let until = validity::valid_until(app.today(), &app.policy.application);
    store::validity::set_ends(&txn, app.city, until).await?;
    let count = lapse_piece(app, &txn, &worker.actor()).await?;
    txn.commit().await?;
    Ok(Swept {
        count,
        has_more: count == PIECE_ROWS,
    })
}

/// Ends every application whose last day has passed, in the transaction of a freeze: a pool holds
/// none of them, however long no worker ran.
pub(super) async fn lapse_all(app: &App, txn: &DatabaseTransaction, actor: &str) -> Result<()> {
    while lapse_piece(app, txn, actor).await? == PIECE_ROWS {}
    Ok(())
}

async fn lapse_piece(app: &App, txn: &DatabaseTransaction, actor: &str) -> Result<u64> {
    let overdue = store::validity::list_overdue(txn, app.city, app.today(), PIECE_ROWS).await?;
    for row in &overdue {
        store::applications::set_status(txn, row, application::Status::Lapsed).await?;
        let detail = serde_json::json!({ "valid_until": row.valid_until });
        trail::note(
            app,
            txn,
            actor.to_owned(),
            "applications.lapse",
            &row.code,
            detail,
        )
        .await?;
        let purpose = Purpose::ApplicationLapsed {
            code: row.code.clone(),
        };
        tell(app, txn, row, purpose, "lapsed").await?;
    }
    Ok(overdue.len() as u64)
}

/// Reminds the next applicants whose applications end soon: once at the first and once at the last
/// of the policy's days, and after days without a worker of the later one alone.
pub async fn remind(app: &App, _: &Worker) -> Result<Swept> {
    let today = app.today();
    let mut count = 0;
    let mut has_more = false;
    for days in validity::reminders(&app.policy.application) {
        let days_before = i32::try_from(days).map_err(Error::internal)?;
        let until = today
            .checked_add_days(Days::new(u64::from(days)))
            .unwrap_or(NaiveDate::MAX);
        let txn = store::begin(&app.db).await?;
        rules::lock(app, &txn).await?;
        let due =
            store::validity::list_to_remind(&txn, app.city, today, until, days_before, PIECE_ROWS)
                .await?;
        for row in &due {
            store::validity::note_reminder(&txn, row, days_before).await?;
            let until = row.valid_until.unwrap_or(until);
            let purpose = Purpose::RenewalDue {
                code: row.code.clone(),
                until,
            };
            tell(app, &txn, row, purpose, &days.to_string()).await?;
        }
        txn.commit().await?;
        count += due.len() as u64;
        has_more |= due.len() as u64 == PIECE_ROWS;
    }
    Ok(Swept { count, has_more })
}

async fn tell(
    app: &App,
    txn: &DatabaseTransaction,
    row: &application::Model,
    purpose: Purpose,
    what: &str,
) -> Result<()> {
    let until = row.valid_until.map(|day| day.to_string());
    let occasion = format!("{}/{}/{what}", row.id, until.unwrap_or_default());
    let to = Recipient::Applicant(row.applicant_id);
    let post = Post::new(to, purpose, &row.code, &occasion);
    messages::post(app, txn, post).await.map(|_| ())
}
