//! The results that a node knows to be published, and the indexes that it answers from.

use std::{
    collections::HashSet,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use verifier::text::Digest;

use super::Index;

/// Bytes of indexes that a node keeps in memory; the newest is kept whatever its size. Results of
/// older periods are asked for rarely, and are answered from elsewhere.
const KEPT_BYTES: usize = 64 * 1024 * 1024;

/// How long after a look at the publications a node may say that there was none. It looks each second;
/// one that has not for longer does not know.
const CURRENT: Duration = Duration::from_secs(3);

/// A published result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Which publication of the city it is, from 1.
    pub epoch: i64,
    /// The period whose result it is.
    pub period: String,
    /// The draw's public id.
    pub draw: String,
    /// Hash of the draw's result record.
    pub result: Digest,
    /// SHA-256 of the index.
    pub sha256: Digest,
    /// Length of the index.
    pub bytes: u64,
}

/// A published result, and its index where that is in memory.
#[derive(Clone)]
pub struct Opened {
    /// Which it is.
    pub published: Arc<Published>,
    /// The index.
    pub index: Option<Arc<Index>>,
}

/// What a node answers look-ups from. Readers see one state of it or the next, never a mixture.
#[derive(Default)]
pub struct Loaded {
    state: RwLock<Arc<State>>,
    waited_for: RwLock<WaitedFor>,
}

/// What is asked for before it is there.
#[derive(Default)]
struct WaitedFor {
    /// Periods that exist. A period that exists goes on existing.
    periods: HashSet<String>,
    /// When this node last looked for publications, with success.
    looked_at: Option<Instant>,
}

#[derive(Default)]
struct State {
    /// The newest publication that this node has seen.
    epoch: i64,
    /// Newest first.
    opened: Vec<Opened>,
}

impl Loaded {
    /// The newest publication that this node answers for; 0 before the first.
    #[must_use]
    pub fn epoch(&self) -> i64 {
        self.state().epoch
    }

    /// A period's result, if this node knows that it is published.
    #[must_use]
    pub fn find(&self, period: &str) -> Option<Opened> {
        let state = self.state();
        let mut all = state.opened.iter();
        all.find(|opened| opened.published.period == period)
            .cloned()
    }

    /// A draw's result, if this node knows that it is published.
    #[must_use]
    pub fn find_of_draw(&self, draw: &str) -> Option<Opened> {
        let state = self.state();
        let mut all = state.opened.iter();
        all.find(|opened| opened.published.draw == draw).cloned()
    }

    /// The newest result.
    #[must_use]
    pub fn newest(&self) -> Option<Opened> {
        self.state().opened.first().cloned()
    }

    /// Whether a period exists whose result is not published, as this node knows without asking: it
    /// has looked a moment ago.
    #[must_use]
    pub fn is_waited_for(&self, period: &str) -> bool {
        let waited_for = self.waited_for.read();
        let waited_for = waited_for.unwrap_or_else(PoisonError::into_inner);
        let is_current = waited_for
            .looked_at
            .is_some_and(|at| at.elapsed() < CURRENT);
        is_current && waited_for.periods.contains(period) && self.find(period).is_none()
    }

    /// Notes that a period exists.
    pub fn wait_for(&self, period: &str) {
        let waited_for = self.waited_for.write();
        let mut waited_for = waited_for.unwrap_or_else(PoisonError::into_inner);
        waited_for.periods.insert(period.to_owned());
    }

    /// Notes that everything that was published before `since` is here.
    pub fn looked(&self, since: Instant) {
        let waited_for = self.waited_for.write();
        waited_for.unwrap_or_else(PoisonError::into_inner).looked_at = Some(since);
    }

    /// Bytes of the indexes in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let state = self.state();
        state
            .opened
            .iter()
            .filter_map(|opened| opened.index.as_ref())
            .map(|index| index.bytes.len())
            .sum()
    }

    /// Adds a publication. One that is not newer than the newest changes nothing: a node never goes
    /// back.
    pub fn add(&self, opened: Opened) {
        let mut slot = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let epoch = opened.published.epoch;
        if epoch <= slot.epoch {
            return;
        }
        let mut kept = vec![opened];
        kept.extend(slot.opened.iter().cloned());
        let mut bytes = 0;
        for one in &mut kept {
            bytes += one.index.as_ref().map_or(0, |index| index.bytes.len());
            if KEPT_BYTES < bytes && one.published.epoch != epoch {
                one.index = None;
            }
        }
        *slot = Arc::new(State {
            epoch,
            opened: kept,
        });
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }
}
