//! Deciding on an application.

use ::entity::{application, period, review, review_claim};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{telling, written};
use crate::{
    app::App,
    domain::{actor::Reviewer, eligibility::Violation, phase},
    error::{Error, Result},
    ids,
    service::{
        applications, certificates, messages,
        once::{Again, keep},
        rules, trail,
    },
    store,
};

/// What a reviewer decides.
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
    /// It stands. Applicants see a first one when the period publishes its review results, and the
    /// one after a second look at once.
    Decided(application::Model),
    /// There is nothing to decide: somebody had decided before, or the application has ended.
    AlreadyDecided(application::Model),
    /// Somebody else works on it.
    ClaimedByAnother(review_claim::Model),
    /// The second look is for somebody else than who refused.
    DecidedByYou,
    /// It cannot be approved: the person has won since, or may not apply. Nothing was changed.
    Barred(Box<application::Model>, Vec<Violation>),
}

impl Again for Reviewed {
    async fn again(app: &App, subject: &str) -> Result<Self> {
        let id = applications::parse_kept(subject)?;
        applications::get(app, id).await.map(Self::Decided)
    }
}

/// Decides on whatever waits: a new application, or one that is looked at once more.
///
/// `note` is for colleagues; it is sealed, and no applicant sees it.
///
/// # Errors
///
/// [`Error::InvalidInput`] for a refusal without a reason or with one that the policy does not
/// know, or for a note that is empty or too long; [`Error::WrongPhase`] for a new application of a
/// period that has published its review results.
pub async fn decide(
    app: &App,
    reviewer: &Reviewer,
    code: &str,
    verdict: &Verdict,
    note: Option<&str>,
) -> Result<Reviewed> {
    let reasons = reasons_of(app, verdict)?;
    let note = note.map(|note| written("note", note)).transpose()?;
    let txn = store::begin(&app.db).await?;
    rules::lock_shared(app, &txn).await?;
    let row = store::applications::lock_by_code(&txn, app.city, code).await?;
    let Some(kind) = waits_for(&row) else {
        return Ok(Reviewed::AlreadyDecided(row));
    };
    let now = app.clock.now();
    let claim = store::claims::find_live(&txn, app.city, row.id, now).await?;
    if let Some(claim) = claim.filter(|claim| claim.reviewer != reviewer.name()) {
        return Ok(Reviewed::ClaimedByAnother(claim));
    }
    if *verdict == Verdict::Approve {
        let violations = certificates::violations_of(&txn, app, &row).await?;
        if !violations.is_empty() {
            return Ok(Reviewed::Barred(Box::new(row), violations));
        }
    }
    match kind {
        review::Kind::SecondLook => {
            if has_refused(app, &txn, reviewer, &row).await? {
                return Ok(Reviewed::DecidedByYou);
            }
            store::second_looks::decide(&txn, &row, now).await?;
        }
        review::Kind::First | review::Kind::Duplicate => {
            require_under_review(app, &txn, &row).await?;
        }
    }
    let ruling = Ruling {
        kind,
        decision: match verdict {
            Verdict::Approve => review::Decision::Approved,
            Verdict::Refuse(_) => review::Decision::Refused,
        },
        reasons: &reasons,
        note,
    };
    let decided = record(app, &txn, reviewer, &row, &ruling).await?;
    keep(app, &txn, row.id).await?;
    txn.commit().await?;
    Ok(Reviewed::Decided(decided))
}

/// What is decided, and why.
pub(in crate::service) struct Ruling<'a> {
    pub(in crate::service) kind: review::Kind,
    pub(in crate::service) decision: review::Decision,
    /// Codes, separated by spaces.
    pub(in crate::service) reasons: &'a str,
    pub(in crate::service) note: Option<&'a str>,
}

impl Ruling<'_> {
    fn status(&self) -> application::Status {
        match (self.decision, self.kind) {
            (review::Decision::Approved, _) => application::Status::Valid,
            (review::Decision::Refused, review::Kind::SecondLook) => {
                application::Status::RefusedFinal
            }
            (review::Decision::Refused, review::Kind::First | review::Kind::Duplicate) => {
                application::Status::Refused
            }
        }
    }
}

/// Writes a decision: the application's status, the review, the end of any claim, the audit row, and
/// the applicant's message where the decision is public from the beginning.
/// The caller holds the application and has made sure that it may be decided on.
pub(in crate::service) async fn record(
    app: &App,
    txn: &DatabaseTransaction,
    reviewer: &Reviewer,
    row: &application::Model,
    ruling: &Ruling<'_>,
) -> Result<application::Model> {
    let now = app.clock.now();
    let status = ruling.status();
    store::applications::set_status(txn, row, status).await?;
    let id = ids::uuid_v7(now);
    let sealed = ruling
        .note
        .map(|note| app.data_key.seal(&note_place(app, id), note.as_bytes()));
    let decided = review::Model {
        city_id: app.city,
        id,
        application_id: row.id,
        decision: ruling.decision,
        reasons: ruling.reasons.to_owned(),
        officer: reviewer.name().to_owned(),
        decided_at: now,
        kind: ruling.kind,
        note: sealed,
    };
    store::reviews::insert(txn, decided.clone()).await?;
    store::claims::delete(txn, app.city, row.id).await?;
    leave_trail(app, txn, reviewer, row, ruling).await?;
    let row = application::Model {
        status,
        ..row.clone()
    };
    telling::follow(app, txn, &row, &decided).await?;
    Ok(row)
}

async fn leave_trail(
    app: &App,
    txn: &DatabaseTransaction,
    reviewer: &Reviewer,
    row: &application::Model,
    ruling: &Ruling<'_>,
) -> Result<()> {
    let detail = serde_json::json!({
        "kind": match ruling.kind {
            review::Kind::First => "first",
            review::Kind::SecondLook => "second_look",
            review::Kind::Duplicate => "duplicate",
        },
        "decision": match ruling.decision {
            review::Decision::Approved => "approved",
            review::Decision::Refused => "refused",
        },
        "reasons": ruling.reasons,
        "has_note": ruling.note.is_some(),
    });
    let actor = reviewer.actor();
    trail::note(app, txn, actor, "reviews.decide", &row.code, detail).await?;
    let payload = serde_json::json!({ "period": row.period_number });
    messages::tell(app, txn, "review.decided", &row.code, payload).await
}

/// Where a reviewer's note is sealed.
pub(super) fn note_place(app: &App, review: Uuid) -> String {
    format!("review/{}/{review}", app.city)
}

/// What an application waits for, if it does.
fn waits_for(row: &application::Model) -> Option<review::Kind> {
    match row.status {
        application::Status::New => Some(review::Kind::First),
        application::Status::SecondLook => Some(review::Kind::SecondLook),
        _ => None,
    }
}

/// Whether the refusal that is looked at once more is this very person's.
pub(super) async fn has_refused(
    app: &App,
    txn: &DatabaseTransaction,
    reviewer: &Reviewer,
    row: &application::Model,
) -> Result<bool> {
    let latest = store::reviews::find_latest(txn, app.city, row.id).await?;
    Ok(latest.is_some_and(|review| review.officer == reviewer.name()))
}

/// First decisions are made before the period's results are public, so that all become so at once.
async fn require_under_review(
    app: &App,
    txn: &DatabaseTransaction,
    row: &application::Model,
) -> Result<()> {
    let period = store::periods::get(txn, app.city, &row.period_number).await?;
    if matches!(period.phase, period::Phase::Open | period::Phase::Closed) {
        return Ok(());
    }
    phase::require_period(&period, period::Phase::Closed)
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
