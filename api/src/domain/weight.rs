//! From participation to tickets.

use super::LicenceClass;
use crate::policy::{Tier, TierWeights};

/// One step of a ladder: the counts from `from` to `until`, both included, have this weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Lowest count of the step.
    pub from: u32,
    /// Highest count of the step; the last step has none.
    pub until: Option<u32>,
    /// How many tickets.
    pub weight: u16,
}

/// A table that gives every count exactly one weight (阶梯). It is checked when it is made, so that
/// asking it cannot fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    steps: Vec<Step>,
}

/// What is wrong with one step of a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct LadderError {
    /// Which step, from 0.
    pub step: usize,
    /// The sentence for its author.
    pub problem: String,
}

impl Ladder {
    /// Makes a ladder of steps that begin at 0, follow one another without gap or overlap, never
    /// lower the weight, and end in one step without end. All faults are reported.
    pub fn new(steps: Vec<Step>) -> Result<Self, Vec<LadderError>> {
        if steps.is_empty() {
            return Err(vec![LadderError {
                step: 0,
                problem: "expected at least one step, found none".to_owned(),
            }]);
        }
        let errors: Vec<LadderError> = steps
            .iter()
            .enumerate()
            .flat_map(|(at, step)| {
                let before = at.checked_sub(1).map(|before| steps[before]);
                let is_last = at + 1 == steps.len();
                problems(*step, before, is_last)
                    .map(move |problem| LadderError { step: at, problem })
            })
            .collect();
        if errors.is_empty() {
            Ok(Self { steps })
        } else {
            Err(errors)
        }
    }

    /// The weight of a count.
    #[must_use]
    pub fn weight_of(&self, count: u32) -> u16 {
        self.steps
            .iter()
            .rfind(|step| step.from <= count)
            .map_or(1, |step| step.weight)
    }

    /// The table, lowest counts first.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

fn problems(step: Step, before: Option<Step>, is_last: bool) -> impl Iterator<Item = String> {
    let expected_from = match before {
        None => Some(0),
        Some(before) => before.until.and_then(|until| until.checked_add(1)),
    };
    let order = expected_from
        .filter(|expected| step.from != *expected)
        .map(|expected| {
            let fault = if step.from > expected {
                "gap"
            } else {
                "overlap"
            };
            format!(
                "{fault} in the table: this step starts at {} where {expected} comes next",
                step.from
            )
        });
    let end = match step.until {
        Some(until) if is_last => Some(format!(
            "gap in the table: nothing covers {} and above; leave `until` out of the last step",
            u64::from(until) + 1
        )),
        None if !is_last => Some(
            "overlap in the table: only the last step has no end; give this one `until`".to_owned(),
        ),
        Some(until) if until < step.from => Some(format!(
            "the step ends at {until}, before its start at {}",
            step.from
        )),
        _ => None,
    };
    let weight = if step.weight == 0 {
        Some("a weight of 0 would keep its owner out; expected 1 to 65535".to_owned())
    } else {
        before
            .filter(|before| step.weight < before.weight)
            .map(|before| {
                format!(
                    "weight {} is lower than the {} of fewer participations",
                    step.weight, before.weight
                )
            })
    };
    [order, end, weight].into_iter().flatten()
}

/// What a person's weight depends on, on the day on which the pool is fixed.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// Participations that the tier looks at.
    pub count_for_tier: u32,
    /// The classes on the person's driving licence.
    pub classes: &'a [LicenceClass],
}

/// How many tickets a person of this standing has in a period of the regular lottery.
#[must_use]
pub fn weight_in_normal_pool(tier: &Tier, standing: Standing<'_>) -> u16 {
    match tier {
        Tier::WeightedEntries {
            ladder,
            class_bonus,
        } => {
            let bonus = class_bonus
                .filter(|bonus| standing.classes.contains(&bonus.class))
                .map_or(0, |bonus| bonus.weight);
            ladder
                .weight_of(standing.count_for_tier)
                .saturating_add(bonus)
        }
        Tier::SeparatePool { .. } | Tier::None => 1,
    }
}

/// How many tickets a person of this standing has in a tier period. Cities without tier periods
/// have nobody in such a pool; the answer is 1 there.
#[must_use]
pub fn weight_in_tier_pool(tier: &Tier, standing: Standing<'_>) -> u16 {
    match tier {
        Tier::SeparatePool {
            weights: TierWeights::Ladder(ladder),
            ..
        } => ladder.weight_of(standing.count_for_tier),
        Tier::SeparatePool { .. } | Tier::WeightedEntries { .. } | Tier::None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy;

    fn step(from: u32, until: impl Into<Option<u32>>, weight: u16) -> Step {
        Step {
            from,
            until: until.into(),
            weight,
        }
    }

    fn beijing() -> Tier {
        let builtin = policy::find_builtin("beijing-2016").expect("built in");
        builtin.policy().expect("valid").tier
    }

    #[test]
    fn the_steps_of_beijing_begin_at_1_7_13_and_so_on() {
        let weight = |count_for_tier| {
            let classes = &[LicenceClass::C1];
            let standing = Standing {
                count_for_tier,
                classes,
            };
            weight_in_normal_pool(&beijing(), standing)
        };
        assert_eq!(weight(0), 1);
        for count in 1..=78 {
            assert_eq!(u32::from(weight(count)), count.div_ceil(6), "{count}");
        }
        assert_eq!(weight(79), 13);
        assert_eq!(weight(u32::MAX), 13);
    }

    #[test]
    fn a_c5_licence_adds_one_step_in_beijing_and_nothing_in_hangzhou() {
        let classes = &[LicenceClass::F, LicenceClass::C5];
        let standing = Standing {
            count_for_tier: 7,
            classes,
        };
        let hangzhou = policy::find_builtin("hangzhou-2018").expect("built in");
        let hangzhou = hangzhou.policy().expect("valid").tier;

        assert_eq!(weight_in_normal_pool(&beijing(), standing), 3);
        assert_eq!(weight_in_normal_pool(&hangzhou, standing), 1);
        assert_eq!(weight_in_tier_pool(&hangzhou, standing), 1);
        assert_eq!(weight_in_tier_pool(&beijing(), standing), 1);
    }

    #[test]
    fn a_tier_pool_with_bands_weighs_by_them() {
        let bands = vec![step(0, 35, 1), step(36, 47, 2), step(48, None, 3)];
        let tier = Tier::SeparatePool {
            threshold: 24,
            cadence: policy::Cadence::new(2).expect("a cadence"),
            adds_to_count: false,
            weights: TierWeights::Ladder(Ladder::new(bands).expect("a ladder")),
        };
        for (count_for_tier, weight) in [(24, 1), (35, 1), (36, 2), (47, 2), (48, 3), (90, 3)] {
            let standing = Standing {
                count_for_tier,
                classes: &[],
            };
            assert_eq!(weight_in_tier_pool(&tier, standing), weight);
            assert_eq!(weight_in_normal_pool(&tier, standing), 1);
        }
    }

    #[test]
    fn more_participations_never_weigh_less() {
        let Tier::WeightedEntries { ladder, .. } = beijing() else {
            panic!("Beijing of 2016 weighs entries");
        };
        for count in 0..500 {
            assert!(ladder.weight_of(count) <= ladder.weight_of(count + 1));
        }
    }

    #[test]
    fn a_table_with_a_hole_an_overlap_or_a_falling_weight_is_refused_at_its_step() {
        let open = |from, weight| step(from, None, weight);
        for (steps, at, problem) in [
            (vec![], 0, "expected at least one step, found none"),
            (
                vec![open(1, 1)],
                0,
                "gap in the table: this step starts at 1 where 0 comes next",
            ),
            (
                vec![step(0, 6, 1), open(8, 2)],
                1,
                "gap in the table: this step starts at 8 where 7 comes next",
            ),
            (
                vec![step(0, 6, 1), open(6, 2)],
                1,
                "overlap in the table: this step starts at 6 where 7 comes next",
            ),
            (
                vec![step(0, 6, 1)],
                0,
                "gap in the table: nothing covers 7 and above; leave `until` out of the last step",
            ),
            (
                vec![open(0, 1), open(7, 2)],
                0,
                "overlap in the table: only the last step has no end; give this one `until`",
            ),
            (
                vec![step(0, 6, 1), step(7, 5, 2), open(6, 2)],
                1,
                "the step ends at 5, before its start at 7",
            ),
            (
                vec![open(0, 0)],
                0,
                "a weight of 0 would keep its owner out; expected 1 to 65535",
            ),
            (
                vec![step(0, 6, 2), open(7, 1)],
                1,
                "weight 1 is lower than the 2 of fewer participations",
            ),
        ] {
            let errors = Ladder::new(steps).expect_err(problem);
            assert_eq!(errors.len(), 1, "{errors:?}");
            assert_eq!((errors[0].step, errors[0].problem.as_str()), (at, problem));
        }
    }

    #[test]
    fn every_fault_of_a_table_is_reported() {
        let errors = Ladder::new(vec![step(1, 6, 1), step(8, 9, 0)]).expect_err("four faults");
        let at: Vec<usize> = errors.iter().map(|error| error.step).collect();
        assert_eq!(at, [0, 1, 1, 1]);
    }

    #[test]
    fn a_step_may_be_one_count_wide_and_may_keep_the_weight() {
        let ladder = Ladder::new(vec![step(0, 0, 1), step(1, 1, 2), step(2, None, 2)]);
        let ladder = ladder.expect("a ladder");
        assert_eq!(
            [0, 1, 2, 3].map(|count| ladder.weight_of(count)),
            [1, 2, 2, 2]
        );
    }
}
