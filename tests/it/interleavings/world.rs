//! A city in which a draw is led by whoever comes first.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use chrono::TimeDelta;
use entity::{approval, draw};
use fairplate::{
    App, Error, Result,
    app::{Effect, Observer, Unobserved},
    beacon::{Beacon, Carried, Limits, Relays},
    service::approvals::{self, Action},
    store,
    witness::{Cosign, Submission, Witness, WitnessError},
};
use fairplate_tests::{
    TestCity,
    ceremony::{self, Reveals, Sealing, Terms, digest_of, sign_in},
    check_publication, keys,
    relay::{RECORDED_ROUND, Relay},
    stages::{ANNOUNCE_AT, BALL_MACHINE, CONTRIBUTORS, PERIOD},
    unheard::Unheard,
};
use futures_util::FutureExt as _;
use sea_orm::EntityTrait as _;
use verifier::{note::VerifierKey, record::commitment};

use super::{How, Move, Road, Source, What};

/// The two officers.
const OFFICERS: [&str; 2] = ["zhou", "qian"];

/// How long an announcement stands, and how far a record lies before the round; seconds.
const SHORT: u64 = 60;

/// The city, and how it stands with those outside.
pub(super) struct World {
    pub(super) city: TestCity,
    road: Road,
    source: Source,
    liar: Relay,
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
            other => return self.step(other).await,
        }
        String::new()
    }

    async fn step(&mut self, it: Move) -> String {
        if matches!(it, Move::Next) {
            (self.road, self.source) = (Road::Up, Source::Arrives);
            self.to_the_next_time().await;
        }
        let (app, may_die) = (self.app(), self.dies_after.take().is_some());
        let taken = AssertUnwindSafe(take(&app, it)).catch_unwind().await;
        let Ok(taken) = taken else {
            assert!(may_die, "a step panicked");
            self.start_again().await;
            return "crashed".to_owned();
        };
        match taken {
            Ok(()) => "done".to_owned(),
            Err(fault @ (Error::Internal(_) | Error::NotSetUp(_))) => {
                panic!("{it:?}: {fault}: {fault:?}")
            }
            Err(refusal) => refusal.to_string(),
        }
    }

    /// Another process serves the city, and makes good what it can, as `serve` does.
    async fn start_again(&mut self) {
        self.city.app = self.city.another_node(None).await;
        match ceremony::recover(&self.app()).await {
            Ok(()) | Err(Error::Unavailable { .. } | Error::TooLate { .. }) => {}
            Err(fault) => panic!("a start fails: {fault}: {fault:?}"),
        }
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

/// The draw of the period that was made last.
async fn newest(app: &App) -> Option<draw::Model> {
    let (purpose, id) = (draw::Purpose::Allocation, app.city);
    let draws = store::draws::list_of_period(&app.db, id, PERIOD, purpose).await;
    draws.expect("draws").into_iter().next()
}

async fn newest_id(app: &App) -> String {
    let row = newest(app).await;
    row.map_or_else(|| PERIOD.to_owned(), |row| row.id)
}

async fn take(app: &App, it: Move) -> Result<()> {
    match it {
        Move::Propose { officer, what } => {
            let officer = sign_in(app, OFFICERS[officer]).await;
            let action = action(app, what).await;
            approvals::propose(app, &officer, action).await.map(drop)
        }
        Move::Decide { officer, how } => decide(app, OFFICERS[officer], how).await,
        Move::Reveal {
            contributor,
            is_right,
        } => {
            let (name, secret) = CONTRIBUTORS[contributor];
            let secret = if is_right { secret } else { [9; 32] };
            let id = newest_id(app).await;
            let revealed = fairplate::service::ceremony::reveal(app, &id, name, &secret);
            revealed.await.map(drop)
        }
        Move::Close {
            officer,
            brings,
            is_right,
        } => {
            let officer = sign_in(app, OFFICERS[officer]).await;
            let id = newest_id(app).await;
            let closed = ceremony::close(app, &officer, &id, reveals(brings, is_right));
            closed.await.map(drop)
        }
        Move::Finish { officer } => {
            let officer = sign_in(app, OFFICERS[officer]).await;
            let id = newest_id(app).await;
            ceremony::finish(app, &officer, &id).await.map(drop)
        }
        Move::Next => next(app).await,
        _ => ceremony::recover(app).await,
    }
}

/// What comes next, done by both.
async fn next(app: &App) -> Result<()> {
    match ceremony::recover(app).await {
        Err(Error::TooLate { .. }) => {}
        recovered => recovered?,
    }
    refuse_what_waits(app).await?;
    let officer = sign_in(app, OFFICERS[0]).await;
    let row = newest(app).await;
    let id = newest_id(app).await;
    let done = match row.map(|row| row.phase) {
        None | Some(draw::Phase::Voided) => ceremony::freeze(app, &officer, PERIOD).await,
        Some(draw::Phase::Frozen) => ceremony::announce(app, &officer, &id, terms(app, &id)).await,
        Some(draw::Phase::Announced) => ceremony::close(app, &officer, &id, reveals(3, true)).await,
        Some(draw::Phase::Closed | draw::Phase::Finished) => {
            ceremony::finish(app, &officer, &id).await
        }
    };
    done.map(drop)
}

/// What one of the two has proposed before is refused by the other one, so that both agree anew.
async fn refuse_what_waits(app: &App) -> Result<()> {
    for row in approval::Entity::find().all(&app.db).await.expect("rows") {
        let proposer = &row.proposed_by;
        let other = OFFICERS.iter().find(|name| *name != proposer);
        let other = sign_in(app, other.expect("one of the two")).await;
        approvals::refuse(app, &other.approver(), row.id).await?;
    }
    Ok(())
}

fn terms(app: &App, draw: &str) -> Terms {
    let sealed = CONTRIBUTORS.iter().map(|(name, secret)| Sealing {
        name: (*name).to_owned(),
        commitment: commitment(keys::ORIGIN, draw, name, secret),
    });
    Terms {
        sealed: sealed.collect(),
        open: vec![BALL_MACHINE.to_owned()],
        window_secs: SHORT,
        margin_secs: SHORT,
        closes_at: app.clock.now() + TimeDelta::seconds(200),
        chain: None,
        round: None,
    }
}

/// The secrets of those whose bit is set.
fn reveals(brings: u8, is_right: bool) -> Reveals {
    let brought = CONTRIBUTORS
        .iter()
        .enumerate()
        .filter(|(place, _)| brings & (1 << place) != 0)
        .map(|(_, (name, secret))| {
            let secret = if is_right { *secret } else { [9; 32] };
            ((*name).to_owned(), secret)
        });
    Reveals {
        sealed: brought.collect(),
        open: vec![(BALL_MACHINE.to_owned(), "374478".to_owned())],
    }
}

async fn action(app: &App, what: What) -> Action {
    let draw = newest_id(app).await;
    match what {
        What::Freeze => Action::FreezePeriod {
            period: PERIOD.to_owned(),
        },
        What::Announce => Action::AnnounceDraw {
            terms: terms(app, &draw),
            draw,
        },
        What::Void => Action::VoidDraw {
            draw,
            reason: "the hall was flooded".to_owned(),
        },
    }
}

async fn decide(app: &App, officer: &str, how: How) -> Result<()> {
    let mut rows = approval::Entity::find().all(&app.db).await.expect("rows");
    rows.sort_by_key(|row| row.proposed_at);
    let Some(newest) = rows.last() else {
        return Ok(());
    };
    let officer = sign_in(app, officer).await;
    let mut digest = digest_of(newest);
    match how {
        How::Approve => {}
        How::ApproveUnread => digest[0] ^= 1,
        How::ApproveStale => digest = digest_of(&rows[0]),
        How::Refuse => {
            return approvals::refuse(app, &officer.approver(), newest.id)
                .await
                .map(drop);
        }
        How::Withdraw => {
            return approvals::withdraw(app, &officer, newest.id)
                .await
                .map(drop);
        }
    }
    let decided = approvals::approve(app, &officer.approver(), newest.id, digest).await;
    decided.map(drop)
}
