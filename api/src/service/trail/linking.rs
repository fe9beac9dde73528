//! Linking: rows of the audit trail get their places, in an order in which nobody can put one in or take
//! one out afterwards.
//!
//! A change writes its row without a place: places in every change's transaction would put all of
//! them in one line. Rows are linked once they are committed, by whoever holds the city alone.

use ::entity::{CityId, audit};
use sea_orm::ConnectionTrait;
use verifier::trail::{TrailHead, TrailRow};

use crate::{
    app::App,
    domain::actor::Worker,
    error::{Error, Result},
    service::log,
    store::{self, trail::Link},
};

/// Rows that one statement links.
const PIECE: u64 = 500;

/// What a pass has linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linked {
    /// How many rows.
    pub count: u64,
    /// Whether more wait.
    pub has_more: bool,
}

/// Links a piece of the rows that are committed and wait for it.
pub async fn link(app: &App, _: &Worker) -> Result<Linked> {
    // The city is not held for nothing every second.
    if store::trail::list_not_linked(&app.db, app.city, 1)
        .await?
        .is_empty()
    {
        return Ok(Linked {
            count: 0,
            has_more: false,
        });
    }
    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    let head = find_head(&txn, app.city).await?;
    let grown = link_piece(&txn, app.city, head).await?;
    txn.commit().await?;
    let count = grown.rows - head.rows;
    Ok(Linked {
        count,
        has_more: count == PIECE,
    })
}

/// Links every row that is committed and waits for it, so that a record that is about to be signed
/// covers them all; gives where the trail ends then.
///
/// The caller holds the city's lock and has written no row yet: what it does is linked with the
/// next record, so that a step that is repeated after a crash signs the same text.
pub(in crate::service) async fn link_all(
    app: &App,
    txn: &impl ConnectionTrait,
) -> Result<TrailHead> {
    let mut head = find_head(txn, app.city).await?;
    loop {
        let grown = link_piece(txn, app.city, head).await?;
        if grown == head {
            return Ok(head);
        }
        head = grown;
    }
}

/// Where the trail ends.
async fn find_head(db: &impl ConnectionTrait, city: CityId) -> Result<TrailHead> {
    let Some((position, link)) = store::trail::find_last_link(db, city).await? else {
        return Ok(TrailHead::EMPTY);
    };
    Ok(TrailHead {
        rows: u64::try_from(position).map_err(Error::internal)?,
        link: log::digest(&link)?,
    })
}

/// Links at most a piece of what waits; gives where the trail ends then.
async fn link_piece(
    txn: &impl ConnectionTrait,
    city: CityId,
    mut head: TrailHead,
) -> Result<TrailHead> {
    let rows = store::trail::list_not_linked(txn, city, PIECE).await?;
    let mut links = Vec::with_capacity(rows.len());
    for row in &rows {
        head = head.with(&content_of(row));
        links.push(Link {
            id: row.id,
            position: i64::try_from(head.rows).map_err(Error::internal)?,
            link: head.link.0,
        });
    }
    if store::trail::link(txn, city, &links).await? == links.len() as u64 {
        return Ok(head);
    }
    Err(Error::internal(anyhow::anyhow!(
        "rows of the audit trail were linked twice at the same time"
    )))
}

/// What a row's link covers.
pub(super) fn content_of(row: &audit::Model) -> TrailRow<'_> {
    TrailRow {
        id: row.id.into_bytes(),
        secs: row.at.timestamp(),
        nanos: row.at.timestamp_subsec_nanos(),
        actor: &row.actor,
        action: &row.action,
        subject: &row.subject,
        detail: &row.detail,
    }
}
