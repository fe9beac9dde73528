//! The audit trail.

use ::entity::audit;
use async_graphql::{Context, Object, SimpleObject};
use uuid::Uuid;

use super::{context::ContextExt as _, error::Result, page, scalars::DateTime};
use crate::service;

/// Who did what to which thing. It never holds personal data.
#[derive(Clone, SimpleObject)]
pub(super) struct AuditRow {
    /// When.
    at: DateTime,
    /// Who: `officer:<name>`, `reviewer:<name>`, `applicant:<id>`, `operator` and the like.
    actor: String,
    /// What, for example `reviews.decide`.
    action: String,
    /// On which thing: an application code, a period's number, a draw's id.
    subject: String,
    /// The facts, as JSON.
    detail: String,
}

impl From<audit::Model> for AuditRow {
    fn from(row: audit::Model) -> Self {
        Self {
            at: DateTime(row.at),
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            detail: row.detail,
        }
    }
}

page::connection! {
    /// A page of the audit trail, newest first.
    AuditTrailConnection, AuditTrailEdge, AuditRow
}

/// What cursors of this list begin with.
const CURSOR: &str = "audit";

#[derive(Default)]
pub(super) struct TrailQuery;

#[Object]
impl TrailQuery {
    /// The audit trail, newest first. Auditors and officers only.
    #[graphql(complexity = "page::weight(first) * child_complexity")]
    async fn audit_trail(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only what was done to this: an application code, a period's number, a draw's id."
        )]
        subject: Option<String>,
        #[graphql(default = 20, desc = "How many, 1 to 100.")] first: i32,
        #[graphql(desc = "Only what is behind this cursor, that is older.")] after: Option<String>,
    ) -> Result<AuditTrailConnection> {
        let (app, auditor) = (ctx.app(), ctx.actor().auditor()?);
        let page = page::Page::read(CURSOR, first, after)?;
        let (before, limit) = (page.after::<Uuid>()?, page.limit()?);
        let rows = service::trail::list(app, &auditor, subject.as_deref(), before, limit).await?;
        let nodes = rows
            .into_iter()
            .map(|row| (row.id.to_string(), AuditRow::from(row)));
        Ok(AuditTrailConnection::of(&page, nodes.collect()))
    }
}
