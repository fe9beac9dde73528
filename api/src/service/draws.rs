//! Reading draws. What happens to them is the [`ceremony`](super::ceremony).

use ::entity::{draw, draw_pool, record};

use crate::{app::App, error::Result, store};

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

/// The pools of a draw, in the order of `announce`.
pub async fn list_pools(app: &App, id: &str) -> Result<Vec<draw_pool::Model>> {
    store::draws::list_pools(&app.db, app.city, id).await
}

/// The records of a draw, in the order of the log.
pub async fn list_records(app: &App, id: &str) -> Result<Vec<record::Model>> {
    store::records::list_of_draw(&app.db, app.city, id).await
}
