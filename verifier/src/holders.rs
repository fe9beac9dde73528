//! Who holds the places of a result after its amends (R48, V15).

use std::collections::BTreeSet;

use crate::{
    draw::{Outcome, Place},
    record::Change,
};

/// Who of one category was dropped and who moved up, so far. Without an amend the winners hold the
/// places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holders {
    dropped: BTreeSet<u64>,
    promoted: BTreeSet<u64>,
}

impl Holders {
    /// Takes one change of this category; the error says what would have been accepted.
    ///
    /// # Errors
    ///
    /// What V15 refuses: a rank without its code, a place that is dropped or promoted twice, a
    /// promotion of anybody but the next reserve, and one into a place that is not free.
    pub fn take(&mut self, outcome: &Outcome, change: &Change) -> Result<(), &'static str> {
        let (rank, code) = match change {
            Change::Drop { rank, code, .. } | Change::Promote { rank, code, .. } => (*rank, *code),
        };
        if find_place(outcome, rank).is_none_or(|place| place.code != code) {
            return Err("a rank with its code of the result file");
        }
        if matches!(change, Change::Drop { .. }) {
            let first = self.dropped.insert(rank);
            return first.then_some(()).ok_or("each place dropped once");
        }
        if rank <= outcome.winners || self.dropped.contains(&rank) {
            return Err("a reserve who has not been dropped");
        }
        if (outcome.winners + 1..rank).any(|rank| self.waits(rank)) {
            return Err("the next reserve in order");
        }
        if self.promoted.contains(&rank) {
            return Err("each reserve promoted once");
        }
        if self.free(outcome) == 0 {
            return Err("a place that became free");
        }
        self.promoted.insert(rank);
        Ok(())
    }

    /// Whether the place of this rank was dropped.
    #[must_use]
    pub fn is_dropped(&self, rank: u64) -> bool {
        self.dropped.contains(&rank)
    }

    /// Whether whoever has this rank holds a plate's place: a winner, or a reserve who moved up, and
    /// not dropped since.
    #[must_use]
    pub fn holds(&self, outcome: &Outcome, rank: u64) -> bool {
        let has_come_by_one = rank <= outcome.winners || self.promoted.contains(&rank);
        has_come_by_one && !self.dropped.contains(&rank)
    }

    /// How many places nobody holds.
    #[must_use]
    pub fn free(&self, outcome: &Outcome) -> u64 {
        let lost = self.dropped.iter();
        let lost = lost.filter(|rank| **rank <= outcome.winners || self.promoted.contains(rank));
        (lost.count() as u64).saturating_sub(self.promoted.len() as u64)
    }

    /// The reserve who moves up next, if one is left.
    #[must_use]
    pub fn next_reserve<'a>(&self, outcome: &'a Outcome) -> Option<&'a Place> {
        let reserves = outcome.places.iter();
        let mut reserves = reserves.filter(|place| outcome.winners < place.rank);
        reserves.find(|place| self.waits(place.rank))
    }

    /// Whether a reserve of this rank has neither moved up nor been dropped.
    fn waits(&self, rank: u64) -> bool {
        !self.promoted.contains(&rank) && !self.dropped.contains(&rank)
    }
}

fn find_place(outcome: &Outcome, rank: u64) -> Option<&Place> {
    let place = rank.checked_sub(1)?;
    outcome.places.get(usize::try_from(place).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two winners and three reserves, with codes that do not ascend.
    fn outcome() -> Outcome {
        let codes = ["AB34", "9912", "77QX", "AB12", "0001"];
        let place = |(rank, code): (u64, &str)| Place {
            rank,
            code: code.parse().expect("a code"),
            serial: rank,
            score: rank,
        };
        Outcome {
            places: (1..).zip(codes).map(place).collect(),
            winners: 2,
            reserves: 3,
            cut_off: None,
        }
    }

    fn drop_of(outcome: &Outcome, rank: u64) -> Change {
        let place = find_place(outcome, rank).expect("a place");
        Change::Drop {
            category: "individual".to_owned(),
            rank,
            code: place.code,
            reason: "材料不实".to_owned(),
        }
    }

    fn promotion_of(outcome: &Outcome, rank: u64) -> Change {
        let place = find_place(outcome, rank).expect("a place");
        Change::Promote {
            category: "individual".to_owned(),
            rank,
            code: place.code,
        }
    }

    #[test]
    fn a_dropped_winner_frees_a_place_for_the_next_reserve_who_is_left() {
        let (result, mut holders) = (outcome(), Holders::default());
        assert!(holders.holds(&result, 1) && !holders.holds(&result, 3));
        assert_eq!(holders.free(&result), 0);

        holders
            .take(&result, &drop_of(&result, 3))
            .expect("a reserve");
        assert_eq!(holders.free(&result), 0, "a reserve held none");
        holders
            .take(&result, &drop_of(&result, 1))
            .expect("a winner");

        assert_eq!(holders.free(&result), 1);
        assert!(!holders.holds(&result, 1) && holders.is_dropped(1));
        let next = holders.next_reserve(&result).expect("a reserve");
        assert_eq!(next.rank, 4);
        holders
            .take(&result, &promotion_of(&result, 4))
            .expect("the next");
        assert!(holders.holds(&result, 4));
        assert_eq!(holders.free(&result), 0);
    }

    #[test]
    fn whoever_moved_up_can_be_dropped_and_makes_room_for_the_last() {
        let (result, mut holders) = (outcome(), Holders::default());
        for change in [
            drop_of(&result, 2),
            promotion_of(&result, 3),
            drop_of(&result, 3),
            promotion_of(&result, 4),
            drop_of(&result, 1),
            promotion_of(&result, 5),
            drop_of(&result, 4),
        ] {
            holders.take(&result, &change).expect("accepted");
        }
        assert_eq!(holders.next_reserve(&result), None);
        assert_eq!(holders.free(&result), 1);
        let held = (1..=5).filter(|rank| holders.holds(&result, *rank));
        assert_eq!(held.collect::<Vec<_>>(), [5]);
    }

    #[test]
    fn a_change_that_is_refused_changes_nothing() {
        let (result, mut holders) = (outcome(), Holders::default());
        holders
            .take(&result, &drop_of(&result, 1))
            .expect("a winner");
        let before = holders.clone();
        for change in [
            drop_of(&result, 1),
            promotion_of(&result, 2),
            promotion_of(&result, 4),
        ] {
            assert!(holders.take(&result, &change).is_err(), "{change:?}");
            assert_eq!(holders, before, "{change:?}");
        }
        holders
            .take(&result, &promotion_of(&result, 3))
            .expect("next");
        let full = holders.clone();
        for change in [promotion_of(&result, 3), promotion_of(&result, 4)] {
            assert!(holders.take(&result, &change).is_err(), "{change:?}");
            assert_eq!(holders, full, "{change:?}");
        }
    }
}
