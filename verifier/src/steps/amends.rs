//! Step 15, `amends` (V15): amends drop and promote people who were drawn, each once, and promote reserves
//! in their order, never more than places became free.

use std::collections::BTreeMap;

use super::{Case, Step};
use crate::{
    holders::Holders,
    record::Change,
    report::{Failure, StepAnswer},
};

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Amends);
    if case.drawn.is_empty() {
        return StepAnswer::not_checked(Step::Amends);
    }
    let mut holders: BTreeMap<&str, Holders> = BTreeMap::new();
    for (name, amend) in &case.amends {
        let first_change = 6 + u64::from(amend.trail.is_some());
        for (line, change) in (first_change..).zip(&amend.changes) {
            let mut drawn = case.drawn.iter();
            let drawn = drawn.find(|drawn| drawn.category == category(change));
            let taken = drawn.map_or(Err("a drawn category"), |drawn| {
                let holders = holders.entry(&drawn.category).or_default();
                holders.take(&drawn.outcome, change)
            });
            answer.check(taken.map_err(|expected| {
                let found = amend.to_string();
                let found = found.lines().nth(usize::try_from(line - 1).unwrap_or(0));
                Failure::new(name, expected, found.unwrap_or_default()).at(line)
            }));
        }
    }
    answer
}

fn category(change: &Change) -> &str {
    match change {
        Change::Drop { category, .. } | Change::Promote { category, .. } => category,
    }
}
