//! Reviewing applications (资格审核).

use ::entity::{application, period, review};

use crate::{
    app::App,
    domain::{actor::Officer, eligibility::Violation},
    error::{Error, Result},
    ids,
    service::{certificates, messages, trail},
    store,
};

/// What an officer decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The application's code becomes valid.
    Approve,
    /// It does not, for these coded reasons of the policy; at least one.
    Refuse(Vec<String>),
}

/// What became of a decision.
#[derive(Debug)]
pub enum Reviewed {
    /// It stands. Applicants see it when the period publishes its review results.
    Decided(application::Model),
    /// Somebody had decided before, and that stands.
    AlreadyDecided(application::Model),
    /// It cannot be approved: the person has won since, or may not apply. Nothing was changed.
    Barred(Box<application::Model>, Vec<Violation>),
}

/// Decides on an application.
///
/// # Errors
///
/// [`Error::InvalidInput`] for a refusal without a reason or with one that the policy does not
/// know; [`Error::WrongPhase`] once the period has published its review results.
pub async fn decide(
    app: &App,
    officer: &Officer,
    code: &str,
    verdict: &Verdict,
) -> Result<Reviewed> {
    let reasons = reasons_of(app, verdict)?;
    let txn = store::begin(&app.db).await?;
    store::cities::lock_shared(&txn, app.city).await?;
    let row = store::applications::find_by_code(&txn, app.city, code)
        .await?
        .ok_or_else(|| Error::not_found("application", code))?;
    if row.status != application::Status::New {
        return Ok(Reviewed::AlreadyDecided(row));
    }
    let period = store::periods::get(&txn, app.city, &row.period_number).await?;
    if !matches!(period.phase, period::Phase::Open | period::Phase::Closed) {
        crate::domain::phase::require_period(&period, period::Phase::Closed)?;
    }
    if *verdict == Verdict::Approve {
        let violations = certificates::violations_of(&txn, app, &row).await?;
        if !violations.is_empty() {
            return Ok(Reviewed::Barred(Box::new(row), violations));
        }
    }
    let now = app.clock.now();
    let (status, decision) = match verdict {
        Verdict::Approve => (application::Status::Valid, review::Decision::Approved),
        Verdict::Refuse(_) => (application::Status::Refused, review::Decision::Refused),
    };
    store::applications::set_status(&txn, &row, status).await?;
    let decided = review::Model {
        city_id: app.city,
        id: ids::uuid_v7(now),
        application_id: row.id,
        decision,
        reasons: reasons.clone(),
        officer: officer.name().to_owned(),
        decided_at: now,
    };
    store::reviews::insert(&txn, decided).await?;
    trail::note(
        app,
        &txn,
        officer.actor(),
        "reviews.decide",
        code,
        serde_json::json!({ "reasons": reasons }),
    )
    .await?;
    let payload = serde_json::json!({ "period": row.period_number });
    messages::tell(app, &txn, "review.decided", code, payload).await?;
    txn.commit().await?;
    Ok(Reviewed::Decided(application::Model { status, ..row }))
}

fn reasons_of(app: &App, verdict: &Verdict) -> Result<String> {
    let Verdict::Refuse(reasons) = verdict else {
        return Ok(String::new());
    };
    if reasons.is_empty() {
        return Err(Error::invalid(
            "reasons",
            "a refusal names at least one reason of the policy",
        ));
    }
    for reason in reasons {
        if app.policy.find_review_reason(reason).is_none() {
            let known: Vec<_> = app
                .policy
                .review_reasons
                .iter()
                .map(|known| known.code.as_str())
                .collect();
            return Err(Error::invalid(
                "reasons",
                format!(
                    "{} knows no reason {reason}; it knows {}",
                    app.policy.key,
                    known.join(", ")
                ),
            ));
        }
    }
    Ok(reasons.join(" "))
}

/// The applications of a period that wait for a review, oldest first, at most `limit`.
pub async fn list_waiting(
    app: &App,
    _: &Officer,
    period: &str,
    limit: u64,
) -> Result<Vec<application::Model>> {
    store::applications::list_unreviewed(&app.db, app.city, period, limit).await
}

/// How many applications of a period wait for a review.
pub async fn count_waiting(app: &App, _: &Officer, period: &str) -> Result<u64> {
    store::applications::count_unreviewed(&app.db, app.city, period).await
}
