//! What a node knows of its own standing.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use tokio::sync::watch;
use verifier::text::Digest;

/// What a node knows of its own standing, without asking anybody.
#[derive(Debug, Default)]
pub struct Standing {
    progress: watch::Sender<Progress>,
    published: AtomicI64,
    /// The published index that came out as another one when it was built here, and when that was.
    misbuilt: Mutex<Option<(Digest, Instant)>>,
}

/// How far a node has come since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    /// It has not looked for publications.
    #[default]
    Started,
    /// It has looked, and could not read all of them.
    Looked,
    /// It answers from every publication that there was when it looked.
    CaughtUp,
}

impl Standing {
    /// Takes down the newest publication that there is.
    pub fn published(&self, epoch: i64) {
        self.published.fetch_max(epoch, Ordering::Relaxed);
    }

    /// The newest publication that the node knows of, loaded or not; 0 before the first.
    #[must_use]
    pub fn published_epoch(&self) -> i64 {
        self.published.load(Ordering::Relaxed)
    }

    /// This published index has just come out as another one.
    pub fn has_misbuilt(&self, published: Digest) {
        let mut misbuilt = self.misbuilt.lock().unwrap_or_else(PoisonError::into_inner);
        *misbuilt = Some((published, Instant::now()));
    }

    /// When this published index came out as another one last, if it ever did.
    #[must_use]
    pub fn misbuilt(&self, published: &Digest) -> Option<Instant> {
        let misbuilt = self.misbuilt.lock().unwrap_or_else(PoisonError::into_inner);
        misbuilt.and_then(|(digest, at)| (digest == *published).then_some(at))
    }

    /// The node has looked for publications, whatever came of it.
    pub fn looked(&self) {
        self.advance(Progress::Looked);
    }

    /// The node answers from every publication that there was when it looked.
    pub fn caught_up(&self) {
        self.advance(Progress::CaughtUp);
    }

    /// Whether it has ever done so. What comes later is answered from the database until it is loaded:
    /// a node that is behind for a moment is no reason to take all nodes away at once.
    #[must_use]
    pub fn has_caught_up(&self) -> bool {
        *self.progress.borrow() == Progress::CaughtUp
    }

    /// Ready when the node has looked once.
    pub async fn first_look(&self) {
        let mut progress = self.progress.subscribe();
        // An error would say that the node is gone.
        drop(
            progress
                .wait_for(|progress| Progress::Looked <= *progress)
                .await,
        );
    }

    fn advance(&self, to: Progress) {
        self.progress.send_if_modified(|progress| {
            let is_further = *progress < to;
            if is_further {
                *progress = to;
            }
            is_further
        });
    }
}
