//! Look-ups whose answers are not in memory.
//!
//! Each asks behind the gate. Where more come than are let through, whoever comes to their turn asks
//! for a share of those who wait for the same result as well: the more wait, the more are answered with
//! one question, and the wait does not grow with the crowd. On an ordinary day everybody asks alone.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::oneshot;

use super::{
    gate::{Gate, Place},
    refusal::Refusal,
};
use crate::{
    app::App,
    service::results::{self, Answer, Named},
};

/// Codes that one asks for together, at most.
const TOGETHER_MAX: usize = 64;

/// A look-up.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) named: Named<'a>,
    pub(super) code: &'a str,
}

/// Where look-ups are answered that are not answered from memory.
#[derive(Clone)]
pub(super) struct LookUps(Arc<Inner>);

struct Inner {
    app: App,
    gate: Gate,
    /// How long one may take.
    time: Duration,
    waiting: Mutex<HashMap<Key, Vec<Waiting>>>,
}

/// The period or draw that somebody asks for.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Period(String),
    Draw(String),
}

/// Somebody who waits for their turn.
struct Waiting {
    code: String,
    tell: oneshot::Sender<Answer>,
}

impl Asked<'_> {
    /// The answer that this node has in memory.
    pub(super) fn find_near(self, app: &App) -> Option<Answer> {
        match self.named {
            Named::Period(number) => results::find_near(app, number, self.code),
            Named::Draw(draw) => results::find_near_of_draw(app, draw, self.code),
        }
    }

    /// Whether the answer is published, and not in memory.
    pub(super) fn is_elsewhere(self, app: &App) -> bool {
        results::is_elsewhere(app, self.named, self.code)
    }

    async fn find(self, app: &App) -> crate::Result<Answer> {
        match self.named {
            Named::Period(number) => results::find(app, number, self.code).await,
            Named::Draw(draw) => results::find_of_draw(app, draw, self.code).await,
        }
    }

    fn key(self) -> Key {
        match self.named {
            Named::Period(number) => Key::Period(number.to_owned()),
            Named::Draw(draw) => Key::Draw(draw.to_owned()),
        }
    }
}

impl LookUps {
    pub(super) fn new(app: App, gate: Gate, time: Duration) -> Self {
        Self(Arc::new(Inner {
            app,
            gate,
            time,
            waiting: Mutex::default(),
        }))
    }

    /// The answer, wherever it is.
    ///
    /// # Errors
    ///
    /// [`Refusal::Overloaded`] for whoever finds no place in time, [`Refusal::TimedOut`].
    pub(super) async fn find(&self, asked: Asked<'_>) -> Result<crate::Result<Answer>, Refusal> {
        let Inner {
            app, gate, time, ..
        } = &*self.0;
        if !asked.is_elsewhere(app) {
            let finding = app.telemetry.traces.within("results.find", asked.find(app));
            // Both ways are large, and are passed on in boxes.
            return gate.ask(*time, Box::pin(finding)).await;
        }
        let place = match gate.try_enter()? {
            Some(place) => place,
            None => match self.wait(asked).await? {
                Ok(answer) => return Ok(Ok(answer)),
                Err(place) => place,
            },
        };
        self.ask(asked, place).await
    }

    /// Waits for a place, or for the answer from somebody who came to their turn before.
    async fn wait(&self, asked: Asked<'_>) -> Result<Result<Answer, Place>, Refusal> {
        let (tell, mut told) = oneshot::channel();
        let waiting = Waiting {
            code: asked.code.to_owned(),
            tell,
        };
        self.waiting().entry(asked.key()).or_default().push(waiting);
        let turn = self.0.gate.wait_among(TOGETHER_MAX);
        tokio::pin!(turn);
        tokio::select! {
            biased;
            Ok(answer) = &mut told => Ok(Ok(answer)),
            place = &mut turn => {
                let place = place?;
                // Somebody may be asking for this code at this moment; where nothing comes of it, the
                // place is there.
                told.close();
                Ok(told.try_recv().map_err(|_| place))
            }
        }
    }

    /// Asks, in this place, for oneself and for a share of those who wait for the same result.
    async fn ask(&self, asked: Asked<'_>, place: Place) -> Result<crate::Result<Answer>, Refusal> {
        let app = &self.0.app;
        let others = self.take_share(&asked.key());
        let mut codes = vec![asked.code];
        codes.extend(others.iter().map(|other| other.code.as_str()));
        let finding = results::find_together(app, asked.named, &codes);
        let finding = app.telemetry.traces.within("results.find", finding);
        let found = place.ask(self.0.time, Box::pin(finding)).await?;
        Ok(found.map(|answers| {
            let mut answers = answers.into_iter();
            let own = answers.next();
            for (other, answer) in others.into_iter().zip(answers) {
                // Whoever has hung up meanwhile is told nothing.
                drop(other.tell.send(answer));
            }
            own.unwrap_or(Answer::NotInPool)
        }))
    }

    /// Of those who wait, as many as fall to one place: none while there are fewer than places.
    fn take_share(&self, key: &Key) -> Vec<Waiting> {
        let mut all = self.waiting();
        let Some(waiting) = all.get_mut(key) else {
            return Vec::new();
        };
        waiting.retain(|it| !it.tell.is_closed());
        let share = (waiting.len() / self.0.gate.at_once()).min(TOGETHER_MAX - 1);
        let taken = waiting.drain(..share).collect();
        if waiting.is_empty() {
            all.remove(key);
        }
        taken
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<Key, Vec<Waiting>>> {
        self.0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
