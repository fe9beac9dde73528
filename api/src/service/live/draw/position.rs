//! Everything that happens in a draw, as one list that is the same for everybody and for ever.
//!
//! The steps come in order; behind the step of the result come the seed, the winners of each
//! category page by page, and that the draw can be verified. A position names an entry of the list,
//! and what comes behind it follows from what is public: so a client that reconnects with the
//! position it saw last misses nothing, whichever node answers.

use std::{fmt, str::FromStr};

use ::entity::draw;

use super::standing::Standing;

/// Winners that one event tells at most.
pub(super) const PAGE: u64 = 100;

/// Winners of a category that a client may have told at most; the file has them all.
pub const WINNERS_MAX: u64 = 1_000;

/// A place in the list, written `step.part.category.rank`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    step: usize,
    part: Part,
}

/// What of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// That it was reached.
    Reached,
    /// The seed.
    Seed,
    /// The winners of a category up to a rank.
    Winners { category: usize, until: u64 },
    /// That everything is there.
    Complete,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// A step was reached, by its number among [`Standing::steps`].
    Step(usize),
    /// The seed is known.
    Seed,
    /// The winners of a category, by its number in the result, with ranks behind `after` up to
    /// `until`.
    Winners {
        /// The category.
        category: usize,
        /// Rank before the first.
        after: u64,
        /// Rank of the last.
        until: u64,
    },
    /// Everything is public and can be verified.
    Complete,
}

/// The first thing behind a position that is public, with its own position; without a position, the
/// newest step.
pub(super) fn next(
    standing: &Standing,
    after: Option<Position>,
    winners: u64,
) -> Option<(Position, Happened)> {
    let newest = standing.steps.len().checked_sub(1)?;
    let Some(Position { step, part }) = after else {
        return Some(reached(newest));
    };
    if newest < step {
        return None;
    }
    let is_result = standing.steps[step].phase == draw::Phase::Finished;
    if is_result && let Some(part) = behind(standing, part, winners) {
        return Some(part.at(step));
    }
    (step < newest).then(|| reached(step + 1))
}

fn reached(step: usize) -> (Position, Happened) {
    Told {
        part: Part::Reached,
        happened: Happened::Step(step),
    }
    .at(step)
}

/// A part with what it tells.
struct Told {
    part: Part,
    happened: Happened,
}

impl Told {
    fn at(self, step: usize) -> (Position, Happened) {
        let part = self.part;
        (Position { step, part }, self.happened)
    }
}

/// What comes behind a part of the result.
fn behind(standing: &Standing, part: Part, winners: u64) -> Option<Told> {
    let outcomes = &standing.result.as_ref()?.outcomes;
    let told = |category: usize| {
        let won = outcomes.get(category).map(|outcome| outcome.winners);
        won.map(|won| won.min(winners))
    };
    let (category, after) = match part {
        Part::Reached => {
            return Some(Told {
                part: Part::Seed,
                happened: Happened::Seed,
            });
        }
        Part::Seed => (0, 0),
        Part::Winners { category, until } if told(category).is_some_and(|last| until < last) => {
            (category, until)
        }
        Part::Winners { category, .. } => (category + 1, 0),
        Part::Complete => return None,
    };
    let Some(last) = told(category) else {
        return Some(Told {
            part: Part::Complete,
            happened: Happened::Complete,
        });
    };
    let until = last.min(after + PAGE);
    Some(Told {
        part: Part::Winners { category, until },
        happened: Happened::Winners {
            category,
            after,
            until,
        },
    })
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (part, category, until) = match self.part {
            Part::Reached => (0, 0, 0),
            Part::Seed => (1, 0, 0),
            Part::Winners { category, until } => (2, category, until),
            Part::Complete => (3, 0, 0),
        };
        write!(f, "{}.{part}.{category}.{until}", self.step)
    }
}

/// The text names no position.
#[derive(Debug, PartialEq, Eq)]
pub struct NoPosition;

impl FromStr for Position {
    type Err = NoPosition;

    fn from_str(text: &str) -> Result<Self, NoPosition> {
        let numbers: Vec<u32> = text
            .split('.')
            .map(|number| number.parse().map_err(|_| NoPosition))
            .collect::<Result<_, _>>()?;
        let [step, part, category, until] = numbers[..] else {
            return Err(NoPosition);
        };
        let part = match (part, category, until) {
            (0, 0, 0) => Part::Reached,
            (1, 0, 0) => Part::Seed,
            (2, category, until) => Part::Winners {
                category: category as usize,
                until: until.into(),
            },
            (3, 0, 0) => Part::Complete,
            _ => return Err(NoPosition),
        };
        let step = step as usize;
        Ok(Self { step, part })
    }
}

#[cfg(test)]
mod tests {
    use ::entity::{CityId, draw};
    use chrono::DateTime;
    use verifier::{
        record::{OutcomeLine, ResultRecord},
        root::FileSummary,
        text::{Digest, Time},
    };

    use super::{super::standing::Step, *};

    const NONE: Digest = Digest([0; 32]);

    fn outcome(category: &str, winners: u64) -> OutcomeLine {
        let file = FileSummary {
            rows: winners,
            tickets: 0,
            bytes: 0,
            root: NONE,
            sha256: NONE,
        };
        OutcomeLine {
            category: category.to_owned(),
            winners,
            reserves: 0,
            cut_off: None,
            file,
        }
    }

    /// A draw that has come through these phases, with a result where it is finished.
    fn standing(phases: &[draw::Phase], outcomes: Vec<OutcomeLine>) -> Standing {
        let at = DateTime::from_timestamp(1_782_608_400, 0).expect("a moment");
        let step = |phase: &draw::Phase| Step {
            phase: *phase,
            at,
            record: None,
        };
        let result = ResultRecord {
            origin: String::new(),
            draw: "202606".to_owned(),
            announce: NONE,
            close: NONE,
            issued: Time(0),
            trail: None,
            chain: NONE,
            round: 1,
            signature: [0; 48],
            seed: NONE,
            outcomes,
        };
        Standing {
            row: draw::Model {
                city_id: CityId(330_100),
                id: "202606".to_owned(),
                period_number: "202606".to_owned(),
                purpose: draw::Purpose::Allocation,
                sequence: 1,
                phase: draw::Phase::Frozen,
                epoch: 0,
                policy_digest: Vec::new(),
                frozen_at: at,
                chain: None,
                round: None,
                closes_at: None,
            },
            steps: phases.iter().map(step).collect(),
            announced: None,
            result: phases.contains(&draw::Phase::Finished).then_some(result),
        }
    }

    const LED: [draw::Phase; 4] = [
        draw::Phase::Frozen,
        draw::Phase::Announced,
        draw::Phase::Closed,
        draw::Phase::Finished,
    ];

    /// Everything behind a position, as positions.
    fn all(standing: &Standing, after: Option<&str>, winners: u64) -> Vec<String> {
        let mut after = after.map(|text| text.parse().expect("a position"));
        let mut told = Vec::new();
        while let Some((position, _)) = next(standing, after, winners) {
            told.push(position.to_string());
            after = Some(position);
        }
        told
    }

    #[test]
    fn a_late_comer_is_told_where_the_draw_stands_and_then_what_changes() {
        let closed = standing(&LED[..3], Vec::new());
        assert_eq!(all(&closed, None, 100), ["2.0.0.0"]);
        let finished = standing(&LED, vec![outcome("individual", 3)]);
        assert_eq!(
            all(&finished, Some("2.0.0.0"), 100),
            ["3.0.0.0", "3.1.0.0", "3.2.0.3", "3.3.0.0"]
        );
        assert_eq!(
            all(&finished, None, 100),
            all(&finished, Some("2.0.0.0"), 100)
        );
    }

    #[test]
    fn whoever_was_away_is_told_every_step_that_was_reached_meanwhile() {
        let finished = standing(&LED, Vec::new());
        assert_eq!(
            all(&finished, Some("0.0.0.0"), 100),
            ["1.0.0.0", "2.0.0.0", "3.0.0.0", "3.1.0.0", "3.3.0.0"]
        );
    }

    #[test]
    fn winners_come_in_pages_and_only_as_many_as_are_wanted() {
        let outcomes = vec![outcome("individual", 250), outcome("unit", 0)];
        let finished = standing(&LED, outcomes);
        let winners = |most| {
            let told = all(&finished, Some("3.1.0.0"), most);
            told.split_last().expect("the end").1.to_vec()
        };
        assert_eq!(
            winners(1_000),
            ["3.2.0.100", "3.2.0.200", "3.2.0.250", "3.2.1.0"]
        );
        assert_eq!(winners(120), ["3.2.0.100", "3.2.0.120", "3.2.1.0"]);
        assert_eq!(winners(0), ["3.2.0.0", "3.2.1.0"]);
        assert_eq!(
            all(&finished, Some("3.2.0.200"), 10),
            ["3.2.1.0", "3.3.0.0"],
            "whoever wants fewer after a pause gets no page twice"
        );
    }

    #[test]
    fn nothing_comes_behind_the_end_nor_behind_a_step_that_is_not_public_here() {
        let finished = standing(&LED, Vec::new());
        assert_eq!(all(&finished, Some("3.3.0.0"), 100), Vec::<String>::new());
        let announced = standing(&LED[..2], Vec::new());
        assert_eq!(all(&announced, Some("2.0.0.0"), 100), Vec::<String>::new());
        let voided = standing(&[LED[0], LED[1], draw::Phase::Voided], Vec::new());
        assert!(voided.is_over());
        assert_eq!(all(&voided, Some("1.0.0.0"), 100), ["2.0.0.0"]);
    }

    #[test]
    fn a_text_that_is_no_position_is_refused() {
        for text in [
            "",
            "1",
            "1.0.0",
            "1.0.0.0.0",
            "1.4.0.0",
            "1.0.1.0",
            "-1.0.0.0",
            "a.0.0.0",
        ] {
            assert_eq!(text.parse::<Position>(), Err(NoPosition), "{text}");
        }
        assert!(
            "4294967295.2.4294967295.4294967295"
                .parse::<Position>()
                .is_ok()
        );
    }
}
