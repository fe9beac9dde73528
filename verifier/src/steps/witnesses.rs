//! Step 5, `witnesses` (V5): the pinned quorum cosigned the checkpoints that the proofs lead to.

use super::{Case, Step};
use crate::report::{Failure, Status, StepAnswer};

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Witnesses);
    for record in &mut case.records {
        let Some(logged) = &record.logged else {
            continue;
        };
        let name = record.proof_name();
        match case.trust.policy.quorum_met_at(&logged.place.checkpoint) {
            Ok(Some(met)) => {
                answer.check(Ok(()));
                record.witnessed = Some(met);
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
    let witnessed = |stem| case.find_record(stem).and_then(|record| record.witnessed);
    let announced = witnessed("announce");
    let closed = witnessed("close");
    let published = witnessed("result").or_else(|| witnessed("void"));
    case.timeline.announced = announced;
    case.timeline.closed = closed;
    case.timeline.published = published;
    if answer.checked == 0 {
        return StepAnswer::not_checked(Step::Witnesses);
    }
    answer
}
