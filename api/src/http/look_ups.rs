//! Look-ups whose answers are not in memory.
//!
//! Each asks behind the gate. Where more come than are let through, whoever comes to their turn asks
//! for a share of those who wait for the same result as well: the more wait, the more are answered with
//! one question, and the wait does not grow with the crowd. On an ordinary day everybody asks alone.

use std::{
    collections::{HashMap, VecDeque},
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
    waiting: Mutex<HashMap<Key, VecDeque<Waiting>>>,
}

/// The period or draw that somebody asks for.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Period(String),
    Draw(String),
}

/// Somebody who waits for their turn, and may be called before it by whoever asks for them.
struct Waiting {
    code: String,
    call: oneshot::Sender<oneshot::Receiver<Answer>>,
}

/// Somebody who was called, and is asked for.
struct Called {
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

impl Waiting {
    /// Calls them, if they still wait.
    fn called(self) -> Option<Called> {
        let (tell, told) = oneshot::channel();
        self.call.send(told).ok()?;
        Some(Called {
            code: self.code,
            tell,
        })
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
        let turn = self.0.gate.stand_among(TOGETHER_MAX)?;
        let mut called = self.line_up(asked);
        let answer = tokio::select! {
            biased;
            Ok(answer) = &mut called => answer,
            place = turn.come() => {
                called.close();
                match called.try_recv() {
                    Ok(answer) => answer,
                    Err(_) => return place.map(Err),
                }
            }
        };
        // Whoever is asked for takes nobody's place.
        drop(turn);
        match answer.await {
            Ok(answer) => Ok(Ok(answer)),
            // Whoever asked has hung up, or was told nothing.
            Err(_) => self.0.gate.enter().await.map(Err),
        }
    }

    fn line_up(&self, asked: Asked<'_>) -> oneshot::Receiver<oneshot::Receiver<Answer>> {
        let (call, called) = oneshot::channel();
        let code = asked.code.to_owned();
        let mut all = self.waiting();
        let line = all.entry(asked.key()).or_default();
        line.push_back(Waiting { code, call });
        called
    }

    /// Asks, in this place, for oneself and for a share of those who wait for the same result.
    async fn ask(&self, asked: Asked<'_>, place: Place) -> Result<crate::Result<Answer>, Refusal> {
        let app = &self.0.app;
        let others = self.call_share(&asked.key());
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

    /// Calls, of those who wait, as many as fall to one place: none while there are fewer than places.
    fn call_share(&self, key: &Key) -> Vec<Called> {
        let mut all = self.waiting();
        let Some(waiting) = all.get_mut(key) else {
            return Vec::new();
        };
        let share = (waiting.len() / self.0.gate.at_once()).min(TOGETHER_MAX - 1);
        let mut called = Vec::with_capacity(share);
        // Whoever stands in front has waited longest. Who came to their turn or has given up is passed
        // over here, and nowhere else, so that nobody ever walks through all who wait.
        while let Some(next) = waiting.front() {
            if !next.call.is_closed() && called.len() == share {
                break;
            }
            called.extend(waiting.pop_front().and_then(Waiting::called));
        }
        if waiting.is_empty() {
            all.remove(key);
        }
        called
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<Key, VecDeque<Waiting>>> {
        self.0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
