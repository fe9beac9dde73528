//! The audit trail: every change says who did what to which thing, in its own transaction.

use sea_orm::ConnectionTrait;

use crate::{app::App, error::Result, store};

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
