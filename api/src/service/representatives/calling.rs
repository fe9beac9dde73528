//! Who is invited, and who is called when somebody will not come.

use ::entity::{application, draw, period, representative};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::DatabaseTransaction;

use super::now;
use crate::{
    app::App,
    domain::{
        actor::Worker,
        message::Purpose,
        representative::{RepresentativeName, count_vacancies, state_at},
    },
    error::{Error, Result},
    service::{
        messages::{self, Post, Recipient},
        rules, trail,
    },
    store::{self, representatives::Times},
};

/// How the trail names who calls: it follows from the result and the answers, and nobody decides it.
const CITY: &str = "city";

/// Why somebody is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// They were drawn within the quota.
    Winners,
    /// Somebody before them will not come.
    Reserves,
}

/// What is said to everybody who is called at one moment.
struct Call {
    turn: Turn,
    answer_by: DateTime<Utc>,
}

/// Takes over those whom a draw has picked, and invites as many as the rules say; part of the
/// transaction that makes the result.
pub(in crate::service) async fn select(
    app: &App,
    txn: &DatabaseTransaction,
    row: &draw::Model,
) -> Result<()> {
    let mut rows = Vec::new();
    for pool in store::draws::list_pools(txn, app.city, &row.id).await? {
        let places = store::placements::list(txn, app.city, &row.id, &pool.category).await?;
        for place in places {
            let found =
                store::pools::find(txn, app.city, &row.id, &pool.category, &place.code).await?;
            let entry = found.ok_or_else(|| {
                Error::internal(anyhow::anyhow!(
                    "draw {} has placed a code that is not in its pool",
                    row.id
                ))
            })?;
            rows.push(representative::Model {
                city_id: app.city,
                draw_id: row.id.clone(),
                place_rank: place.place_rank,
                period_number: row.period_number.clone(),
                code: place.code,
                applicant_id: entry.applicant_id,
                state: representative::State::Selected,
                invited_at: None,
                answer_by: None,
                answered_at: None,
                sealed_for: None,
                commitment: None,
            });
        }
    }
    store::representatives::insert(txn, rows).await?;
    call(app, txn, &row.period_number, Turn::Winners).await
}

/// Writes down which invitations have run out, and calls the next reserves; gives how many had run
/// out. Doing it again changes nothing.
pub async fn expire_due(app: &App, worker: &Worker) -> Result<u64> {
    let now = now(app);
    let mut expired = 0;
    for number in store::representatives::list_overdue_periods(&app.db, app.city, now).await? {
        let txn = store::begin(&app.db).await?;
        store::cities::lock(&txn, app.city).await?;
        for row in store::representatives::list_of_period(&txn, app.city, &number).await? {
            if state_at(&row, now) == row.state {
                continue;
            }
            let name = RepresentativeName::of(&row).to_string();
            let to = representative::State::Expired;
            store::representatives::advance(&txn, &row, to, Times::default()).await?;
            let action = "representatives.expire";
            let detail = serde_json::json!({ "answerBy": row.answer_by });
            trail::note(app, &txn, worker.actor(), action, &name, detail).await?;
            expired += 1;
        }
        call(app, &txn, &number, Turn::Reserves).await?;
        txn.commit().await?;
    }
    Ok(expired)
}

/// Invites those whose turn it is, in the order of the result: at first the winners, afterwards a
/// reserve for everybody who will not come. Whose application has ended meanwhile is passed over.
///
/// The caller holds the city, so that two who decline at once call two reserves.
pub(super) async fn call(
    app: &App,
    txn: &DatabaseTransaction,
    number: &str,
    turn: Turn,
) -> Result<()> {
    let period = store::periods::get(txn, app.city, number).await?;
    let policy = rules::get(app, &period.policy_digest).await?;
    let Some(representatives) = &policy.representatives else {
        return Ok(());
    };
    let Some(answer_by) = answer_by(app, &period, representatives.answer_hours) else {
        return Ok(());
    };
    let invitation = Call { turn, answer_by };
    let rows = store::representatives::list_of_period(txn, app.city, number).await?;
    let quota = usize::try_from(representatives.quota).map_err(Error::internal)?;
    let mut vacancies = count_vacancies(&rows, quota);
    let waiting = rows
        .iter()
        .filter(|row| row.state == representative::State::Selected);
    for row in waiting {
        if vacancies == 0 {
            break;
        }
        if is_applicant_still(app, txn, row).await? {
            invite(app, txn, row, &period, &invitation).await?;
            vacancies -= 1;
        } else {
            pass_over(app, txn, row).await?;
        }
    }
    Ok(())
}

/// Until when somebody who is invited now may answer; none from the day of the draw on, when it is
/// too late to call anybody.
fn answer_by(app: &App, period: &period::Model, answer_hours: u32) -> Option<DateTime<Utc>> {
    let now = now(app);
    let latest = app.start_of(period.draw_on);
    let answer_by = (now + TimeDelta::hours(i64::from(answer_hours))).min(latest);
    (now < answer_by).then_some(answer_by)
}

async fn is_applicant_still(
    app: &App,
    txn: &DatabaseTransaction,
    row: &representative::Model,
) -> Result<bool> {
    let found = store::applications::find_by_code(txn, app.city, &row.code).await?;
    Ok(found.is_some_and(|found| found.status == application::Status::Valid))
}

async fn pass_over(
    app: &App,
    txn: &DatabaseTransaction,
    row: &representative::Model,
) -> Result<()> {
    let to = representative::State::Withdrawn;
    store::representatives::advance(txn, row, to, Times::default()).await?;
    let name = RepresentativeName::of(row).to_string();
    let action = "representatives.pass_over";
    let detail = serde_json::json!({});
    trail::note(app, txn, CITY.to_owned(), action, &name, detail).await
}

async fn invite(
    app: &App,
    txn: &DatabaseTransaction,
    row: &representative::Model,
    period: &period::Model,
    call: &Call,
) -> Result<()> {
    let answer_by = call.answer_by;
    let times = Times {
        invited: Some((now(app), answer_by)),
        answered_at: None,
    };
    let to = representative::State::Invited;
    store::representatives::advance(txn, row, to, times).await?;
    let name = RepresentativeName::of(row).to_string();
    let detail = serde_json::json!({ "answerBy": answer_by });
    let action = "representatives.invite";
    trail::note(app, txn, CITY.to_owned(), action, &name, detail).await?;
    let (number, draw_on) = (period.number.clone(), period.draw_on);
    let purpose = match call.turn {
        Turn::Winners => Purpose::RepresentativeInvited {
            period: number,
            draw_on,
            answer_by,
        },
        Turn::Reserves => Purpose::ReserveCalled {
            period: number,
            draw_on,
            answer_by,
        },
    };
    let recipient = Recipient::Applicant(row.applicant_id);
    let post = Post::new(recipient, purpose, &row.code, &name).until(answer_by);
    messages::post(app, txn, post).await?;
    Ok(())
}
