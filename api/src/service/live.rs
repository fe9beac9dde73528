//! Following what happens while it happens: a draw, and one's own inbox.
//!
//! The database is the only source of news, on every node. While somebody follows a draw or an inbox,
//! one task of the node looks for news each second, and at once when this process has changed
//! something; however many follow, the question is asked once. Whoever follows holds a place in a
//! list that is already written, and takes the next entry when they are ready for it: nothing is
//! queued for them, and nobody is told less for being slow.

mod draw;
mod inbox;

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::Semaphore;

pub(in crate::service) use draw::list_public;
pub use draw::{Announced, DrawEvent, Happened, Place, Position, Standing, Step, WINNERS_MAX};
pub use inbox::{InboxEvent, InboxPosition};

use crate::{app::App, app::Listening};

/// How long a node rests between two looks, unless it is told that something has changed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The shortest rest: changes that come together are looked at together.
const REST_MIN: Duration = Duration::from_millis(25);

/// How much longer than a look the rest after it is: looking never takes more than a sixth of a
/// connection.
const REST_PER_LOOK: u32 = 5;

/// How many of those who were told of news read it at the same time. The others of the node need
/// connections too.
const READING_AT_ONCE: usize = 4;

/// Everything that is followed on this node.
pub struct Live {
    app: App,
    draws: draw::Draws,
    inboxes: inbox::Inboxes,
    reading: Semaphore,
}

impl Live {
    /// Nobody follows anything yet.
    #[must_use]
    pub fn new(app: App) -> Self {
        Self {
            app,
            draws: draw::Draws::default(),
            inboxes: inbox::Inboxes::default(),
            reading: Semaphore::new(READING_AT_ONCE),
        }
    }
}

/// Waits for the next look, after one that took so long.
async fn rest(listening: &mut Listening, looked: Duration) {
    let least = REST_MIN.max(looked * REST_PER_LOOK);
    tokio::time::sleep(least).await;
    drop(tokio::time::timeout(LOOK_EVERY, listening.rung()).await);
}

/// A thread that panicked has left nothing half-done in these maps.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
