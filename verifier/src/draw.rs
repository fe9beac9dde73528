//! The draw itself: who is placed, in which order (D41 to D50).

use std::{
    collections::BinaryHeap,
    io::{self, BufRead, Read, Write as _},
};

use crate::{
    pool::{Code, PoolError, PoolReader},
    rank::{RankReader, Standing},
    record::{CutOff, OutcomeLine},
    root::FileSummary,
    rows::RowWriter,
    score::{Scored, Scores, at_most},
    text::Digest,
};

/// One drawn line of a result file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1; winners first, then the reserves.
    pub rank: u64,
    /// Whose place it is.
    pub code: Code,
    /// Their best ticket's public number, from 1; 0 with `rank-v1`.
    pub serial: u64,
    /// Their best ticket's score; 0 with `rank-v1`.
    pub score: u64,
}

/// What a draw of one category gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Winners and reserves in order.
    pub places: Vec<Place>,
    /// How many of them won: the quota, or everybody.
    pub winners: u64,
    /// How many of them are reserves.
    pub reserves: u64,
    /// The last winner's ticket; none without a winner and with `rank-v1`.
    pub cut_off: Option<CutOff>,
}

impl Outcome {
    fn new(places: Vec<Place>, quota: u64) -> Self {
        let count = places.len() as u64;
        let winners = quota.min(count);
        let last = winners
            .checked_sub(1)
            .and_then(|last| places.get(usize::try_from(last).ok()?));
        let cut_off = last.filter(|place| place.serial > 0).map(|place| CutOff {
            serial: place.serial,
            score: place.score,
        });
        Self {
            winners,
            reserves: count - winners,
            cut_off,
            places,
        }
    }

    /// Writes the result file.
    pub fn write<W: io::Write>(&self, writer: W) -> io::Result<FileSummary> {
        let mut rows = RowWriter::new(writer);
        for place in &self.places {
            let line = rows.line(0)?;
            write!(line, "{},{},", place.rank, place.code)?;
            if place.serial == 0 {
                line.extend_from_slice(b"-,-\n");
            } else {
                writeln!(line, "{},{:016x}", place.serial, place.score)?;
            }
        }
        rows.finish().map(|(_, summary)| summary)
    }

    /// What the result record says of the category, given the file that [`Outcome::write`] wrote.
    #[must_use]
    pub fn line(&self, category: &str, file: FileSummary) -> OutcomeLine {
        OutcomeLine {
            category: category.to_owned(),
            winners: self.winners,
            reserves: self.reserves,
            cut_off: self.cut_off,
            file,
        }
    }
}

/// The `most` lowest of the values that were offered.
struct Lowest<T> {
    most: usize,
    heap: BinaryHeap<T>,
}

impl<T: Ord> Lowest<T> {
    fn new(quota: u64, reserve: u64) -> Self {
        let most = usize::try_from(quota.saturating_add(reserve)).unwrap_or(usize::MAX);
        let heap = BinaryHeap::new();
        Self { most, heap }
    }

    #[inline]
    fn offer(&mut self, value: T) {
        if self.heap.len() < self.most {
            self.heap.push(value);
        } else if let Some(mut highest) = self.heap.peek_mut()
            && value < *highest
        {
            *highest = value;
        }
    }

    fn into_ascending(self) -> Vec<T> {
        self.heap.into_sorted_vec()
    }
}

impl Lowest<(Scored, Code)> {
    /// Whether a value with this score could be among the lowest.
    #[inline]
    fn wants(&self, best: &Scored) -> bool {
        self.heap.len() < self.most || self.heap.peek().is_some_and(|highest| *best < highest.0)
    }
}

/// Draws from a `score-v1` pool and sums the pool up, reading it once. Memory is of the order of
/// quota and reserve, whatever the pool's size.
pub fn draw_scored<R: BufRead>(
    pool: R,
    key: Digest,
    quota: u64,
    reserve: u64,
) -> Result<(Outcome, FileSummary), PoolError> {
    let mut pool = PoolReader::new(pool);
    let mut scores = Scores::new(key, 0);
    let mut lowest = Lowest::new(quota, reserve);
    while let Some(first_ticket) = pool.advance()? {
        let best = scores.best(first_ticket, pool.last_weight());
        if lowest.wants(&best) {
            lowest.offer((best, pool.last_code()));
        }
    }
    let outcome = Outcome::new(scored_places(lowest.into_ascending()), quota);
    Ok((outcome, pool.finish()))
}

fn scored_places(ascending: Vec<(Scored, Code)>) -> Vec<Place> {
    (1..)
        .zip(ascending)
        .map(|(rank, (best, code))| Place {
            rank,
            code,
            serial: best.ticket + 1,
            score: best.score,
        })
        .collect()
}

/// What somebody who knows the outcome already can say of it: it lets a draw be checked by looking
/// only at tickets up to the last placed one's score.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    /// The pool's number of tickets.
    pub(crate) tickets: u64,
    /// The score of the last line of the result file.
    pub(crate) last_score: u64,
}

/// The same outcome as [`draw_scored`], found faster when the claim is right; when it is not, the
/// second value is false, and the outcome may lack those above the claimed score.
pub(crate) fn draw_claimed<R: Read>(
    pool: R,
    key: Digest,
    (quota, reserve): (u64, u64),
    claim: Claim,
    threads: usize,
) -> Result<(Outcome, FileSummary, bool), PoolError> {
    let candidates = at_most(key, claim.tickets, claim.last_score, threads);
    let mut candidates = candidates.into_iter();
    let mut pool = if threads > 1 {
        PoolReader::new_apart(pool)
    } else {
        PoolReader::new(pool)
    };
    let mut lowest = Lowest::new(quota, reserve);
    // The candidates' tickets ascend, so that most lines need one comparison.
    let mut waiting = candidates.next();
    while let Some(first_ticket) = pool.advance()? {
        let end = first_ticket + u64::from(pool.last_weight());
        let mut best: Option<Scored> = None;
        while let Some(scored) = waiting.filter(|scored| scored.ticket < end) {
            best = Some(best.map_or(scored, |best| best.min(scored)));
            waiting = candidates.next();
        }
        if let Some(best) = best {
            lowest.offer((best, pool.last_code()));
        }
    }
    let places = scored_places(lowest.into_ascending());
    let summary = pool.finish();
    let wanted = quota.saturating_add(reserve).min(summary.rows);
    let whole = summary.tickets == claim.tickets && places.len() as u64 == wanted;
    Ok((Outcome::new(places, quota), summary, whole))
}

/// Places by points and waiting time (`rank-v1`) and sums the pool up, reading it once.
pub fn draw_ranked<R: BufRead>(
    pool: R,
    quota: u64,
    reserve: u64,
) -> Result<(Outcome, FileSummary), PoolError> {
    let mut pool = RankReader::new(pool);
    let mut lowest: Lowest<Standing> = Lowest::new(quota, reserve);
    while let Some(standing) = pool.next_row()? {
        lowest.offer(standing);
    }
    let places = (1..)
        .zip(lowest.into_ascending())
        .map(|(rank, standing)| Place {
            rank,
            code: standing.code,
            serial: 0,
            score: 0,
        })
        .collect();
    Ok((Outcome::new(places, quota), pool.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POOL: &[u8] = include_bytes!("../vectors/accept/example/pool-unit.csv");

    #[test]
    fn a_right_claim_gives_the_whole_outcome_and_a_wrong_one_says_so() {
        let key = Digest::of(b"a key");
        let (quota, reserve) = (25, 5);
        let drawn = draw_scored(POOL, key, quota, reserve).expect("a pool");
        let last_score = drawn.0.places.last().expect("a place").score;
        for (tickets, last_score, whole) in [
            (1_800, last_score, true),
            (1_800, last_score + 1, true),
            (1_800, last_score - 1, false),
            (1_800, 0, false),
            (1_799, last_score, false),
        ] {
            let claim = Claim {
                tickets,
                last_score,
            };
            for threads in [1, 2] {
                let claimed = draw_claimed(POOL, key, (quota, reserve), claim, threads);
                let (outcome, summary, found) = claimed.expect("a pool");
                assert_eq!((summary, found), (drawn.1, whole), "{claim:?}");
                assert!(!whole || outcome == drawn.0, "{claim:?}");
            }
        }
    }
}
