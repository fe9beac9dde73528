//! One-time codes: asking for one, and using it.
//!
//! Whoever asks is answered without a look at who has an account: known and unknown phones are
//! answered alike, after the same work.

use ::entity::{
    OneTimeCodeId,
    one_time_code::{self, Purpose as Use},
};
use chrono::{DateTime, Days, Utc};
use sea_orm::{ActiveEnum as _, DatabaseTransaction};
use serde::{Deserialize, Serialize};

use crate::{
    app::{App, PHONE},
    domain::{
        eligibility::is_mobile_phone,
        message::{CodeUse, Purpose},
        one_time_code::{self as code, Allowance, Asker},
    },
    error::{Error, Result},
    ids,
    service::messages::{self, Post, Recipient},
    store::{self, one_time_codes::Inserted},
};

/// Purpose of the keyed hash of a code.
const ONE_TIME_CODE: &str = "one-time code";

/// What anybody may ask a code for, to whatever phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// To open an account.
    Register,
    /// To sign in without a password.
    SignIn,
    /// To choose a new password.
    ResetPassword,
    /// To learn one's application codes.
    RecoverCodes,
}

/// What became of asking for a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It is on its way.
    Sent(Request),
    /// Another one may be asked for from this moment on.
    Wait(DateTime<Utc>),
}

/// A code on its way to a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The request, to be given together with the code.
    pub id: OneTimeCodeId,
    /// Until when the code is good.
    pub expires_at: DateTime<Utc>,
    /// From when another one may be asked for.
    pub next_at: DateTime<Utc>,
}

/// What somebody brings back: the request, and the code as they typed it.
#[derive(Clone, Copy)]
pub struct Typed<'a> {
    /// The request.
    pub request: OneTimeCodeId,
    /// What was typed.
    pub code: &'a str,
}

/// Sends a code to a phone, for something that anybody may try to do.
pub async fn request(app: &App, phone: &str, opening: Opening) -> Result<Asked> {
    let purpose = match opening {
        Opening::Register => Use::Register,
        Opening::SignIn => Use::SignIn,
        Opening::ResetPassword => Use::ResetPassword,
        Opening::RecoverCodes => Use::RecoverCodes,
    };
    let asking = Asking {
        phone,
        purpose,
        asker: Asker::Anybody,
        confirms: "",
    };
    let txn = store::begin(&app.db).await?;
    let asked = ask(app, &txn, &asking).await?;
    if let Asked::Sent(_) = asked {
        txn.commit().await?;
    }
    Ok(asked)
}

/// A code that is asked for.
pub(super) struct Asking<'a> {
    /// Where it goes.
    pub(super) phone: &'a str,
    /// What it is for.
    pub(super) purpose: Use,
    /// Who asks.
    pub(super) asker: Asker,
    /// What exactly it confirms; the code is good for nothing else.
    pub(super) confirms: &'a str,
}

/// Writes a code and its message, in the caller's transaction; nothing where it has to wait.
pub(super) async fn ask(
    app: &App,
    txn: &DatabaseTransaction,
    asking: &Asking<'_>,
) -> Result<Asked> {
    check_phone(asking.phone)?;
    let (now, day) = (app.clock.now(), app.today());
    let phone_index = app.data_key.blind_index(PHONE, asking.phone);
    let recent =
        store::one_time_codes::list_recent(txn, app.city, &phone_index, day, now - code::PAUSE);
    let recent = recent.await?;
    let turns: Vec<i32> = recent
        .iter()
        .filter(|row| row.day == day)
        .map(|row| row.turn)
        .collect();
    let allowance = Allowance {
        today: turns.len(),
        last_at: recent.first().map(|row| row.created_at),
        next_day: app.start_of(day + Days::new(1)),
    };
    if let Some(until) = allowance.wait_until(asking.asker, now) {
        return Ok(Asked::Wait(until));
    }
    let digits = code::from_random(ids::random());
    let id = OneTimeCodeId(ids::uuid_v7(now));
    let row = one_time_code::Model {
        city_id: app.city,
        id,
        purpose: asking.purpose,
        phone_index: phone_index.to_vec(),
        day,
        turn: turns.into_iter().max().unwrap_or(0) + 1,
        sealed: app.seal(&place(app, id), &Sealed::new(asking.phone))?,
        code_hash: hash(app, id, asking.purpose, asking.confirms, &digits).to_vec(),
        tries: 0,
        created_at: now,
        expires_at: now + code::VALID,
        used_at: None,
    };
    let expires_at = row.expires_at;
    if store::one_time_codes::insert(txn, row).await? == Inserted::TurnTaken {
        return Ok(Asked::Wait(now + code::PAUSE));
    }
    let request = Request {
        id,
        expires_at,
        next_at: now + code::PAUSE,
    };
    send(app, txn, asking, &request, digits).await?;
    Ok(Asked::Sent(request))
}

/// Writes the message that carries a code.
async fn send(
    app: &App,
    txn: &DatabaseTransaction,
    asking: &Asking<'_>,
    request: &Request,
    digits: String,
) -> Result<()> {
    let purpose = Purpose::OneTimeCode {
        allows: allows(asking.purpose),
        code: digits,
        minutes: code::VALID.num_minutes().try_into().unwrap_or_default(),
    };
    let (to, occasion) = (Recipient::Phone(asking.phone), request.id.to_string());
    let post = Post::new(to, purpose, "", &occasion).until(request.expires_at);
    messages::post(app, txn, post).await?;
    Ok(())
}

/// Refuses what cannot be a mobile phone number.
pub(super) fn check_phone(phone: &str) -> Result<()> {
    if is_mobile_phone(phone) {
        Ok(())
    } else {
        Err(Error::invalid(
            "phone",
            "expected a mobile phone number of eleven digits",
        ))
    }
}

/// A code that was right. It is used up by [`Right::spend`].
pub(super) struct Right {
    id: OneTimeCodeId,
    /// Blind index of the phone that it was sent to.
    pub(super) phone_index: Vec<u8>,
    /// That phone.
    pub(super) phone: String,
}

/// Tries a code; none where it is wrong, used up, over, or for something else. The try is counted
/// and durable before the code is looked at, so that no crash and no race gives another one.
pub(super) async fn try_code(
    app: &App,
    purpose: Use,
    typed: Typed<'_>,
    confirms: impl FnOnce(&one_time_code::Model) -> String,
) -> Result<Option<Right>> {
    let Some(digits) = code::typed(typed.code) else {
        return Ok(None);
    };
    let now = app.clock.now();
    let counted =
        store::one_time_codes::count_try(&app.db, app.city, typed.request, code::TRIES_MAX, now);
    let Some(row) = counted.await? else {
        return Ok(None);
    };
    let confirms = confirms(&row);
    // Of a keyed hash, how much of it agrees tells nothing.
    let expected = hash(app, row.id, purpose, &confirms, &digits);
    if row.purpose != purpose || row.code_hash != expected {
        return Ok(None);
    }
    let Sealed { phone } = app.unseal(&place(app, row.id), &row.sealed)?;
    Ok(Some(Right {
        id: row.id,
        phone_index: row.phone_index,
        phone,
    }))
}

impl Right {
    /// Uses the code up, in the transaction of what it allows; false where somebody was faster.
    pub(super) async fn spend(&self, app: &App, txn: &DatabaseTransaction) -> Result<bool> {
        store::one_time_codes::mark_used(txn, app.city, self.id, app.clock.now()).await
    }
}

/// What is sealed beside a code.
#[derive(Serialize, Deserialize)]
struct Sealed {
    phone: String,
}

impl Sealed {
    fn new(phone: &str) -> Self {
        Self {
            phone: phone.to_owned(),
        }
    }
}

fn place(app: &App, id: OneTimeCodeId) -> String {
    format!("one_time_code/{}/{id}", app.city)
}

/// Request, purpose and what is confirmed go into the hash: the code of one request opens nothing
/// else even where a row is changed in the database.
fn hash(app: &App, id: OneTimeCodeId, purpose: Use, confirms: &str, digits: &str) -> [u8; 32] {
    let whole = format!("{id} {} {digits} {confirms}", purpose.to_value());
    app.data_key.blind_index(ONE_TIME_CODE, &whole)
}

fn allows(purpose: Use) -> CodeUse {
    match purpose {
        Use::Register => CodeUse::Register,
        Use::SignIn => CodeUse::SignIn,
        Use::ResetPassword => CodeUse::ResetPassword,
        Use::RecoverCodes => CodeUse::RecoverCode,
        Use::LeavePhone => CodeUse::LeavePhone,
        Use::TakePhone => CodeUse::ConfirmPhone,
        Use::ConfirmApplication => CodeUse::ConfirmApplication,
    }
}
