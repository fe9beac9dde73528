//! The audit trail: every change says who did what to which thing, in its own transaction, and is
//! linked to the row before it soon afterwards.

mod linking;
mod verification;

pub(in crate::service) use linking::link_all;
pub use linking::{Linked, link};
pub use verification::{Anchors, Fault, Refuted, Verified, anchors, check, verify};

use ::entity::audit;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{
    app::App,
    domain::{actor::Auditor, span::Span},
    error::Result,
    store,
};

/// Notes a change. `subject` is a public code or number, and `detail` holds facts for an auditor;
/// neither ever holds personal data.
pub(super) async fn note(
    app: &App,
    txn: &impl ConnectionTrait,
    actor: String,
    action: &'static str,
    subject: &str,
    detail: serde_json::Value,
) -> Result<()> {
    let change = store::trail::Change {
        city: app.city,
        at: app.clock.now(),
        actor,
        action,
        subject,
        detail,
    };
    store::trail::audit(txn, change).await
}

/// A part of the trail of one subject (a code, a period number, a draw id) or of everything, newest
/// first.
pub async fn list(
    app: &App,
    _: &Auditor,
    subject: Option<&str>,
    span: Span<Uuid>,
) -> Result<Vec<audit::Model>> {
    store::trail::list(&app.db, app.city, subject, span).await
}

/// One row of the trail, if there is one.
pub async fn find(app: &App, _: &Auditor, id: Uuid) -> Result<Option<audit::Model>> {
    store::trail::find(&app.db, app.city, id).await
}
