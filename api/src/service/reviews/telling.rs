//! Telling an applicant what was decided where that is public at once. What a period publishes goes
//! to everybody in it as a circular.

use ::entity::{application, review};
use sea_orm::DatabaseTransaction;

use super::second_look::last_day;
use crate::{
    app::App,
    domain::{message::Purpose, phase, validity},
    error::Result,
    service::messages::{self, Post, Recipient},
    store,
};

/// Writes what follows for its applicant from a decision, in the decision's own transaction; nothing
/// as long as the period has its review results to publish.
pub(super) async fn follow(
    app: &App,
    txn: &DatabaseTransaction,
    row: &application::Model,
    review: &review::Model,
) -> Result<()> {
    let period = store::periods::find(txn, app.city, &row.period_number).await?;
    if period.is_some_and(|period| !phase::shows_review(period.phase)) {
        return Ok(());
    }
    if row.status == application::Status::Valid {
        let until = validity::valid_until(app.today(), &app.policy.application);
        store::validity::set_ends(txn, app.city, until).await?;
    }
    let code = row.code.clone();
    let approved = review.decision == review::Decision::Approved;
    let purpose = match review.kind {
        review::Kind::SecondLook => Purpose::SecondLookDecided { code, approved },
        review::Kind::First | review::Kind::Duplicate => {
            let second_look_until = match store::second_looks::find(txn, row).await? {
                Some(_) => None,
                None => Some(last_day(txn, app, row, review).await?),
            };
            Purpose::ReviewPublished {
                code,
                approved,
                second_look_until,
            }
        }
    };
    let occasion = review.id.to_string();
    let to = Recipient::Applicant(row.applicant_id);
    messages::post(app, txn, Post::new(to, purpose, &row.code, &occasion)).await?;
    Ok(())
}
