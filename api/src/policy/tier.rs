//! How waiting is rewarded.

use super::{Cadence, reader::Section, requirement::licence_class, rule};
use crate::domain::{
    LicenceClass,
    weight::{Ladder, Step},
};

/// The city's way to reward waiting (阶梯摇号).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tier {
    /// A separate lottery for those who joined it and have waited long.
    SeparatePool {
        /// How many participations its pool asks for.
        threshold: u32,
        /// How many tier periods a year has.
        cadence: Cadence,
        /// Whether taking part in a tier period counts as a participation.
        adds_to_count: bool,
        /// How the tier pool weighs its members.
        weights: TierWeights,
    },
    /// One pool, in which more participations have more tickets.
    WeightedEntries {
        /// The table.
        ladder: Ladder,
        /// A licence class that adds to the weight.
        class_bonus: Option<ClassBonus>,
    },
    /// Waiting changes nothing.
    None,
}

/// How a tier pool weighs its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TierWeights {
    /// Everybody has one ticket.
    Equal,
    /// By participations.
    Ladder(Ladder),
}

/// A licence class that adds to a weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassBonus {
    /// The class.
    pub class: LicenceClass,
    /// How many tickets it adds.
    pub weight: u16,
}

#[derive(Clone, Copy)]
enum Mode {
    SeparatePool,
    WeightedEntries,
    None,
}

/// The tier, and whether it is one that people join; the second is known even where the first has
/// faults.
pub(super) fn read(section: &Section<'_>) -> (Option<Tier>, Option<bool>) {
    let mode = section.choice(
        "mode",
        &[
            ("separate-pool", Mode::SeparatePool),
            ("weighted-entries", Mode::WeightedEntries),
            ("none", Mode::None),
        ],
    );
    rule::read(section);
    let tier = match mode {
        Some(Mode::SeparatePool) => separate_pool(section),
        Some(Mode::WeightedEntries) => weighted_entries(section),
        Some(Mode::None) => Some(Tier::None),
        // Which keys belong here depends on the mode: without it none is called unknown.
        None => return (None, None),
    };
    section.refuse_unknown_keys();
    (tier, mode.map(|mode| matches!(mode, Mode::SeparatePool)))
}

fn separate_pool(section: &Section<'_>) -> Option<Tier> {
    let threshold = section.section("threshold").and_then(|section| {
        let threshold = section.number("participations", 1..=1000);
        rule::read(&section);
        section.refuse_unknown_keys();
        threshold
    });
    let cadence = section.section("cadence").and_then(|section| {
        // Tier periods have one digit, so a year has no more than six of the even spreads.
        let number = section.number("periods_per_year", 1..=6);
        rule::read(&section);
        section.refuse_unknown_keys();
        let cadence = number.and_then(|number| Cadence::new(u8::try_from(number).ok()?));
        if number.is_some() && cadence.is_none() {
            section.fault("periods_per_year", "expected 1, 2, 3, 4 or 6, found 5");
        }
        cadence
    });
    let adds_to_count = section.section("count").and_then(|section| {
        let adds_to_count = section.flag("adds_to_count");
        rule::read(&section);
        section.refuse_unknown_keys();
        adds_to_count
    });
    let weights = section
        .section("weights")
        .and_then(|section| weights(&section));
    Some(Tier::SeparatePool {
        threshold: threshold?,
        cadence: cadence?,
        adds_to_count: adds_to_count?,
        weights: weights?,
    })
}

fn weights(section: &Section<'_>) -> Option<TierWeights> {
    let is_equal = section.choice("kind", &[("equal", true), ("ladder", false)]);
    let weights = match is_equal {
        Some(true) => Some(TierWeights::Equal),
        Some(false) => ladder(section).map(TierWeights::Ladder),
        None => None,
    };
    rule::read(section);
    section.refuse_unknown_keys();
    weights
}

fn weighted_entries(section: &Section<'_>) -> Option<Tier> {
    let ladder = section.section("weights").and_then(|section| {
        let ladder = ladder(&section);
        rule::read(&section);
        section.refuse_unknown_keys();
        ladder
    });
    let class_bonus = section.find_section("class_bonus").map(|section| {
        let code = section.text("class");
        let class = code.and_then(|code| licence_class(&section, "class", &code));
        let weight = section.number("weight", 1..=1000);
        rule::read(&section);
        section.refuse_unknown_keys();
        Some(ClassBonus {
            class: class?,
            weight: u16::try_from(weight?).ok()?,
        })
    });
    Some(Tier::WeightedEntries {
        ladder: ladder?,
        class_bonus: match class_bonus {
            None => None,
            Some(class_bonus) => Some(class_bonus?),
        },
    })
}

fn ladder(section: &Section<'_>) -> Option<Ladder> {
    let sections = section.sections("step")?;
    let steps: Vec<Option<Step>> = sections.iter().map(step).collect();
    let steps: Option<Vec<Step>> = steps.into_iter().collect();
    match Ladder::new(steps?) {
        Ok(ladder) => Some(ladder),
        Err(errors) => {
            for error in errors {
                if let Some(section) = sections.get(error.step) {
                    section.fault("", error.problem);
                }
            }
            None
        }
    }
}

fn step(section: &Section<'_>) -> Option<Step> {
    let from = section.number("from", 0..=100_000);
    let until = section
        .has("until")
        .then(|| section.number("until", 0..=100_000));
    let weight = section.number("weight", 0..=65_535);
    section.refuse_unknown_keys();
    Some(Step {
        from: from?,
        until: match until {
            None => None,
            Some(until) => Some(until?),
        },
        weight: u16::try_from(weight?).ok()?,
    })
}
