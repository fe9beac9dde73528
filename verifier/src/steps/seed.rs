//! Step 12, `seed` (V12): the seed follows from announce, close and beacon.

use super::{Case, Step};
use crate::{report::StepAnswer, score};

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Seed);
    let hashes = case.find_hash("announce").zip(case.find_hash("close"));
    let (Some((announce, close)), Some(result)) = (hashes, &case.result) else {
        return StepAnswer::not_checked(Step::Seed);
    };
    let seed = score::seed(announce, close, &result.signature);
    answer.equal("result.note", "the seed", &seed, &result.seed);
    case.seed = Some(seed);
    answer
}
