//! What waits for a reviewer.

use std::collections::HashMap;

use ::entity::{ApplicationId, application, duplicate_flag, review_claim};
use sea_orm::ConnectionTrait;

use crate::{
    app::App,
    domain::{actor::Reviewer, span::Span},
    error::Result,
    store,
};

pub use crate::store::queue::Filter;

/// An application that waits for a reviewer: for the first decision, or for a second look.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The application.
    pub application: application::Model,
    /// Who works on it, if somebody does.
    pub claim: Option<review_claim::Model>,
    /// The unresolved flags that say it may be one of two applications of the same person.
    pub flags: Vec<duplicate_flag::Model>,
}

/// A part of what waits, oldest first.
pub async fn list_queue(
    app: &App,
    _: &Reviewer,
    filter: &Filter,
    span: Span<ApplicationId>,
) -> Result<Vec<Waiting>> {
    let now = app.clock.now();
    let rows = store::queue::list(&app.db, app.city, filter, now, span).await?;
    dressed(app, &app.db, rows).await
}

/// Looks up who works on these applications, and what is flagged.
pub(super) async fn dressed(
    app: &App,
    db: &impl ConnectionTrait,
    rows: Vec<application::Model>,
) -> Result<Vec<Waiting>> {
    let ids: Vec<ApplicationId> = rows.iter().map(|row| row.id).collect();
    let claims = store::claims::list_live(db, app.city, &ids, app.clock.now()).await?;
    let mut claims: HashMap<ApplicationId, review_claim::Model> = claims
        .into_iter()
        .map(|claim| (claim.application_id, claim))
        .collect();
    let flags = store::duplicates::list_open_of(db, app.city, &ids).await?;
    let waiting = rows.into_iter().map(|application| Waiting {
        claim: claims.remove(&application.id),
        flags: flags
            .iter()
            .filter(|flag| [flag.earlier_id, flag.later_id].contains(&application.id))
            .cloned()
            .collect(),
        application,
    });
    Ok(waiting.collect())
}

/// The applications of a period that wait for their first review, oldest first, at most `limit`.
pub async fn list_waiting(
    app: &App,
    _: &Reviewer,
    period: &str,
    limit: u64,
) -> Result<Vec<application::Model>> {
    store::applications::list_unreviewed(&app.db, app.city, period, limit).await
}

/// How many applications of a period wait for their first review.
pub async fn count_waiting(app: &App, _: &Reviewer, period: &str) -> Result<u64> {
    store::applications::count_unreviewed(&app.db, app.city, period).await
}
