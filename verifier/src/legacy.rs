//! The draw of Beijing's lottery from 2011 to 2020, replayed: a six-digit seed drawn by six people,
//! and the `System.Random` of .NET Framework asked for serials until the quota was full.
//!
//! There were only a million outcomes. [`count_wins`] plays all of them and shows that the serials'
//! chances were unequal before any digit was drawn.

use std::thread;

/// How many seeds six digits make.
pub const SEEDS: u32 = 1_000_000;

/// `System.Random` of .NET Framework: Knuth's subtractive generator, *The Art of Computer
/// Programming* volume 2, §3.2.2, with the constants and the two index errors of that library.
#[derive(Clone)]
pub struct LegacyRandom {
    /// Places 1 to 55 are used.
    state: [i32; 56],
    next: usize,
    other: usize,
}

impl LegacyRandom {
    /// The generator as `new Random(seed)` makes it; seeds here have at most six digits.
    #[must_use]
    pub fn new(seed: u32) -> Self {
        const START: i32 = 161_803_398;
        let mut state = [0; 56];
        let mut last = START - i32::try_from(seed % SEEDS).unwrap_or_default();
        let mut value = 1;
        state[55] = last;
        for place in 1..55 {
            let place = 21 * place % 55;
            state[place] = value;
            value = wrap(last - value);
            last = state[place];
        }
        for _ in 0..4 {
            for place in 1..56 {
                state[place] = wrap(state[place].wrapping_sub(state[1 + (place + 30) % 55]));
            }
        }
        Self {
            state,
            next: 0,
            other: 21,
        }
    }

    /// `Next(total)`: a number from 0 to total − 1.
    #[inline]
    pub fn next(&mut self, total: u32) -> u32 {
        self.next = if self.next >= 55 { 1 } else { self.next + 1 };
        self.other = if self.other >= 55 { 1 } else { self.other + 1 };
        let difference = self.state[self.next] - self.state[self.other];
        // The original takes one from a difference of `i32::MAX`, which numbers from 0 to
        // `i32::MAX` − 1 never have.
        let sample = wrap(difference);
        self.state[self.next] = sample;
        scaled(sample, total)
    }
}

#[inline]
fn wrap(value: i32) -> i32 {
    if value < 0 {
        value.wrapping_add(i32::MAX)
    } else {
        value
    }
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversion of the original: towards zero, of a number from 0 to total"
)]
fn scaled(sample: i32, total: u32) -> u32 {
    (f64::from(sample) * (1.0 / f64::from(i32::MAX)) * f64::from(total)) as u32
}

/// The winning serials, from 1, in the order in which they were drawn; a serial that has won is
/// skipped. Everybody wins when the quota is the total or more.
#[must_use]
pub fn draw(seed: u32, total: u32, quota: u32) -> Vec<u32> {
    let mut winners = Vec::new();
    let mut won = Won::new(total);
    won.draw(seed, quota, |serial| winners.push(serial));
    winners
}

/// Which serials have won, a bit a serial, used for one seed after the other.
struct Won {
    total: u32,
    bits: Vec<u64>,
}

impl Won {
    fn new(total: u32) -> Self {
        let words = usize::try_from(total).unwrap_or(usize::MAX).div_ceil(64);
        let bits = vec![0; words];
        Self { total, bits }
    }

    fn draw(&mut self, seed: u32, quota: u32, mut winner: impl FnMut(u32)) {
        self.bits.fill(0);
        let mut random = LegacyRandom::new(seed);
        let mut left = quota.min(self.total);
        while left > 0 {
            let index = random.next(self.total);
            let word = &mut self.bits[usize::try_from(index / 64).unwrap_or_default()];
            let bit = 1 << (index % 64);
            if *word & bit == 0 {
                *word |= bit;
                left -= 1;
                winner(index + 1);
            }
        }
    }
}

/// How often each serial wins over the seeds `0..seeds`; the first entry belongs to serial 1.
/// `progress` hears about how many of the seeds have been played.
#[must_use]
pub fn count_wins(
    total: u32,
    quota: u32,
    seeds: u32,
    threads: usize,
    progress: &mut dyn FnMut(u32),
) -> Vec<u32> {
    let threads = u32::try_from(threads.max(1)).unwrap_or(1);
    let places = usize::try_from(total).unwrap_or_default();
    let count = |first: u32, played: &mut dyn FnMut(u32)| {
        let mut counts = vec![0_u32; places];
        let mut won = Won::new(total);
        for seed in (first..seeds).step_by(usize::try_from(threads).unwrap_or(1)) {
            won.draw(seed, quota, |serial| {
                counts[usize::try_from(serial - 1).unwrap_or_default()] += 1;
            });
            played(seed + 1);
        }
        counts
    };
    thread::scope(|scope| {
        let count = &count;
        let shares: Vec<_> = (1..threads)
            .map(|first| scope.spawn(move || count(first, &mut |_| {})))
            .collect();
        // The seeds go round the threads, so that all have come about as far as the first.
        let mut sum = count(0, progress);
        for share in shares {
            match share.join() {
                Ok(counts) => {
                    for (sum, count) in sum.iter_mut().zip(counts) {
                        *sum += count;
                    }
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        sum
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_below_zero_comes_round_and_zero_does_not() {
        for (difference, number) in [(0, 0), (1, 1), (-1, i32::MAX - 1), (1 - i32::MAX, 1)] {
            assert_eq!(wrap(difference), number);
        }
    }

    /// The first period of 2014, with its published seed and counts.
    #[test]
    fn the_draw_of_january_2014_is_replayed() {
        let winners = draw(26_498, 2_235_804, 20_195);
        assert_eq!(
            winners[..10],
            [
                2_128_975, 1_841_977, 1_233_705, 824_869, 1_509_538, 230_213, 1_145_626, 168_767,
                497_863, 984_402
            ]
        );
        assert_eq!(winners.len(), 20_195);
        assert_eq!(winners.last(), Some(&1_953_236));
    }

    #[test]
    fn a_quota_beyond_the_total_draws_everybody_once() {
        let mut winners = draw(1, 5, 9);
        winners.sort_unstable();
        assert_eq!(winners, [1, 2, 3, 4, 5]);
        assert_eq!(draw(1, 5, 0), Vec::<u32>::new());
        assert_eq!(draw(1, 0, 9), Vec::<u32>::new());
    }

    #[test]
    fn wins_over_many_seeds_are_the_sum_of_the_draws() {
        let mut expected = [0; 40];
        for seed in 0..30 {
            for serial in draw(seed, 40, 7) {
                expected[usize::try_from(serial).expect("a small number") - 1] += 1;
            }
        }
        for threads in [1, 3] {
            let mut heard = Vec::new();
            let mut hear = |played| heard.push(played);
            assert_eq!(count_wins(40, 7, 30, threads, &mut hear), expected);
            let turns: Vec<u32> = (0..30).step_by(threads).map(|seed| seed + 1).collect();
            assert_eq!(heard, turns);
        }
    }
}
