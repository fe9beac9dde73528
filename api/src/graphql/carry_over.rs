//! The carry-over of quota.

use ::entity::quota_line;
use async_graphql::{Context, Enum, Object, SimpleObject};

use super::{
    context::ContextExt as _,
    error::Result,
    scalars::{Date, Long, PeriodNumber},
};
use crate::service;

/// A category's carry-over: quota that a draw left or that came back, and the later periods that
/// used it.
#[derive(SimpleObject)]
struct CarryOver {
    /// The category, a key of the policy.
    category: String,
    /// How many wait now: what came back less what was used.
    balance: Long,
    /// What happened, by period.
    movements: Vec<CarryOverMovement>,
}

/// What one reason did to a category's carry-over through one period.
#[derive(SimpleObject)]
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
    /// A later period was opened with it.
    CarriedOver,
}

impl From<service::carry_over::CarryOver> for CarryOver {
    fn from(carry_over: service::carry_over::CarryOver) -> Self {
        let movements = carry_over.movements.into_iter();
        Self {
            category: carry_over.category,
            balance: Long(carry_over.balance),
            movements: movements
                .map(|movement| CarryOverMovement {
                    period: PeriodNumber(movement.period_number),
                    reason: movement.reason.into(),
                    count: Long(movement.amount.abs()),
                    noted_on: Date(movement.noted_on),
                })
                .collect(),
        }
    }
}

#[derive(Default)]
pub(super) struct CarryOverQuery;

#[Object]
impl CarryOverQuery {
    /// The carry-over of every category that ever had one. Anybody may check it: the movements add
    /// up to the balance.
    #[graphql(complexity = "20 + 20 * child_complexity")]
    async fn carry_over(&self, ctx: &Context<'_>) -> Result<Vec<CarryOver>> {
        let all = service::carry_over::list(ctx.app()).await?;
        Ok(all.into_iter().map(CarryOver::from).collect())
    }
}
