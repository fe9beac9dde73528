//! Who may ask the database, and who is told to come again.
//!
//! A database that is asked by more than it has hands for answers nobody in time. So only so many
//! are let through at once, the others wait for a moment, and who had to wait longer is told when to
//! try again. What is answered from memory never comes here.
//!
//! Refusing costs nearly as much as answering from memory. Whoever is sent away at once and asks again
//! at once keeps the processor from those who are being answered; so refusals come after the wait,
//! and at once only where too many wait already.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::refusal::Refusal;
use crate::cache::Breaker;

/// How many may ask at once, and how many may wait for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width {
    /// Requests that are executed at once.
    pub at_once: usize,
    /// Requests that wait for others to end.
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

/// The one way to whatever asks the database.
#[derive(Clone)]
pub(super) struct Gate(Arc<Inner>);

struct Inner {
    width: Width,
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    breaker: Breaker,
}

/// A place behind the gate, until it is dropped.
pub(super) struct Place {
    gate: Gate,
    _permit: OwnedSemaphorePermit,
}

impl Gate {
    pub(super) fn new(width: Width) -> Self {
        Self(Arc::new(Inner {
            width,
            places: Arc::new(Semaphore::new(width.at_once)),
            waiting: AtomicUsize::new(0),
            breaker: Breaker::new(),
        }))
    }

    /// Lets a request through, at once or after a moment.
    pub(super) async fn enter(&self) -> Result<Place, Refusal> {
        let inner = &*self.0;
        if !inner.breaker.lets_through() {
            return Err(Refusal::Overloaded);
        }
        let permit = match Arc::clone(&inner.places).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => self.wait().await?,
        };
        Ok(Place {
            gate: self.clone(),
            _permit: permit,
        })
    }

    /// The database has not answered in time somebody who is still behind the gate.
    pub(super) fn unanswered(&self) {
        if self.0.breaker.failed() {
            tracing::error!("the database does not answer; what needs it is refused until it does");
        }
    }

    async fn wait(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let inner = &*self.0;
        let _waiting = Waiting::behind(&inner.waiting, inner.width.waiting)?;
        let acquiring = Arc::clone(&inner.places).acquire_owned();
        match tokio::time::timeout(inner.width.patience, acquiring).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(Refusal::Overloaded),
        }
    }
}

impl Place {
    /// The database answered.
    pub(super) fn answered(&self) {
        self.gate.0.breaker.succeeded();
    }

    /// It did not, or not in time.
    pub(super) fn unanswered(&self) {
        self.gate.unanswered();
    }
}

/// One who waits, counted until it is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn behind(count: &'a AtomicUsize, most: usize) -> Result<Self, Refusal> {
        let waiting = Self(count);
        if most <= count.fetch_add(1, Ordering::Relaxed) {
            return Err(Refusal::Overloaded);
        }
        Ok(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
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
        while gate.0.waiting.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }

        assert_eq!(gate.enter().await.err(), Some(Refusal::Overloaded));
        drop(first);

        assert_eq!(second.await.expect("ended"), Ok(()));
        assert!(gate.enter().await.is_ok(), "nobody is left behind");
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
            gate.enter().await.expect("let through").unanswered();
        }
        assert_eq!(gate.enter().await.err(), Some(Refusal::Overloaded));
        let gate = Gate::new(Width::default());
        for _ in 0..3 {
            let place = gate.enter().await.expect("let through");
            place.unanswered();
            place.answered();
        }
        assert!(gate.enter().await.is_ok());
    }
}
