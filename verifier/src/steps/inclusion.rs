//! Step 4, `inclusion`: each record is an entry of the pinned log, in this order, under a checkpoint
//! that the log signed.

use super::{
    Case, Step,
    case::{Logged, RECORDS},
};
use crate::{
    log::{Checkpoint, InclusionBundle, LogError},
    report::{Failure, StepAnswer},
    trust::Trust,
};

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Inclusion);
    let mut before: Option<(String, u64)> = None;
    for (place, record) in RECORDS.iter().enumerate() {
        let name = format!("{record}.tlog-proof");
        let Some(bytes) = case.find(&name, &mut answer) else {
            continue;
        };
        let Some(signed) = &case.signed[place] else {
            continue;
        };
        match read(&bytes, &signed.bytes, case.trust) {
            Ok(logged) => {
                answer.check(Ok(()));
                answer.check(follows(&name, before.as_ref(), logged.place.index));
                before = Some((name, logged.place.index));
                case.logged[place] = Some(logged);
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
    if answer.checked == 0 && answer.failure.is_none() {
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
