//! Periods.

use ::entity::{draw, period, period_quota};
use async_graphql::{Context, Description, Enum, Object, SimpleObject};

use super::{
    calendar::{PeriodMove, PeriodTransition},
    context::ContextExt as _,
    draw::Draw,
    error::{ApiError, Result},
    page::{self, PageInfo},
    scalars::{Date, Long, PeriodNumber},
};
use crate::{domain, service};

/// One lottery of the city (期号).
#[derive(Description)]
pub(super) struct Period(pub(super) period::Model);

#[Object(use_type_description)]
impl Period {
    /// The period's number.
    async fn number(&self) -> PeriodNumber {
        PeriodNumber(self.0.number.clone())
    }

    /// Which lottery it is of.
    async fn kind(&self) -> PeriodKind {
        match self.0.kind {
            period::Kind::Normal => PeriodKind::Normal,
            period::Kind::Tier => PeriodKind::Tier,
        }
    }

    /// Where it stands.
    async fn phase(&self) -> PeriodPhase {
        self.0.phase.into()
    }

    /// First day on which applications are taken.
    async fn applies_from(&self) -> Date {
        Date(self.0.applies_from)
    }

    /// Last day on which applications are taken.
    async fn applies_until(&self) -> Date {
        Date(self.0.applies_until)
    }

    /// Day on which review results are published.
    async fn review_publish_on(&self) -> Date {
        Date(self.0.review_publish_on)
    }

    /// Day on which applicant representatives are drawn; null where the period has none.
    async fn representatives_on(&self) -> Option<Date> {
        self.0.representatives_on.map(Date)
    }

    /// Day of the draw.
    async fn draw_on(&self) -> Date {
        Date(self.0.draw_on)
    }

    /// Day on which the result was published; null until then.
    async fn published_on(&self) -> Option<Date> {
        self.0.published_on.map(Date)
    }

    /// Its days that were moved, oldest first, each with the day before the move.
    #[graphql(complexity = "5 + 2 * child_complexity")]
    async fn moves(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<PeriodMove>>> {
        let rows = service::periods::list_moves(ctx.app(), &self.0.number).await;
        Some(
            rows.map(|rows| rows.into_iter().map(PeriodMove::from).collect())
                .map_err(refused),
        )
    }

    /// What it went through so far, each step with the moment at which it really happened.
    #[graphql(complexity = "5 + 5 * child_complexity")]
    async fn transitions(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<Vec<PeriodTransition>>> {
        let rows = service::periods::list_transitions(ctx.app(), &self.0.number).await;
        Some(
            rows.map(|rows| rows.into_iter().map(PeriodTransition::from).collect())
                .map_err(refused),
        )
    }

    /// What may be allocated, by category.
    #[graphql(complexity = "5 + 2 * child_complexity")]
    async fn quotas(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Quota>>> {
        let app = ctx.app();
        let rows = service::periods::list_quotas(app, &self.0.number).await;
        Some(
            rows.map(|rows| rows.into_iter().map(Quota::from).collect())
                .map_err(refused),
        )
    }

    /// The draws that allocate this period's quota, newest first: the one that counts, then those
    /// given up before it.
    #[graphql(complexity = "5 + 2 * child_complexity")]
    async fn draws(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Draw>>> {
        let app = ctx.app();
        let purpose = draw::Purpose::Allocation;
        let rows = service::draws::list_of_period(app, &self.0.number, purpose).await;
        Some(
            rows.map(|rows| rows.into_iter().map(Draw).collect())
                .map_err(refused),
        )
    }
}

fn refused(error: crate::Error) -> async_graphql::Error {
    ApiError::from(error).into()
}

/// Which lottery a period is of.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::PeriodKind")]
pub(super) enum PeriodKind {
    /// The regular lottery.
    Normal,
    /// The separate lottery of those who have waited long (阶梯摇号).
    Tier,
}

/// Where a period stands. A period only ever moves down this list.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "period::Phase")]
pub(super) enum PeriodPhase {
    /// Its days are public; it does not take applications yet.
    Planned,
    /// Taking applications.
    Open,
    /// Applications are under review.
    Closed,
    /// Review results are public.
    ReviewPublished,
    /// The pool is fixed; a draw is under way.
    Frozen,
    /// The result is public.
    Published,
}

/// What may be allocated in one category.
#[derive(SimpleObject)]
#[expect(
    clippy::struct_field_names,
    reason = "a quota has no better name than quota"
)]
pub(super) struct Quota {
    /// The category, a key of the policy.
    category: String,
    /// How many may win.
    quota: Long,
    /// How many ordered reserves are drawn behind the winners.
    reserve: Long,
    /// How many of the quota came from the carry-over.
    carried_over: Long,
}

impl From<period_quota::Model> for Quota {
    fn from(row: period_quota::Model) -> Self {
        Self {
            category: row.category,
            quota: Long(row.quota),
            reserve: Long(row.reserve),
            carried_over: Long(row.carried_over),
        }
    }
}

/// A page of periods, newest first.
#[derive(SimpleObject)]
struct PeriodConnection {
    /// The periods, each with its cursor.
    edges: Vec<PeriodEdge>,
    /// The periods.
    nodes: Vec<Period>,
    /// Where this page lies.
    page_info: PageInfo,
}

/// A period and its cursor.
#[derive(SimpleObject)]
struct PeriodEdge {
    /// The period.
    node: Period,
    /// What to give as `after` or `before`.
    cursor: String,
}

#[derive(Default)]
pub(super) struct PeriodQuery;

#[Object]
impl PeriodQuery {
    /// A period by its number; null if there is none.
    async fn period(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period's number.")] number: PeriodNumber,
    ) -> Option<async_graphql::Result<Period>> {
        let app = ctx.app();
        let found = service::periods::find(app, &number.0).await.transpose()?;
        Some(found.map(Period).map_err(refused))
    }

    /// The city's periods, newest first.
    #[graphql(complexity = "page::weight(first) * child_complexity")]
    async fn periods(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "How many, 1 to 100.")] first: i32,
        #[graphql(desc = "Only those behind this cursor, that is older ones.")] after: Option<
            String,
        >,
        #[graphql(desc = "Only those ahead of this cursor, that is newer ones.")] before: Option<
            String,
        >,
    ) -> Result<PeriodConnection> {
        let app = ctx.app();
        let wanted = page::rows(first)?;
        let key = |field, cursor: Option<String>| {
            cursor
                .map(|cursor| page::key(field, CURSOR, &cursor))
                .transpose()
        };
        let (after, before) = (key("after", after)?, key("before", before)?);
        // One more than wanted tells whether there is a next page.
        let limit = u64::try_from(wanted + 1).map_err(crate::Error::internal)?;
        let mut rows = service::periods::list(app, after.as_deref(), limit).await?;
        if let Some(before) = before {
            rows.retain(|row| before < row.number);
        }
        let has_next_page = wanted < rows.len();
        rows.truncate(wanted);
        Ok(connection(rows, has_next_page, after.is_some()))
    }
}

/// What cursors of this list begin with.
const CURSOR: &str = "period";

fn connection(
    rows: Vec<period::Model>,
    has_next_page: bool,
    has_previous_page: bool,
) -> PeriodConnection {
    let cursor = |row: &period::Model| page::cursor(CURSOR, &row.number);
    let page_info = PageInfo {
        has_next_page,
        has_previous_page,
        start_cursor: rows.first().map(cursor),
        end_cursor: rows.last().map(cursor),
    };
    let edges = rows
        .iter()
        .map(|row| PeriodEdge {
            cursor: cursor(row),
            node: Period(row.clone()),
        })
        .collect();
    PeriodConnection {
        edges,
        nodes: rows.into_iter().map(Period).collect(),
        page_info,
    }
}
