//! Days of a period that an officer moves. The old days stay visible, and everybody in the period
//! is told.

use ::entity::{draw, period, period_move};

use crate::{
    app::App,
    domain::{
        actor::Officer,
        moving::{self, NewDays},
    },
    error::{Error, Result},
    ids,
    service::{circulars, circulars::Content, messages, once::keep, rules, trail},
    store,
};

/// How long a reason may be, in characters.
const REASON_CHARS: usize = 300;

/// Moves days of a period, for a reason that everybody can read.
///
/// # Errors
///
/// [`Error::InvalidInput`] for days that the rules of [`moving`] refuse, and for a reason that is
/// empty, longer than a line, or over 300 characters; [`Error::NotSetUp`] where the calendar of
/// working days cannot tell.
pub async fn move_dates(
    app: &App,
    officer: &Officer,
    number: &str,
    days: NewDays,
    reason: &str,
) -> Result<period::Model> {
    let reason = require_reason(reason)?;
    let txn = store::begin(&app.db).await?;
    rules::lock(app, &txn).await?;
    let row = store::periods::get(&txn, app.city, number).await?;
    let shift = rules::get(app, &row.policy_digest)
        .await?
        .schedule
        .draw_shift;
    let is_announced =
        store::draws::list_of_period(&txn, app.city, number, draw::Purpose::Allocation)
            .await?
            .iter()
            .any(|draw| matches!(draw.phase, draw::Phase::Announced | draw::Phase::Closed));
    let today = app.today();
    let (changed, moved) = moving::apply(&row, days, is_announced, today, shift, &app.working_days)
        .map_err(super::refused)?;
    store::periods::set_days(&txn, &changed).await?;
    for day in &moved {
        let kept = period_move::Model {
            city_id: app.city,
            id: ids::uuid_v7(app.clock.now()),
            period_number: number.to_owned(),
            milestone: day.milestone,
            moved_from: day.from,
            moved_to: day.to,
            reason: reason.to_owned(),
            officer: officer.name().to_owned(),
            moved_at: app.clock.now(),
        };
        store::milestones::note_move(&txn, kept).await?;
        if let Some(content) = Content::of_move(*day) {
            circulars::write(app, &txn, number, &content).await?;
        }
    }
    let days = |row: &period::Model| {
        serde_json::json!({
            "applies_until": row.applies_until,
            "review_publish_on": row.review_publish_on,
            "representatives_on": row.representatives_on,
            "draw_on": row.draw_on,
        })
    };
    let (before, after) = (days(&row), days(&changed));
    let detail = serde_json::json!({ "reason": reason, "before": before, "after": after });
    trail::note(app, &txn, officer.actor(), "periods.move", number, detail).await?;
    messages::tell(app, &txn, "period.moved", number, after).await?;
    keep(app, &txn, number).await?;
    txn.commit().await?;
    Ok(changed)
}

fn require_reason(reason: &str) -> Result<&str> {
    let reason = reason.trim();
    let chars = reason.chars().count();
    if chars == 0 || REASON_CHARS < chars || reason.chars().any(char::is_control) {
        return Err(Error::invalid(
            "reason",
            format!(
                "expected one line of 1 to {REASON_CHARS} characters, found {chars}; say why, everybody reads it"
            ),
        ));
    }
    Ok(reason)
}
