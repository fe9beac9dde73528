//! Requests that are done once, however often they come.
//!
//! Whoever has lost an answer asks again under the same key, and is given the first answer.
//! [`answer`] stands around a use case and looks for an earlier request; the use case calls [`keep`]
//! in its own transaction, so that a crash leaves both the change and its key, or neither.
//! A use case that refuses commits nothing, and so leaves the key free.

use std::{cell::Cell, pin::Pin};

use ::entity::idempotency_key;
use chrono::TimeDelta;
use sea_orm::DatabaseTransaction;

use crate::{
    app::App,
    error::{Error, Result},
    store::{self, idempotency_keys::Inserted},
};

/// How long a key is remembered, at least.
pub(super) const REMEMBERED: TimeDelta = TimeDelta::days(2);

/// Purpose of the fingerprint of caller and key.
const NAME: &str = "idempotency key";

/// Purpose of the fingerprint of what is asked. Keyed, since it may come from personal data.
const CONTENT: &str = "idempotent request";

/// Characters of a key.
const KEY_CHARS: std::ops::RangeInclusive<usize> = 8..=64;

/// A request under a key.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    name: [u8; 32],
    content: [u8; 32],
}

impl Asked {
    /// What somebody, named as in the audit trail, asks of a mutation. `content` is one spelling of
    /// all that is asked.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] for a key that is not 8 to 64 letters, digits, `-` and `_`.
    pub fn new(app: &App, actor: &str, key: &str, mutation: &str, content: &str) -> Result<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if !KEY_CHARS.contains(&key.len()) || !key.bytes().all(is_plain) {
            return Err(Error::invalid(
                "idempotencyKey",
                "expected 8 to 64 letters, digits, `-` and `_`; a random UUID is a good key",
            ));
        }
        let index = |purpose, value: &str| app.data_key.blind_index(purpose, value);
        Ok(Self {
            name: index(NAME, &format!("{actor}\n{key}")),
            content: index(CONTENT, &format!("{actor}\n{mutation}\n{content}")),
        })
    }
}

/// An answer that can be given again from what it is about.
pub trait Again: Sized + Send {
    /// The same answer, about the same things as they are now.
    fn again(app: &App, subject: &str) -> impl Future<Output = Result<Self>> + Send;
}

struct UnderWay {
    asked: Asked,
    is_kept: Cell<bool>,
}

tokio::task_local! {
    /// The request that the use case under way does, where it has a key.
    static UNDER_WAY: UnderWay;
}

/// Does a piece of work once: where it was done before under this key, the first answer is given
/// again and nothing is done. Of two requests at the same moment one does it, and both give its
/// answer. Without a key the work is simply done.
///
/// # Errors
///
/// [`Error::InvalidInput`] for a key under which something else was done before; those of the work.
pub fn answer<'a, T: Again>(
    app: &'a App,
    asked: Option<Asked>,
    work: impl Future<Output = Result<T>> + Send + 'a,
) -> impl Future<Output = Result<T>> + Send {
    // On the heap: the futures of some use cases are large, and here they would lie in each other.
    answer_boxed(app, asked, Box::pin(work))
}

async fn answer_boxed<T: Again>(
    app: &App,
    asked: Option<Asked>,
    work: Pin<Box<dyn Future<Output = Result<T>> + Send + '_>>,
) -> Result<T> {
    let Some(asked) = asked else {
        return work.await;
    };
    if let Some(subject) = find(app, &asked).await? {
        return T::again(app, &subject).await;
    }
    let is_kept = Cell::new(false);
    let doing = async {
        let answer = work.await;
        (answer, UNDER_WAY.with(|request| request.is_kept.get()))
    };
    let (answer, is_kept) = UNDER_WAY.scope(UnderWay { asked, is_kept }, doing).await;
    if is_kept {
        return answer;
    }
    // The same request may have been done meanwhile: then a refusal only says that it is done.
    match find(app, &asked).await? {
        Some(subject) => T::again(app, &subject).await,
        None => answer,
    }
}

/// Keeps, in the transaction of a use case, that the request under way is done and what its answer
/// is about. Where the request has no key, nothing is kept.
pub(super) async fn keep(
    app: &App,
    txn: &DatabaseTransaction,
    subject: impl std::fmt::Display,
) -> Result<()> {
    let Ok(asked) = UNDER_WAY.try_with(|request| request.asked) else {
        return Ok(());
    };
    let row = idempotency_key::Model {
        city_id: app.city,
        name: asked.name.to_vec(),
        content: asked.content.to_vec(),
        subject: subject.to_string(),
        done_at: app.clock.now(),
    };
    match store::idempotency_keys::insert(txn, row).await? {
        Inserted::Written => {
            let _ = UNDER_WAY.try_with(|request| request.is_kept.set(true));
            Ok(())
        }
        // The caller's transaction ends here, and whoever was faster has the answer.
        Inserted::Taken => Err(Error::Conflict {
            what: "what this key stands for".to_owned(),
        }),
    }
}

/// What the answer to an earlier request is about, if the request was done.
async fn find(app: &App, asked: &Asked) -> Result<Option<String>> {
    let found = store::idempotency_keys::find(&app.db, app.city, &asked.name).await?;
    let Some(row) = found else {
        return Ok(None);
    };
    if row.content != asked.content {
        return Err(Error::invalid(
            "idempotencyKey",
            "something else was done under this key; take a new key for every new request",
        ));
    }
    Ok(Some(row.subject))
}
