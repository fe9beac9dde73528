//! Whether witnesses saw the records of a draw in time, by their own clocks (D71, D73, R47).
//!
//! A record is in the log from its commit on, and cosigned when the quorum answers: after an outage,
//! or by clocks that were put right, that can be too late. No verifier accepts such a draw then, so
//! nothing more of it is recorded or published, and everybody who asks is told what is left to do.

use ::entity::{draw, record};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use verifier::record::Announce;

use super::cosigned;
use crate::{
    app::App,
    error::{Error, Result},
    service::{
        ceremony::{instant, latest_record},
        log,
        trust::Policies,
    },
    store,
};

/// What is left to do about an announcement that was seen too late, while a void still counts.
const VOID_IT: &str = "the announcement stands in the log and no verifier accepts a result of it: void the draw and freeze a new one";

/// What is left to do where neither a result nor a void can count any more.
pub(in crate::service) const SAY_SO: &str = "if the clocks are right, nothing of this draw can be finished or voided any more (rules D73 and R47 of the protocol): say so in public, and ask for advice before anything else is done";

/// When the quorum saw a record of a draw; nothing where there is no such record, where it is not
/// cosigned yet, and in a city without witnesses.
async fn witnessed(
    app: &App,
    db: &impl ConnectionTrait,
    policies: &Policies,
    draw: &str,
    kind: record::Kind,
) -> Result<Option<DateTime<Utc>>> {
    let Some(row) = store::records::find(db, app.city, draw, kind).await? else {
        return Ok(None);
    };
    let checkpoints = store::records::list_checkpoints(db, app.city).await?;
    let checkpoint = checkpoints
        .iter()
        .find(|it| it.size == row.log_index + 1 && !it.cosignatures.is_empty());
    let Some(checkpoint) = checkpoint else {
        return Ok(None);
    };
    let met = policies.met_at(&cosigned(checkpoint)?, checkpoint.size)?;
    Ok(met.map(instant))
}

/// Refuses where a record of a draw was seen too late for it to count.
///
/// # Errors
///
/// [`Error::TooLate`], with what is left to do.
pub(in crate::service) async fn require(
    app: &App,
    db: &impl ConnectionTrait,
    row: &draw::Model,
) -> Result<()> {
    let announce = record::Kind::Announce;
    let policies = Policies::of(app, db).await?;
    if !policies.ask_somebody()
        || store::records::find(db, app.city, &row.id, announce)
            .await?
            .is_none()
    {
        return Ok(());
    }
    let (terms, _) = log::announced(db, app, &row.id).await?;
    let latest = latest_record(row, &terms)?;
    let seen = witnessed(app, db, &policies, &row.id, record::Kind::Void).await?;
    if seen.is_some() {
        // Of a draw that was called off nothing else has to be in time (V11).
        let at = latest + seconds(terms.margin_secs) - TimeDelta::seconds(1);
        return in_time("having the void witnessed", seen, at, SAY_SO);
    }
    let seen = witnessed(app, db, &policies, &row.id, announce).await?;
    let remedy = if latest < app.clock.now() {
        SAY_SO
    } else {
        VOID_IT
    };
    let at = latest_announce(&terms);
    in_time("having the announcement witnessed", seen, at, remedy)?;
    let seen = witnessed(app, db, &policies, &row.id, record::Kind::Close).await?;
    in_time("having the close witnessed", seen, latest, SAY_SO)
}

/// Refuses to go on with a draw whose announcement can no longer stand for its whole window.
///
/// Where it is late and not cosigned, the witnesses are asked once more: one whose answer was lost
/// gives the same again, with the time at which it saw the announcement.
///
/// # Errors
///
/// [`Error::TooLate`], with what is left to do; [`Error::Unavailable`] where the quorum cannot be
/// reached.
pub(in crate::service) async fn require_announced(app: &App, id: &str) -> Result<()> {
    let announce = record::Kind::Announce;
    let found = store::records::find(&app.db, app.city, id, announce).await?;
    let policies = Policies::of(app, &app.db).await?;
    if found.is_none() || !policies.ask_somebody() {
        return Ok(());
    }
    let (terms, _) = log::announced(&app.db, app, id).await?;
    let seen = witnessed(app, &app.db, &policies, id, announce).await?;
    if seen.is_none() && latest_announce(&terms) < app.clock.now() {
        log::cosign(app).await?;
    }
    let row = store::draws::get(&app.db, app.city, id).await?;
    require(app, &app.db, &row).await
}

/// Refuses to make a new draw in the place of one whose void does not count.
///
/// # Errors
///
/// [`Error::TooLate`] where the quorum saw the void too late; [`Error::Unavailable`] where it has not
/// seen it yet.
pub(in crate::service) async fn require_voided(
    app: &App,
    db: &impl ConnectionTrait,
    row: &draw::Model,
) -> Result<()> {
    let policies = Policies::of(app, db).await?;
    let seen = witnessed(app, db, &policies, &row.id, record::Kind::Void).await?;
    if seen.is_none() && policies.ask_somebody() {
        return Err(Error::Unavailable {
            what: "the witnesses' quorum",
            reason: format!(
                "it has not cosigned the void of draw {} yet, and a void counts only when it was seen before the beacon round: run `fairplate draw resume` first",
                row.id
            ),
        });
    }
    require(app, db, row).await
}

fn in_time(
    what: &'static str,
    seen: Option<DateTime<Utc>>,
    at: DateTime<Utc>,
    remedy: &'static str,
) -> Result<()> {
    if seen.is_some_and(|seen| at < seen) {
        return Err(Error::TooLate { what, at, remedy });
    }
    Ok(())
}

/// Until when an announcement has to be seen, so that it stands for its whole window.
pub(in crate::service) fn latest_announce(terms: &Announce) -> DateTime<Utc> {
    instant(terms.closes) - seconds(terms.window_secs)
}

fn seconds(count: u64) -> TimeDelta {
    let count = i64::try_from(count).ok();
    count.and_then(TimeDelta::try_seconds).unwrap_or_default()
}
