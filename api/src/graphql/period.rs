//! Periods.

use std::sync::Arc;

use ::entity::{draw, period, period_move, period_quota, period_transition};
use async_graphql::{Context, Description, Enum, ID, Object, SimpleObject};

use super::{
    calendar::{PeriodMove, PeriodTransition},
    context::ContextExt as _,
    draw::Draw,
    error::{ApiError, Result},
    global_id::Noun,
    page,
    scalars::{Date, Long, PeriodNumber},
    together::{Facts, by_key},
};
use crate::{domain, service};

/// One lottery of the city (期号).
#[derive(Clone, Description)]
pub(super) struct Period {
    row: period::Model,
    listed: Arc<Listed>,
}

/// Periods that were listed together, and what hangs on them.
#[derive(Default)]
struct Listed {
    numbers: Vec<String>,
    moves: Facts<String, Vec<period_move::Model>>,
    transitions: Facts<String, Vec<period_transition::Model>>,
    quotas: Facts<String, Vec<period_quota::Model>>,
    draws: Facts<String, Vec<Draw>>,
}

impl Period {
    /// Periods that were listed together.
    pub(super) fn all(rows: Vec<period::Model>) -> Vec<Self> {
        let listed = Arc::new(Listed {
            numbers: rows.iter().map(|row| row.number.clone()).collect(),
            ..Listed::default()
        });
        let periods = rows.into_iter().map(|row| Self {
            row,
            listed: Arc::clone(&listed),
        });
        periods.collect()
    }

    /// What it is found by.
    pub(super) fn key(&self) -> String {
        self.row.number.clone()
    }

    /// One of the facts about this period, each of which hangs on it in a list.
    async fn list<T: Clone>(
        &self,
        facts: &Facts<String, Vec<T>>,
        rows: impl Future<Output = crate::Result<Vec<T>>>,
        period_of: impl Fn(&T) -> String,
    ) -> crate::Result<Vec<T>> {
        let look_up = async { Ok(by_key(rows.await?, period_of)) };
        let found = facts.get(&self.row.number, look_up).await?;
        Ok(found.unwrap_or_default())
    }
}

impl From<period::Model> for Period {
    fn from(row: period::Model) -> Self {
        let listed = Arc::new(Listed {
            numbers: vec![row.number.clone()],
            ..Listed::default()
        });
        Self { row, listed }
    }
}

#[Object(use_type_description)]
impl Period {
    /// The period's id.
    pub(super) async fn id(&self) -> ID {
        Noun::Period.id(&self.row.number)
    }

    /// The period's number.
    async fn number(&self) -> PeriodNumber {
        PeriodNumber(self.row.number.clone())
    }

    /// Which lottery it is of.
    async fn kind(&self) -> PeriodKind {
        match self.row.kind {
            period::Kind::Normal => PeriodKind::Normal,
            period::Kind::Tier => PeriodKind::Tier,
        }
    }

    /// Where it stands.
    async fn phase(&self) -> PeriodPhase {
        self.row.phase.into()
    }

    /// First day on which applications are taken.
    async fn applies_from(&self) -> Date {
        Date(self.row.applies_from)
    }

    /// Last day on which applications are taken.
    async fn applies_until(&self) -> Date {
        Date(self.row.applies_until)
    }

    /// Day on which review results are published.
    async fn review_publish_on(&self) -> Date {
        Date(self.row.review_publish_on)
    }

    /// Day on which applicant representatives are drawn; null where the period has none.
    async fn representatives_on(&self) -> Option<Date> {
        self.row.representatives_on.map(Date)
    }

    /// Day of the draw.
    async fn draw_on(&self) -> Date {
        Date(self.row.draw_on)
    }

    /// Day on which the result was published; null until then.
    async fn published_on(&self) -> Option<Date> {
        self.row.published_on.map(Date)
    }

    /// Its days that were moved, oldest first, each with the day before the move.
    #[graphql(complexity = "5 + 2 * child_complexity")]
    async fn moves(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<PeriodMove>>> {
        let (app, listed) = (ctx.app(), &*self.listed);
        let rows = service::periods::list_moves(app, &listed.numbers);
        let rows = self.list(&listed.moves, rows, |row| row.period_number.clone());
        let rows = rows.await;
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
        let (app, listed) = (ctx.app(), &*self.listed);
        let rows = service::periods::list_transitions(app, &listed.numbers);
        let rows = self.list(&listed.transitions, rows, |row| row.period_number.clone());
        let rows = rows.await;
        Some(
            rows.map(|rows| rows.into_iter().map(PeriodTransition::from).collect())
                .map_err(refused),
        )
    }

    /// What may be allocated, by category.
    #[graphql(complexity = "5 + 2 * child_complexity")]
    async fn quotas(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Quota>>> {
        let (app, listed) = (ctx.app(), &*self.listed);
        let rows = service::periods::list_quotas(app, &listed.numbers);
        let rows = self.list(&listed.quotas, rows, |row| row.period_number.clone());
        let rows = rows.await;
        Some(
            rows.map(|rows| rows.into_iter().map(Quota::from).collect())
                .map_err(refused),
        )
    }

    /// The draws that allocate this period's quota, newest first: the one that counts, then those
    /// given up before it.
    #[graphql(complexity = "5 + 2 * child_complexity")]
    async fn draws(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Draw>>> {
        let (app, listed) = (ctx.app(), &*self.listed);
        let rows = async {
            let purpose = draw::Purpose::Allocation;
            let rows = service::draws::list_of_periods(app, &listed.numbers, purpose).await?;
            Ok(Draw::all(rows))
        };
        let draws = self.list(&listed.draws, rows, |draw| draw.row.period_number.clone());
        Some(draws.await.map_err(refused))
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

page::connection! {
    /// A page of periods, newest first.
    PeriodConnection, PeriodEdge, Period
}

/// What cursors of this list begin with.
const CURSOR: &str = "period";

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
        Some(found.map(Period::from).map_err(refused))
    }

    /// The city's periods, newest first.
    #[graphql(complexity = "page::weight(first, last) * child_complexity")]
    async fn periods(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 1 to 100; 20 without `first` and `last`.")]
        first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100; not together with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only rows behind the row of this cursor.")] after: Option<String>,
        #[graphql(desc = "Only rows ahead of the row of this cursor.")] before: Option<String>,
    ) -> Result<PeriodConnection> {
        let page = page::Page::read(CURSOR, (first, last), (after, before))?;
        let rows = service::periods::list(ctx.app(), page.span()?).await?;
        let rows = Period::all(rows)
            .into_iter()
            .map(|period| (period.row.number.clone(), period));
        Ok(PeriodConnection::of(&page, rows.collect()))
    }
}
