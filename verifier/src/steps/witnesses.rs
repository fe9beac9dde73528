//! Step 5, `witnesses`: the pinned quorum cosigned the checkpoints that the proofs lead to.

use super::{Case, Step, case::RECORDS};
use crate::report::{Failure, Status, StepAnswer};

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Witnesses);
    let mut times = [None; 3];
    for ((record, logged), time) in RECORDS.iter().zip(&case.logged).zip(&mut times) {
        let Some(logged) = logged else {
            continue;
        };
        let name = format!("{record}.tlog-proof");
        match case.trust.policy.quorum_met_at(&logged.place.checkpoint) {
            Ok(Some(met)) => {
                answer.check(Ok(()));
                *time = Some(met);
            }
            Ok(None) => {
                answer.checked += 1;
                let expected = "cosignatures by the quorum of the trust policy";
                let failure = Failure::new(&name, expected, "too few");
                answer.lack(Status::Unwitnessed, failure);
            }
            Err(error) => {
                answer.check(Err(Failure::new(&name, "valid cosignatures", error)));
            }
        }
    }
    [
        case.timeline.announced,
        case.timeline.closed,
        case.timeline.published,
    ] = times;
    if answer.checked == 0 {
        return StepAnswer::not_checked(Step::Witnesses);
    }
    answer
}
