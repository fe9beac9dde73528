//! How many passwords may be tried with a phone number, or with the name of somebody of the city,
//! known or not.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{app::App, error::Result, store};

/// Wrong passwords in a row before there is a wait.
const TRIES_MAX: i32 = 5;

/// How long the wait is. The phone's one-time codes, or somebody's passkeys, go on working meanwhile,
/// so that a stranger who types wrong passwords shuts nobody out.
const WAIT: TimeDelta = TimeDelta::minutes(15);

/// How long wrong passwords are remembered.
pub(in crate::service) const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// Counts a try before a password is looked at; gives the end of the wait where there is one.
pub(in crate::service) async fn count(app: &App, index: &[u8]) -> Result<Option<DateTime<Utc>>> {
    let now = app.clock.now();
    let before = store::password_guesses::find(&app.db, app.city, index).await?;
    if let Some(before) = before.filter(|row| TRIES_MAX <= row.failures) {
        let until = before.last_at + WAIT;
        if now < until {
            return Ok(Some(until));
        }
        forget(app, index).await?;
    }
    store::password_guesses::count_try(&app.db, app.city, index, now).await?;
    Ok(None)
}

/// The right password was given, or the phone was proven.
pub(in crate::service) async fn forget(app: &App, index: &[u8]) -> Result<()> {
    store::password_guesses::delete(&app.db, app.city, index).await
}
