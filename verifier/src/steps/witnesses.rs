//! Step 5, `witnesses` (V5): the pinned quorum cosigned the checkpoints that the proofs lead to.

use super::{Case, Step};
use crate::{
    report::{Failure, Status, StepAnswer},
    succession::{in_force, quorum_met_at},
};

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Witnesses);
    for place in 0..case.records.len() {
        let record = &case.records[place];
        let Some(logged) = &record.logged else {
            continue;
        };
        let name = record.proof_name();
        let (note, size) = (&logged.place.checkpoint, logged.checkpoint.size);
        let policies = match in_force(case.trust, case.policy_changes(), size) {
            Ok(policies) => policies,
            Err(unpinned) => {
                answer.checked += 1;
                let failure = Failure::unpinned(&name, &unpinned);
                answer.lack(Status::Unwitnessed, failure);
                continue;
            }
        };
        match quorum_met_at(&policies, note) {
            Ok(Some(met)) => {
                answer.check(Ok(()));
                case.records[place].witnessed = Some(met);
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
