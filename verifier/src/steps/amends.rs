//! Step 15, `amends` (V15): amends drop and promote people who were drawn, each once, and promote reserves
//! in their order, never more than places became free.

use std::collections::BTreeSet;

use super::{Case, Step, case::Drawn};
use crate::{
    pool::Code,
    record::Change,
    report::{Failure, StepAnswer},
};

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Amends);
    if case.drawn.is_empty() {
        return StepAnswer::not_checked(Step::Amends);
    }
    let mut standing = Standing::default();
    for (name, amend) in &case.amends {
        let first_change = 6 + u64::from(amend.trail.is_some());
        for (line, change) in (first_change..).zip(&amend.changes) {
            let mut drawn = case.drawn.iter();
            let drawn = drawn.find(|drawn| drawn.category == category(change));
            let taken = drawn.map_or(Err("a drawn category"), |drawn| {
                standing.take(drawn, change)
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

/// Who was dropped and promoted so far, as category and rank.
#[derive(Default)]
struct Standing {
    dropped: BTreeSet<(String, u64)>,
    promoted: BTreeSet<(String, u64)>,
}

impl Standing {
    /// Takes one change; the error says what would have been accepted.
    fn take(&mut self, drawn: &Drawn, change: &Change) -> Result<(), &'static str> {
        let (rank, code) = match change {
            Change::Drop { rank, code, .. } | Change::Promote { rank, code, .. } => (*rank, *code),
        };
        if !is_placed(drawn, rank, code) {
            return Err("a rank with its code of the result file");
        }
        let place = (drawn.category.clone(), rank);
        if matches!(change, Change::Drop { .. }) {
            let first = self.dropped.insert(place);
            return first.then_some(()).ok_or("each place dropped once");
        }
        let winners = drawn.outcome.winners;
        if rank <= winners || self.dropped.contains(&place) {
            return Err("a reserve who has not been dropped");
        }
        let passed_over = (winners + 1..rank).any(|rank| {
            let place = (drawn.category.clone(), rank);
            !self.promoted.contains(&place) && !self.dropped.contains(&place)
        });
        if passed_over {
            return Err("the next reserve in order");
        }
        if !self.promoted.insert(place) {
            return Err("each reserve promoted once");
        }
        if self.holders(drawn) > winners {
            return Err("a place that became free");
        }
        Ok(())
    }

    /// How many hold a plate of the category now.
    fn holders(&self, drawn: &Drawn) -> u64 {
        let winners = drawn.outcome.winners;
        let here = |place: &&(String, u64)| place.0 == drawn.category;
        let dropped = self.dropped.iter().filter(here);
        let lost = dropped.filter(|place| place.1 <= winners || self.promoted.contains(place));
        let promoted = self.promoted.iter().filter(here);
        winners + promoted.count() as u64 - lost.count() as u64
    }
}

fn is_placed(drawn: &Drawn, rank: u64, code: Code) -> bool {
    let place = rank.checked_sub(1);
    let place = place.and_then(|place| drawn.outcome.places.get(usize::try_from(place).ok()?));
    place.is_some_and(|place| place.code == code)
}
