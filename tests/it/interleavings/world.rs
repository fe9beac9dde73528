//! A city in which a draw is led by whoever comes first.

use std::{
    fs,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use chrono::TimeDelta;
use entity::draw;
use fairplate::{
    App, Error,
    app::{Effect, Observer, Unobserved},
    beacon::{Beacon, Carried, Limits, Relays},
    store,
    witness::{Cosign, Submission, Witness, WitnessError},
};
use fairplate_tests::{
    TestCity, ceremony, check_publication, keys,
    relay::{RECORDED_ROUND, Relay},
    stages::ANNOUNCE_AT,
    unheard::Unheard,
};
use futures_util::FutureExt as _;
use verifier::note::VerifierKey;

use super::{
    Move, Road, Source,
    moves::{newest, sign, take},
};

/// The city, and how it stands with those outside.
pub(super) struct World {
    pub(super) city: TestCity,
    road: Road,
    source: Source,
    liar: Relay,
    /// What was signed on the machine without network.
    signed: Vec<Vec<u8>>,
    /// After how many effects the next step dies.
    dies_after: Option<usize>,
}

/// Ends a task after so many effects, as a crash ends a process.
struct Crash(AtomicUsize);

impl Observer for Crash {
    fn reached(&self, _: Effect) {
        assert!(self.0.fetch_sub(1, Ordering::SeqCst) != 1, "crashed");
    }
}

/// A witness that answers and does not want to.
struct Refusing(VerifierKey);

impl Witness for Refusing {
    fn key(&self) -> &VerifierKey {
        &self.0
    }

    fn cosign<'a>(&'a self, _: &'a Submission) -> Cosign<'a> {
        Box::pin(async {
            Err(WitnessError::Refused {
                url: "http://witness.example".to_owned(),
                status: 403,
                text: "not today".to_owned(),
            })
        })
    }
}

impl World {
    pub(super) fn begin(city: TestCity) -> Self {
        city.at(ANNOUNCE_AT);
        Self {
            city,
            road: Road::Up,
            source: Source::Arrives,
            liar: Relay::answering(RECORDED_ROUND),
            signed: Vec::new(),
            dies_after: None,
        }
    }

    /// The city as it stands with those outside.
    fn app(&self) -> App {
        let mut app = self.city.app.clone();
        let witness = Arc::clone(&app.witnesses[0]);
        app.witnesses = match self.road {
            Road::Up => [witness].into(),
            Road::Down => self.city.without_its_witness().witnesses,
            Road::Slow => [Unheard::before(&witness) as _].into(),
            Road::Refusing => [Arc::new(Refusing(witness.key().clone())) as _].into(),
        };
        let clock = Arc::clone(&app.clock);
        app.beacon = match self.source {
            Source::Arrives => app.beacon,
            Source::Halted => {
                Arc::new(Carried::new(self.city.folder().join("none"), clock)) as Arc<dyn Beacon>
            }
            Source::Lies => {
                let urls = vec![self.liar.address().to_owned()];
                Arc::new(Relays::new(urls, Limits::default(), clock))
            }
        };
        app.observer = match self.dies_after {
            Some(effects) => Arc::new(Crash(AtomicUsize::new(effects))),
            None => Arc::new(Unobserved),
        };
        app
    }

    /// Does it; says what came of it. A refusal is an outcome, a fault of ours is not.
    pub(super) async fn act(&mut self, it: Move) -> String {
        match it {
            Move::Witness(road) => self.road = road,
            Move::Beacon(source) => self.source = source,
            Move::Wait(secs) => self.city.clock.advance(secs),
            Move::Crash { effects } => self.dies_after = Some(effects),
            Move::Offer => self.offer().await,
            Move::Sign => self.signed.extend(sign(&self.city.app).await),
            other => return self.step(other).await,
        }
        String::new()
    }

    async fn step(&mut self, it: Move) -> String {
        if matches!(it, Move::Next) {
            (self.road, self.source) = (Road::Up, Source::Arrives);
            self.to_the_next_time().await;
            let dies_after = self.dies_after.take();
            if self.withdraw().await {
                self.start_again().await;
                self.offer().await;
            }
            self.dies_after = dies_after;
        }
        let (app, may_die) = (self.app(), self.dies_after.take().is_some());
        let taken = AssertUnwindSafe(take(&app, &self.signed, it));
        let taken = taken.catch_unwind().await;
        let Ok(taken) = taken else {
            assert!(may_die, "a step panicked");
            self.start_again().await;
            return "crashed".to_owned();
        };
        match taken {
            Ok(()) => "done".to_owned(),
            Err(fault @ Error::Internal(_)) => panic!("{it:?}: {fault}: {fault:?}"),
            Err(Error::NotSetUp(why)) => {
                // Of settings that name other witnesses than the log has, and nothing else.
                assert!(why.contains("witnesses"), "{it:?}: {why}");
                why
            }
            Err(refusal) => refusal.to_string(),
        }
    }

    /// Another process serves the city, and makes good what it can, as `serve` does.
    async fn start_again(&mut self) {
        self.city.app = self.city.another_node(None).await;
        match ceremony::recover(&self.app()).await {
            Ok(()) | Err(Error::Unavailable { .. } | Error::TooLate { .. }) => {}
            Err(Error::NotSetUp(why)) if why.contains("witnesses") => {}
            Err(fault) => panic!("a start fails: {fault}: {fault:?}"),
        }
    }

    /// Names another witness in the settings, once.
    async fn offer(&mut self) {
        let folder = self.city.app.layout.keys();
        if !folder.join("witness.vkey").exists() {
            keys::with_another_witness(&folder);
            self.city.app = self.city.another_node(None).await;
        }
    }

    /// Puts the settings back where nobody has agreed to others; says whether that was so.
    async fn withdraw(&mut self) -> bool {
        let (app, folder) = (&self.city.app, self.city.app.layout.keys());
        let changes = store::records::list_changes_of_keys(&app.db, app.city, i64::MAX).await;
        let is_agreed = !changes.expect("changes").is_empty();
        // Before anything is public the settings say who vouches.
        let public = fs::read_to_string(app.layout.public().join("trust.policy"));
        let is_another = public.is_ok_and(|policy| policy != app.trust.to_string());
        if is_agreed || !is_another {
            return false;
        }
        for name in ["witness.key", "witness.vkey"] {
            fs::remove_file(folder.join(name)).expect("put back");
        }
        self.city.app = self.city.another_node(None).await;
        true
    }

    /// Puts the clock where the next step of the draw is possible, if that is still to come.
    async fn to_the_next_time(&self) {
        let Some(row) = newest(&self.city.app).await else {
            return;
        };
        let Some(closes_at) = row.closes_at else {
            return;
        };
        let at = match row.phase {
            draw::Phase::Announced => closes_at + TimeDelta::seconds(1),
            draw::Phase::Closed => closes_at + TimeDelta::seconds(600),
            _ => return,
        };
        if self.city.app.clock.now() < at {
            self.city.clock.set(at);
        }
    }

    /// The witness and the beacon are there again, and somebody resumes: then all that is recorded is
    /// public, but for a draw of which it is said that it came too late.
    pub(super) async fn put_right(&mut self) {
        (self.road, self.source, self.dies_after) = (Road::Up, Source::Arrives, None);
        self.withdraw().await;
        match ceremony::recover(&self.app()).await {
            Ok(()) => check_publication(&self.city).await,
            Err(late @ Error::TooLate { .. }) => {
                let sentence = late.to_string();
                let is_told =
                    sentence.contains("say so in public") || sentence.contains("void the draw");
                assert!(is_told, "{sentence}");
            }
            Err(other) => panic!("{other}: {other:?}"),
        }
    }
}
