//! People who look their results up without a pause while something breaks, and know what they have to
//! be told.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::server::Server;

/// How long anybody waits for the crowd to go on.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often it is looked whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A look-up, and the answer to it before anything broke.
type Known = (String, Vec<u8>);

/// The crowd in front of one node. It goes home when it is dropped.
pub struct Crowd {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
    slowest: Arc<Mutex<Duration>>,
    complaints: Arc<Mutex<Vec<String>>>,
    people: Vec<JoinHandle<()>>,
}

impl Crowd {
    /// One person for each path, who has just been told the right answer.
    pub async fn gather(server: &Server, paths: &[String]) -> Self {
        let mut crowd = Self {
            stop: Arc::default(),
            asked: Arc::default(),
            slowest: Arc::default(),
            complaints: Arc::default(),
            people: Vec::new(),
        };
        for path in paths {
            let (status, answer) = server.get(path).await;
            assert_eq!(status, 200, "{path}");
            let person = crowd.person(server.address(), (path.clone(), answer));
            crowd.people.push(person);
        }
        crowd
    }

    fn person(&self, address: SocketAddr, (path, known): Known) -> JoinHandle<()> {
        let (stop, asked) = (Arc::clone(&self.stop), Arc::clone(&self.asked));
        let (slowest, complaints) = (Arc::clone(&self.slowest), Arc::clone(&self.complaints));
        thread::spawn(move || {
            let client = ureq::Agent::new_with_defaults();
            while !stop.load(Ordering::Relaxed) {
                let began = Instant::now();
                let answer = client.get(format!("http://{address}{path}")).call();
                let answer = answer.and_then(|mut answer| answer.body_mut().read_to_vec());
                let took = began.elapsed();
                match answer {
                    Ok(answer) if answer == known => {}
                    other => {
                        let complaint = format!("{path}: {other:?}");
                        complaints.lock().expect("no panic").push(complaint);
                    }
                }
                let mut slowest = slowest.lock().expect("no panic");
                *slowest = took.max(*slowest);
                drop(slowest);
                asked.fetch_add(1, Ordering::Relaxed);
            }
        })
    }

    /// Returns when every one of the crowd could have asked so many times more.
    pub async fn go_on(&self, times: u64) {
        let until = self.asked.load(Ordering::Relaxed) + times * self.people.len() as u64;
        let began = Instant::now();
        while self.asked.load(Ordering::Relaxed) < until {
            assert!(began.elapsed() < PATIENCE, "nobody is answered any more");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The slowest look-up since this was asked last.
    #[must_use]
    pub fn slowest(&self) -> Duration {
        std::mem::take(&mut *self.slowest.lock().expect("no panic"))
    }

    /// Begins to look for the slowest look-up anew.
    pub fn forget_slowest(&self) {
        *self.slowest.lock().expect("no panic") = Duration::ZERO;
    }

    /// Sends everybody home, of whom nobody may have been told anything else than before; gives how
    /// often they asked.
    #[must_use]
    pub fn send_home(mut self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        for person in self.people.drain(..) {
            person.join().expect("an end");
        }
        let complaints = self.complaints.lock().expect("no panic");
        assert!(
            complaints.is_empty(),
            "{} complaints, the first: {}",
            complaints.len(),
            complaints[0]
        );
        self.asked.load(Ordering::Relaxed)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Says what a fault cost, for `docs/guide/operator/faults.md`. It depends on the machine and on what else
/// that does, so that no test asserts it.
pub fn measured(fault: &str, slowest: Duration, healthy_after: Duration) {
    let (slowest, healthy_after) = (slowest.as_secs_f64() * 1e3, healthy_after.as_secs_f64());
    eprintln!(
        "measured: {fault}: slowest look-up {slowest:.1} ms, everything again after {healthy_after:.2} s"
    );
}
