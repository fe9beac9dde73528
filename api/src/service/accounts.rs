//! Accounts: a phone that was proven, and the one person whom it lets in.

mod counter;
mod entrance;
pub(super) mod guesses;
pub(super) mod password;
mod phone;
mod recognition;
mod secrets;

use ::entity::{AccountId, ApplicantId, account};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    app::App,
    domain::{actor::AccountHolder, masking, password::PasswordFault},
    error::{Error, Result},
    store,
};

pub use counter::{Assigned, assign, open_for_phone};
pub use entrance::{Entered, Registered, SignedIn, register, sign_in, sign_in_with_code};
pub(super) use guesses::REMEMBERED as GUESSES_REMEMBERED;
pub use phone::{PhoneAsked, PhoneChange, change_phone, request_phone_change};
pub use secrets::{
    PasswordChange, Recovered, Reset, change_password, recover_codes, reset_password,
};

/// An account as its holder sees it.
#[derive(Debug)]
pub struct Shown {
    /// The account.
    pub id: AccountId,
    /// The phone with its middle hidden, `137****0001`.
    pub masked_phone: String,
    /// Whether it has a password; without one its holder signs in with codes.
    pub has_password: bool,
    /// Whether it lets a person in already.
    pub has_applicant: bool,
    /// When the phone was proven first.
    pub created_at: DateTime<Utc>,
}

/// The holder's own account.
pub async fn show(app: &App, holder: &AccountHolder) -> Result<Shown> {
    let row = own(app, &app.db, holder).await?;
    let sealed = unseal(app, &row)?;
    Ok(Shown {
        id: row.id,
        masked_phone: masking::phone(&sealed.phone),
        has_password: sealed.password.is_some(),
        has_applicant: row.applicant_id.is_some(),
        created_at: row.created_at,
    })
}

/// What an account keeps sealed.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct Sealed {
    /// The phone.
    pub(super) phone: String,
    /// Hash of the password, as a PHC string.
    password: Option<String>,
}

/// Opens what an account keeps sealed.
pub(super) fn unseal(app: &App, row: &account::Model) -> Result<Sealed> {
    app.unseal(&place(app, row.id), &row.sealed)
}

fn seal(app: &App, id: ::entity::AccountId, sealed: &Sealed) -> Result<Vec<u8>> {
    app.seal(&place(app, id), sealed)
}

fn place(app: &App, id: ::entity::AccountId) -> String {
    format!("account/{}/{id}", app.city)
}

/// The account of whoever holds it.
pub(super) async fn own(
    app: &App,
    db: &impl sea_orm::ConnectionTrait,
    holder: &AccountHolder,
) -> Result<account::Model> {
    store::accounts::find(db, app.city, holder.id())
        .await?
        .ok_or(Error::Unauthenticated)
}

/// Lets the account let a person in.
pub(super) async fn bind(
    txn: &impl sea_orm::ConnectionTrait,
    row: account::Model,
    person: ApplicantId,
) -> Result<Bound> {
    let bound = account::Model {
        applicant_id: Some(person),
        ..row
    };
    match store::accounts::update(txn, &bound).await? {
        store::accounts::Written::Done => Ok(Bound::Done),
        _ => Ok(Bound::Taken),
    }
}

/// Whether an account lets a person in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// It does.
    Done,
    /// Another account does.
    Taken,
}

/// How the audit trail names an account that nobody has signed in to yet.
fn actor(row: &account::Model) -> String {
    format!("account:{}", row.id)
}

fn refused(fault: PasswordFault) -> Error {
    Error::invalid("password", fault)
}
