//! Who came.

use ::entity::representative;

use super::find;
use crate::{
    app::App,
    domain::{actor::Officer, representative::state_name},
    error::{Error, Result},
    service::{once::keep, trail},
    store::{self, representatives::Times},
};

/// Writes down whether somebody who had accepted came to the draw. A slip is corrected by writing
/// it down again; both stand in the trail.
///
/// # Errors
///
/// [`Error::NotFound`] for a name that nobody was drawn under; [`Error::WrongPhase`] for somebody
/// who had not accepted; [`Error::TooEarly`] before the day of the draw.
pub async fn record_attendance(
    app: &App,
    officer: &Officer,
    id: &str,
    has_come: bool,
) -> Result<representative::Model> {
    let txn = store::begin(&app.db).await?;
    store::cities::lock_shared(&txn, app.city).await?;
    let row = find(&txn, app, id).await?;
    let row = row.ok_or_else(|| Error::not_found("representative", id))?;
    let to = if has_come {
        representative::State::Attended
    } else {
        representative::State::Absent
    };
    if !matches!(
        row.state,
        representative::State::Accepted
            | representative::State::Attended
            | representative::State::Absent
    ) {
        return Err(Error::WrongPhase {
            what: format!("representative {id}"),
            needed: "ACCEPTED",
            actual: state_name(row.state),
        });
    }
    let period = store::periods::get(&txn, app.city, &row.period_number).await?;
    if app.today() < period.draw_on {
        return Err(Error::TooEarly {
            what: "recording who attended",
            at: app.start_of(period.draw_on),
        });
    }
    if row.state == to {
        return Ok(row);
    }
    let marked = store::representatives::advance(&txn, &row, to, Times::default()).await?;
    let detail = serde_json::json!({ "attended": has_come });
    let action = "representatives.record_attendance";
    trail::note(app, &txn, officer.actor(), action, id, detail).await?;
    keep(app, &txn, id).await?;
    txn.commit().await?;
    Ok(marked)
}
