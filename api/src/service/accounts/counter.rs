//! What needs somebody who has seen a document, or has the machine.

use ::entity::account;

use super::{
    Bound, SignedIn, bind,
    entrance::{let_in, note, write},
    phone::set_phone,
    recognition::recognise,
    secrets::end_sessions,
};
use crate::{
    app::{App, PHONE},
    domain::actor::{Officer, Operator},
    error::{Error, Result},
    service::{one_time_codes::check_phone, sessions::Device, trail},
    store,
};

/// Opens the account of a phone that the operator vouches for, or signs in to it: where there are no
/// text messages, as in the demo.
pub async fn open_for_phone(app: &App, _: &Operator, phone: &str) -> Result<SignedIn> {
    check_phone(phone)?;
    let txn = store::begin(&app.db).await?;
    let index = app.data_key.blind_index(PHONE, phone);
    let row = match store::accounts::find_by_phone(&txn, app.city, &index).await? {
        Some(row) => row,
        None => write(app, &txn, phone, None)
            .await?
            .ok_or_else(|| Error::Conflict {
                what: "the account".to_owned(),
            })?,
    };
    note(app, &txn, &row, "accounts.open_for_phone").await?;
    let row = recognise(app, &txn, row).await?;
    let signed_in = let_in(app, &txn, &row, &Device::default()).await?;
    txn.commit().await?;
    Ok(signed_in)
}

/// What became of assigning a person to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// The account lets the person in, and no other does.
    Done,
    /// The phone has no account: its holder registers first.
    NoAccount,
    /// The account lets another person in: a person has a phone of their own.
    Occupied,
}

/// Assigns the person behind an application code to the account of a phone. The officer has seen the
/// person's identity document, and the phone in their hand.
///
/// An account that let the person in before does so no longer, and its sessions end.
pub async fn assign(app: &App, officer: &Officer, code: &str, phone: &str) -> Result<Assigned> {
    check_phone(phone)?;
    let txn = store::begin(&app.db).await?;
    let application = store::applications::find_by_code(&txn, app.city, code)
        .await?
        .ok_or_else(|| Error::not_found("application", code))?;
    let person = application.applicant_id;
    let index = app.data_key.blind_index(PHONE, phone);
    let Some(row) = store::accounts::find_by_phone(&txn, app.city, &index).await? else {
        return Ok(Assigned::NoAccount);
    };
    match row.applicant_id {
        Some(known) if known == person => return Ok(Assigned::Done),
        Some(_) => return Ok(Assigned::Occupied),
        None => {}
    }
    if let Some(former) = store::accounts::find_of_applicant(&txn, app.city, person).await? {
        end_sessions(app, &txn, &former, None).await?;
        let former = account::Model {
            applicant_id: None,
            ..former
        };
        store::accounts::update(&txn, &former).await?;
    }
    let subject = row.id.to_string();
    if bind(&txn, row, person).await? == Bound::Taken {
        return Err(Error::Conflict {
            what: "the account".to_owned(),
        });
    }
    let applicant = store::applicants::get(&txn, app.city, person).await?;
    set_phone(app, &txn, &applicant, phone, officer.actor()).await?;
    let detail = serde_json::json!({ "code": code, "applicant": person });
    trail::note(
        app,
        &txn,
        officer.actor(),
        "accounts.assign",
        &subject,
        detail,
    )
    .await?;
    txn.commit().await?;
    Ok(Assigned::Done)
}
