//! Announcing: the pool is committed to, in public, before its randomness exists.

use ::entity::{contribution, draw, record, unsigned_record};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use verifier::{
    beacon::Chain,
    record::{Announce, Method, PoolLine, Sealed},
    root::FileSummary,
    text::Digest,
};

use super::{
    instant,
    recording::{Stepped, WorkedOut, record_or_leave},
    round_time, time,
};
use crate::{
    app::{App, Stage},
    domain::{
        approval,
        moving::{self, MoveError},
        phase,
    },
    error::{Error, Result},
    service::{
        approvals::Approved,
        log, representatives, trail,
        unsigned::{self, Composing},
    },
    store,
};

/// What an officer decides of the randomness to come.
pub struct Terms {
    /// Contributions committed to beforehand, beside those that representatives have handed in.
    pub sealed: Vec<Sealing>,
    /// Labels of values that are made in public and written into `close`.
    pub open: Vec<String>,
    /// How long the announcement must have stood, witnessed, before contributions close; seconds.
    pub window_secs: u64,
    /// How far witnessed records must lie before the beacon round; seconds.
    pub margin_secs: u64,
    /// Until when contributions may be revealed.
    pub closes_at: DateTime<Utc>,
    /// The beacon chain; the city's own choice where none is named.
    pub chain: Option<Chain>,
    /// The beacon round; the first that leaves twice the margin after `closes_at` where none is named.
    pub round: Option<u64>,
}

/// A contributor's commitment.
pub struct Sealing {
    /// Who, as in `notary.example/c1`.
    pub name: String,
    /// The commitment to their secret.
    pub commitment: Digest,
}

/// An announcement that could be recorded now.
pub(in crate::service) struct Announcing {
    row: draw::Model,
    chain: Chain,
    round: u64,
    text: String,
    content: approval::Announcement,
}

impl Announcing {
    /// All of what is decided of it.
    pub(in crate::service) fn content(&self) -> &approval::Announcement {
        &self.content
    }
}

/// Says whether a draw can be announced on these terms now, and writes the record's text.
///
/// # Errors
///
/// [`Error::WrongPhase`] unless the draw is frozen: a draw is announced once.
/// [`Error::AwaitsSignature`] while another record waits.
/// [`Error::InvalidInput`] where the terms leave no time, could not be written as a record, or put
/// the draw on a day that is not worked; [`Error::NotSetUp`] where the calendar of working days
/// cannot tell.
pub(in crate::service) async fn prepare_announce(
    app: &App,
    txn: &DatabaseTransaction,
    id: &str,
    terms: Terms,
) -> Result<Announcing> {
    let now = app.clock.now();
    unsigned::require_none(app, txn).await?;
    let row = store::draws::get(txn, app.city, id).await?;
    phase::require_draw(&row, draw::Phase::Frozen)?;
    let named = terms.sealed.len();
    let terms = with_representatives(app, txn, &row, terms).await?;
    let chain = terms
        .chain
        .clone()
        .unwrap_or_else(|| app.chain.as_ref().clone());
    let round = choose_round(&terms, &chain, now)?;
    require_working_day(app, &row, &terms, round_time(&chain, round)?)?;
    let record = compose(txn, app, &row, &terms, &chain, round).await?;
    let content = content(&row, &record, named, &chain)?;
    Ok(Announcing {
        row,
        chain,
        round,
        text: record.to_string(),
        content,
    })
}

/// Signs and logs the pool's hashes and the terms of the draw, or leaves them to be signed elsewhere;
/// they are public once they are cosigned.
pub(in crate::service) async fn announce(
    app: &App,
    txn: &DatabaseTransaction,
    approved: &Approved<Announcing>,
) -> Result<Stepped> {
    let announcing = approved.what();
    let (id, round) = (announcing.row.id.as_str(), announcing.round);
    app.reached("announce", Stage::Decided);

    let chain = announcing.chain.hash.to_string();
    let composing = Composing {
        subject: id.to_owned(),
        kind: record::Kind::Announce,
        text: announcing.text.clone(),
        chain: Some(announcing.chain.to_string()),
        actor: approved.by().actor(),
        detail: approved.detail(serde_json::json!({ "chain": chain, "round": round })),
        approval: Some(approved.id()),
    };
    let composed = unsigned::compose(app, txn, composing, None).await?;
    record_or_leave(app, txn, composed, WorkedOut::Nothing).await
}

/// Does what a signed announcement says.
pub(super) async fn enact(
    txn: &DatabaseTransaction,
    row: &draw::Model,
    record: &Announce,
    composed: &unsigned_record::Model,
) -> Result<draw::Model> {
    phase::require_draw(row, draw::Phase::Frozen)?;
    let chain = composed.chain.clone().ok_or_else(|| {
        Error::internal(anyhow::anyhow!(
            "draw {} is announced without a chain",
            row.id
        ))
    })?;
    let agreed = store::draws::Terms {
        chain,
        round: i64::try_from(record.round).map_err(Error::internal)?,
        closes_at: instant(record.closes),
    };
    let to = draw::Phase::Announced;
    let announced = store::draws::advance(txn, row, to, Some(agreed)).await?;
    insert_contributions(txn, row, record).await?;
    Ok(announced)
}

/// What is decided of an announcement. Of its contributions the first `named` are the officers'.
fn content(
    row: &draw::Model,
    record: &Announce,
    named: usize,
    chain: &Chain,
) -> Result<approval::Announcement> {
    let sealed = record.sealed.iter().map(|sealed| approval::Sealed {
        name: sealed.name.clone(),
        commitment: sealed.commitment.to_string(),
    });
    let mut sealed: Vec<_> = sealed.collect();
    let handed_in = sealed.split_off(named);
    let pools = record.pools.iter().map(|pool| approval::Pool {
        category: pool.category.clone(),
        quota: pool.quota,
        reserve: pool.reserve,
        rows: pool.file.rows,
        tickets: pool.file.tickets,
        bytes: pool.file.bytes,
        root: pool.file.root.to_string(),
        sha256: pool.file.sha256.to_string(),
    });
    Ok(approval::Announcement {
        origin: record.origin.clone(),
        draw: record.draw.clone(),
        sequence: row.sequence,
        policy: record.policy.to_string(),
        pools: pools.collect(),
        sealed,
        handed_in,
        open: record.open.clone(),
        window_secs: record.window_secs,
        margin_secs: record.margin_secs,
        closes_at: instant(record.closes),
        chain_hash: record.chain.to_string(),
        chain: chain.to_string(),
        round: record.round,
        round_at: round_time(chain, record.round)?,
    })
}

/// The terms with the commitments that representatives have handed in. No officer can leave one out,
/// put another in its place, or contribute in the name of a representative who has handed in none.
async fn with_representatives(
    app: &App,
    txn: &impl ConnectionTrait,
    row: &draw::Model,
    mut terms: Terms,
) -> Result<Terms> {
    for named in &terms.sealed {
        if representatives::is_reserved_name(app, txn, &named.name).await? {
            return Err(Error::invalid(
                "sealed",
                format!(
                    "{} is the name of a representative, whose own commitment is announced by itself; leave it out",
                    named.name
                ),
            ));
        }
    }
    let handed_in = representatives::list_sealings(app, txn, &row.id).await?;
    terms.sealed.extend(handed_in);
    Ok(terms)
}

/// The round of the draw, once it is sure that the terms leave time for every step.
fn choose_round(terms: &Terms, chain: &Chain, now: DateTime<Utc>) -> Result<u64> {
    let secs = |count: u64, field: &str| {
        i64::try_from(count)
            .ok()
            .and_then(TimeDelta::try_seconds)
            .ok_or_else(|| Error::invalid(field, "too many seconds"))
    };
    let window = secs(terms.window_secs, "windowSeconds")?;
    let margin = secs(terms.margin_secs, "marginSeconds")?;
    let earliest = now + window;
    if terms.closes_at < earliest {
        return Err(Error::invalid(
            "closesAt",
            format!(
                "contributions may close {} at the earliest, so that the announcement stands for the whole window",
                time(earliest)
            ),
        ));
    }
    let round = terms
        .round
        .unwrap_or_else(|| chain.first_round_at_or_after(time(terms.closes_at + margin + margin)));
    let beacon_at = round_time(chain, round)?;
    if beacon_at < terms.closes_at + margin {
        return Err(Error::invalid(
            "round",
            format!(
                "round {round} comes at {}, before the margin after closing is over; choose a later one",
                time(beacon_at)
            ),
        ));
    }
    Ok(round)
}

/// Refuses a beacon round on a day that is not worked, where the city's rules move such a draw. The
/// day on which representatives are drawn is not moved.
fn require_working_day(
    app: &App,
    row: &draw::Model,
    terms: &Terms,
    beacon_at: DateTime<Utc>,
) -> Result<()> {
    if row.purpose == draw::Purpose::Representatives {
        return Ok(());
    }
    let (day, shift) = (app.day_of(beacon_at), app.policy.schedule.draw_shift);
    moving::require_working_day(day, shift, &app.working_days).map_err(|error| {
        if matches!(error, MoveError::Calendar(_)) {
            return Error::NotSetUp(error.to_string());
        }
        let field = if terms.round.is_some() {
            "round"
        } else {
            "closesAt"
        };
        let advice = "choose times so that the beacon round comes on a working day";
        Error::invalid(field, format!("{error}; {advice}"))
    })
}

/// The record, checked by the reader that every verifier uses.
async fn compose(
    txn: &impl ConnectionTrait,
    app: &App,
    row: &draw::Model,
    terms: &Terms,
    chain: &Chain,
    round: u64,
) -> Result<Announce> {
    let previous = match store::records::find_last_ending(txn, app.city).await? {
        Some(ending) => log::digest(&ending.hash)?,
        None => Digest::ZERO,
    };
    let mut pools = Vec::new();
    for pool in store::draws::list_pools(txn, app.city, &row.id).await? {
        let count = |number: i64| u64::try_from(number).map_err(Error::internal);
        pools.push(PoolLine {
            category: pool.category.clone(),
            method: Method::ScoreV1,
            quota: count(pool.quota)?,
            reserve: count(pool.reserve)?,
            file: FileSummary {
                rows: count(pool.pool_rows)?,
                tickets: count(pool.tickets)?,
                bytes: count(pool.bytes)?,
                root: log::digest(&pool.root)?,
                sha256: log::digest(&pool.sha256)?,
            },
        });
    }
    let sealed = terms.sealed.iter().map(|sealing| Sealed {
        name: sealing.name.clone(),
        commitment: sealing.commitment,
    });
    let record = Announce {
        origin: app.origin.to_string(),
        draw: row.id.clone(),
        sequence: u64::try_from(row.sequence).map_err(Error::internal)?,
        issued: time(app.clock.now()),
        trail: Some(trail::link_all(app, txn).await?),
        policy: log::digest(&row.policy_digest)?,
        previous,
        pools,
        sealed: sealed.collect(),
        open: terms.open.clone(),
        window_secs: terms.window_secs,
        margin_secs: terms.margin_secs,
        closes: time(terms.closes_at),
        chain: chain.hash,
        round,
    };
    Announce::parse(&record.to_string()).map_err(|cause| Error::invalid("terms", cause))?;
    Ok(record)
}

async fn insert_contributions(
    txn: &impl ConnectionTrait,
    row: &draw::Model,
    terms: &Announce,
) -> Result<()> {
    let sealed = terms.sealed.iter().map(|sealing| {
        (
            contribution::Kind::Sealed,
            &sealing.name,
            Some(sealing.commitment.0.to_vec()),
        )
    });
    let open = terms
        .open
        .iter()
        .map(|label| (contribution::Kind::Open, label, None));
    for (position, (kind, name, commitment)) in (0..).zip(sealed.chain(open)) {
        let row = contribution::Model {
            city_id: row.city_id,
            draw_id: row.id.clone(),
            name: name.clone(),
            kind,
            position,
            commitment,
            value: None,
        };
        store::contributions::insert(txn, row).await?;
    }
    Ok(())
}
