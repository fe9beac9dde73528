//! The carry-over: quota that a draw left, or that came back, and the later periods that used it.
//!
//! It is a ledger. Lines are only added; what waits in a category is the sum of its lines, and it
//! never goes below zero, because a period takes out of it under the city's lock.

use ::entity::{certificate, quota_line};
use sea_orm::DatabaseTransaction;

use crate::{
    app::App,
    error::{Error, Result},
    ids, store,
};

pub use store::quota_lines::Movement;

/// A category's carry-over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarryOver {
    /// The category.
    pub category: String,
    /// What waits now: the sum of the movements.
    pub balance: i64,
    /// What happened, by period.
    pub movements: Vec<Movement>,
}

/// The carry-over of every category that ever had one, by category. Anybody may see it.
pub async fn list(app: &App) -> Result<Vec<CarryOver>> {
    let mut all: Vec<CarryOver> = Vec::new();
    for movement in store::quota_lines::list_movements(&app.db, app.city).await? {
        match all.last_mut() {
            Some(last) if last.category == movement.category => {
                last.balance += movement.amount;
                last.movements.push(movement);
            }
            _ => all.push(CarryOver {
                category: movement.category.clone(),
                balance: movement.amount,
                movements: vec![movement],
            }),
        }
    }
    Ok(all)
}

/// Returns the quota of a certificate that ended unused, and that nobody else has instead.
pub(super) async fn give_back(
    app: &App,
    txn: &DatabaseTransaction,
    ended: &certificate::Model,
) -> Result<()> {
    let reason = match ended.status {
        certificate::Status::Forfeited => quota_line::Reason::Forfeited,
        certificate::Status::Surrendered => quota_line::Reason::Surrendered,
        certificate::Status::Revoked => quota_line::Reason::Vacant,
        certificate::Status::Live | certificate::Status::Used => return Ok(()),
    };
    let mut line = line(app, &ended.category, &ended.period_number, reason, 1);
    line.certificate_number = Some(ended.number.clone());
    store::quota_lines::insert(txn, line).await
}

/// Notes what a draw could not allocate: its pool had fewer codes than the quota.
pub(super) async fn note_unallocated(
    app: &App,
    txn: &DatabaseTransaction,
    period: &str,
    category: &str,
    amount: i64,
) -> Result<()> {
    if amount <= 0 {
        return Ok(());
    }
    let reason = quota_line::Reason::Unallocated;
    store::quota_lines::insert(txn, line(app, category, period, reason, amount)).await
}

/// Takes quota for a period, or returns what was taken for it where the amount is negative. The
/// caller holds the city's lock.
///
/// # Errors
///
/// [`Error::InvalidInput`] when less waits than is taken.
pub(super) async fn take(
    app: &App,
    txn: &DatabaseTransaction,
    period: &str,
    category: &str,
    amount: i64,
) -> Result<()> {
    if amount == 0 {
        return Ok(());
    }
    let balance = store::quota_lines::get_balance(txn, app.city, category).await?;
    if balance < amount {
        return Err(Error::invalid(
            "quotas.carriedOver",
            format!(
                "expected at most the {balance} of {category} that wait in the carry-over, found {amount}"
            ),
        ));
    }
    let reason = quota_line::Reason::CarriedOver;
    store::quota_lines::insert(txn, line(app, category, period, reason, -amount)).await
}

fn line(
    app: &App,
    category: &str,
    period: &str,
    reason: quota_line::Reason,
    amount: i64,
) -> quota_line::Model {
    quota_line::Model {
        city_id: app.city,
        id: ids::uuid_v7(app.clock.now()),
        category: category.to_owned(),
        period_number: period.to_owned(),
        reason,
        amount,
        noted_on: app.today(),
        certificate_number: None,
    }
}
