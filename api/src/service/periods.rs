//! Periods: planned from the policy, opened, and led to the freeze by officers and by the city's own
//! calendar.

mod moves;
mod planning;
mod transition;

use ::entity::{period, period_move, period_quota, period_transition};
use chrono::NaiveDate;

use super::rules;
use crate::{
    app::App,
    domain::{
        PeriodKind, PeriodNumber,
        actor::Officer,
        moving::{self, MoveError},
        span::Span,
    },
    error::{Error, Result},
    service::{
        carry_over,
        once::{Again, keep},
        trail,
    },
    store,
};

pub use moves::move_dates;
pub use planning::{Plan, plan_ahead, plan_one, plan_year, set_quota};
pub(super) use planning::{dates_of, list_unplanned, years_around};
pub(super) use transition::{LIVE, lacks_quotas, note, require_reviewed};
pub use transition::{Passed, close, pass_all, publish_review, remind_of_reviews};

/// What an officer decides of a new period.
pub struct Opening {
    /// Its number.
    pub number: String,
    /// First day on which applications are taken.
    pub applies_from: NaiveDate,
    /// Last day on which applications are taken.
    pub applies_until: NaiveDate,
    /// Day on which review results are published.
    pub review_publish_on: NaiveDate,
    /// Day on which applicant representatives are drawn. Where it is not given, the policy's day, if
    /// that lies between the review results and the draw.
    pub representatives_on: Option<NaiveDate>,
    /// Day of the draw; a working day where the policy moves it to one.
    pub draw_on: NaiveDate,
    /// What may be allocated, by category.
    pub quotas: Vec<Quota>,
}

/// What may be allocated in one category.
pub struct Quota {
    /// The category, a key of the policy.
    pub category: String,
    /// How many may win.
    pub quota: u32,
    /// How many ordered reserves are drawn behind the winners; may exceed the pool.
    pub reserve: u32,
    /// How many of the quota come from the carry-over; at most the quota.
    pub carried_over: u32,
}

/// Opens a period that nobody has planned. A planned one opens by itself on its first day.
///
/// # Errors
///
/// [`Error::NotSetUp`] while weakly sourced rules wait for confirmation, and where the calendar of
/// working days cannot tell; [`Error::InvalidInput`] for a number that the policy cannot have or
/// that exists, days out of order, a draw on a day that is not worked, or a category that the
/// policy does not know.
pub async fn open(app: &App, officer: &Officer, opening: Opening) -> Result<period::Model> {
    let number = require_number(app, &opening.number)?;
    require_sensible(app, number.kind(), &opening)?;
    rules::require_confirmed(app, number.kind()).await?;
    let row = period::Model {
        city_id: app.city,
        number: opening.number.clone(),
        kind: number.kind().into(),
        phase: period::Phase::Open,
        epoch: 0,
        policy_digest: app.policy.digest().to_vec(),
        applies_from: opening.applies_from,
        applies_until: opening.applies_until,
        review_publish_on: opening.review_publish_on,
        draw_on: opening.draw_on,
        published_on: None,
        representatives_on: opening
            .representatives_on
            .or_else(|| find_representatives_day(app, number, &opening)),
    };
    moving::require_order(&row).map_err(refused)?;
    let shift = app.policy.schedule.draw_shift;
    moving::require_working_day(row.draw_on, shift, &app.working_days).map_err(refused)?;
    let quotas = opening.quotas.iter().map(|quota| period_quota::Model {
        city_id: app.city,
        period_number: opening.number.clone(),
        category: quota.category.clone(),
        quota: i64::from(quota.quota),
        reserve: i64::from(quota.reserve),
        carried_over: i64::from(quota.carried_over),
    });
    let txn = store::begin(&app.db).await?;
    rules::lock(app, &txn).await?;
    for quota in &opening.quotas {
        let amount = i64::from(quota.carried_over);
        carry_over::take(app, &txn, &opening.number, &quota.category, amount).await?;
    }
    let (phase, due_on) = (row.phase, row.applies_from);
    store::periods::insert(&txn, row, quotas.collect()).await?;
    note(app, &txn, &opening.number, phase, due_on, officer.actor()).await?;
    let detail = serde_json::json!({
        "quotas": opening.quotas.iter().map(|quota| (&quota.category, quota.quota, quota.reserve, quota.carried_over)).collect::<Vec<_>>(),
    });
    trail::note(
        app,
        &txn,
        officer.actor(),
        "periods.open",
        &opening.number,
        detail,
    )
    .await?;
    let opened = store::periods::get(&txn, app.city, &opening.number).await?;
    keep(app, &txn, &opening.number).await?;
    txn.commit().await?;
    tracing::info!(period.number = %opened.number, "period {} opened", opened.number);
    Ok(opened)
}

impl Again for period::Model {
    async fn again(app: &App, subject: &str) -> Result<Self> {
        get(app, subject).await
    }
}

/// A number that the rules can have.
fn require_number(app: &App, number: &str) -> Result<PeriodNumber> {
    let invalid = |cause: &dyn std::fmt::Display| Error::invalid("number", cause);
    let number: PeriodNumber = number.parse().map_err(|cause| invalid(&cause))?;
    let cadence = app.policy.find_cadence(number.kind()).ok_or_else(|| {
        let policy = &app.policy.key;
        invalid(&format!(
            "{policy} has no separate tier lottery, so no period {number}"
        ))
    })?;
    number.require(cadence).map_err(|cause| invalid(&cause))?;
    Ok(number)
}

/// The policy's day for drawing representatives, where it fits the days that were chosen.
fn find_representatives_day(
    app: &App,
    number: PeriodNumber,
    opening: &Opening,
) -> Option<NaiveDate> {
    dates_of(app, number)
        .ok()?
        .representatives_on
        .filter(|day| (opening.review_publish_on..=opening.draw_on).contains(day))
}

/// A rule about days that does not hold, as the caller hears of it.
fn refused(error: MoveError) -> Error {
    let field = match &error {
        MoveError::Calendar(_) => return Error::NotSetUp(error.to_string()),
        MoveError::DayOff { .. } => "drawOn",
        MoveError::Shortened { .. } => "appliesUntil",
        MoveError::NoRepresentatives(_) => "representativesOn",
        MoveError::Nothing(_)
        | MoveError::Over { .. }
        | MoveError::Past { .. }
        | MoveError::Order { .. } => "days",
    };
    Error::invalid(field, error)
}

/// Refuses a category that the policy does not know in such a period.
fn require_category(app: &App, kind: PeriodKind, field: &str, category: &str) -> Result<()> {
    if app.policy.find_category(category, kind).is_some() {
        return Ok(());
    }
    Err(Error::invalid(
        field,
        format!(
            "{} knows no category {category} in such a period",
            app.policy.key
        ),
    ))
}

/// Refuses more out of the carry-over than the quota itself.
fn require_carried_over(field: &str, quota: &Quota) -> Result<()> {
    if quota.carried_over <= quota.quota {
        return Ok(());
    }
    Err(Error::invalid(
        field,
        format!(
            "expected at most the quota of {} itself, {}, found {}",
            quota.category, quota.quota, quota.carried_over
        ),
    ))
}

fn require_sensible(app: &App, kind: PeriodKind, opening: &Opening) -> Result<()> {
    let days = [
        opening.applies_from,
        opening.applies_until,
        opening.review_publish_on,
        opening.draw_on,
    ];
    if !days.is_sorted() {
        return Err(Error::invalid(
            "drawOn",
            "applications open, applications close, review results, draw: give the days in this order",
        ));
    }
    if opening.quotas.is_empty() {
        return Err(Error::invalid(
            "quotas",
            "a period allocates in at least one category",
        ));
    }
    for (index, quota) in opening.quotas.iter().enumerate() {
        require_category(app, kind, "quotas", &quota.category)?;
        require_carried_over("quotas.carriedOver", quota)?;
        if opening.quotas[..index]
            .iter()
            .any(|other| other.category == quota.category)
        {
            return Err(Error::invalid(
                "quotas",
                format!("category {} is named twice", quota.category),
            ));
        }
    }
    Ok(())
}

/// One period by its number, if there is one.
pub async fn find(app: &App, number: &str) -> Result<Option<period::Model>> {
    store::periods::find(&app.db, app.city, number).await
}

/// One period by its number.
pub async fn get(app: &App, number: &str) -> Result<period::Model> {
    store::periods::get(&app.db, app.city, number).await
}

/// A part of the periods, newest first.
pub async fn list(app: &App, span: Span<String>) -> Result<Vec<period::Model>> {
    store::periods::list(&app.db, app.city, span).await
}

/// The periods of these numbers, as far as there are any.
pub async fn list_by_numbers(app: &App, numbers: &[String]) -> Result<Vec<period::Model>> {
    store::periods::list_by_numbers(&app.db, app.city, numbers).await
}

/// What these periods may allocate, each period's by category.
pub async fn list_quotas(app: &App, numbers: &[String]) -> Result<Vec<period_quota::Model>> {
    store::periods::list_quotas_of(&app.db, app.city, numbers).await
}

/// What these periods went through, in the order in which it happened.
pub async fn list_transitions(
    app: &App,
    numbers: &[String],
) -> Result<Vec<period_transition::Model>> {
    store::milestones::list_transitions_of(&app.db, app.city, numbers).await
}

/// The days of these periods that were moved, oldest first.
pub async fn list_moves(app: &App, numbers: &[String]) -> Result<Vec<period_move::Model>> {
    store::milestones::list_moves_of(&app.db, app.city, numbers).await
}
