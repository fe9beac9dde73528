//! Step 13, `pools` (V13): every pool is in its one spelling and is the file that the announce names. The
//! pool is read once, so the draw runs here too; step 14 compares what it gave.

use std::io::{self, BufReader, Read};

use super::{Case, Progress, Step, case::Drawn};
use crate::{
    bundle::Bundle,
    draw::{Claim, Outcome, draw_claimed, draw_ranked, draw_scored},
    pool::{PoolError, read_pool},
    record::{Method, PoolLine},
    report::{Failure, StepAnswer},
    root::FileSummary,
    score::category_key,
    text::Digest,
};

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Pools);
    let pools = case
        .announce
        .as_ref()
        .map(|announce| announce.pools.clone());
    let total = case.pool_bytes();
    let mut done = 0;
    for pool in pools.into_iter().flatten() {
        let name = format!("pool-{}.csv", pool.category);
        let Ok(bundle) = &case.bundle else {
            continue;
        };
        let Some(length) = bundle.find_length(&name) else {
            continue;
        };
        // A file of another length is not read: it could be of any size.
        if !answer.equal(&name, "bytes", &pool.file.bytes, &length) {
            continue;
        }
        let threads = case.threads();
        let mut tell = |read: u64| {
            (case.progress)(Progress {
                step: Step::Pools,
                done: done + read,
                total,
            });
        };
        let mut reading = Reading {
            bundle,
            name: &name,
            pool: &pool,
            tell: &mut tell,
        };
        let drawn = reading.draw(case.seed, threads);
        if let Some((outcome, summary)) = judge(&mut answer, &name, &pool.file, drawn) {
            case.drawn.push(Drawn {
                category: pool.category,
                pool: summary,
                outcome,
            });
        }
        done += length;
    }
    if answer.checked == 0 && answer.failure.is_none() {
        return StepAnswer::not_checked(Step::Pools);
    }
    answer
}

/// What a pool gave, if it is the announced one and there was a seed to draw it with.
fn judge(
    answer: &mut StepAnswer,
    name: &str,
    announced: &FileSummary,
    drawn: Result<(Option<Outcome>, FileSummary), PoolError>,
) -> Option<(Outcome, FileSummary)> {
    match drawn {
        Ok((outcome, summary)) => {
            let is_announced = compare(answer, name, announced, &summary);
            outcome
                .filter(|_| is_announced)
                .map(|outcome| (outcome, summary))
        }
        Err(PoolError::Line {
            line,
            expected,
            found,
        }) => {
            answer.check(Err(Failure::new(name, expected, found).at(line)));
            None
        }
        Err(PoolError::Io(error)) => {
            answer.unreadable(name, &error);
            None
        }
    }
}

fn compare(
    answer: &mut StepAnswer,
    name: &str,
    announced: &FileSummary,
    found: &FileSummary,
) -> bool {
    let mut same = answer.equal(name, "rows", &announced.rows, &found.rows);
    same &= answer.equal(name, "tickets", &announced.tickets, &found.tickets);
    same &= answer.equal(name, "root", &announced.root, &found.root);
    same & answer.equal(name, "SHA-256", &announced.sha256, &found.sha256)
}

/// One pool that is being read, perhaps twice.
struct Reading<'a> {
    bundle: &'a Bundle,
    name: &'a str,
    pool: &'a PoolLine,
    /// Is told how many bytes have been read.
    tell: &'a mut dyn FnMut(u64),
}

impl Reading<'_> {
    /// Reads the pool, and draws from it where the seed is known.
    fn draw(
        &mut self,
        seed: Option<Digest>,
        threads: usize,
    ) -> Result<(Option<Outcome>, FileSummary), PoolError> {
        let (quota, reserve) = (self.pool.quota, self.pool.reserve);
        if self.pool.method == Method::RankV1 {
            let ranked = draw_ranked(BufReader::new(self.open()?), quota, reserve)?;
            return Ok((Some(ranked.0), ranked.1));
        }
        let Some(seed) = seed else {
            return read_pool(self.open()?).map(|summary| (None, summary));
        };
        let key = category_key(seed, &self.pool.category);
        if let Some(claim) = find_claim(self.bundle, self.pool)? {
            let file = self.open()?;
            let (outcome, summary, whole) =
                draw_claimed(file, key, (quota, reserve), claim, threads)?;
            if whole {
                return Ok((Some(outcome), summary));
            }
        }
        let (outcome, summary) = draw_scored(BufReader::new(self.open()?), key, quota, reserve)?;
        Ok((Some(outcome), summary))
    }

    fn open(&mut self) -> io::Result<impl Read> {
        let file = self.bundle.open(self.name)?;
        let reader = file.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Ok(Counted {
            reader,
            read: 0,
            tell: &mut *self.tell,
        })
    }
}

/// Tells how many bytes have gone by.
struct Counted<'a, R> {
    reader: R,
    read: u64,
    tell: &'a mut dyn FnMut(u64),
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        self.read += length as u64;
        (self.tell)(self.read);
        Ok(length)
    }
}

/// The score of the result's last line, if so few tickets can be below it that looking at them
/// alone saves work. Whether it is right does not matter to the answer, only to the speed.
fn find_claim(bundle: &Bundle, pool: &PoolLine) -> io::Result<Option<Claim>> {
    const TAIL: u64 = 17;
    let name = format!("result-{}.csv", pool.category);
    let tail = bundle.find_tail(&name, TAIL)?.unwrap_or_default();
    let last_score = std::str::from_utf8(&tail)
        .ok()
        .and_then(|tail| tail.strip_suffix('\n'))
        .and_then(crate::text::unhex::<8>)
        .map(u64::from_be_bytes);
    let placed = pool.quota.saturating_add(pool.reserve);
    let wanted = placed.min(pool.file.rows);
    let claim = last_score.map(|last_score| Claim {
        tickets: pool.file.tickets,
        last_score,
    });
    Ok(claim.filter(|claim| is_worthwhile(*claim, wanted)))
}

/// Whether so few tickets are to be expected up to the claimed score that they may be kept in memory.
/// More than four times as many as there are places cannot all have to be looked at.
fn is_worthwhile(claim: Claim, wanted: u64) -> bool {
    /// With more tickets the plain way is as good.
    const MOST: u128 = 1 << 22;
    let expected = (u128::from(claim.tickets) * u128::from(claim.last_score)) >> 64;
    expected <= (4 * u128::from(wanted) + 4_096).min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_that_would_fill_the_memory_is_not_followed() {
        let tickets = 1 << 32;
        for (share, wanted, followed) in [
            (4_096, 0, true),
            (4_097, 0, false),
            (4_136, 10, true),
            (4_137, 10, false),
            (1 << 22, 1 << 20, true),
            ((1 << 22) + 1, 1 << 20, false),
            ((1 << 22) + 1, u64::MAX, false),
            (1 << 31, 1 << 27, false),
        ] {
            // Of 2³² tickets so many are expected up to this score.
            let claim = Claim {
                tickets,
                last_score: share << 32,
            };
            assert_eq!(
                is_worthwhile(claim, wanted),
                followed,
                "{share} of {wanted}"
            );
        }
    }
}
