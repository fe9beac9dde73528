//! Two draws of one city side by side: who won the earlier is not in the later, weights grew as the
//! rules say, and nobody changed unseen.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, BufRead, Read},
};

use crate::{
    pool::{Code, PoolError, PoolReader},
    record::{Amend, Change},
    report::Failure,
};

/// A step of a city's weight table: whoever took part `from` to `until` times without winning has
/// this weight. The last step has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeightStep {
    /// The fewest participations.
    pub from: u32,
    /// The most; none for no end.
    pub until: Option<u32>,
    /// The weight.
    pub weight: u16,
}

/// Which weights may follow a weight, one participation later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WeightTable {
    /// For each weight those that may follow; an empty table lets no weight change.
    successors: BTreeMap<u16, BTreeSet<u16>>,
}

impl WeightTable {
    /// The table of these steps.
    #[must_use]
    pub fn new(steps: &[WeightStep]) -> Self {
        let weight_of = |count: u32| {
            let holds = |step: &&WeightStep| {
                step.from <= count && step.until.is_none_or(|until| count <= until)
            };
            steps.iter().find(holds).map(|step| step.weight)
        };
        let mut successors: BTreeMap<u16, BTreeSet<u16>> = BTreeMap::new();
        for step in steps {
            let next = successors.entry(step.weight).or_default();
            // One more participation stays in the step unless it was the step's last.
            if step.until.is_none_or(|until| step.from < until) {
                next.insert(step.weight);
            }
            let after = step.until.and_then(|until| until.checked_add(1));
            next.extend(after.and_then(weight_of));
        }
        Self { successors }
    }

    fn allows(&self, earlier: u16, later: u16) -> bool {
        if self.successors.is_empty() {
            return earlier == later;
        }
        let next = self.successors.get(&earlier);
        next.is_some_and(|next| next.contains(&later))
    }
}

/// What the comparison of two pools found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Codes in both pools.
    pub shared: u64,
    /// Of those, how many have another weight than before.
    pub reweighted: u64,
    /// Codes only in the later pool.
    pub added: u64,
    /// Codes only in the earlier pool that had not won there.
    pub removed: u64,
    /// The earlier draw's winners.
    pub winners: u64,
    /// What must not be: winners who are in the pool again, weights that the table does not allow.
    pub failed: u64,
    /// The first of them.
    pub failure: Option<Failure>,
}

impl Audit {
    fn refuse(&mut self, failure: Failure) {
        self.failed += 1;
        self.failure.get_or_insert(failure);
    }

    fn compare(&mut self, table: &WeightTable, name: &str, earlier: u16, later: (u64, Code, u16)) {
        let (line, code, weight) = later;
        self.shared += 1;
        self.reweighted += u64::from(earlier != weight);
        if !table.allows(earlier, weight) {
            let expected =
                format!("a weight for {code} that may follow {earlier} by the policy's table");
            self.refuse(Failure::new(name, expected, weight).at(line));
        }
    }
}

/// Who holds a plate of a category after a draw and its amends: the first `winners` of the result
/// file, without those who were dropped, with those who were promoted.
pub fn read_holders(
    result: impl BufRead,
    winners: u64,
    category: &str,
    amends: &[Amend],
) -> io::Result<BTreeSet<Code>> {
    let mut holders = BTreeSet::new();
    let winners = usize::try_from(winners).unwrap_or(usize::MAX);
    for line in result.lines().take(winners) {
        let line = line?;
        let code = line.split(',').nth(1).and_then(|code| code.parse().ok());
        holders.insert(code.ok_or_else(|| {
            let message = format!("expected `<rank>,<code>,…` in the result, found `{line}`");
            io::Error::new(io::ErrorKind::InvalidData, message)
        })?);
    }
    for change in amends.iter().flat_map(|amend| &amend.changes) {
        match change {
            Change::Drop {
                category: dropped,
                code,
                ..
            } if dropped == category => {
                holders.remove(code);
            }
            Change::Promote {
                category: promoted,
                code,
                ..
            } if promoted == category => {
                holders.insert(*code);
            }
            Change::Drop { .. } | Change::Promote { .. } => {}
        }
    }
    Ok(holders)
}

/// Compares two pools of a category in one pass over both. `name` is the later pool's file, for
/// failures; `winners` are those of the earlier draw.
pub fn compare_pools(
    earlier: impl Read,
    later: impl Read,
    name: &str,
    winners: &BTreeSet<Code>,
    table: &WeightTable,
) -> Result<Audit, PoolError> {
    let mut audit = Audit {
        winners: winners.len() as u64,
        ..Audit::default()
    };
    let mut earlier = PoolReader::new(earlier);
    let mut later = PoolReader::new(later);
    let mut before = earlier.next_row()?;
    let mut line = 0;
    while let Some(row) = later.next_row()? {
        line += 1;
        while let Some(old) = before.filter(|old| old.code < row.code) {
            audit.removed += u64::from(!winners.contains(&old.code));
            before = earlier.next_row()?;
        }
        if winners.contains(&row.code) {
            let expected = "no winner of the earlier draw";
            audit.refuse(Failure::new(name, expected, row.code).at(line));
        }
        if let Some(old) = before.filter(|old| old.code == row.code) {
            audit.compare(table, name, old.weight, (line, row.code, row.weight));
            before = earlier.next_row()?;
        } else {
            audit.added += 1;
        }
    }
    while let Some(old) = before {
        audit.removed += u64::from(!winners.contains(&old.code));
        before = earlier.next_row()?;
    }
    Ok(audit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> WeightTable {
        let step = |from, until, weight| WeightStep {
            from,
            until,
            weight,
        };
        WeightTable::new(&[step(0, Some(6), 1), step(7, Some(7), 2), step(8, None, 3)])
    }

    fn codes(codes: &[&str]) -> BTreeSet<Code> {
        codes
            .iter()
            .map(|code| code.parse().expect("a code"))
            .collect()
    }

    #[test]
    fn a_weight_stays_in_its_step_or_goes_on_to_the_next() {
        let table = table();
        for (earlier, later, allowed) in [
            (1, 1, true),
            (1, 2, true),
            (1, 3, false),
            (2, 2, false),
            (2, 3, true),
            (3, 3, true),
            (3, 1, false),
            (9, 9, false),
        ] {
            assert_eq!(
                table.allows(earlier, later),
                allowed,
                "{earlier} to {later}"
            );
        }
        assert!(WeightTable::default().allows(1, 1));
        assert!(!WeightTable::default().allows(1, 2));
    }

    #[test]
    fn additions_removals_and_weights_are_counted() {
        let earlier = b"A,1\nB,1\nC,2\nD,3\nE,1\n";
        let later = b"A,1\nB,2\nC,3\nF,1\nG,1\n";
        let winners = codes(&["E"]);
        let audit = compare_pools(&earlier[..], &later[..], "pool-x.csv", &winners, &table());
        let expected = Audit {
            shared: 3,
            reweighted: 2,
            added: 2,
            removed: 1,
            winners: 1,
            failed: 0,
            failure: None,
        };
        assert_eq!(audit.expect("two pools"), expected);
    }

    #[test]
    fn whoever_is_gone_behind_the_last_shared_code_is_counted_too() {
        let winners = codes(&["C", "E"]);
        let pools = (&b"A,1\nB,1\nC,1\nD,1\nE,1\nF,1\n"[..], &b"A,1\n"[..]);
        let audit = compare_pools(pools.0, pools.1, "pool-x.csv", &winners, &table());
        let audit = audit.expect("two pools");
        assert_eq!((audit.shared, audit.removed, audit.added), (1, 3, 0));
    }

    #[test]
    fn amends_of_the_category_say_who_holds_a_plate() {
        let result = "1,A,-,-\n2,B,-,-\n3,C,-,-\n4,D,-,-\n";
        let amend = |lines: &str| {
            let result = "0".repeat(64);
            let text = format!(
                "fairplate/v1 amend\norigin linan.example/draws\ndraw 202607\nresult {result}\n\
                 issued 2026-08-01T00:00:00Z\n{lines}"
            );
            Amend::parse(&text).expect("an amend")
        };
        let amends = [
            amend("drop x 1 A 放弃\npromote x 3 C\n"),
            amend("drop y 2 B 放弃\npromote y 4 D\n"),
        ];
        let holders = |category, amends: &[Amend]| {
            read_holders(result.as_bytes(), 2, category, amends).expect("a result")
        };
        assert_eq!(holders("x", &[]), codes(&["A", "B"]));
        assert_eq!(holders("x", &amends), codes(&["B", "C"]));
        assert_eq!(holders("y", &amends), codes(&["A", "D"]));
        assert_eq!(holders("z", &amends), codes(&["A", "B"]));
    }

    #[test]
    fn a_winner_who_comes_back_and_a_weight_that_leaps_are_refused() {
        let winners = codes(&["A"]);
        let pools = (&b"A,1\nB,1\n"[..], &b"A,1\nB,3\n"[..]);
        let audit = compare_pools(pools.0, pools.1, "pool-x.csv", &winners, &table());
        let audit = audit.expect("two pools");
        assert_eq!(audit.failed, 2);
        let failure = audit.failure.expect("a failure");
        assert_eq!((failure.line, failure.found.as_str()), (Some(1), "A"));
    }
}
