//! Who may ask the database, and who is told to come again.
//!
//! A database that is asked by more than it has hands for answers nobody in time. So only so many
//! are let through at once, and the others wait for a moment. How many may wait follows from how long
//! those before them have taken: whoever could only wait in vain is told at once when to come again,
//! which costs next to nothing, and keeps the processor for those who are answered. What is answered
//! from memory never comes here.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::refusal::Refusal;
use crate::{cache::Breaker, error::Error};

/// How many may ask at once, and how many may wait for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width {
    /// Requests that are executed at once.
    pub at_once: usize,
    /// Requests that wait for others to end, at most.
    pub waiting: usize,
    /// How long they wait before they are told to come again.
    pub patience: Duration,
}

impl Default for Width {
    /// Twice the connections to the database; and half of the connections that a node has, who wait
    /// for no longer than nobody minds.
    fn default() -> Self {
        Self {
            at_once: 32,
            waiting: 8_192,
            patience: Duration::from_millis(250),
        }
    }
}

/// How many of those who were answered last are "lately".
const LATELY: u64 = 16;

/// The one way to whatever asks the database.
#[derive(Clone)]
pub(super) struct Gate(Arc<Inner>);

struct Inner {
    width: Width,
    places: Arc<Semaphore>,
    /// Those who wait to ask for themselves.
    alone: AtomicUsize,
    /// Those who wait to be asked for together.
    crowd: AtomicUsize,
    /// How long those who were let through have taken lately, microseconds.
    taking: AtomicU64,
    breaker: Breaker,
}

/// Where somebody waits.
#[derive(Clone, Copy)]
enum Queue {
    /// To ask for themselves.
    Alone,
    /// To be asked for together.
    Crowd,
}

/// One who may wait for a place, counted until it is dropped.
pub(super) struct Turn {
    gate: Gate,
    queue: Queue,
}

/// A place behind the gate, until it is dropped.
pub(super) struct Place {
    gate: Gate,
    since: Instant,
    _permit: OwnedSemaphorePermit,
}

impl Gate {
    pub(super) fn new(width: Width) -> Self {
        Self(Arc::new(Inner {
            width,
            places: Arc::new(Semaphore::new(width.at_once)),
            alone: AtomicUsize::new(0),
            crowd: AtomicUsize::new(0),
            taking: AtomicU64::new(0),
            breaker: Breaker::new(),
        }))
    }

    /// How many are let through at once; never 0.
    pub(super) fn at_once(&self) -> usize {
        self.0.width.at_once.max(1)
    }

    /// Lets a request through, at once or after a moment.
    pub(super) async fn enter(&self) -> Result<Place, Refusal> {
        match self.try_enter()? {
            Some(place) => Ok(place),
            None => self.stand(Queue::Alone, 1)?.come().await,
        }
    }

    /// Lets a request through if there is a place for it.
    pub(super) fn try_enter(&self) -> Result<Option<Place>, Refusal> {
        if !self.0.breaker.lets_through() {
            return Err(Refusal::Overloaded);
        }
        let permit = Arc::clone(&self.0.places).try_acquire_owned().ok();
        Ok(permit.map(|permit| self.place(permit)))
    }

    /// Lets somebody wait among others, of whom one place serves up to so many, or says at once that
    /// it would be in vain.
    pub(super) fn stand_among(&self, together: usize) -> Result<Turn, Refusal> {
        self.stand(Queue::Crowd, together)
    }

    /// Asks the database something behind the gate, for no longer than `time`, and takes note of
    /// whether it answered.
    ///
    /// # Errors
    ///
    /// [`Refusal::Overloaded`] for whoever is not let through, [`Refusal::TimedOut`].
    pub(super) async fn ask<T>(
        &self,
        time: Duration,
        asking: impl Future<Output = crate::Result<T>>,
    ) -> Result<crate::Result<T>, Refusal> {
        self.enter().await?.ask(time, asking).await
    }

    /// The database has not answered in time somebody who is still behind the gate.
    pub(super) fn unanswered(&self) {
        if self.0.breaker.failed() {
            tracing::error!("the database does not answer; what needs it is refused until it does");
        }
    }

    fn stand(&self, queue: Queue, together: usize) -> Result<Turn, Refusal> {
        let turn = Turn {
            gate: self.clone(),
            queue,
        };
        let waiting = self.0.waiting(queue).fetch_add(1, Ordering::Relaxed);
        if self.0.most_waiting(together) <= waiting {
            return Err(Refusal::Overloaded);
        }
        Ok(turn)
    }

    fn place(&self, permit: OwnedSemaphorePermit) -> Place {
        Place {
            gate: self.clone(),
            since: Instant::now(),
            _permit: permit,
        }
    }
}

impl Inner {
    fn waiting(&self, queue: Queue) -> &AtomicUsize {
        match queue {
            Queue::Alone => &self.alone,
            Queue::Crowd => &self.crowd,
        }
    }

    /// How many may wait now, where one place serves so many: as many as come to their turn within the
    /// time that they wait, and those of the next turn in any case. However slow the database has become,
    /// a place that is left finds somebody who waits for it.
    fn most_waiting(&self, together: usize) -> usize {
        let Width {
            at_once,
            waiting,
            patience,
        } = self.width;
        let taking = u128::from(self.taking.load(Ordering::Relaxed));
        let turns = patience.as_micros().checked_div(taking);
        let in_time = turns.and_then(|turns| {
            let served = at_once.checked_mul(together)?;
            usize::try_from(turns.max(1)).ok()?.checked_mul(served)
        });
        in_time.map_or(waiting, |in_time| waiting.min(in_time))
    }

    /// Takes note of how long somebody took.
    fn took(&self, taken: Duration) {
        let taken = u64::try_from(taken.as_micros()).unwrap_or(u64::MAX);
        let moved = |usual| Some(usual - usual / LATELY + taken / LATELY);
        // There is always another value, so that this cannot fail.
        _ = self
            .taking
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, moved);
    }
}

impl Place {
    /// Asks the database something in this place, for no longer than `time`, and takes note of whether
    /// it answered.
    ///
    /// # Errors
    ///
    /// [`Refusal::TimedOut`].
    pub(super) async fn ask<T>(
        self,
        time: Duration,
        asking: impl Future<Output = crate::Result<T>>,
    ) -> Result<crate::Result<T>, Refusal> {
        let answer = tokio::time::timeout(time, asking).await;
        let is_away = matches!(answer, Err(_) | Ok(Err(Error::Unavailable { .. })));
        self.note(!is_away);
        answer.map_err(|_| Refusal::TimedOut)
    }

    /// The database answered; or it did not, or not in time.
    pub(super) fn note(&self, is_answered: bool) {
        self.gate.0.took(self.since.elapsed());
        if is_answered {
            self.gate.0.breaker.succeeded();
        } else {
            self.gate.unanswered();
        }
    }
}

impl Turn {
    /// Waits for a place, for no longer than nobody minds.
    ///
    /// # Errors
    ///
    /// [`Refusal::Overloaded`].
    pub(super) async fn come(&self) -> Result<Place, Refusal> {
        let inner = &*self.gate.0;
        let acquiring = Arc::clone(&inner.places).acquire_owned();
        match tokio::time::timeout(inner.width.patience, acquiring).await {
            Ok(Ok(permit)) => Ok(self.gate.place(permit)),
            Ok(Err(_)) | Err(_) => Err(Refusal::Overloaded),
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let waiting = self.gate.0.waiting(self.queue);
        waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NARROW: Width = Width {
        at_once: 1,
        waiting: 1,
        patience: Duration::from_mins(1),
    };

    #[tokio::test]
    async fn one_is_let_through_one_waits_and_the_others_are_sent_away() {
        let gate = Gate::new(NARROW);
        let first = gate.enter().await.expect("the first");
        let second = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter().await.map(drop) }
        });
        while gate.0.alone.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }

        assert_eq!(gate.enter().await.err(), Some(Refusal::Overloaded));
        drop(first);

        assert_eq!(second.await.expect("ended"), Ok(()));
        assert!(gate.enter().await.is_ok(), "nobody is left behind");
    }

    #[tokio::test]
    async fn who_could_only_wait_in_vain_is_sent_away_at_once() {
        let gate = Gate::new(Width {
            at_once: 2,
            waiting: 100,
            patience: Duration::from_millis(250),
        });
        assert_eq!(gate.0.most_waiting(1), 100, "nothing is known yet");
        for (taken_ms, most) in [(1, 100), (10, 50), (100, 4), (10_000, 2), (20, 24)] {
            for _ in 0..200 {
                gate.0.took(Duration::from_millis(taken_ms));
            }
            assert_eq!(gate.0.most_waiting(1), most, "{taken_ms} ms");
        }
        assert_eq!(gate.0.most_waiting(4), 96, "four are asked for together");
    }

    #[tokio::test]
    async fn who_has_waited_long_enough_is_sent_away() {
        let gate = Gate::new(Width {
            patience: Duration::ZERO,
            ..NARROW
        });
        let first = gate.enter().await.expect("the first");
        assert_eq!(gate.enter().await.err(), Some(Refusal::Overloaded));
        drop(first);
        assert!(gate.enter().await.is_ok());
    }

    #[tokio::test]
    async fn a_database_that_answers_nobody_is_not_asked_by_everybody() {
        let gate = Gate::new(Width::default());
        for _ in 0..3 {
            gate.enter().await.expect("let through").note(false);
        }
        assert_eq!(gate.enter().await.err(), Some(Refusal::Overloaded));
        let gate = Gate::new(Width::default());
        for _ in 0..3 {
            let place = gate.enter().await.expect("let through");
            place.note(false);
            place.note(true);
        }
        assert!(gate.enter().await.is_ok());
    }
}
