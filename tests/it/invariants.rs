//! What is true of a city whatever happens in it (domain, invariants 1 to 12 and 22 to 25, as far as
//! they are built): random sequences of what citizens, officers and the calendar do, with every
//! invariant looked at after every step.
//!
//! An operation that cannot be done where the city stands is refused by it, and that is fine: the
//! refusal has to leave every invariant as true as it was.

mod checks;
mod draws;
mod world;

use fairplate::{service::trail, store};
use fairplate_tests::{TestCity, check_publication, city::run, database::Kind};
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, TestRunner},
};

use checks::Past;
use world::{VETERANS, World};

/// How many different stories are told. Each leads several periods to their results.
const STORIES: u32 = 6;

/// People of a story; few, so that they meet themselves again.
const PEOPLE: u32 = 5;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Operation {
    /// A person applies.
    Apply { person: u32, joins_tier: bool },
    /// A person cancels the application they have.
    Cancel { person: u32 },
    /// A person joins the tier.
    JoinTier { person: u32 },
    /// An officer decides on a person's application.
    Review { person: u32, approves: bool },
    /// The open period is led to its result, and the next one opens.
    Draw {
        quota: u32,
        carried_over: u32,
        is_voided_first: bool,
        days_late: i64,
    },
    /// A tier period is led from its opening to its result.
    TierDraw { quota: u32 },
    /// An officer moves the days of the open period by so many days.
    Move {
        draw_by: i64,
        representatives_by: i64,
    },
    /// A person's certificate is used.
    Use { person: u32 },
    /// A person gives their certificate back.
    Surrender { person: u32 },
    /// Days pass.
    Wait { days: i64 },
    /// The city does by itself what is due.
    Calendar,
}

fn operation() -> impl Strategy<Value = Operation> {
    let person = 0..PEOPLE + u32::try_from(VETERANS.len()).expect("few");
    prop_oneof![
        4 => (person.clone(), any::<bool>())
            .prop_map(|(person, joins_tier)| Operation::Apply { person, joins_tier }),
        1 => person.clone().prop_map(|person| Operation::Cancel { person }),
        1 => person.clone().prop_map(|person| Operation::JoinTier { person }),
        2 => (person.clone(), any::<bool>())
            .prop_map(|(person, approves)| Operation::Review { person, approves }),
        3 => (1..4_u32, 0..3_u32, prop::bool::weighted(0.2), 0..7_i64).prop_map(
            |(quota, carried_over, is_voided_first, days_late)| Operation::Draw {
                quota,
                carried_over,
                is_voided_first,
                days_late,
            }
        ),
        1 => (1..3_u32).prop_map(|quota| Operation::TierDraw { quota }),
        1 => (-5..9_i64, -5..9_i64).prop_map(|(draw_by, representatives_by)| Operation::Move {
            draw_by,
            representatives_by,
        }),
        1 => person.clone().prop_map(|person| Operation::Use { person }),
        1 => person.prop_map(|person| Operation::Surrender { person }),
        2 => (0..400_i64).prop_map(|days| Operation::Wait { days }),
        1 => Just(Operation::Calendar),
    ]
}

/// A story begins with people who apply and others who join the tier, and has a tier draw somewhere,
/// so that neither draw is of an empty pool.
fn story() -> impl Strategy<Value = Vec<Operation>> {
    let applying = (0..PEOPLE).map(|person| Operation::Apply {
        person,
        joins_tier: person % 2 == 0,
    });
    let joining = (PEOPLE..)
        .take(VETERANS.len())
        .map(|person| Operation::JoinTier { person });
    let beginning: Vec<_> = applying.chain(joining).collect();
    let rest = prop::collection::vec(operation(), 8..24);
    (rest, 0..8_usize, 1..3_u32).prop_map(move |(mut rest, place, quota)| {
        rest.insert(place, Operation::TierDraw { quota });
        let mut story = beginning.clone();
        story.extend(rest);
        story
    })
}

async fn tell(story: &[Operation]) {
    let city = TestCity::create("hangzhou-2018", &Kind::Sqlite).await;
    let mut world = World::begin(&city).await;
    let mut past = Past::default();
    for (step, operation) in story.iter().enumerate() {
        world.act(operation).await;
        past.check(&world)
            .await
            .unwrap_or_else(|broken| panic!("after step {step}, {operation:?}: {broken}"));
    }
    check_publication(&city).await;
    check_trail(&city).await;
}

/// The audit trail is a chain, and every record of the story names a place in it.
async fn check_trail(city: &TestCity) {
    let (db, id) = (&city.app.db, city.app.city);
    let pinned = city.app.signers().expect("keys").records.first().clone();
    let checked = trail::check(db, id, &pinned, &[], &mut |_, _| {}).await;
    let verified = checked.expect("checked").expect("signed by the city");
    assert_eq!(verified.fault, None);
    let records = store::records::count(db, id).await.expect("counted");
    assert_eq!(verified.compared, records);
}

#[test]
fn whatever_happens_in_a_city_its_invariants_hold() {
    let config = Config {
        cases: STORIES,
        max_shrink_iters: 20,
        failure_persistence: None::<Box<FileFailurePersistence>>.map(|file| file as _),
        ..Config::default()
    };
    let told = TestRunner::new(config).run(&story(), |story| {
        run(tell(&story));
        Ok(())
    });
    told.expect("every story");
}
