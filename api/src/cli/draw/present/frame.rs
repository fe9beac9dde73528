//! The screen as lines: what matters most stands on top, so that a small terminal shows it too.

use std::{cmp::Ordering, time::Duration};

use ::entity::{draw, record};
use chrono::{DateTime, TimeDelta, Utc};

use super::digits::large;
use crate::{
    app::App,
    cli::visible,
    domain::Locale,
    service::{
        ceremony::instant,
        wall::{Contributed, Place, Wall},
    },
};

/// How long the beacon's value takes to appear, and then the seed.
const UNFOLDING: Duration = Duration::from_secs(4);

/// How long the winners take at most, however many they are.
const WINNERS_AT_MOST: Duration = Duration::from_secs(90);

/// How long one winner stands there, where there is time.
const WINNER: Duration = Duration::from_millis(800);

/// How long the last picture stays.
const END: Duration = Duration::from_secs(8);

/// What is looked at.
pub(super) struct Scene<'a> {
    pub(super) wall: &'a Wall,
    pub(super) locale: Locale,
    pub(super) now: DateTime<Utc>,
    /// How long ago the end was seen to come.
    pub(super) since: Option<Duration>,
}

/// How long the end of a draw takes to be shown.
pub(super) fn length(wall: &Wall) -> Duration {
    if wall.drawn.is_none() {
        return END;
    }
    2 * UNFOLDING + winners_take(winners(wall).len()) + END
}

fn winners_take(count: usize) -> Duration {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    WINNER.saturating_mul(count).min(WINNERS_AT_MOST)
}

/// The winners of all categories, one after the other.
fn winners(wall: &Wall) -> Vec<(&str, &Place)> {
    let drawn = wall.drawn.as_ref();
    let outcomes = drawn.map_or(&[][..], |drawn| &drawn.record.outcomes);
    let outcomes = outcomes.iter().zip(&wall.places);
    outcomes
        .flat_map(|(outcome, places)| {
            let won = places.iter();
            let won = won.take_while(|place| place.rank <= outcome.winners);
            won.map(|place| (outcome.category.as_str(), place))
        })
        .collect()
}

fn bold(text: &str) -> String {
    format!("\x1b[1m{text}\x1b[0m")
}

fn dim(text: &str) -> String {
    format!("\x1b[2m{text}\x1b[0m")
}

/// The time of day in the city.
fn hour(at: DateTime<Utc>) -> String {
    App::in_city(at).format("%H:%M:%S").to_string()
}

impl Scene<'_> {
    /// All lines of the screen.
    pub(super) fn lines(&self) -> Vec<String> {
        let Self { wall, locale, .. } = self;
        let mut lines: Vec<_> = wall.warning(*locale).map(bold).into_iter().collect();
        lines.extend([
            bold(&format!(
                "{} · {}",
                visible(wall.programme.get(*locale)),
                wall.draw
            )),
            dim(&visible(&wall.origin)),
            self.phases(),
            String::new(),
        ]);
        lines.extend(self.stage());
        lines.push(String::new());
        lines.extend(self.pools());
        lines.extend(self.contributions());
        lines.extend(self.witnesses());
        if let Some(seen) = wall.last() {
            let root = seen.checkpoint.root;
            let word = locale.choose("检查点", "checkpoint");
            lines.push(dim(&format!("{word} {} {root}", seen.checkpoint.size)));
        }
        lines
    }

    fn phases(&self) -> String {
        let phase = self.wall.phase();
        let mut all = vec![
            (draw::Phase::Frozen, self.locale.choose("封存", "frozen")),
            (
                draw::Phase::Announced,
                self.locale.choose("公告", "announced"),
            ),
            (draw::Phase::Closed, self.locale.choose("截止", "closed")),
            (draw::Phase::Finished, self.locale.choose("结果", "result")),
        ];
        if phase == draw::Phase::Voided {
            all.truncate(self.wall.steps().len());
            all.push((draw::Phase::Voided, self.locale.choose("作废", "void")));
        }
        let here = all.iter().position(|(it, _)| *it == phase);
        let here = here.unwrap_or_default();
        let words = all
            .iter()
            .enumerate()
            .map(|(place, (_, word))| match place.cmp(&here) {
                Ordering::Less => format!("{word} ✓"),
                Ordering::Equal => bold(&format!("[{word}]")),
                Ordering::Greater => dim(word),
            });
        words.collect::<Vec<_>>().join("  ")
    }

    /// What the hall waits for, or what came.
    fn stage(&self) -> Vec<String> {
        let locale = self.locale;
        let (wall, say) = (self.wall, |zh, en| locale.choose(zh, en));
        if let Some(voided) = &wall.voided {
            let headline = say("本次摇号作废", "This draw is void");
            return vec![bold(headline), visible(&voided.record.reason)];
        }
        if wall.drawn.is_some() {
            return self.result();
        }
        let Some(announced) = &wall.announced else {
            return vec![bold(say(
                "摇号池已封存，等待公告",
                "The pool is frozen; the announcement follows",
            ))];
        };
        let round = announced.record.round;
        let closes = instant(announced.record.closes);
        let round_at = wall.round_at.map_or(closes, instant);
        let (until, caption) = if wall.closed.is_none() && self.now < closes {
            let caption = say("距随机数贡献截止", "until contributions close").to_owned();
            (closes, caption)
        } else if self.now < round_at {
            let caption = match locale {
                Locale::ZhCn => format!("距信标第 {round} 轮（{}）", hour(round_at)),
                Locale::En => format!("until beacon round {round} at {}", hour(round_at)),
            };
            (round_at, caption)
        } else {
            return vec![bold(&match locale {
                Locale::ZhCn => format!("信标第 {round} 轮已到，等待结果"),
                Locale::En => format!("Beacon round {round} has come; the result follows"),
            })];
        };
        let mut lines = vec![caption, String::new()];
        lines.extend(
            large(&countdown(until - self.now))
                .iter()
                .map(|line| bold(line)),
        );
        lines
    }

    /// The beacon's value, the seed, and the winners, as far as they have been told.
    fn result(&self) -> Vec<String> {
        let (wall, locale) = (self.wall, self.locale);
        let Some(drawn) = &wall.drawn else {
            return Vec::new();
        };
        let since = self.since.unwrap_or(Duration::MAX);
        let signature = unfolded(&wall.signature().unwrap_or_default(), since);
        let word = locale.choose("信标签名", "beacon");
        let first: String = signature.chars().take(48).collect();
        let second: String = signature.chars().skip(48).collect();
        let mut lines = vec![
            format!("{word} {first}"),
            format!("{} {second}", " ".repeat(6)),
        ];
        if UNFOLDING <= since {
            let seed = unfolded(
                &drawn.record.seed.to_string(),
                since.saturating_sub(UNFOLDING),
            );
            lines.push(bold(&format!("{} {seed}", locale.choose("种子", "seed"))));
        }
        if 2 * UNFOLDING <= since {
            lines.push(String::new());
            lines.extend(self.told(since.saturating_sub(2 * UNFOLDING)));
        }
        lines
    }

    fn told(&self, since: Duration) -> Vec<String> {
        let all = winners(self.wall);
        let whole = winners_take(all.len()).as_millis().max(1);
        let told = all.len() as u128 * since.as_millis() / whole;
        let told = usize::try_from(told).unwrap_or(usize::MAX);
        let told = told.saturating_add(1).min(all.len());
        let Some((category, newest)) = told.checked_sub(1).and_then(|last| all.get(last)) else {
            let nobody = self.locale.choose("无人中签", "nobody won");
            return vec![bold(nobody)];
        };
        let label = visible(self.wall.label(category, self.locale));
        let mut lines = vec![bold(&format!(
            "{label} · {} · {told}/{}",
            newest.rank,
            all.len()
        ))];
        lines.extend(large(&newest.code).iter().map(|line| bold(line)));
        let before: Vec<String> = all[..told]
            .iter()
            .rev()
            .skip(1)
            .take(12)
            .map(|(_, place)| format!("{:>5} {:<14}", place.rank, place.code))
            .collect();
        lines.extend(before.chunks(3).map(<[String]>::concat));
        lines
    }

    fn pools(&self) -> Vec<String> {
        let Some(announced) = &self.wall.announced else {
            return Vec::new();
        };
        let locale = self.locale;
        let mut lines = Vec::new();
        for pool in &announced.record.pools {
            let label = visible(self.wall.label(&pool.category, locale));
            let (rows, tickets) = (pool.file.rows, pool.file.tickets);
            let (quota, reserve) = (pool.quota, pool.reserve);
            lines.push(bold(&match locale {
                Locale::ZhCn => {
                    format!("{label}：编码 {rows}，基数 {tickets}，指标 {quota}，候补 {reserve}")
                }
                Locale::En => {
                    format!("{label}: {rows} codes, {tickets} tickets, {quota} to win, {reserve} reserves")
                }
            }));
            let drawn = self.wall.drawn.as_ref();
            let mut outcomes = drawn.iter().flat_map(|drawn| &drawn.record.outcomes);
            let outcome = outcomes.find(|outcome| outcome.category == pool.category);
            let pool_word = locale.choose("摇号池", "pool");
            lines.push(dim(&format!("  {pool_word:<6} {}", pool.file.sha256)));
            if let Some(outcome) = outcome {
                let word = locale.choose("结果", "result");
                lines.push(dim(&format!("  {word:<6} {}", outcome.file.sha256)));
            }
        }
        lines
    }

    fn contributions(&self) -> Vec<String> {
        let locale = self.locale;
        let mut lines = Vec::new();
        for it in self.wall.contributors() {
            let state = match it.state {
                Contributed::Sealed => locale.choose("已密封", "sealed"),
                Contributed::Revealed(_) => locale.choose("已揭示 ✓", "revealed ✓"),
                Contributed::Missing => locale.choose("未揭示", "missing"),
            };
            lines.push(format!("{} · {state}", visible(&it.sealed.name)));
            lines.push(dim(&format!("  {}", it.sealed.commitment)));
        }
        for (label, value) in self.wall.open_values() {
            lines.push(format!("{label} · {}", value.unwrap_or("…")));
        }
        lines
    }

    fn witnesses(&self) -> Vec<String> {
        let locale = self.locale;
        let steps = self.wall.steps().into_iter();
        steps
            .map(|(kind, seen)| {
                let word = match kind {
                    record::Kind::Announce => locale.choose("公告", "announced"),
                    record::Kind::Close => locale.choose("截止", "closed"),
                    record::Kind::Result => locale.choose("结果", "result"),
                    record::Kind::Void => locale.choose("作废", "void"),
                    record::Kind::Amend => locale.choose("更正", "amended"),
                    record::Kind::Keys => locale.choose("密钥", "keys"),
                };
                let cosigned = seen.cosigned.iter();
                let cosigned = cosigned
                    .map(|it| format!("{} {}", visible(it.witness.name()), hour(instant(it.at))));
                format!("{word} ← {}", cosigned.collect::<Vec<_>>().join(", "))
            })
            .collect()
    }
}

/// Hours, minutes and seconds that are left.
fn countdown(left: TimeDelta) -> String {
    let secs = (left.num_milliseconds().max(0) + 999) / 1_000;
    let (hours, minutes) = (secs / 3_600, secs / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}", secs % 60)
}

/// As much of a value as has appeared.
fn unfolded(value: &str, since: Duration) -> String {
    let share = since.as_millis().min(UNFOLDING.as_millis());
    let known = value.len() as u128 * share / UNFOLDING.as_millis();
    let letters = value.chars().zip(0_u128..);
    letters
        .map(|(letter, place)| if place < known { letter } else { '·' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_reaches_zero_when_the_moment_has_come_and_not_before() {
        for (millis, text) in [
            (90_061_000, "25:01:01"),
            (1, "00:00:01"),
            (0, "00:00:00"),
            (-5_000, "00:00:00"),
        ] {
            assert_eq!(countdown(TimeDelta::milliseconds(millis)), text);
        }
    }

    #[test]
    fn a_value_appears_from_its_beginning() {
        assert_eq!(unfolded("abcd", Duration::ZERO), "····");
        assert_eq!(unfolded("abcd", UNFOLDING / 2), "ab··");
        assert_eq!(unfolded("abcd", Duration::MAX), "abcd");
    }
}
