//! The carry-over of quota.

use ::entity::quota_line;
use async_graphql::{Context, Description, Enum, Object, SimpleObject};

use super::{
    context::ContextExt as _,
    error::Result,
    page::{self, Page},
    scalars::{Date, Long, PeriodNumber},
};
use crate::service::{self, carry_over::Movement};

/// A category's carry-over: quota that a draw left or that came back, and the later periods that
/// used it.
#[derive(Description)]
struct CarryOver(service::carry_over::CarryOver);

#[Object(use_type_description)]
impl CarryOver {
    /// The category, a key of the policy.
    async fn category(&self) -> &str {
        &self.0.category
    }

    /// How many wait now: what came back less what was used.
    async fn balance(&self) -> Long {
        Long(self.0.balance)
    }

    /// What happened, by period.
    #[graphql(complexity = "page::weight(first, last) * child_complexity")]
    #[expect(clippy::unused_async, reason = "resolvers are asynchronous")]
    async fn movements(
        &self,
        #[graphql(desc = "How many from the beginning, 1 to 100; 20 without `first` and `last`.")]
        first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100; not together with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only rows behind the row of this cursor.")] after: Option<String>,
        #[graphql(desc = "Only rows ahead of the row of this cursor.")] before: Option<String>,
    ) -> Result<CarryOverMovementConnection> {
        let page = Page::read(CURSOR, (first, last), (after, before))?;
        let keyed = self.0.movements.iter().map(|movement| {
            let (period, reason) = (&movement.period_number, movement.reason);
            (format!("{period}/{reason:?}"), movement.into())
        });
        let rows = page.look_up(keyed.collect())?;
        Ok(CarryOverMovementConnection::of(&page, rows))
    }
}

page::connection! {
    /// A page of what happened to a carry-over, by period.
    CarryOverMovementConnection, CarryOverMovementEdge, CarryOverMovement
}

/// What cursors of this list begin with.
const CURSOR: &str = "movement";

/// What one reason did to a category's carry-over through one period.
#[derive(Clone, SimpleObject)]
struct CarryOverMovement {
    /// The period that the quota comes from; for `CARRIED_OVER`, the one that it goes to.
    period: PeriodNumber,
    /// Why.
    reason: CarryOverReason,
    /// How many; `CARRIED_OVER` takes them out, every other reason puts them in.
    count: Long,
    /// Day of the last of them.
    noted_on: Date,
}

/// Why quota moved.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "quota_line::Reason")]
enum CarryOverReason {
    /// A draw had fewer codes than quota.
    Unallocated,
    /// Certificates ran out unused.
    Forfeited,
    /// Certificates were given back.
    Surrendered,
    /// Winners lost their places, and no reserve was left to move up.
    Vacant,
    /// A later period was opened with it.
    CarriedOver,
}

impl From<&Movement> for CarryOverMovement {
    fn from(movement: &Movement) -> Self {
        Self {
            period: PeriodNumber(movement.period_number.clone()),
            reason: movement.reason.into(),
            count: Long(movement.amount.abs()),
            noted_on: Date(movement.noted_on),
        }
    }
}

#[derive(Default)]
pub(super) struct CarryOverQuery;

#[Object]
impl CarryOverQuery {
    /// The carry-over of every category that ever had one. Anybody may check it: the movements add
    /// up to the balance.
    #[graphql(complexity = "20 + 2 * child_complexity")]
    async fn carry_over(&self, ctx: &Context<'_>) -> Result<Vec<CarryOver>> {
        let all = service::carry_over::list(ctx.app()).await?;
        Ok(all.into_iter().map(CarryOver).collect())
    }
}
