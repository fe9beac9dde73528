//! The draw against the drum it stands for, and what must hold for every pool and seed.

use std::collections::BTreeSet;

use fairplate_verifier::{
    Digest,
    draw::{Outcome, draw_scored},
    pool::PoolWriter,
    root::FileSummary,
    score::score,
};
use proptest::prelude::*;

type Pool = Vec<(String, u16)>;

fn pools() -> impl Strategy<Value = Pool> {
    let weight = prop_oneof![8 => 1_u16..13, 1 => 1_u16..2_000];
    proptest::collection::btree_map("[0-9A-Z]{1,6}", weight, 0..60)
        .prop_map(|pool| pool.into_iter().collect())
}

fn write(pool: &Pool) -> (Vec<u8>, FileSummary) {
    let mut writer = PoolWriter::new(Vec::new());
    for (code, weight) in pool {
        writer.push(code, *weight).expect("an ascending pool");
    }
    writer.finish().expect("memory does not fail")
}

fn draw(pool: &Pool, key: Digest, quota: u64, reserve: u64) -> Outcome {
    let (file, written) = write(pool);
    let drawn = draw_scored(file.as_slice(), key, quota, reserve);
    let (outcome, read) = drawn.expect("a pool that was just written");
    assert_eq!(read, written);
    outcome
}

/// All tickets in the order of their scores; whoever owns the next one and has not won wins.
fn drum(pool: &Pool, key: Digest) -> Vec<(String, u64, u64)> {
    let owners = pool
        .iter()
        .flat_map(|(code, weight)| (0..*weight).map(move |_| code));
    let mut tickets: Vec<(u64, u64, &String)> = (0..)
        .zip(owners)
        .map(|(ticket, owner)| (score(key, ticket), ticket, owner))
        .collect();
    tickets.sort_unstable();
    let mut winners = BTreeSet::new();
    tickets
        .into_iter()
        .filter(|(_, _, owner)| winners.insert(*owner))
        .map(|(score, ticket, owner)| (owner.clone(), ticket + 1, score))
        .collect()
}

proptest! {
    #[test]
    fn the_draw_is_the_drum(
        pool in pools(), seed: [u8; 32], quota in 0_u64..70, reserve in 0_u64..20,
    ) {
        let key = Digest(seed);
        let outcome = draw(&pool, key, quota, reserve);
        let placed = usize::try_from(quota + reserve).expect("a small number");
        let expected: Vec<_> = drum(&pool, key).into_iter().take(placed).collect();
        let found: Vec<_> = outcome
            .places
            .iter()
            .map(|place| (place.code.to_string(), place.serial, place.score))
            .collect();
        prop_assert_eq!(found, expected);
        let ranks = outcome.places.iter().map(|place| place.rank);
        prop_assert!(ranks.eq(1..=outcome.places.len() as u64));
        prop_assert_eq!(outcome.winners, quota.min(pool.len() as u64));
        prop_assert_eq!(outcome.winners + outcome.reserves, outcome.places.len() as u64);
        let last = usize::try_from(outcome.winners).expect("a small number").checked_sub(1);
        let last = last.map(|last| (outcome.places[last].serial, outcome.places[last].score));
        prop_assert_eq!(outcome.cut_off.map(|cut_off| (cut_off.serial, cut_off.score)), last);
    }

    #[test]
    fn a_larger_quota_only_adds(pool in pools(), seed: [u8; 32], quota in 0_u64..70) {
        let fewer = draw(&pool, Digest(seed), quota, 0);
        let more = draw(&pool, Digest(seed), quota + 1, 0);
        prop_assert_eq!(&more.places[..fewer.places.len()], &fewer.places[..]);
    }

    #[test]
    fn a_reserve_is_who_would_have_won_next(pool in pools(), seed: [u8; 32], quota in 0_u64..70) {
        let reserve = draw(&pool, Digest(seed), quota, 5);
        let won = draw(&pool, Digest(seed), quota + 5, 0);
        prop_assert_eq!(reserve.places, won.places);
    }
}

#[test]
fn an_empty_pool_places_nobody() {
    let outcome = draw(&Vec::new(), Digest::ZERO, 10, 10);
    assert_eq!(
        (outcome.winners, outcome.reserves, outcome.cut_off),
        (0, 0, None)
    );
    assert!(outcome.places.is_empty());
}

#[test]
fn a_quota_beyond_all_counting_places_everybody() {
    let pool = vec![("A".to_owned(), 3), ("B".to_owned(), 1)];
    let outcome = draw(&pool, Digest::ZERO, u64::MAX, u64::MAX);
    assert_eq!((outcome.winners, outcome.reserves), (2, 0));
}

/// Chances of being drawn first among weights 1, 2 and 5 are 1/8, 2/8 and 5/8, and of being drawn
/// at all with two places follow by successive sampling. Ten thousand seeds must show it.
#[test]
fn winners_are_as_frequent_as_successive_sampling_says() {
    let pool = vec![
        ("A".to_owned(), 1),
        ("B".to_owned(), 2),
        ("C".to_owned(), 5),
    ];
    let weights = [1.0, 2.0, 5.0];
    let total = 8.0;
    let mut expected = [0.0; 3];
    for first in 0..3 {
        for second in (0..3).filter(|second| *second != first) {
            let chance = weights[first] / total * weights[second] / (total - weights[first]);
            expected[first] += chance;
            expected[second] += chance;
        }
    }
    let seeds = 10_000_u32;
    let mut seen = [0.0; 3];
    for seed in 0..seeds {
        let outcome = draw(&pool, Digest::of(&seed.to_be_bytes()), 2, 0);
        for place in outcome.places {
            let owner = pool
                .iter()
                .position(|(code, _)| code == place.code.as_ref());
            seen[owner.expect("somebody of the pool")] += 1.0;
        }
    }
    for (seen, expected) in seen.iter().zip(expected) {
        let mean = expected * f64::from(seeds);
        let deviation = (mean * (1.0 - expected)).sqrt();
        assert!(
            (seen - mean).abs() < 5.0 * deviation,
            "{seen} seen, {mean} expected"
        );
    }
}
