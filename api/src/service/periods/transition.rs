//! A period's steps, each noted with its real time: by an officer, or by the city's own calendar.

use ::entity::{application, period, period_transition};
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::{
    app::App,
    domain::{
        PeriodKind,
        actor::{Officer, Worker},
        phase, validity,
    },
    error::{Error, Result},
    service::{circulars, circulars::Content, messages, once::keep, rules, trail},
    store,
};

/// A step that the calendar has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// The period.
    pub number: String,
    /// The phase it came into.
    pub to: period::Phase,
    /// The day on which that was due.
    pub due_on: NaiveDate,
}

/// Ends the taking of applications.
///
/// # Errors
///
/// [`Error::TooEarly`] before the last advertised day is over: closing early would shut out people
/// who were promised more time.
pub async fn close(app: &App, officer: &Officer, number: &str) -> Result<period::Model> {
    step(app, officer, number, period::Phase::Closed).await
}

/// Publishes the review results: applicants learn of them, and approved codes are valid from today
/// on for the months of the policy.
///
/// # Errors
///
/// [`Error::InvalidInput`] while applications wait for a review; [`Error::TooEarly`] before the
/// advertised day.
pub async fn publish_review(app: &App, officer: &Officer, number: &str) -> Result<period::Model> {
    step(app, officer, number, period::Phase::ReviewPublished).await
}

async fn step(
    app: &App,
    officer: &Officer,
    number: &str,
    to: period::Phase,
) -> Result<period::Model> {
    let txn = store::begin(&app.db).await?;
    rules::lock(app, &txn).await?;
    let row = store::periods::get(&txn, app.city, number).await?;
    let (needed, due_on, what) = match to {
        period::Phase::Closed => {
            let after = row.applies_until.succ_opt().unwrap_or(row.applies_until);
            (period::Phase::Open, after, "closing the period")
        }
        _ => (
            period::Phase::Closed,
            row.review_publish_on,
            "publishing the review results",
        ),
    };
    if app.today() < due_on {
        return Err(Error::TooEarly {
            what,
            at: app.start_of(due_on),
        });
    }
    if to == period::Phase::ReviewPublished {
        require_reviewed(app, &txn, number).await?;
    }
    phase::require_period(&row, needed)?;
    let moved = advance(app, &txn, &row, to, due_on, officer.actor()).await?;
    keep(app, &txn, number).await?;
    txn.commit().await?;
    Ok(moved)
}

/// Refuses while applications of the period wait for a review.
pub(in crate::service) async fn require_reviewed(
    app: &App,
    db: &impl ConnectionTrait,
    number: &str,
) -> Result<()> {
    let unreviewed = store::applications::count_unreviewed(db, app.city, number).await?;
    if unreviewed == 0 {
        return Ok(());
    }
    Err(Error::invalid(
        "period",
        format!(
            "{unreviewed} applications of period {number} wait for a review; decide them first"
        ),
    ))
}

/// Takes every step of every period that is due and possible, each once, in the order of their
/// days, whatever time has passed since. Steps that wait for a person are left to them.
pub async fn pass_all(app: &App, worker: &Worker) -> Result<Vec<Passed>> {
    let mut passed = Vec::new();
    while let Some(step) = pass_one(app, worker).await? {
        tracing::info!(
            period.number = %step.number,
            period.phase = phase::period_phase_name(step.to),
            "period {} is {} by the calendar, due on {}",
            step.number,
            phase::period_phase_name(step.to),
            step.due_on
        );
        passed.push(step);
    }
    Ok(passed)
}

/// The earliest step that is due. It is looked for under the city's lock, so that of two workers
/// at once the second finds it done.
async fn pass_one(app: &App, worker: &Worker) -> Result<Option<Passed>> {
    let today = app.today();
    let txn = store::begin(&app.db).await?;
    rules::lock(app, &txn).await?;
    let mut due: Vec<_> = store::periods::list_unfinished(&txn, app.city)
        .await?
        .into_iter()
        .filter_map(|row| phase::next_by_calendar(&row).map(|(to, due_on)| (due_on, to, row)))
        .filter(|(due_on, _, _)| *due_on <= today)
        .collect();
    due.sort_by(|one, other| (one.0, &one.2.number).cmp(&(other.0, &other.2.number)));
    for (due_on, to, row) in due {
        if is_possible(app, &txn, &row, to).await? {
            advance(app, &txn, &row, to, due_on, worker.actor()).await?;
            txn.commit().await?;
            return Ok(Some(Passed {
                number: row.number,
                to,
                due_on,
            }));
        }
    }
    Ok(None)
}

/// Whether nothing that a person has to do stands before a step that is due.
async fn is_possible(
    app: &App,
    txn: &DatabaseTransaction,
    row: &period::Model,
    to: period::Phase,
) -> Result<bool> {
    match to {
        period::Phase::Open => Ok(!phase::has_missed_its_window(row, app.today())
            && !lacks_quotas(app, txn, row).await?
            && rules::list_unconfirmed(app, txn, row.kind.into())
                .await?
                .is_empty()),
        period::Phase::ReviewPublished => match require_reviewed(app, txn, &row.number).await {
            Ok(()) => Ok(true),
            Err(Error::InvalidInput { .. }) => Ok(false),
            Err(fault) => Err(fault),
        },
        _ => Ok(true),
    }
}

/// Whether a category that such a period allocates in has no quota yet. A city that allocates
/// nothing in one says so with 0.
pub(in crate::service) async fn lacks_quotas(
    app: &App,
    db: &impl ConnectionTrait,
    row: &period::Model,
) -> Result<bool> {
    let set = store::periods::list_quotas(db, app.city, &row.number).await?;
    let kind: PeriodKind = row.kind.into();
    let mut categories = app
        .policy
        .categories
        .iter()
        .filter(|category| category.period_kind == kind);
    Ok(categories.any(|category| set.iter().all(|quota| quota.category != category.key)))
}

/// Moves a period on, with everything that follows from it, in the caller's transaction.
async fn advance(
    app: &App,
    txn: &DatabaseTransaction,
    row: &period::Model,
    to: period::Phase,
    due_on: NaiveDate,
    actor: String,
) -> Result<period::Model> {
    if to == period::Phase::Open {
        // A period runs under the rules of the day on which it opens.
        let row = period::Model {
            policy_digest: app.policy.digest().to_vec(),
            ..row.clone()
        };
        store::periods::set_days(txn, &row).await?;
    }
    let moved = store::periods::advance(txn, row, to, None).await?;
    note(app, txn, &row.number, to, due_on, actor.clone()).await?;
    let (action, topic) = match to {
        period::Phase::Open => ("periods.open", "period.opened"),
        period::Phase::Closed => ("periods.close", "period.closed"),
        _ => ("periods.publish_review", "review.published"),
    };
    let detail = serde_json::json!({ "due_on": due_on });
    trail::note(app, txn, actor, action, &row.number, detail).await?;
    messages::tell(app, txn, topic, &row.number, serde_json::json!({})).await?;
    if to == period::Phase::ReviewPublished {
        let until = validity::valid_until(app.today(), &app.policy.application);
        store::validity::set_ends(txn, app.city, until).await?;
        circulars::write(app, txn, &row.number, &Content::ReviewPublished).await?;
    }
    Ok(moved)
}

/// Notes into which phase a period came, and when.
pub(in crate::service) async fn note(
    app: &App,
    txn: &impl ConnectionTrait,
    number: &str,
    phase: period::Phase,
    due_on: NaiveDate,
    actor: String,
) -> Result<()> {
    let row = period_transition::Model {
        city_id: app.city,
        period_number: number.to_owned(),
        phase,
        due_on,
        at: app.clock.now(),
        actor,
    };
    store::milestones::note_transition(txn, row).await
}

/// Reminds the officers, once a day of publication, of periods whose reviews are due soon and not
/// all decided; gives how many periods that were.
pub async fn remind_of_reviews(app: &App, _: &Worker) -> Result<u64> {
    use crate::{
        domain::message::Purpose,
        service::messages::{Post, Recipient},
    };

    let mut reminded = 0;
    let days = app.policy.schedule.review_reminder_days;
    for row in store::periods::list_unfinished(&app.db, app.city).await? {
        let from = validity::days_before(row.review_publish_on, days);
        let is_under_review = matches!(row.phase, period::Phase::Open | period::Phase::Closed);
        if !is_under_review || app.today() < from {
            continue;
        }
        let txn = store::begin(&app.db).await?;
        if store::applications::count_unreviewed(&txn, app.city, &row.number).await? == 0 {
            continue;
        }
        let purpose = Purpose::TaskDue {
            task: "review".to_owned(),
            subject: row.number.clone(),
            on: row.review_publish_on,
        };
        let occasion = format!("review/{}/{}", row.number, row.review_publish_on);
        let post = Post::new(Recipient::Officers, purpose, &row.number, &occasion);
        reminded += u64::from(messages::post(app, &txn, post).await?);
        txn.commit().await?;
    }
    Ok(reminded)
}

/// Statuses of applications that a period still has to do with.
pub(in crate::service) const LIVE: [application::Status; 3] = [
    application::Status::New,
    application::Status::Valid,
    application::Status::SecondLook,
];
