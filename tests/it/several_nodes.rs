//! A city on two nodes behind nginx: what whoever looks up a result notices of nodes that die and are
//! started again, which is nothing.

use std::{
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
};

use chrono::{SecondsFormat, TimeDelta};
use fairplate::{
    clock::{Clock as _, SystemClock},
    domain::code::ApplicationCode,
};
use fairplate_tests::{
    city::{databases, run},
    database::TestDatabase,
    operator::{Operator, PASSPHRASE},
    topology::{Topology, until},
};
use serde_json::Value;

/// The people of [`Operator::with_a_pool`].
fn codes() -> [String; 2] {
    [271_828_182_845, 31_415_926_535].map(|number| ApplicationCode::from_number(number).to_string())
}

/// A city whose draw waits for its round, on PostgreSQL; the beacon is its own.
fn closed(url: &str) -> Operator {
    let mut operator = Operator::in_an_empty_folder();
    operator.url = Some(url.to_owned());
    let operator = operator.with_a_pool();
    let settings = operator.path().join("fairplate.toml");
    let text = fs::read_to_string(&settings).expect("settings");
    let text = text.replace("source = \"relays\"\nurls = []", "source = \"own\"")
        + "\n[http]\ntrusted_proxies = [\"127.0.0.1/32\"]\n\n[http.limits]\n\
           address = { burst = 100000000, per_second = 100000000 }\n\
           look_ups = { burst = 100000000, per_second = 100000000 }\n";
    fs::write(settings, text).expect("written");
    // On a slow machine the announcement alone takes some seconds.
    let closes = SystemClock.now() + TimeDelta::seconds(30);
    let closes = closes.to_rfc3339_opts(SecondsFormat::Secs, true);
    operator.agreed(&format!(
        "draw announce 202606 --window-secs 1 --margin-secs 1 --closes-at {closes}"
    ));
    operator.done("draw close 202606");
    operator
}

/// Finishes the draw as soon as its round has come.
fn finish(operator: &Operator) {
    until("the round comes", || {
        let mut command = operator.command("draw finish 202606");
        let output = command.env("FAIRPLATE_PASSPHRASE", PASSPHRASE).output();
        let output = output.expect("fairplate runs");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success() || errors.contains("TOO_EARLY"),
            "{output:?}"
        );
        output.status.success().then_some(())
    });
}

/// What whoever asks saw of one code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    is_published: bool,
    epoch: i64,
}

/// One look-up through nginx, or why it failed.
fn look_up(client: &ureq::Agent, address: &str, code: &str) -> Result<Seen, String> {
    let answer = client.get(format!("{address}/result/202606/{code}")).call();
    let mut answer = answer.map_err(|cause| cause.to_string())?;
    let epoch = answer.headers().get("x-fairplate-epoch");
    let epoch = epoch.and_then(|epoch| epoch.to_str().ok()?.parse().ok());
    let text = answer
        .body_mut()
        .read_to_string()
        .map_err(|cause| cause.to_string())?;
    let body: Value = serde_json::from_str(&text).map_err(|cause| format!("{cause}: {text}"))?;
    Ok(Seen {
        is_published: body["outcome"] != "NOT_PUBLISHED",
        epoch: epoch.ok_or("no epoch")?,
    })
}

/// People who look results up, without a pause, until they are told to stop.
struct Crowd {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
    complaints: Arc<Mutex<Vec<String>>>,
    people: Vec<JoinHandle<Seen>>,
}

impl Crowd {
    /// Two who ask for their own code again and again, and two who ask for others' once each.
    fn gather(address: &str) -> Self {
        let mut crowd = Self {
            stop: Arc::default(),
            asked: Arc::default(),
            complaints: Arc::default(),
            people: Vec::new(),
        };
        let next = Arc::new(AtomicU32::new(0));
        for own in codes().into_iter().map(Some).chain([None, None]) {
            crowd.people.push(crowd.somebody(address, own, &next));
        }
        crowd
    }

    fn somebody(
        &self,
        address: &str,
        own: Option<String>,
        next: &Arc<AtomicU32>,
    ) -> JoinHandle<Seen> {
        let (stop, asked) = (Arc::clone(&self.stop), Arc::clone(&self.asked));
        let (complaints, next) = (Arc::clone(&self.complaints), Arc::clone(next));
        let address = address.to_owned();
        thread::spawn(move || {
            let client: ureq::Agent = ureq::Agent::config_builder().build().into();
            let mut last = Seen {
                is_published: false,
                epoch: 0,
            };
            while !stop.load(Ordering::Relaxed) {
                let code = own.clone().unwrap_or_else(|| {
                    let number = 1_000 + next.fetch_add(1, Ordering::Relaxed);
                    ApplicationCode::from_number(number.into()).to_string()
                });
                let complain = |text| complaints.lock().expect("no panic").push(text);
                match look_up(&client, &address, &code) {
                    Err(cause) => complain(cause),
                    Ok(seen) if own.is_some() && seen < last => {
                        complain(format!("{seen:?} after {last:?}"));
                    }
                    Ok(seen) => last = seen,
                }
                asked.fetch_add(1, Ordering::Relaxed);
            }
            last
        })
    }

    /// Returns when so many more were answered.
    fn go_on(&self, count: u64) {
        let before = self.asked.load(Ordering::Relaxed);
        until("the crowd goes on asking", || {
            (before + count <= self.asked.load(Ordering::Relaxed)).then_some(())
        });
    }

    /// Sends everybody home; gives what they saw last, and what they complained of.
    fn send_home(self) -> (Vec<Seen>, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        let people = self.people.into_iter();
        let seen = people.map(|one| one.join().expect("an end")).collect();
        let complaints = self.complaints.lock().expect("no panic").clone();
        (seen, complaints)
    }
}

#[test]
fn nodes_die_and_are_started_again_and_a_result_comes_out_and_no_look_up_fails() {
    for kind in databases().into_iter().skip(1) {
        let folder = tempfile::tempdir().expect("a folder");
        let database = run(TestDatabase::create(&kind, folder.path()));
        let operator = closed(database.url());
        let topology = Topology::start(&operator);
        let crowd = Crowd::gather(topology.address());

        crowd.go_on(100);
        for node in [1, 2] {
            assert!(0 < topology.answered(node), "node {node} is asked");
        }
        topology.kill(2);
        crowd.go_on(200);
        topology.start_again(2);
        until("node 2 is asked again", || {
            (0 < topology.answered(2)).then_some(())
        });
        thread::scope(|scope| {
            scope.spawn(|| finish(&operator));
            topology.roll();
        });
        crowd.go_on(200);
        let told = until("everybody is told", || {
            let told = codes()
                .map(|code| look_up(&ureq::Agent::new_with_defaults(), topology.address(), &code));
            let is_out =
                |one: &Result<Seen, String>| one.as_ref().is_ok_and(|seen| seen.epoch == 1);
            told.iter().all(is_out).then_some(told)
        });
        crowd.go_on(100);
        let (seen, complaints) = crowd.send_home();

        assert_eq!(complaints, [""; 0]);
        assert!(
            told.iter().flatten().all(|one| one.is_published),
            "{told:?}"
        );
        let out = Seen {
            is_published: true,
            epoch: 1,
        };
        assert!(seen.iter().all(|last| *last == out), "{seen:?}");
        drop(topology);
    }
}
