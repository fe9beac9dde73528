//! The results that a node knows to be published, and the indexes that it answers from.

use std::sync::{Arc, PoisonError, RwLock};

use verifier::text::Digest;

use super::Index;

/// Bytes of indexes that a node keeps in memory; the newest is kept whatever its size. Results of
/// older periods are asked for rarely, and are answered from elsewhere.
const KEPT_BYTES: usize = 64 * 1024 * 1024;

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
pub struct Loaded(RwLock<Arc<State>>);

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

    /// Adds a publication. One that is not newer than the newest changes nothing: a node never goes
    /// back.
    pub fn add(&self, opened: Opened) {
        let mut slot = self.0.write().unwrap_or_else(PoisonError::into_inner);
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
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}
