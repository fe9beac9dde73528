//! Another phone: said by the phone so far, and by the other one.

use ::entity::{account, applicant, one_time_code::Purpose as Use};
use sea_orm::DatabaseTransaction;

use super::{Sealed, entrance::note, own, seal, secrets::end_sessions, unseal};
use crate::{
    app::{App, PHONE, Person},
    domain::{actor::AccountHolder, message::Purpose, one_time_code::Asker},
    error::{Error, Result},
    service::{
        duplicates,
        messages::{self, Post, Recipient},
        once::{Again, keep},
        one_time_codes::{self, Asked, Asking, Request, Typed, check_phone, try_code},
        trail,
    },
    store::{self, accounts::Written},
};
use chrono::{DateTime, Utc};
use verifier::text::Digest;

/// What became of asking to change the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneAsked {
    /// A code is on its way to either phone.
    Sent {
        /// The one to the phone so far.
        leave: Request,
        /// The one to the other phone.
        take: Request,
    },
    /// Codes may be asked for from this moment on; none was sent.
    Wait(DateTime<Utc>),
}

/// Asks to change the phone. Both codes are bound to this account and to the new phone.
pub async fn request_phone_change(
    app: &App,
    holder: &AccountHolder,
    new: &str,
) -> Result<PhoneAsked> {
    check_phone(new)?;
    let txn = store::begin(&app.db).await?;
    let row = own(app, &txn, holder).await?;
    let old = unseal(app, &row)?.phone.clone();
    if old == new {
        let reason = "this is the account's phone already; give another one";
        return Err(Error::invalid("phone", reason));
    }
    let confirms = confirms(&row, &app.data_key.blind_index(PHONE, new));
    // The other phone is a stranger's until it has answered.
    let sides = [
        (old.as_str(), Use::LeavePhone, Asker::Holder),
        (new, Use::TakePhone, Asker::Anybody),
    ];
    let mut sent = Vec::new();
    for (phone, purpose, asker) in sides {
        let asking = Asking {
            phone,
            purpose,
            asker,
            confirms: &confirms,
        };
        match one_time_codes::ask(app, &txn, &asking).await? {
            Asked::Sent(request) => sent.push(request),
            Asked::Wait(until) => return Ok(PhoneAsked::Wait(until)),
        }
    }
    note(app, &txn, &row, "accounts.request_phone_change").await?;
    txn.commit().await?;
    Ok(PhoneAsked::Sent {
        leave: sent[0],
        take: sent[1],
    })
}

/// What became of changing the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneChange {
    /// It is changed; so many other sessions have ended.
    Done {
        /// How many.
        ended_sessions: u64,
    },
    /// One of the codes is wrong, used up, over or for something else.
    CodeRefused,
    /// Both phones were proven, and the other one has an account of its own.
    PhoneTaken,
}

impl Again for PhoneChange {
    async fn again(_: &App, subject: &str) -> Result<Self> {
        let ended_sessions = subject.parse().map_err(Error::internal)?;
        Ok(Self::Done { ended_sessions })
    }
}

/// Changes the phone, with the codes that both phones were sent.
pub async fn change_phone(
    app: &App,
    holder: &AccountHolder,
    leave: Typed<'_>,
    take: Typed<'_>,
) -> Result<PhoneChange> {
    let row = own(app, &app.db, holder).await?;
    let right = try_code(app, Use::TakePhone, take, |code| {
        confirms(&row, &code.phone_index)
    });
    let Some(taken) = right.await? else {
        return Ok(PhoneChange::CodeRefused);
    };
    let right = try_code(app, Use::LeavePhone, leave, |_| {
        confirms(&row, &taken.phone_index)
    });
    let Some(left) = right
        .await?
        .filter(|left| left.phone_index == row.phone_index)
    else {
        return Ok(PhoneChange::CodeRefused);
    };
    let txn = store::begin(&app.db).await?;
    if !(taken.spend(app, &txn).await? && left.spend(app, &txn).await?) {
        return Ok(PhoneChange::CodeRefused);
    }
    let Some(changed) = write(app, &txn, row, &taken.phone).await? else {
        return Ok(PhoneChange::PhoneTaken);
    };
    let ended_sessions = end_sessions(app, &txn, &changed, Some(holder.session())).await?;
    note(app, &txn, &changed, "accounts.change_phone").await?;
    tell(app, &txn, &changed, &left.phone).await?;
    keep(app, &txn, ended_sessions).await?;
    txn.commit().await?;
    Ok(PhoneChange::Done { ended_sessions })
}

/// Writes another phone over the account that the caller saw, and over its person; none where
/// another account has the phone.
async fn write(
    app: &App,
    txn: &DatabaseTransaction,
    row: account::Model,
    phone: &str,
) -> Result<Option<account::Model>> {
    let sealed = Sealed {
        phone: phone.to_owned(),
        password: unseal(app, &row)?.password.clone(),
    };
    let changed = account::Model {
        phone_index: app.data_key.blind_index(PHONE, phone).to_vec(),
        sealed: seal(app, row.id, &sealed)?,
        ..row
    };
    if store::accounts::update(txn, &changed).await? != Written::Done {
        return Ok(None);
    }
    if let Some(person) = changed.applicant_id {
        let person = store::applicants::get(txn, app.city, person).await?;
        set_phone(app, txn, &person, phone, format!("account:{}", changed.id)).await?;
    }
    Ok(Some(account::Model {
        epoch: changed.epoch + 1,
        ..changed
    }))
}

/// Writes another phone on a person's file.
pub(super) async fn set_phone(
    app: &App,
    txn: &DatabaseTransaction,
    row: &applicant::Model,
    phone: &str,
    actor: String,
) -> Result<()> {
    let known = app.unseal_person(row.id, &row.sealed)?;
    let person = Person {
        name: &known.name,
        id_number: &known.id_number,
        phone,
    };
    let sealed = app.seal_person(row.id, &person)?;
    let index = app.data_key.blind_index(PHONE, phone).to_vec();
    store::applicants::set_phone(txn, app.city, row.id, index, sealed).await?;
    let subject = row.id.to_string();
    let detail = serde_json::json!({});
    let actor = actor.as_str();
    trail::note(
        app,
        txn,
        actor.to_owned(),
        "applicants.set_phone",
        &subject,
        detail,
    )
    .await?;
    duplicates::raise_for(app, txn, row.id, actor).await
}

/// The phone so far hears of it: whoever lost it to somebody else learns that here.
async fn tell(app: &App, txn: &DatabaseTransaction, row: &account::Model, old: &str) -> Result<()> {
    let to = Recipient::Account {
        id: row.id.0,
        phone: Some(old),
        email: None,
    };
    let at = app.clock.now();
    let occasion = format!("{} {}", row.id, row.epoch);
    let post = Post::new(to, Purpose::PhoneChanged { at }, "", &occasion);
    messages::post(app, txn, post).await?;
    Ok(())
}

/// What both codes confirm: this account, and the phone that takes over.
fn confirms(row: &account::Model, new_index: &[u8]) -> String {
    let index: [u8; 32] = new_index.try_into().unwrap_or_default();
    format!("{} {}", row.id, Digest(index))
}
