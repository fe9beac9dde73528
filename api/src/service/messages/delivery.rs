//! Handing letters over: at least once, and again later when they are not taken.
//!
//! A try is claimed first, then made, then written down. A crash in between leaves a claim that runs
//! out, and the letter is tried again under the same id, by which the receiver knows it.

use std::sync::Arc;

use ::entity::message::{Channel, Model, State};
use chrono::TimeDelta;
use futures_util::{StreamExt as _, stream};
use uuid::Uuid;

use super::{contact, unseal};
use crate::{
    app::App,
    domain::{Locale, actor::Worker},
    error::{Error, Result},
    notify::{Letter, SendError, Transport},
    store::{self, messages::Tried},
};

/// Letters taken up in one go.
const BATCH: u64 = 200;

/// Letters under way at the same time.
const AT_ONCE: usize = 8;

/// How long one try may take, with all that belongs to it; then somebody else may try.
const CLAIM: TimeDelta = TimeDelta::minutes(2);

/// Tries before a letter is given up: with the waits between them about six hours.
const TRIES_MAX: i32 = 10;

/// The wait after the first try; it doubles from try to try.
const WAIT_FIRST: TimeDelta = TimeDelta::seconds(30);

/// The longest wait between two tries.
const WAIT_MAX: TimeDelta = TimeDelta::hours(1);

/// The longest reason that is kept, in characters.
const REASON_MAX: usize = 200;

/// What one go of the delivery has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Letters that were handed over.
    pub sent: u64,
    /// Letters that are tried again later.
    pub postponed: u64,
    /// Letters that were given up.
    pub dead: u64,
    /// Whether more were due than were taken up.
    pub has_more: bool,
}

/// Hands over what is due.
pub async fn deliver(app: &App, _: &Worker) -> Result<Delivered> {
    let due = store::messages::list_due(&app.db, app.city, app.clock.now(), BATCH).await?;
    let has_more = u64::try_from(due.len()).is_ok_and(|count| count == BATCH);
    let mut delivered = Delivered {
        has_more,
        ..Delivered::default()
    };
    let mut tries = stream::iter(due)
        .map(|row| attempt(app, row))
        .buffer_unordered(AT_ONCE);
    while let Some(tried) = tries.next().await {
        match tried? {
            Some(State::Sent) => delivered.sent += 1,
            Some(State::Waiting) => delivered.postponed += 1,
            Some(State::Dead) => delivered.dead += 1,
            None => {}
        }
    }
    Ok(delivered)
}

/// One try of one letter; nothing where somebody else is at it.
async fn attempt(app: &App, row: Model) -> Result<Option<State>> {
    let now = app.clock.now();
    if !store::messages::claim(&app.db, &row, now, now + CLAIM).await? {
        return Ok(None);
    }
    let held = Model {
        attempts: row.attempts + 1,
        ..row
    };
    let sent = if held.expires_at.is_some_and(|expires_at| expires_at <= now) {
        Err(SendError::refused(
            "it was not handed over before it would have come too late",
        ))
    } else {
        send(app, &held).await.unwrap_or_else(|error| {
            // One letter that cannot be written holds no other back.
            tracing::error!(
                message = %held.id,
                "the message {} cannot be written by our fault: {error:?}",
                held.id
            );
            Err(SendError::not_now("our own fault; see the log"))
        })
    };
    let tried = outcome(app, &held, sent);
    let state = tried.state;
    let is_ours = store::messages::settle(&app.db, &held, tried).await?;
    Ok(is_ours.then_some(state))
}

async fn send(app: &App, held: &Model) -> Result<Result<(), SendError>> {
    let Some(transport) = transport(app, held.channel) else {
        let reason = "this city has no such way out any more; set it up, and send it again";
        return Ok(Err(SendError::refused(reason)));
    };
    Ok(match write(app, held).await? {
        Some(letter) => transport.send(&letter).await,
        None => Err(SendError::refused(
            "the person has no address of this kind any more",
        )),
    })
}

fn transport(app: &App, channel: Channel) -> Option<Arc<dyn Transport>> {
    match channel {
        Channel::Sms => Some(Arc::clone(&app.transports.sms)),
        Channel::Email => Some(Arc::clone(&app.transports.email)),
        Channel::Webhook => app.transports.webhook.clone(),
        Channel::Inbox => None,
    }
}

/// The letter of a row; none where its recipient cannot be reached over this channel any more.
async fn write(app: &App, held: &Model) -> Result<Option<Letter>> {
    let sealed = held.sealed.as_deref().ok_or_else(|| {
        Error::internal(anyhow::anyhow!("message {} has lost its content", held.id))
    })?;
    let mut letter = Letter {
        id: held.id,
        to: String::new(),
        purpose: held.purpose.clone(),
        template: String::new(),
        subject: held.subject.clone(),
        title: String::new(),
        text: String::new(),
        values: serde_json::Map::new(),
        locale: held.locale.clone(),
        written_at: held.created_at,
    };
    if held.channel == Channel::Webhook {
        let context = super::context(app, held.id);
        let facts = app.data_key.unseal(&context, sealed);
        let facts = facts.map_err(Error::internal)?;
        letter.values = serde_json::from_slice(&facts).map_err(Error::internal)?;
        return Ok(Some(letter));
    }
    let content = unseal(app, held.id, sealed)?;
    let Some(to) = address(app, held, content.to).await? else {
        return Ok(None);
    };
    let locale = Locale::from_tag(&held.locale).unwrap_or_default();
    let wording = content.purpose.wording(locale);
    letter.to = to;
    wording.name.clone_into(&mut letter.template);
    letter.title = wording.title;
    letter.text = signed(app, locale, &wording.text);
    letter.values = wording.values;
    Ok(Some(letter))
}

/// A text as it leaves the application: who writes goes before it.
fn signed(app: &App, locale: Locale, text: &str) -> String {
    let programme = app.policy.city.programme.get(locale);
    match locale {
        Locale::ZhCn => format!("【{programme}】{text}"),
        Locale::En => format!("[{programme}] {text}"),
    }
}

async fn address(app: &App, held: &Model, fixed: Option<String>) -> Result<Option<String>> {
    let Some(person) = held.recipient_id.filter(|_| fixed.is_none()) else {
        return Ok(fixed);
    };
    let contact = contact::get(app, &app.db, ::entity::ApplicantId(person)).await?;
    Ok(match held.channel {
        Channel::Email => contact.email,
        _ => Some(contact.phone),
    })
}

fn outcome(app: &App, held: &Model, sent: Result<(), SendError>) -> Tried {
    let now = app.clock.now();
    let shortened = |reason: String| reason.chars().take(REASON_MAX).collect();
    match sent {
        Ok(()) => Tried {
            state: State::Sent,
            due_at: now,
            sent_at: Some(now),
            failure: None,
            keeps_content: false,
        },
        Err(SendError::NotNow { reason }) if held.attempts < TRIES_MAX => Tried {
            state: State::Waiting,
            due_at: now + wait(held.attempts, held.id),
            sent_at: None,
            failure: Some(shortened(reason)),
            keeps_content: true,
        },
        Err(SendError::NotNow { reason } | SendError::Refused { reason }) => Tried {
            state: State::Dead,
            due_at: now,
            sent_at: None,
            failure: Some(shortened(reason)),
            // What would come too late is of no use to anybody any more.
            keeps_content: held.expires_at.is_none_or(|expires_at| now < expires_at),
        },
    }
}

/// The wait after so many tries: doubled from try to try, and shortened by up to a quarter, by a
/// byte of the id, so that letters that failed together do not come back together.
fn wait(tries: i32, id: Uuid) -> TimeDelta {
    let doublings = u32::try_from(tries - 1).unwrap_or(0).min(16);
    let whole = WAIT_FIRST
        .checked_mul(1 << doublings)
        .map_or(WAIT_MAX, |wait| wait.min(WAIT_MAX));
    whole - whole / 4 * i32::from(id.as_bytes()[15]) / 256
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour_and_are_spread() {
        let (early, late) = (Uuid::from_u128(255), Uuid::from_u128(0));
        let secs: Vec<_> = (1..=9)
            .map(|tries| wait(tries, late).num_seconds())
            .collect();
        assert_eq!(secs, [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        for tries in [1, 5, 9, 1_000, i32::MAX] {
            let (short, long) = (wait(tries, early), wait(tries, late));
            assert!(short < long && long * 3 / 4 <= short, "{tries}");
        }
        let whole: i64 = (1..TRIES_MAX)
            .map(|tries| wait(tries, late).num_seconds())
            .sum();
        assert!((2 * 3_600..=6 * 3_600).contains(&whole), "{whole}");
    }
}
