//! Seed, category keys and scores (D31 to D33, D40): from published bytes to one number a ticket.

use chacha20::{
    ChaCha20,
    cipher::{KeyIvInit as _, StreamCipher as _, StreamCipherSeek as _},
};

use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use crate::text::Digest;

/// The draw's seed. The operator has no say in it once `close` is fixed, and nobody before the
/// beacon has signed.
#[must_use]
pub fn seed(announce: Digest, close: Digest, beacon_signature: &[u8]) -> Digest {
    let beacon = Digest::of(beacon_signature);
    Digest::of_parts(&[b"fairplate/v1 seed\n", &announce.0, &close.0, &beacon.0])
}

/// The `ChaCha20` key of one category.
#[must_use]
pub fn category_key(seed: Digest, category: &str) -> Digest {
    Digest::of_parts(&[b"fairplate/v1 key\n", &seed.0, category.as_bytes()])
}

/// The score of one ticket, counted from 0 and below 2³² (the keystream ends at 2³⁵): the
/// ticket-th little-endian u64 of the `ChaCha20` keystream (RFC 8439) under the category's key,
/// nonce 0, counter 0.
///
/// Single tickets and the bulk of a draw go through two implementations of the cipher, so that a
/// receipt or a ticket's explanation cannot share a fault with the draw that it explains.
#[must_use]
pub fn score(key: Digest, ticket: u64) -> u64 {
    let mut words = ChaCha20Rng::from_seed(key.0);
    words.set_word_pos(u128::from(ticket) * 2);
    words.next_u64()
}

/// The keystream from a ticket's word on.
fn keystream(key: Digest, ticket: u64) -> ChaCha20 {
    let mut cipher = ChaCha20::new(&key.0.into(), &[0; 12].into());
    cipher.seek(ticket * WORD as u64);
    cipher
}

/// One ticket with its score; the lower wins, and of equals the lower ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scored {
    /// The ticket's score.
    pub score: u64,
    /// The ticket, counted from 0.
    pub ticket: u64,
}

impl Scored {
    /// Takes a later ticket when it is better; an equal score leaves the lower ticket in its place.
    #[inline]
    fn improve(&mut self, score: u64, ticket: u64) {
        if score < self.score {
            *self = Self { score, ticket };
        }
    }
}

const WORD: usize = 8;
const WORDS: usize = 4_096;

/// The scores of consecutive tickets, computed in bulk. The same numbers as [`score`].
pub(crate) struct Scores {
    cipher: ChaCha20,
    bytes: Vec<u8>,
    /// How many words of `bytes` have been given out.
    given: usize,
}

impl Scores {
    pub(crate) fn new(key: Digest, first_ticket: u64) -> Self {
        Self {
            cipher: keystream(key, first_ticket),
            bytes: vec![0; WORDS * WORD],
            given: WORDS,
        }
    }

    /// The scores of the next tickets, at least one and at most `most` of them.
    #[inline]
    pub(crate) fn next(&mut self, most: usize) -> impl Iterator<Item = u64> {
        if self.given == WORDS {
            self.cipher.write_keystream(&mut self.bytes);
            self.given = 0;
        }
        let until = WORDS.min(self.given.saturating_add(most));
        let words = &self.bytes[self.given * WORD..until * WORD];
        self.given = until;
        let (words, _) = words.as_chunks::<WORD>();
        words.iter().map(|word| u64::from_le_bytes(*word))
    }

    /// The best of the next `weight` tickets, the first of which is `first_ticket`.
    #[inline]
    pub(crate) fn best(&mut self, first_ticket: u64, weight: u16) -> Scored {
        let mut best = Scored {
            score: u64::MAX,
            ticket: first_ticket,
        };
        let mut ticket = first_ticket;
        let mut left = usize::from(weight);
        while left > 0 {
            for score in self.next(left) {
                best.improve(score, ticket);
                ticket += 1;
                left -= 1;
            }
        }
        best
    }
}

/// Every ticket of `0..tickets` with a score of at most `at_most`, in the order of tickets.
pub(crate) fn at_most(key: Digest, tickets: u64, at_most: u64, threads: usize) -> Vec<Scored> {
    let threads = u64::try_from(threads.max(1)).unwrap_or(1);
    let share = tickets.div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let starts: Vec<u64> = (0..threads).map(|thread| thread * share).collect();
        let shares: Vec<_> = starts
            .iter()
            .map(|start| (*start).min(tickets)..start.saturating_add(share).min(tickets))
            .map(|range| scope.spawn(move || range_at_most(key, range, at_most)))
            .collect();
        let mut scored = Vec::new();
        for share in shares {
            match share.join() {
                Ok(found) => scored.extend(found),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        scored
    })
}

fn range_at_most(key: Digest, tickets: std::ops::Range<u64>, at_most: u64) -> Vec<Scored> {
    let mut found = Vec::new();
    let mut scores = Scores::new(key, tickets.start);
    let mut ticket = tickets.start;
    while ticket < tickets.end {
        let left = usize::try_from(tickets.end - ticket).unwrap_or(usize::MAX);
        for score in scores.next(left) {
            if score <= at_most {
                found.push(Scored { score, ticket });
            }
            ticket += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bulk_scores_are_the_scores_of_single_tickets() {
        let key = Digest::of(b"a key");
        for first in [0_u64, 1, 7, 8, 63, 1_000_003, (1 << 32) - 20] {
            let mut scores = Scores::new(key, first);
            let bulk: Vec<u64> = scores.next(20).collect();
            let single: Vec<u64> = (first..first + 20)
                .map(|ticket| score(key, ticket))
                .collect();
            assert_eq!(bulk, single, "from {first}");
        }
    }

    #[test]
    fn the_filter_finds_every_low_ticket_on_any_number_of_threads() {
        let key = Digest::of(b"another key");
        let limit = u64::MAX / 50;
        for tickets in [0, 1, 4_095, 4_096, 4_097, 20_001] {
            let expected: Vec<Scored> = (0..tickets)
                .map(|ticket| Scored {
                    score: score(key, ticket),
                    ticket,
                })
                .filter(|scored| scored.score <= limit)
                .collect();
            for threads in [1, 2, 3] {
                assert_eq!(at_most(key, tickets, limit, threads), expected);
            }
        }
    }

    #[test]
    fn of_equal_scores_the_lower_ticket_is_the_best() {
        let mut best = Scored {
            score: 5,
            ticket: 1,
        };
        best.improve(5, 2);
        assert_eq!(best.ticket, 1);
        best.improve(4, 3);
        best.improve(4, 4);
        assert_eq!((best.score, best.ticket), (4, 3));
        let later = Scored {
            score: 4,
            ticket: 4,
        };
        assert!(best < later);
    }

    #[test]
    fn the_best_of_many_tickets_crosses_buffers() {
        let key = Digest::of(b"a third key");
        let mut scores = Scores::new(key, 0);
        let mut first = 0;
        for weight in [1_u16, 4_095, 1, 9_000, 65_535, 3] {
            let best = (first..first + u64::from(weight))
                .map(|ticket| Scored {
                    score: score(key, ticket),
                    ticket,
                })
                .min();
            assert_eq!(Some(scores.best(first, weight)), best);
            first += u64::from(weight);
        }
    }
}
