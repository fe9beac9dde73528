//! Reading draws. What happens to them is the [`ceremony`](super::ceremony).

use ::entity::{draw, draw_pool, record};

use verifier::record::{Amend, Announce, Record};

use super::log;
use crate::{app::App, error::Result, store};

/// One draw by its public id, if there is one.
pub async fn find(app: &App, id: &str) -> Result<Option<draw::Model>> {
    store::draws::find(&app.db, app.city, id).await
}

/// The draws of these public ids, as far as there are any.
pub async fn list_by_ids(app: &App, ids: &[String]) -> Result<Vec<draw::Model>> {
    store::draws::list_by_ids(&app.db, app.city, ids).await
}

/// One draw by its public id.
pub async fn get(app: &App, id: &str) -> Result<draw::Model> {
    store::draws::get(&app.db, app.city, id).await
}

/// The newest `limit` draws, newest first.
pub async fn list(app: &App, limit: u64) -> Result<Vec<draw::Model>> {
    store::draws::list(&app.db, app.city, limit).await
}

/// All draws of a period for one purpose, newest first: the one that counts, then those given up
/// before it.
pub async fn list_of_period(
    app: &App,
    number: &str,
    purpose: draw::Purpose,
) -> Result<Vec<draw::Model>> {
    store::draws::list_of_period(&app.db, app.city, number, purpose).await
}

/// All draws of these periods for one purpose, newest first.
pub async fn list_of_periods(
    app: &App,
    numbers: &[String],
    purpose: draw::Purpose,
) -> Result<Vec<draw::Model>> {
    store::draws::list_of_periods(&app.db, app.city, numbers, purpose).await
}

/// The pools of these draws, each draw's in the order of its `announce`.
pub async fn list_pools_of(app: &App, ids: &[String]) -> Result<Vec<draw_pool::Model>> {
    store::draws::list_pools_of(&app.db, app.city, ids).await
}

/// The pools of a draw, in the order of `announce`.
pub async fn list_pools(app: &App, id: &str) -> Result<Vec<draw_pool::Model>> {
    store::draws::list_pools(&app.db, app.city, id).await
}

/// The records of these draws, in the order of the log.
pub async fn list_records(app: &App, ids: &[String]) -> Result<Vec<record::Model>> {
    store::records::list_of_draws(&app.db, app.city, ids).await
}

/// An amend with its row of the log.
pub type Amended = (record::Model, Amend);

/// The amends among records, in their order.
pub fn read_amends(records: Vec<record::Model>) -> Result<Vec<Amended>> {
    let mut amends = Vec::new();
    for row in records {
        if row.kind == record::Kind::Amend
            && let Record::Amend(amend) = log::read(&row)?
        {
            amends.push((row, amend));
        }
    }
    Ok(amends)
}

/// The `announce` of a draw, once there is one.
pub async fn find_announce(app: &App, id: &str) -> Result<Option<Announce>> {
    let kind = record::Kind::Announce;
    let row = store::records::find(&app.db, app.city, id, kind).await?;
    match row.as_ref().map(log::read).transpose()? {
        Some(Record::Announce(announce)) => Ok(Some(announce)),
        _ => Ok(None),
    }
}
