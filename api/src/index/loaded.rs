//! The indexes that a node answers from.

use std::sync::{Arc, PoisonError, RwLock};

use super::Index;

/// Bytes of indexes that a node keeps in memory; the newest is kept whatever its size. Results of
/// older periods are asked for rarely, and are read from the database.
const KEPT_BYTES: usize = 64 * 1024 * 1024;

/// A publication whose index is in memory.
#[derive(Clone)]
pub struct Opened {
    /// Which publication of the city it is, from 1.
    pub epoch: i64,
    /// The period whose result it holds.
    pub period: String,
    /// The index.
    pub index: Arc<Index>,
}

/// What a node answers look-ups from. Readers see one state of it or the next, never a mixture.
#[derive(Default)]
pub struct Loaded(RwLock<Arc<State>>);

#[derive(Default)]
struct State {
    /// The newest publication that this node has seen, kept or not.
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

    /// The index of a period's result, if it is in memory.
    #[must_use]
    pub fn find(&self, period: &str) -> Option<Arc<Index>> {
        let state = self.state();
        let opened = state.opened.iter().find(|opened| opened.period == period)?;
        Some(Arc::clone(&opened.index))
    }

    /// Bytes of the indexes in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let state = self.state();
        state
            .opened
            .iter()
            .map(|opened| opened.index.bytes.len())
            .sum()
    }

    /// Adds a publication. One that is not newer than the newest changes nothing: a node never goes
    /// back.
    pub fn add(&self, opened: Opened) {
        let mut slot = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if opened.epoch <= slot.epoch {
            return;
        }
        let epoch = opened.epoch;
        let mut kept = vec![opened];
        kept.extend(slot.opened.iter().cloned());
        let mut bytes = 0;
        kept.retain(|one| {
            bytes += one.index.bytes.len();
            one.epoch == epoch || bytes <= KEPT_BYTES
        });
        *slot = Arc::new(State {
            epoch,
            opened: kept,
        });
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}
