//! The ceremony: freeze → announce → close → result. The heart of the house; read this first.
//!
//! Every step has one order of effects: check → decide → record, audit and messages in one
//! transaction → commit → cosign → publish → answer. The steps after the commit are one function,
//! [`settle`]; a crash before the commit leaves nothing, and a crash after it is made good by
//! running `settle` again, which start-up does.
//!
//! Freezing, announcing, voiding and amending begin with `prepare_…`, which says whether and what, and are
//! carried out by [`approvals::approve`](super::approvals::approve), in its transaction: they take
//! the proof that two officers want it. Closing and finishing are one officer's: nothing is left to
//! decide in them.
//!
//! Where the key that signs is on a machine without network, a step ends with a record that waits
//! ([`Stepped::AwaitsSignature`]), and [`import`] takes it when the signed record comes back.
//!
//! Before a record is composed, its transaction links all of the audit trail that is committed, so
//! that the record says where the trail ends.

mod amend;
mod announce;
mod close;
mod finish;
mod freeze;
mod importing;
mod recording;
mod reveal;
mod void;

use ::entity::{draw, record};
use chrono::{DateTime, TimeDelta, Utc};
use verifier::{beacon::Chain, record::Announce, text::Time};

pub(in crate::service) use amend::{Amending, amend, prepare_amend};
pub(in crate::service) use announce::{Announcing, announce, prepare_announce};
pub use announce::{Sealing, Terms};
pub use close::{Reveals, close};
pub use finish::finish;
pub(in crate::service) use freeze::{
    Freezing, draw_id, freeze, freeze_representatives, prepare_freeze,
    prepare_freeze_of_representatives,
};
pub use importing::{Imported, drop_unsigned, import};
pub use recording::Stepped;
pub(in crate::service) use recording::{WorkedOut, enact};
pub use reveal::{Revealed, reveal};
pub(in crate::service) use void::{Voiding, prepare_void, void};

use super::{log, once::Again, publication};
use crate::{
    app::{App, Stage},
    error::{Error, Result},
    store,
};

/// What comes after a commit: cosignatures, then files. Idempotent, and the same after success
/// and after a crash.
async fn settle(app: &App, step: &'static str, draw: &str) -> Result<()> {
    log::cosign(app).await?;
    app.reached(step, Stage::Cosigned);
    publication::publish(app, step, draw).await
}

/// The same for a draw of which something may be recorded.
pub(in crate::service) async fn settle_recorded(
    app: &App,
    step: &'static str,
    draw: &str,
) -> Result<()> {
    let announce = record::Kind::Announce;
    let recorded = store::records::find(&app.db, app.city, draw, announce).await?;
    match recorded {
        Some(_) => settle(app, step, draw).await,
        None => Ok(()),
    }
}

impl Again for draw::Model {
    /// What the first answer could not say, because witnesses were away or the process stopped, is
    /// made good before it is given again.
    async fn again(app: &App, subject: &str) -> Result<Self> {
        settle_recorded(app, "again", subject).await?;
        store::draws::get(&app.db, app.city, subject).await
    }
}

/// Makes good whatever a crash left undone. Start-up calls it before anything is served.
///
/// # Errors
///
/// [`Error::Unavailable`] where the witnesses' quorum is away: what it has cosigned before is made good
/// all the same. [`Error::TooLate`] where it saw a record too late for that to count: everything else is
/// made good, and the first such draw is told.
pub async fn recover(app: &App) -> Result<()> {
    publication::clear_staging(app)?;
    if store::records::count(&app.db, app.city).await? == 0 {
        return Ok(());
    }
    let cosigned = log::cosign(app).await;
    let public = publication::public_size(app).await?;
    let mut recorded: Vec<String> = Vec::new();
    for row in store::records::list(&app.db, app.city).await? {
        let is_public = row.log_index < public && row.kind != record::Kind::Keys;
        if is_public && !recorded.contains(&row.draw_id) {
            recorded.push(row.draw_id);
        }
    }
    let mut too_late = None;
    for id in recorded {
        match publication::publish(app, "recover", &id).await {
            Err(late @ Error::TooLate { .. }) => drop(too_late.get_or_insert(late)),
            published => published?,
        }
    }
    publication::publish_keys(app).await?;
    cosigned?;
    too_late.map_or(Ok(()), Err)
}

/// A moment as records write it, in whole seconds.
fn time(at: DateTime<Utc>) -> Time {
    Time(at.timestamp())
}

/// A moment of a record.
pub(crate) fn instant(time: Time) -> DateTime<Utc> {
    DateTime::from_timestamp(time.0, 0).unwrap_or_default()
}

/// Until when a record can still be witnessed the whole margin before the beacon round.
pub(in crate::service) fn latest_record(
    row: &draw::Model,
    terms: &Announce,
) -> Result<DateTime<Utc>> {
    let margin = i64::try_from(terms.margin_secs)
        .ok()
        .and_then(TimeDelta::try_seconds);
    Ok(round_time(&chain_of(row)?, terms.round)? - margin.unwrap_or_default())
}

/// The beacon chain a draw was announced with.
pub(super) fn chain_of(row: &draw::Model) -> Result<Chain> {
    let json = row
        .chain
        .as_deref()
        .ok_or_else(|| Error::internal(anyhow::anyhow!("draw {} has no beacon chain", row.id)))?;
    Chain::parse(json.as_bytes()).map_err(Error::internal)
}

/// When the beacon round of a draw comes, once it is announced.
pub(super) fn find_beacon_time(row: &draw::Model) -> Result<Option<DateTime<Utc>>> {
    let Some(round) = row.round else {
        return Ok(None);
    };
    let round = u64::try_from(round).map_err(Error::internal)?;
    round_time(&chain_of(row)?, round).map(Some)
}

/// When a round of a chain comes.
fn round_time(chain: &Chain, round: u64) -> Result<DateTime<Utc>> {
    chain.time_of(round).map(instant).ok_or_else(|| {
        Error::invalid(
            "round",
            format!("round {round} has no time on this chain; rounds count from 1"),
        )
    })
}
