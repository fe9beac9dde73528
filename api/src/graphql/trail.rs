//! The audit trail.

use ::entity::audit;
use async_graphql::{Context, ID, Object, SimpleObject};

use super::{
    context::ContextExt as _,
    error::Result,
    global_id::Noun,
    page,
    scalars::{Bytes32, DateTime, Long},
};
use crate::service;

/// Who did what to which thing. It never holds personal data.
#[derive(Clone, SimpleObject)]
pub(super) struct AuditRow {
    /// The row's id.
    #[graphql(owned)]
    pub(super) id: ID,
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
    /// Its place in the trail, from 1; null until it is linked to the row before it, some seconds
    /// after the change.
    position: Option<Long>,
    /// SHA-256 of the row and of the link before it; null until it is linked. The city's signed
    /// records name such links, so that no row can be changed, removed or moved afterwards.
    link: Option<Bytes32>,
}

impl From<audit::Model> for AuditRow {
    fn from(row: audit::Model) -> Self {
        Self {
            id: Noun::AuditRow.id(row.id),
            at: DateTime(row.at),
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            detail: row.detail,
            position: row.position.map(Long),
            link: row.link.and_then(|link| link.try_into().ok().map(Bytes32)),
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
    #[graphql(complexity = "page::weight(first, last) * child_complexity")]
    async fn audit_trail(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only what was done to this: an application code, a period's number, a draw's id."
        )]
        subject: Option<String>,
        #[graphql(desc = "How many from the beginning, 1 to 100; 20 without `first` and `last`.")]
        first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100; not together with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only rows behind the row of this cursor.")] after: Option<String>,
        #[graphql(desc = "Only rows ahead of the row of this cursor.")] before: Option<String>,
    ) -> Result<AuditTrailConnection> {
        let (app, auditor) = (ctx.app(), ctx.actor().auditor()?);
        let page = page::Page::read(CURSOR, (first, last), (after, before))?;
        let rows = service::trail::list(app, &auditor, subject.as_deref(), page.span()?).await?;
        let nodes = rows
            .into_iter()
            .map(|row| (row.id.to_string(), AuditRow::from(row)));
        Ok(AuditTrailConnection::of(&page, nodes.collect()))
    }
}
