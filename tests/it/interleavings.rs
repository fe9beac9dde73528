//! Everybody at once: two officers, contributors, the witness, the beacon, whoever carries records to
//! their key, the clock and crashes in any order, against the real services. After every step no draw
//! has two results, phases have only gone forward, whatever is public verifies and stands in the public
//! log, and the audit trail is whole.
//!
//! The stories are the same every time; `FAIRPLATE_TEST_STORIES` asks for more of them, and
//! `FAIRPLATE_TEST_SEED` for others.

mod checks;
mod moves;
mod world;

use std::{cell::RefCell, collections::BTreeSet};

use fairplate::{domain::phase::record_kind_name, store};
use fairplate_tests::{
    TestCity,
    air_gap::Key,
    city::{Remains, run},
    database::Kind,
    settings,
    stages::places,
};
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, RngAlgorithm, TestRng, TestRunner},
};

use checks::Past;
use world::World;

/// What two officers agree on.
#[derive(Clone, Copy, Debug)]
enum What {
    Freeze,
    Announce,
    Void,
    Amend,
    Trust,
}

/// What an officer does about a proposal.
#[derive(Clone, Copy, Debug)]
enum How {
    Approve,
    /// With another digest than that of any proposal.
    ApproveUnread,
    /// With the digest of an earlier proposal.
    ApproveStale,
    Refuse,
    Withdraw,
}

/// How it stands with the witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Road {
    Up,
    Down,
    /// It cosigns, and its answer comes too late.
    Slow,
    Refusing,
}

/// How it stands with the beacon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Arrives,
    Halted,
    Lies,
}

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
enum Move {
    Propose {
        officer: usize,
        what: What,
    },
    Decide {
        officer: usize,
        how: How,
    },
    /// One proposes, and the other one approves at once.
    Agree {
        what: What,
    },
    Reveal {
        contributor: usize,
        is_right: bool,
    },
    Close {
        officer: usize,
        brings: u8,
        is_right: bool,
    },
    Finish {
        officer: usize,
    },
    Resume,
    /// The record that waits is signed, and the file kept.
    Sign,
    /// One of the files that were kept is brought back.
    Import {
        which: usize,
    },
    /// The record that waits is given up.
    Drop,
    /// The settings name another witness from now on, and the process is started again.
    Offer,
    Witness(Road),
    Beacon(Source),
    Wait(i64),
    /// The process dies after so many effects of what happens next.
    Crash {
        effects: usize,
    },
    /// Both officers, the witness and the beacon do what comes next, at its time.
    Next,
}

const DAY: i64 = 86_400;

fn one_move() -> impl Strategy<Value = Move> {
    let officer = 0..2_usize;
    let what = prop_oneof![
        Just(What::Freeze),
        Just(What::Announce),
        Just(What::Void),
        Just(What::Amend),
        Just(What::Trust),
    ];
    let how = prop_oneof![
        4 => Just(How::Approve),
        1 => Just(How::ApproveUnread),
        1 => Just(How::ApproveStale),
        1 => Just(How::Refuse),
        1 => Just(How::Withdraw),
    ];
    let road = prop_oneof![
        3 => Just(Road::Up),
        1 => Just(Road::Down),
        1 => Just(Road::Slow),
        1 => Just(Road::Refusing),
    ];
    let source = prop_oneof![
        2 => Just(Source::Arrives),
        1 => Just(Source::Halted),
        1 => Just(Source::Lies),
    ];
    let secs = prop_oneof![
        6 => prop_oneof![Just(30_i64), Just(61), Just(130), Just(400)],
        1 => Just(3_700_i64),
        1 => Just(DAY),
        1 => Just(-DAY),
    ];
    prop_oneof![
        3 => (officer.clone(), what.clone())
            .prop_map(|(officer, what)| Move::Propose { officer, what }),
        2 => what.prop_map(|what| Move::Agree { what }),
        3 => (officer.clone(), how).prop_map(|(officer, how)| Move::Decide { officer, how }),
        2 => (0..2_usize, any::<bool>())
            .prop_map(|(contributor, is_right)| Move::Reveal { contributor, is_right }),
        2 => (officer.clone(), 0..4_u8, prop::bool::weighted(0.8)).prop_map(
            |(officer, brings, is_right)| Move::Close { officer, brings, is_right }
        ),
        2 => officer.prop_map(|officer| Move::Finish { officer }),
        1 => Just(Move::Resume),
        2 => Just(Move::Sign),
        2 => (0..8_usize).prop_map(|which| Move::Import { which }),
        1 => Just(Move::Drop),
        1 => Just(Move::Offer),
        2 => road.prop_map(Move::Witness),
        1 => source.prop_map(Move::Beacon),
        3 => secs.prop_map(Move::Wait),
        3 => (1..14_usize).prop_map(|effects| Move::Crash { effects }),
        4 => Just(Move::Next),
    ]
}

/// Tells a story; gives the kinds of what was recorded in it.
async fn tell(before: &Remains, story: &[Move]) -> BTreeSet<&'static str> {
    let mut world = World::begin(before.copy().await.open().await);
    let mut past = Past::default();
    for (step, it) in story.iter().enumerate() {
        let told = world.act(*it).await;
        past.check(&world)
            .await
            .unwrap_or_else(|broken| panic!("after step {step}, {it:?}, {told}: {broken}"));
    }
    world.put_right().await;
    past.check(&world)
        .await
        .unwrap_or_else(|broken| panic!("at the end: {broken}"));
    let app = &world.city.app;
    let records = store::records::list(&app.db, app.city).await;
    let records = records.expect("records").into_iter();
    records.map(|row| record_kind_name(row.kind)).collect()
}

fn tell_all(kind: &Kind, key: Key, stories: u32, seed: u64) -> BTreeSet<&'static str> {
    let config = Config {
        cases: stories,
        max_shrink_iters: 60,
        failure_persistence: None::<Box<FileFailurePersistence>>.map(|file| file as _),
        ..Config::default()
    };
    let before = run(async {
        let city = TestCity::with_its_key(key, kind).await;
        city.reviewed(5, places(2, 1)).await;
        city.into_remains().await
    });
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let stories = prop::collection::vec(one_move(), 10..40);
    let recorded = RefCell::new(BTreeSet::new());
    let told = TestRunner::new_with_rng(config, rng).run(&stories, |story| {
        recorded.borrow_mut().extend(run(tell(&before, &story)));
        Ok(())
    });
    let place = format!("FAIRPLATE_TEST_SEED={seed} on {kind:?}, key {key:?}");
    told.unwrap_or_else(|failed| panic!("{place}: {failed}"));
    recorded.into_inner()
}

#[test]
fn whatever_everybody_does_in_whichever_order_a_draw_has_one_result_and_verifies() {
    let (stories, seed) = (settings::stories(), settings::seed().unwrap_or(1));
    for key in [Key::Here, Key::OffLine] {
        let recorded = tell_all(&Kind::Sqlite, key, stories, seed);
        let kinds = ["amend", "announce", "close", "keys", "result", "void"];
        assert_eq!(recorded, kinds.into(), "key {key:?}: a story of each");
        if let Some(url) = settings::find_postgres() {
            tell_all(&Kind::Postgres(url), key, stories.div_ceil(4), seed + 1);
        }
    }
}
