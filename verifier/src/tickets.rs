//! One applicant's tickets in a draw: their scores, and where the best of them stands among all.

use std::io::{self, BufReader, Read};

use crate::{
    bundle::Bundle,
    pool::{Code, PoolError, PoolReader, Row},
    record::{CutOff, Method, PoolLine},
    score::{Scored, Scores, category_key, score},
    text::Digest,
};

/// An applicant's tickets in one category of method `score-v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tickets {
    /// The category.
    pub category: String,
    /// The applicant's code.
    pub code: Code,
    /// How many tickets they have.
    pub weight: u16,
    /// The public number of the first; the others follow it.
    pub first_serial: u64,
    /// Their scores, in the order of the serials.
    pub scores: Vec<u64>,
    /// The best ticket: the lowest score, and of equals the lower serial.
    pub best: CutOff,
    /// The applicant's place among all of the category, from 1.
    pub rank: u64,
    /// How many applicants the category has.
    pub applicants: u64,
    /// How many win.
    pub quota: u64,
    /// How many follow as reserves.
    pub reserve: u64,
}

impl Tickets {
    /// Whether they won.
    #[must_use]
    pub fn has_won(&self) -> bool {
        self.rank <= self.quota
    }

    /// Their place among the reserves, from 1.
    #[must_use]
    pub fn find_reserve_rank(&self) -> Option<u64> {
        let place = self.rank.checked_sub(self.quota)?;
        (1..=self.reserve).contains(&place).then_some(place)
    }
}

/// Finds an applicant in a category's pool and ranks them; none when the pool does not have them, or
/// draws nothing (`rank-v1`). The pool is read twice, in constant memory, and believed: verify the
/// draw before.
pub fn find_tickets(
    bundle: &Bundle,
    pool: &PoolLine,
    seed: Digest,
    code: Code,
) -> Result<Option<Tickets>, PoolError> {
    if pool.method != Method::ScoreV1 {
        return Ok(None);
    }
    let key = category_key(seed, &pool.category);
    let Some(row) = find_row(open(bundle, pool)?, code)? else {
        return Ok(None);
    };
    let end = row.first_ticket + u64::from(row.weight);
    let scores: Vec<u64> = (row.first_ticket..end)
        .map(|ticket| score(key, ticket))
        .collect();
    let best = scores.iter().zip(row.first_ticket..);
    let best = best.map(|(score, ticket)| Scored {
        score: *score,
        ticket,
    });
    let best = best.min().unwrap_or(Scored {
        score: u64::MAX,
        ticket: row.first_ticket,
    });
    let (rank, applicants) = count_better(open(bundle, pool)?, key, best)?;
    Ok(Some(Tickets {
        category: pool.category.clone(),
        code,
        weight: row.weight,
        first_serial: row.first_ticket + 1,
        scores,
        best: CutOff {
            serial: best.ticket + 1,
            score: best.score,
        },
        rank: rank + 1,
        applicants,
        quota: pool.quota,
        reserve: pool.reserve,
    }))
}

fn open(bundle: &Bundle, pool: &PoolLine) -> io::Result<impl Read + use<>> {
    let file = bundle.open(&format!("pool-{}.csv", pool.category))?;
    let file = file.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    Ok(BufReader::new(file))
}

/// The line of a code in a pool.
pub(crate) fn find_row(pool: impl Read, code: Code) -> Result<Option<Row>, PoolError> {
    let mut pool = PoolReader::new(pool);
    while let Some(row) = pool.next_row()? {
        if row.code == code {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// How many applicants have a better ticket, and how many there are.
fn count_better(pool: impl Read, key: Digest, best: Scored) -> Result<(u64, u64), PoolError> {
    let mut pool = PoolReader::new(pool);
    let mut scores = Scores::new(key, 0);
    let (mut better, mut applicants) = (0, 0);
    while let Some(row) = pool.next_row()? {
        better += u64::from(scores.best(row.first_ticket, row.weight) < best);
        applicants += 1;
    }
    Ok((better, applicants))
}
