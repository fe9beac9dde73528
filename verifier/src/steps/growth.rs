//! What records say of the city's audit trail (R15), in the order of the log: it only grew. A part of
//! steps 4 and 6.

use crate::{
    note::Note,
    record::{Record, find_trail_line},
    report::{Failure, StepAnswer},
    trail::TrailHead,
};

/// What one record says of the trail.
pub(super) struct Said<'a> {
    /// How the record is called in a report.
    name: String,
    note: &'a Note,
    head: TrailHead,
}

impl<'a> Said<'a> {
    /// What a record says; nothing where it has no such line, or cannot be read.
    pub(super) fn find(name: String, note: &'a Note) -> Option<Self> {
        let head = Record::parse(&note.text).ok()?.trail()?;
        Some(Self { name, note, head })
    }

    /// How the record is called in a report, and the record.
    pub(super) fn evidence(&self) -> (&str, &Note) {
        (&self.name, self.note)
    }

    fn failure(&self, earlier: &Self) -> Failure {
        let expected = format!(
            "an audit trail that goes on from {}, which {} names",
            earlier.head, earlier.name
        );
        let failure = Failure::new(&self.name, expected, self.head);
        match find_trail_line(&self.note.text) {
            Some(line) => failure.at(line),
            None => failure,
        }
    }
}

/// Checks each record against the longest trail before it; gives the places of those that contradict
/// each other.
pub(super) fn check(answer: &mut StepAnswer, said: &[Said<'_>]) -> Vec<[usize; 2]> {
    let mut contradicting = Vec::new();
    let mut longest = 0;
    for (place, one) in said.iter().enumerate().skip(1) {
        let earlier = &said[longest];
        let grown = if earlier.head.may_grow_into(&one.head) {
            Ok(())
        } else {
            Err(one.failure(earlier))
        };
        if !answer.check(grown) {
            contradicting.push([longest, place]);
        }
        if earlier.head.rows <= one.head.rows {
            longest = place;
        }
    }
    contradicting
}
