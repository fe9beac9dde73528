//! One's own inbox, followed.
//!
//! Messages are numbered when they are written and seen when their transaction is committed, so that
//! a later number may be seen first. Whoever looks for news therefore looks back over
//! [`COMMITTED_WITHIN`] each time and leaves out what is known. After a reconnect that much may come
//! twice, and nothing is missed.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex},
};

use ::entity::ApplicantId;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{Stream, stream};
use tokio::{sync::Notify, time::Instant};
use uuid::Uuid;

use super::{Live, lock, rest};
use crate::{
    domain::actor::Actor,
    error::{Error, Result},
    ids,
    service::{
        messages::{self, Inbox, InboxLetter},
        sessions::{self, Ticket},
    },
    store,
};

/// How long after a message was numbered its transaction may still be open.
const COMMITTED_WITHIN: TimeDelta = TimeDelta::minutes(2);

/// Letters that one statement reads.
const PAGE: u64 = 100;

/// Letters that wait for one who follows. Who was away for long gets the rest when these are taken.
const READY_MAX: usize = 1_000;

/// Persons whose accounts one statement looks for.
const STRANGERS: usize = 500;

/// Whose inbox: an applicant's, an account's, or the one that officers share.
type Owner = Option<Uuid>;

/// The inboxes that somebody on this node follows.
#[derive(Default)]
pub(super) struct Inboxes(Mutex<Followed>);

#[derive(Default)]
struct Followed {
    waiting: HashMap<Owner, Vec<Arc<Notify>>>,
    /// How many follow the inbox of an account that has not applied yet. From its application on
    /// letters go to the applicant's inbox, which nobody waits for so far.
    hopeful: usize,
    is_watched: bool,
}

/// Something about an inbox.
#[derive(Clone)]
pub enum InboxEvent {
    /// It is followed from here on.
    Opened {
        /// How many of its messages are unread.
        unread: u64,
        /// Where it is followed from.
        position: InboxPosition,
    },
    /// A message has arrived.
    Arrived(Box<InboxLetter>),
}

/// A place in an inbox: the number of a message, or of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InboxPosition(pub Uuid);

impl InboxEvent {
    /// Its place in the inbox.
    #[must_use]
    pub fn position(&self) -> InboxPosition {
        match self {
            Self::Opened { position, .. } => *position,
            Self::Arrived(letter) => InboxPosition(letter.row.id),
        }
    }
}

impl Live {
    /// Follows the inbox of whoever is signed in: from now on, or with `after` from the first
    /// message behind that place. The `ticket` is their session's.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`] and [`Error::Forbidden`] for those who have no inbox.
    pub async fn follow_inbox(
        self: &Arc<Self>,
        actor: &Actor,
        ticket: Option<Ticket>,
        after: Option<InboxPosition>,
    ) -> Result<impl Stream<Item = Result<InboxEvent>> + Send + use<>> {
        let inbox = Inbox::of(actor)?;
        // Registered before it is read: what arrives meanwhile is found, or told of.
        let is_hopeful = matches!(actor, Actor::Account(holder) if holder.applicant().is_none());
        let ticket = ticket.filter(|_| is_hopeful);
        let place = self.wait_for(&inbox, ticket.is_some());
        let mut following = Following {
            ticket,
            listed_at: self.app.clock.now(),
            known: HashSet::new(),
            ready: VecDeque::new(),
            inbox,
            place,
        };
        Box::pin(following.open(after)).await?;
        Ok(stream::unfold(Some(following), |following| async {
            let mut following = following?;
            match following.next().await {
                Ok(event) => Some((Ok(event), Some(following))),
                Err(error) => Some((Err(error), None)),
            }
        }))
    }

    fn wait_for(self: &Arc<Self>, inbox: &Inbox, is_hopeful: bool) -> Waiting {
        let mut followed = lock(&self.inboxes.0);
        let (owners, told) = (owners(inbox), Arc::new(Notify::new()));
        for owner in &owners {
            followed
                .waiting
                .entry(*owner)
                .or_default()
                .push(Arc::clone(&told));
        }
        followed.hopeful += usize::from(is_hopeful);
        if !followed.is_watched {
            followed.is_watched = true;
            tokio::spawn(Arc::clone(self).watch_inboxes());
        }
        Waiting {
            live: Arc::clone(self),
            owners,
            is_hopeful,
            told,
        }
    }

    /// Looks for new messages in all inboxes until nobody follows one any more.
    async fn watch_inboxes(self: Arc<Self>) {
        let mut listening = self.app.bell.listen();
        let mut known = HashSet::new();
        let mut looked_at = self.app.clock.now();
        loop {
            {
                let mut followed = lock(&self.inboxes.0);
                if followed.waiting.is_empty() {
                    followed.is_watched = false;
                    return;
                }
            }
            let began = Instant::now();
            if let Err(error) = self.look(&mut known, &mut looked_at).await {
                tracing::warn!("the inboxes could not be looked at: {error}");
            }
            rest(&mut listening, began.elapsed()).await;
        }
    }

    /// Wakes everybody whose inbox has something that was not known.
    async fn look(&self, known: &mut HashSet<Uuid>, looked_at: &mut DateTime<Utc>) -> Result<()> {
        let now = self.app.clock.now();
        let since = ids::first_uuid_v7(now.min(*looked_at) - COMMITTED_WITHIN);
        let arrived = store::messages::list_arrivals(&self.app.db, self.app.city, since).await?;
        let mut fresh: HashSet<Owner> = arrived
            .iter()
            .filter(|(id, _)| !known.contains(id))
            .map(|(_, owner)| *owner)
            .collect();
        for account in self.list_hopeful(&fresh).await? {
            fresh.insert(Some(account));
        }
        *known = arrived.into_iter().map(|(id, _)| id).collect();
        *looked_at = now;
        let followed = lock(&self.inboxes.0);
        for owner in fresh {
            for told in followed.waiting.get(&owner).into_iter().flatten() {
                told.notify_one();
            }
        }
        Ok(())
    }

    /// The accounts of those among these whom nobody waits for, while an account hopes for one.
    async fn list_hopeful(&self, fresh: &HashSet<Owner>) -> Result<Vec<Uuid>> {
        let strangers: Vec<ApplicantId> = {
            let followed = lock(&self.inboxes.0);
            if followed.hopeful == 0 {
                return Ok(Vec::new());
            }
            let strangers = fresh
                .iter()
                .filter(|owner| !followed.waiting.contains_key(owner));
            strangers.flatten().copied().map(ApplicantId).collect()
        };
        let mut accounts = Vec::new();
        for some in strangers.chunks(STRANGERS) {
            let listed =
                store::accounts::list_of_applicants(&self.app.db, self.app.city, some).await?;
            accounts.extend(listed.into_iter().map(|account| account.0));
        }
        Ok(accounts)
    }
}

fn owners(inbox: &Inbox) -> Vec<Owner> {
    match inbox.owners() {
        [] => vec![None],
        owners => owners.iter().copied().map(Some).collect(),
    }
}

/// Somebody's place among those who are woken.
struct Waiting {
    live: Arc<Live>,
    owners: Vec<Owner>,
    is_hopeful: bool,
    told: Arc<Notify>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut followed = lock(&self.live.inboxes.0);
        followed.hopeful -= usize::from(self.is_hopeful);
        for owner in &self.owners {
            let Some(waiting) = followed.waiting.get_mut(owner) else {
                continue;
            };
            waiting.retain(|told| !Arc::ptr_eq(told, &self.told));
            if waiting.is_empty() {
                followed.waiting.remove(owner);
            }
        }
    }
}

/// Somebody who follows an inbox.
struct Following {
    inbox: Inbox,
    place: Waiting,
    /// The session, while the account may yet apply.
    ticket: Option<Ticket>,
    /// When the inbox was last read.
    listed_at: DateTime<Utc>,
    /// What was told or was there before, as far back as one looks.
    known: HashSet<Uuid>,
    ready: VecDeque<InboxEvent>,
}

impl Following {
    async fn open(&mut self, after: Option<InboxPosition>) -> Result<()> {
        // It may have applied since it was looked up, and before anybody waited for that.
        self.widen().await?;
        let app = &self.place.live.app;
        let unread = messages::count_unread(app, &self.inbox).await?;
        let position = if let Some(position) = after {
            self.known.insert(position.0);
            self.listed_at = self.listed_at.min(ids::moment_of(position.0));
            self.place.told.notify_one();
            position
        } else {
            let since = ids::first_uuid_v7(self.listed_at - COMMITTED_WITHIN);
            let there = self.list(since).await?;
            self.known = there.iter().map(|letter| letter.row.id).collect();
            let newest = there.last().map(|letter| letter.row.id);
            InboxPosition(newest.unwrap_or_else(|| ids::first_uuid_v7(self.listed_at)))
        };
        self.ready
            .push_back(InboxEvent::Opened { unread, position });
        Ok(())
    }

    async fn next(&mut self) -> Result<InboxEvent> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(event);
            }
            self.place.told.notified().await;
            // In a box, so that who waits keeps no room for it.
            Box::pin(self.read()).await?;
        }
    }

    /// Takes the applicant's inbox in, once the account lets one in.
    async fn widen(&mut self) -> Result<()> {
        let Some(ticket) = &self.ticket else {
            return Ok(());
        };
        let live = Arc::clone(&self.place.live);
        let inbox = Inbox::of(&sessions::recheck(&live.app, ticket).await?)?;
        if inbox != self.inbox {
            self.place = live.wait_for(&inbox, false);
            self.inbox = inbox;
            self.ticket = None;
        }
        Ok(())
    }

    /// Reads what has arrived.
    async fn read(&mut self) -> Result<()> {
        self.widen().await?;
        let now = self.place.live.app.clock.now();
        let since = ids::first_uuid_v7(self.listed_at.min(now) - COMMITTED_WITHIN);
        let there = self.list(since).await?;
        self.listed_at = match there.last() {
            Some(last) if READY_MAX <= there.len() => ids::moment_of(last.row.id),
            _ => now,
        };
        let seen = there.iter().map(|letter| letter.row.id).collect();
        let known = std::mem::replace(&mut self.known, seen);
        let fresh = there
            .into_iter()
            .filter(|letter| !known.contains(&letter.row.id));
        self.ready
            .extend(fresh.map(Box::new).map(InboxEvent::Arrived));
        if self.listed_at < now && !self.ready.is_empty() {
            self.place.told.notify_one();
        }
        Ok(())
    }

    /// The letters behind a number, oldest first.
    async fn list(&self, since: Uuid) -> Result<Vec<InboxLetter>> {
        let live = &self.place.live;
        let _turn = live.reading.acquire().await.map_err(Error::internal)?;
        let mut listed: Vec<InboxLetter> = Vec::new();
        loop {
            let after = listed.last().map_or(since, |letter| letter.row.id);
            let page = messages::list_newer(&live.app, &self.inbox, after, PAGE).await?;
            let is_last = (page.len() as u64) < PAGE;
            listed.extend(page);
            if is_last || READY_MAX <= listed.len() {
                return Ok(listed);
            }
        }
    }
}
