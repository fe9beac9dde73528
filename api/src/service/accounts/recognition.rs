//! Recognising somebody who was here before there were accounts.

use ::entity::account;
use sea_orm::DatabaseTransaction;

use super::{Bound, actor, bind};
use crate::{
    app::App,
    error::{Error, Result},
    service::trail,
    store,
};

/// Lets an account whose phone has just been proven by a code let in the one person whose phone on
/// file it is. Where several persons share the phone, or somebody else's account lets the person in,
/// nothing is done: an officer who has seen a document assigns the person.
pub(super) async fn recognise(
    app: &App,
    txn: &DatabaseTransaction,
    row: account::Model,
) -> Result<account::Model> {
    if row.applicant_id.is_some() {
        return Ok(row);
    }
    let people = store::accounts::list_unclaimed(txn, app.city, &row.phone_index, 2).await?;
    let [person] = people[..] else {
        return Ok(row);
    };
    if bind(txn, row.clone(), person).await? == Bound::Taken {
        return Err(Error::Conflict {
            what: "the account".to_owned(),
        });
    }
    let subject = row.id.to_string();
    let detail = serde_json::json!({ "applicant": person });
    trail::note(
        app,
        txn,
        actor(&row),
        "accounts.recognise",
        &subject,
        detail,
    )
    .await?;
    Ok(account::Model {
        applicant_id: Some(person),
        epoch: row.epoch + 1,
        ..row
    })
}
