//! The draw against the drum it stands for, and what must hold for every pool and seed.

use std::collections::BTreeSet;

use fairplate_verifier::{
    Digest,
    draw::{Outcome, draw_scored},
    pool::{PoolError, PoolWriter},
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

/// One block of RFC 8439's cipher (§2.3) with nonce 0, word by word and without any trick: what the
/// back-ends for this or that processor must agree with.
fn plain_block(key: Digest, counter: u32) -> [u8; 64] {
    let mut words = [0_u32; 16];
    words[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
    for (word, bytes) in words[4..].iter_mut().zip(key.0.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    words[12] = counter;
    let first = words;
    for _ in 0..10 {
        for column in 0..4 {
            quarter_round(&mut words, [column, column + 4, column + 8, column + 12]);
        }
        for column in 0..4 {
            let diagonal = [0, 1, 2, 3].map(|row| row * 4 + (column + row) % 4);
            quarter_round(&mut words, diagonal);
        }
    }
    let mut bytes = [0; 64];
    for (place, bytes) in bytes.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        *bytes = words[place].wrapping_add(first[place]).to_le_bytes();
    }
    bytes
}

fn quarter_round(words: &mut [u32; 16], [a, b, c, d]: [usize; 4]) {
    for (sum, summand, turned, by) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
        words[sum] = words[sum].wrapping_add(words[summand]);
        words[turned] = (words[turned] ^ words[sum]).rotate_left(by);
    }
}

fn plain_score(key: Digest, ticket: u64) -> u64 {
    let counter = u32::try_from(ticket / 8).expect("a ticket below 2³²");
    let block = plain_block(key, counter);
    let place = usize::try_from(ticket % 8).expect("a small number");
    u64::from_le_bytes(block.as_chunks::<8>().0[place])
}

proptest! {
    /// The draw takes its scores in bulk, with whatever instructions the processor has.
    #[test]
    fn every_back_end_gives_the_scores_of_the_plain_cipher(
        pool in pools(), seed: [u8; 32], ticket in 0_u64..1 << 32,
    ) {
        let key = Digest(seed);
        prop_assert_eq!(score(key, ticket), plain_score(key, ticket));
        for place in draw(&pool, key, u64::MAX, 0).places {
            let ticket = place.serial - 1;
            prop_assert_eq!(place.score, plain_score(key, ticket));
            prop_assert_eq!(place.score, score(key, ticket));
        }
    }

    /// A pool has one order. Any other gives no other draw but a refusal that names the line.
    #[test]
    fn a_pool_in_another_order_is_refused(
        rows in pools().prop_flat_map(|pool| Just(pool).prop_shuffle()), seed: [u8; 32],
    ) {
        let lines: Vec<String> = rows
            .iter()
            .map(|(code, weight)| format!("{code},{weight}\n"))
            .collect();
        let drawn = draw_scored(lines.concat().as_bytes(), Digest(seed), 5, 5);
        let unsorted = rows.windows(2).position(|pair| pair[0].0 >= pair[1].0);
        match (drawn, unsorted) {
            (Ok((outcome, _)), None) => {
                prop_assert_eq!(outcome.places, draw(&rows, Digest(seed), 5, 5).places);
            }
            (Err(PoolError::Line { line, .. }), Some(place)) => {
                prop_assert_eq!(line, place as u64 + 2);
            }
            (drawn, unsorted) => prop_assert!(false, "{:?} for {:?}", drawn, unsorted),
        }
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

/// The chance of each order in which weights can be drawn: the next one by its share of what is left.
fn orders(weights: &[f64], drawn: &[usize], chance: f64) -> Vec<(Vec<usize>, f64)> {
    let left = |place: &usize| !drawn.contains(place);
    let places: Vec<usize> = (0..weights.len()).filter(left).collect();
    let total: f64 = places.iter().map(|place| weights[*place]).sum();
    if places.is_empty() {
        return vec![(drawn.to_vec(), chance)];
    }
    let after = |place: &usize| {
        let drawn = [drawn, &[*place]].concat();
        orders(weights, &drawn, chance * weights[*place] / total)
    };
    places.iter().flat_map(after).collect()
}

/// All 24 orders of four applicants, not only who wins: over ten thousand seeds they come as often
/// as successive sampling says, by the sum of squares that exceeds 60 once in 25,000 times.
#[test]
fn places_are_as_frequent_as_successive_sampling_says() {
    let weights = [1_u16, 2, 3, 5];
    let pool: Pool = ["A", "B", "C", "D"]
        .into_iter()
        .zip(weights)
        .map(|(code, weight)| (code.to_owned(), weight))
        .collect();
    let expected = orders(&weights.map(f64::from), &[], 1.0);
    assert_eq!(expected.len(), 24);
    let sum: f64 = expected.iter().map(|(_, chance)| chance).sum();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    let seeds = 10_000_u32;
    let mut seen = vec![0.0; expected.len()];
    for seed in 0..seeds {
        let outcome = draw(&pool, Digest::of(&seed.to_le_bytes()), 4, 0);
        let owner = |code: &str| pool.iter().position(|one| one.0 == code);
        let order: Option<Vec<usize>> = outcome
            .places
            .iter()
            .map(|place| owner(place.code.as_ref()))
            .collect();
        let order = order.expect("everybody of the pool");
        let place = expected.iter().position(|one| one.0 == order);
        seen[place.expect("an order of four")] += 1.0;
    }
    let squares = seen.iter().zip(&expected).map(|(seen, (_, chance))| {
        let mean = chance * f64::from(seeds);
        (seen - mean).powi(2) / mean
    });
    let sum: f64 = squares.sum();
    assert!(sum < 60.0, "{sum}: {seen:?}");
}
