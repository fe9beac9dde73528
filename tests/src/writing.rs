//! An officer who goes on writing while the database breaks, and knows what was acknowledged.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use entity::period_move;
use sea_orm::{DatabaseConnection, EntityTrait as _};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::server::{Sent, Server};

/// The period whose day is moved: the one after that of most stories.
const LATER: &str = "202607";

/// What a program may be told that is to ask again: nothing was done, or it is not known.
const RETRYABLE: [&str; 4] = ["OUTCOME_UNKNOWN", "OVERLOADED", "TIMED_OUT", "UNAVAILABLE"];

/// How long whoever was refused waits before asking again.
const PAUSE: Duration = Duration::from_millis(10);

/// How long a test waits for something that has to come.
const PATIENCE: Duration = Duration::from_mins(1);

/// An officer moves a day back and forth, each move under a key and a reason of its own, and asks for
/// it until it is acknowledged.
pub struct Writing {
    stop: Arc<AtomicBool>,
    told: Arc<Told>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Told {
    /// Moves that were acknowledged.
    done: AtomicU64,
    /// Codes of refusals.
    codes: Mutex<BTreeSet<String>>,
}

/// Asks once for a move.
pub async fn move_a_day(server: &Server, token: &str, number: u64) -> Sent {
    // It was the 23rd.
    let day = 24 - number % 2;
    let input = json!({
        "period": LATER,
        "reviewPublishOn": format!("2026-07-{day}"),
        "reason": number.to_string(),
        "idempotencyKey": format!("move-{number:06}"),
    });
    let document = "mutation($input: MovePeriodDatesInput!) \
                    { movePeriodDates(input: $input) { period { number } } }";
    let body = json!({ "query": document, "variables": { "input": input } });
    let token = format!("Bearer {token}");
    let headers = [
        ("content-type", "application/json"),
        ("authorization", token.as_str()),
    ];
    server
        .send("POST", "/graphql", &headers, body.to_string())
        .await
}

/// Whether a move was acknowledged.
#[must_use]
pub fn is_done(sent: &Sent) -> bool {
    let body = sent.json();
    let number = body.pointer("/data/movePeriodDates/period/number");
    number == Some(&Value::from(LATER))
}

impl Writing {
    /// Begins, as the owner of a token.
    #[must_use]
    pub fn begin(server: &Arc<Server>, token: String) -> Self {
        let (stop, told) = (Arc::<AtomicBool>::default(), Arc::<Told>::default());
        let (server, stopped, tells) = (Arc::clone(server), Arc::clone(&stop), Arc::clone(&told));
        let task = tokio::spawn(async move {
            while !stopped.load(Ordering::Relaxed) {
                let sent = move_a_day(&server, &token, tells.done.load(Ordering::Relaxed)).await;
                if is_done(&sent) {
                    tells.done.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
                let code = sent.code();
                assert!(
                    RETRYABLE.contains(&code.as_str()),
                    "{}",
                    String::from_utf8_lossy(&sent.body)
                );
                tells.codes.lock().expect("no panic").insert(code);
                tokio::time::sleep(PAUSE).await;
            }
        });
        Self { stop, told, task }
    }

    /// Returns when so many more were acknowledged.
    pub async fn go_on(&self, count: u64) {
        let until = self.told.done.load(Ordering::Relaxed) + count;
        self.wait(|told| until <= told.done.load(Ordering::Relaxed))
            .await;
    }

    /// Returns when something was refused, and forgets it.
    pub async fn is_refused(&self) -> BTreeSet<String> {
        let codes = |told: &Told| told.codes.lock().expect("no panic").clone();
        self.wait(|told| !codes(told).is_empty()).await;
        std::mem::take(&mut *self.told.codes.lock().expect("no panic"))
    }

    async fn wait(&self, is_so: impl Fn(&Told) -> bool) {
        let began = Instant::now();
        while !is_so(&self.told) {
            assert!(!self.task.is_finished(), "the officer was told nonsense");
            assert!(began.elapsed() < PATIENCE, "it does not come");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Ends; every move that was acknowledged has to be there, once. Gives how many.
    pub async fn end(self, db: &DatabaseConnection) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.expect("an end");
        let done = self.told.done.load(Ordering::Relaxed);
        let moves = period_move::Entity::find().all(db).await.expect("moves");
        for number in 0..done {
            let reason = number.to_string();
            let count = moves.iter().filter(|one| one.reason == reason).count();
            assert_eq!(count, 1, "the acknowledged move {number}");
        }
        done
    }
}
