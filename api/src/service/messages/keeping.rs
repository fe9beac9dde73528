//! How long letters are kept.
//!
//! What a letter said goes earlier: it is wiped when the letter has been handed over. The row tells
//! that, when and for what something was told, and that it is not to be told again.

use chrono::TimeDelta;
use sea_orm::ConnectionTrait;

use crate::{
    app::App,
    error::Result,
    ids,
    store::{self, messages::Kept},
};

/// Those that were handed over, from when they were written. Nothing is told again so late: what is
/// news stays news for two weeks.
const HANDED_OVER: TimeDelta = TimeDelta::days(90);

/// Those that were given up, for an officer to look at.
const DEAD: TimeDelta = TimeDelta::days(366);

/// Those in inboxes. A ban of two years is the longest thing that one tells of.
const INBOX: TimeDelta = TimeDelta::days(3 * 365 + 1);

/// Letters of a kind that one transaction removes.
const PIECE_ROWS: u64 = 5_000;

/// How many letters were removed.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::service) struct Removed {
    /// That were handed over.
    pub(in crate::service) handed_over: u64,
    /// That were given up.
    pub(in crate::service) dead: u64,
    /// From inboxes.
    pub(in crate::service) inbox: u64,
}

impl Removed {
    /// All of them.
    pub(in crate::service) fn count(self) -> u64 {
        self.handed_over + self.dead + self.inbox
    }

    /// Whether more wait.
    pub(in crate::service) fn has_more(self) -> bool {
        [self.handed_over, self.dead, self.inbox].contains(&PIECE_ROWS)
    }
}

/// Removes the next letters that were kept long enough. One that waits to be handed over stays.
pub(in crate::service) async fn remove_old(
    app: &App,
    txn: &impl ConnectionTrait,
) -> Result<Removed> {
    let now = app.clock.now();
    let remove = async |kept, kept_for| {
        let before = ids::first_uuid_v7(now - kept_for);
        store::messages::delete_before(txn, app.city, kept, before, PIECE_ROWS).await
    };
    Ok(Removed {
        handed_over: remove(Kept::HandedOver, HANDED_OVER).await?,
        dead: remove(Kept::Dead, DEAD).await?,
        inbox: remove(Kept::Inbox, INBOX).await?,
    })
}
