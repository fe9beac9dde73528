//! Step 10, `beacon` (V10): the result's signature is the chain's signature of the round. The randomness
//! is never taken from anywhere but this signature.

use super::{Case, Step};
use crate::report::{Failure, StepAnswer};

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Beacon);
    let (Some(chain), Some(result)) = (&case.chain, &case.result) else {
        return StepAnswer::not_checked(Step::Beacon);
    };
    let verified = chain.verify(result.round, &result.signature);
    answer.check(verified.map_err(|error| {
        let expected = format!("the signature of round {}", result.round);
        Failure::new("result.note", expected, error)
    }));
    answer
}
