//! Step 4, `inclusion` (V4): each record is an entry of the pinned log, in this order, under a checkpoint
//! that the log signed, and was signed by the keys in force at its place.

use super::{
    Case, Step,
    case::{Logged, RecordFile},
};
use crate::{
    log::{Checkpoint, InclusionBundle, LogError},
    report::{Failure, StepAnswer},
    trust::Trust,
};

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Inclusion);
    // The place of the record before, among the changes of keys and among the others.
    let mut before: [Option<(String, u64)>; 2] = [None, None];
    for place in 0..case.records.len() {
        let record = &case.records[place];
        let name = record.proof_name();
        let before = &mut before[usize::from(record.is_keys())];
        let Some(bytes) = case.find(&name, &mut answer) else {
            continue;
        };
        let Some(signed) = &record.signed else {
            continue;
        };
        match read(&bytes, &signed.bytes, case.trust) {
            Ok(logged) => {
                answer.check(Ok(()));
                answer.check(follows(&name, before.as_ref(), logged.place.index));
                *before = Some((name, logged.place.index));
                case.records[place].logged = Some(logged);
            }
            Err(error) => {
                let failure = Failure::new(&name, "a proof for the pinned log", &error);
                answer.check(Err(match error {
                    LogError::Line { line, .. } => failure.at(line as u64),
                    _ => failure,
                }));
            }
        }
    }
    for record in &case.records {
        answer.check(in_force(case, record));
    }
    if case.records.iter().all(|record| record.logged.is_none()) && answer.failure.is_none() {
        return StepAnswer::not_checked(Step::Inclusion);
    }
    answer
}

fn read(bytes: &[u8], entry: &[u8], trust: &Trust) -> Result<Logged, LogError> {
    let place = InclusionBundle::parse(bytes)?;
    let log = trust.policy.log();
    place.checkpoint.verify(log)?;
    let checkpoint = Checkpoint::parse(&place.checkpoint.text)?;
    if checkpoint.origin != log.name() {
        return Err(LogError::Line {
            line: 1,
            expected: "the pinned log's origin",
            found: checkpoint.origin,
        });
    }
    place.check(entry, &checkpoint)?;
    Ok(Logged { place, checkpoint })
}

fn follows(name: &str, before: Option<&(String, u64)>, index: u64) -> Result<(), Failure> {
    match before {
        Some((earlier, at)) if *at >= index => {
            let expected = format!("an index after {at}, where {earlier} is");
            Err(Failure::new(name, expected, index))
        }
        _ => Ok(()),
    }
}

/// The keys that signed a record came into force before it and were not replaced before it.
fn in_force(case: &Case<'_>, record: &RecordFile) -> Result<(), Failure> {
    let place = |record: &RecordFile| record.logged.as_ref().map(|logged| logged.place.index);
    let since = |epoch: usize| {
        let stem = case.epochs.get(epoch)?.since.as_ref()?;
        case.find_record(stem).and_then(place)
    };
    let (Some(signed), Some(index)) = (&record.signed, place(record)) else {
        return Ok(());
    };
    let begun = since(signed.epoch).is_none_or(|since| since < index);
    let lasting = since(signed.epoch + 1).is_none_or(|until| index <= until);
    if begun && lasting {
        Ok(())
    } else {
        let expected = format!("a signature by the keys in force at index {index}");
        Err(Failure::new(
            &record.note_name(),
            expected,
            "one by other keys",
        ))
    }
}
