//! Telling people: a change writes its messages in its own transaction ([`post`], [`tell`]), and the
//! jobs hand them over afterwards ([`deliver`]).
//!
//! What is secret or personal is sealed in the row; a text is made of it when it is sent or read.

mod contact;
mod delivery;
mod inbox;
mod outgoing;

use ::entity::{
    ApplicantId,
    message::{Channel, Model, State},
};
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::{App, PHONE},
    domain::{
        Locale,
        message::{Purpose, Reach},
    },
    error::{Error, Result},
    ids, store,
};

pub use delivery::{Delivered, deliver};
pub(super) use inbox::list_newer;
pub use inbox::{Inbox, InboxLetter, count_unread, list_inbox, mark_read};
pub use outgoing::{Outgoing, Resent, count_outgoing, list_outgoing, resend};

/// Purpose of the blind index of e-mail addresses.
const EMAIL: &str = "email";

/// To whom something is told.
#[derive(Clone, Copy, Debug)]
pub enum Recipient<'a> {
    /// A known person: their inbox, and the phone and e-mail address that they have when it goes out.
    Applicant(ApplicantId),
    /// An account: its inbox, and these addresses.
    Account {
        /// The account.
        id: Uuid,
        /// Its phone, where it has one.
        phone: Option<&'a str>,
        /// Its e-mail address, where it has one.
        email: Option<&'a str>,
    },
    /// A phone, whoever's it is: nothing goes into an inbox.
    Phone(&'a str),
    /// An e-mail address, whoever's it is: nothing goes into an inbox.
    Email(&'a str),
    /// All officers: the inbox that they share.
    Officers,
}

/// Something to be told to somebody.
#[derive(Clone, Debug)]
pub struct Post<'a> {
    /// To whom.
    pub to: Recipient<'a>,
    /// What for, with the values of the text.
    pub purpose: Purpose,
    /// The public code or number that it is about, without personal data; empty where there is none.
    pub subject: &'a str,
    /// What tells this occasion from another one of the same purpose for the same recipient, for
    /// example a period's number or the id of the row that it is about. Told once an occasion.
    pub occasion: &'a str,
    /// The language in which it goes out. In the inbox it is read in the reader's own.
    pub locale: Locale,
    /// From when it would come too late and is given up.
    pub expires_at: Option<DateTime<Utc>>,
}

impl<'a> Post<'a> {
    /// Something to be told in the language of the rules, however late.
    #[must_use]
    pub fn new(to: Recipient<'a>, purpose: Purpose, subject: &'a str, occasion: &'a str) -> Self {
        Self {
            to,
            purpose,
            subject,
            occasion,
            locale: Locale::default(),
            expires_at: None,
        }
    }

    /// The same in another language.
    #[must_use]
    pub fn in_language(self, locale: Locale) -> Self {
        Self { locale, ..self }
    }

    /// The same, given up from a moment on.
    #[must_use]
    pub fn until(self, expires_at: DateTime<Utc>) -> Self {
        let expires_at = Some(expires_at);
        Self { expires_at, ..self }
    }
}

/// What a row seals: where it goes, and what it says.
#[derive(Serialize, Deserialize)]
struct Content {
    /// The address; none for an applicant, whose addresses are looked up when it goes out.
    to: Option<String>,
    #[serde(flatten)]
    purpose: Purpose,
}

/// Writes what is to be told, in the transaction of the change that it tells of. What was told
/// before is not told again: `false` says that nothing was new.
///
/// # Errors
///
/// [`Error::NotFound`] for an applicant whom the city does not know.
pub async fn post(app: &App, txn: &impl ConnectionTrait, post: Post<'_>) -> Result<bool> {
    Ok(0 < post_all(app, txn, vec![post]).await?)
}

/// The same for many at once. Gives how many letters were new.
pub async fn post_all(app: &App, txn: &impl ConnectionTrait, posts: Vec<Post<'_>>) -> Result<u64> {
    let now = app.clock.now();
    let mut rows = Vec::new();
    for post in posts {
        for (channel, to) in ways(app, txn, &post).await? {
            rows.push(compose(app, &post, now, channel, to)?);
        }
    }
    store::messages::insert(txn, rows).await
}

/// The channels by which a message goes out, each with the address where it is fixed already.
async fn ways<'a>(
    app: &App,
    txn: &impl ConnectionTrait,
    post: &Post<'a>,
) -> Result<Vec<(Channel, Option<&'a str>)>> {
    let reach = post.purpose.reach();
    let inbox = (reach != Reach::Address).then_some((Channel::Inbox, None));
    let outside = match post.to {
        Recipient::Phone(phone) => return Ok(vec![(Channel::Sms, Some(phone))]),
        Recipient::Email(email) => return Ok(vec![(Channel::Email, Some(email))]),
        Recipient::Officers => return Ok(vec![(Channel::Inbox, None)]),
        _ if reach == Reach::Inbox => Vec::new(),
        Recipient::Account { phone, email, .. } => {
            let sms = phone.map(|phone| (Channel::Sms, Some(phone)));
            let mail = email.map(|email| (Channel::Email, Some(email)));
            sms.into_iter().chain(mail).collect()
        }
        Recipient::Applicant(id) => {
            let contact = contact::get(app, txn, id).await?;
            let mail = contact.email.map(|_| (Channel::Email, None));
            std::iter::once((Channel::Sms, None)).chain(mail).collect()
        }
    };
    Ok(inbox.into_iter().chain(outside).collect())
}

fn compose(
    app: &App,
    post: &Post<'_>,
    now: DateTime<Utc>,
    channel: Channel,
    to: Option<&str>,
) -> Result<Model> {
    let id = ids::uuid_v7(now);
    let content = Content {
        to: to.map(str::to_owned),
        purpose: post.purpose.clone(),
    };
    let is_there = channel == Channel::Inbox;
    Ok(Model {
        city_id: app.city,
        id,
        recipient_id: match post.to {
            Recipient::Applicant(id) => Some(id.0),
            Recipient::Account { id, .. } => Some(id),
            Recipient::Phone(_) | Recipient::Email(_) | Recipient::Officers => None,
        },
        channel,
        purpose: post.purpose.key().to_owned(),
        subject: post.subject.to_owned(),
        locale: post.locale.tag().to_owned(),
        sealed: Some(seal(app, id, &content)?),
        dedupe_key: dedupe_key(app, post),
        state: if is_there {
            State::Sent
        } else {
            State::Waiting
        },
        attempts: 0,
        failure: None,
        created_at: now,
        due_at: now,
        expires_at: post.expires_at,
        claimed_until: None,
        sent_at: is_there.then_some(now),
        read_at: None,
    })
}

/// Purpose, recipient and occasion. An address stands in it as its blind index alone.
fn dedupe_key(app: &App, post: &Post<'_>) -> String {
    let blind = |purpose, address| {
        let index = app.data_key.blind_index(purpose, address);
        verifier::text::Digest(index).to_string()
    };
    let recipient = match post.to {
        Recipient::Applicant(id) => id.to_string(),
        Recipient::Account { id, .. } => id.to_string(),
        Recipient::Phone(phone) => blind(PHONE, phone),
        Recipient::Email(email) => blind(EMAIL, email),
        Recipient::Officers => "officers".to_owned(),
    };
    format!("{}/{recipient}/{}", post.purpose.key(), post.occasion)
}

fn context(app: &App, id: Uuid) -> String {
    format!("message/{}/{id}", app.city)
}

fn seal(app: &App, id: Uuid, content: &Content) -> Result<Vec<u8>> {
    let plain = serde_json::to_vec(content)
        .map(zeroize::Zeroizing::new)
        .map_err(Error::internal)?;
    Ok(app.data_key.seal(&context(app, id), &plain))
}

fn unseal(app: &App, id: Uuid, sealed: &[u8]) -> Result<Content> {
    let plain = app
        .data_key
        .unseal(&context(app, id), sealed)
        .map_err(Error::internal)?;
    serde_json::from_slice(&plain).map_err(Error::internal)
}

/// Tells the city's own systems of an event, where there are any that want to know: a topic such as
/// `draw.announced`, the public code or number that it is about, and facts without personal data.
pub async fn tell(
    app: &App,
    txn: &impl ConnectionTrait,
    topic: &'static str,
    subject: &str,
    facts: serde_json::Value,
) -> Result<()> {
    if app.transports.webhook.is_none() {
        return Ok(());
    }
    let now = app.clock.now();
    let id = ids::uuid_v7(now);
    let sealed = app
        .data_key
        .seal(&context(app, id), facts.to_string().as_bytes());
    let row = Model {
        city_id: app.city,
        id,
        recipient_id: None,
        channel: Channel::Webhook,
        purpose: topic.to_owned(),
        subject: subject.to_owned(),
        locale: Locale::default().tag().to_owned(),
        sealed: Some(sealed),
        // An event is told by the one change that makes it, so that its own id is its occasion.
        dedupe_key: format!("{topic}/{subject}/{id}"),
        state: State::Waiting,
        attempts: 0,
        failure: None,
        created_at: now,
        due_at: now,
        expires_at: None,
        claimed_until: None,
        sent_at: None,
        read_at: None,
    };
    store::messages::insert(txn, vec![row]).await?;
    Ok(())
}
