//! Periods made from the policy, and the quotas that officers set before they open.

use ::entity::{period, period_quota};
use chrono::{Datelike as _, Days, NaiveDate};
use sea_orm::DatabaseTransaction;

use super::{Quota, require_number, transition};
use crate::{
    app::App,
    domain::{
        CalendarError, PeriodDates, PeriodKind, PeriodNumber,
        actor::{Officer, Worker},
        calendar, moving, phase,
    },
    error::{Error, Result},
    service::{
        carry_over,
        once::{Again, keep},
        rules, trail,
    },
    store,
};

/// A regular period that the policy has and the city has not planned yet.
pub(in crate::service) struct Unplanned {
    pub(in crate::service) number: PeriodNumber,
    /// First day on which it is to take applications.
    pub(in crate::service) applies_from: NaiveDate,
}

/// The regular periods of these years that are not there, whose days for applying are not over, and
/// that the programme has; in the order of their numbers.
pub(in crate::service) async fn list_unplanned(
    app: &App,
    db: &impl sea_orm::ConnectionTrait,
    years: std::ops::RangeInclusive<u16>,
) -> Result<Vec<Unplanned>> {
    let policy = &app.policy;
    let known =
        store::periods::list_numbers(db, app.city, period::Kind::Normal, *years.start()).await?;
    let mut unplanned = Vec::new();
    for year in years {
        let numbers = calendar::numbers_of(PeriodKind::Normal, year, policy.cadence);
        for number in numbers.map_err(|cause| Error::invalid("year", cause))? {
            let window = calendar::window_of(number, policy.cadence, &policy.schedule);
            let (applies_from, applies_until) = window.map_err(Error::internal)?;
            let is_over = applies_until < app.today();
            if policy.first_period <= number && !is_over && !known.contains(&number.to_string()) {
                unplanned.push(Unplanned {
                    number,
                    applies_from,
                });
            }
        }
    }
    Ok(unplanned)
}

/// Makes the regular periods of a year, as the policy and the calendar of working days have them.
/// Those that are there already, and those whose days for applying are over, are left alone; doing
/// it again makes none.
///
/// # Errors
///
/// [`Error::NotSetUp`] where the calendar of working days lacks a year that is needed: nothing is
/// planned then. [`Error::InvalidInput`] for a year outside 2000 to 2999.
pub async fn plan_year(app: &App, officer: &Officer, year: u16) -> Result<Vec<period::Model>> {
    let txn = store::begin(&app.db).await?;
    rules::lock(app, &txn).await?;
    let mut planned = Vec::new();
    for unplanned in list_unplanned(app, &txn, year..=year).await? {
        let dates =
            dates_of(app, unplanned.number).map_err(|cause| Error::NotSetUp(cause.to_string()))?;
        planned.push(write(app, &txn, unplanned.number, dates, officer.actor()).await?);
    }
    let numbers: Vec<_> = planned.iter().map(|row| row.number.as_str()).collect();
    keep(app, &txn, numbers.join(" ")).await?;
    txn.commit().await?;
    Ok(planned)
}

impl Again for Vec<period::Model> {
    async fn again(app: &App, subject: &str) -> Result<Self> {
        let mut planned = Self::new();
        for number in subject.split_whitespace() {
            planned.push(super::get(app, number).await?);
        }
        Ok(planned)
    }
}

/// Makes the regular periods whose first day comes within the policy's days. Where the calendar of
/// working days lacks a year it stops before it; officers see that among their duties.
pub async fn plan_ahead(app: &App, worker: &Worker) -> Result<Vec<period::Model>> {
    let today = app.today();
    let ahead = u64::from(app.policy.schedule.plan_ahead_days);
    let horizon = today
        .checked_add_days(Days::new(ahead))
        .unwrap_or(NaiveDate::MAX);
    let txn = store::begin(&app.db).await?;
    rules::lock(app, &txn).await?;
    let mut planned = Vec::new();
    for unplanned in list_unplanned(app, &txn, years_around(today)?).await? {
        if horizon < unplanned.applies_from {
            continue;
        }
        match dates_of(app, unplanned.number) {
            Err(CalendarError::MissingYear { .. }) => break,
            dates => {
                let dates = dates.map_err(Error::internal)?;
                planned.push(write(app, &txn, unplanned.number, dates, worker.actor()).await?);
            }
        }
    }
    txn.commit().await?;
    Ok(planned)
}

/// This year and the next: the first day of a period lies at most a year before its number's.
pub(in crate::service) fn years_around(today: NaiveDate) -> Result<std::ops::RangeInclusive<u16>> {
    let year = u16::try_from(today.year()).map_err(Error::internal)?;
    Ok(year..=year + 1)
}

/// The days of a regular period under the rules in force.
pub(in crate::service) fn dates_of(
    app: &App,
    number: PeriodNumber,
) -> Result<PeriodDates, CalendarError> {
    let policy = &app.policy;
    calendar::dates_of(number, policy.cadence, &policy.schedule, &app.working_days)
}

/// What an officer decides of a period that the policy has no days for.
pub struct Plan {
    /// Its number.
    pub number: String,
    /// Its days.
    pub dates: PeriodDates,
}

/// Makes a tier period with the days that an officer has chosen. It takes applications from its
/// first day on, once its quotas are set.
///
/// # Errors
///
/// [`Error::InvalidInput`] for a regular period, which the policy has days for; for a number that
/// the policy cannot have or that exists; for days out of order, in the past, or a draw on a day
/// that is not worked. [`Error::NotSetUp`] where the calendar of working days cannot tell.
pub async fn plan_one(app: &App, officer: &Officer, plan: Plan) -> Result<period::Model> {
    let number = require_number(app, &plan.number)?;
    if number.kind() == PeriodKind::Normal {
        return Err(Error::invalid(
            "number",
            "the policy has the days of regular periods; plan them by their year",
        ));
    }
    if plan.dates.apply_from < app.today() {
        return Err(Error::invalid(
            "appliesFrom",
            format!(
                "expected today, {}, or a later day, found {}",
                app.today(),
                plan.dates.apply_from
            ),
        ));
    }
    let row = compose(app, number, plan.dates);
    moving::require_order(&row).map_err(super::refused)?;
    let shift = app.policy.schedule.draw_shift;
    moving::require_working_day(row.draw_on, shift, &app.working_days).map_err(super::refused)?;
    let txn = store::begin(&app.db).await?;
    rules::lock(app, &txn).await?;
    let row = write(app, &txn, number, plan.dates, officer.actor()).await?;
    keep(app, &txn, number).await?;
    txn.commit().await?;
    Ok(row)
}

fn compose(app: &App, number: PeriodNumber, dates: PeriodDates) -> period::Model {
    period::Model {
        city_id: app.city,
        number: number.to_string(),
        kind: number.kind().into(),
        phase: period::Phase::Planned,
        epoch: 0,
        policy_digest: app.policy.digest().to_vec(),
        applies_from: dates.apply_from,
        applies_until: dates.apply_until,
        review_publish_on: dates.review_publish_on,
        draw_on: dates.draw_on,
        published_on: None,
        representatives_on: dates.representatives_on,
    }
}

async fn write(
    app: &App,
    txn: &DatabaseTransaction,
    number: PeriodNumber,
    dates: PeriodDates,
    actor: String,
) -> Result<period::Model> {
    let row = compose(app, number, dates);
    store::periods::insert(txn, row.clone(), Vec::new()).await?;
    let (planned, today) = (period::Phase::Planned, app.today());
    transition::note(app, txn, &row.number, planned, today, actor.clone()).await?;
    let detail = serde_json::json!({
        "applies_from": row.applies_from,
        "applies_until": row.applies_until,
        "review_publish_on": row.review_publish_on,
        "representatives_on": row.representatives_on,
        "draw_on": row.draw_on,
    });
    trail::note(app, txn, actor, "periods.plan", &row.number, detail).await?;
    Ok(row)
}

/// Sets what a planned period may allocate in a category, in place of what was set before. Once the
/// period has opened its quotas stand: people apply because of them.
///
/// # Errors
///
/// [`Error::WrongPhase`] unless the period is planned; [`Error::InvalidInput`] for a category that
/// the policy does not know in such a period, or for more of the carry-over than waits there.
pub async fn set_quota(
    app: &App,
    officer: &Officer,
    number: &str,
    quota: Quota,
) -> Result<period::Model> {
    let txn = store::begin(&app.db).await?;
    rules::lock(app, &txn).await?;
    let row = store::periods::get(&txn, app.city, number).await?;
    phase::require_period(&row, period::Phase::Planned)?;
    super::require_category(app, row.kind.into(), "category", &quota.category)?;
    super::require_carried_over("carriedOver", &quota)?;
    let before = store::periods::list_quotas(&txn, app.city, number).await?;
    let before = before.iter().find(|set| set.category == quota.category);
    let detail = serde_json::json!({
        "category": quota.category,
        "before": before.map(|set| (set.quota, set.reserve, set.carried_over)),
        "after": (quota.quota, quota.reserve, quota.carried_over),
    });
    let more = i64::from(quota.carried_over) - before.map_or(0, |set| set.carried_over);
    carry_over::take(app, &txn, number, &quota.category, more).await?;
    let set = period_quota::Model {
        city_id: app.city,
        period_number: number.to_owned(),
        category: quota.category,
        quota: i64::from(quota.quota),
        reserve: i64::from(quota.reserve),
        carried_over: i64::from(quota.carried_over),
    };
    store::periods::set_quota(&txn, set).await?;
    trail::note(
        app,
        &txn,
        officer.actor(),
        "periods.set_quota",
        number,
        detail,
    )
    .await?;
    keep(app, &txn, number).await?;
    txn.commit().await?;
    Ok(row)
}
