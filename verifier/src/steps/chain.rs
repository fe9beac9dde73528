//! Step 9, `chain` (V9): `chain.json` hashes to the chain that announce and result name, and the result's
//! round is the announced one.

use super::{Case, Step};
use crate::{
    beacon::Chain,
    report::{Failure, StepAnswer},
};

const FILE: &str = "chain.json";
const RESULT: &str = "result.note";

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Chain);
    if let Some(bytes) = case.find(FILE, &mut answer) {
        match Chain::parse(&bytes) {
            Ok(chain) => {
                answer.check(Ok(()));
                let named = |announce: &crate::record::Announce| announce.chain == chain.hash;
                if let Some(announce) = &case.announce {
                    answer.equal(FILE, "the chain", &announce.chain, &chain.hash);
                }
                case.chain =
                    Some(chain.clone()).filter(|_| case.announce.as_ref().is_some_and(named));
            }
            Err(error) => {
                answer.check(Err(Failure::new(FILE, "a beacon chain", error)));
            }
        }
    }
    if let (Some(announce), Some(result)) = (&case.announce, &case.result) {
        answer.equal(
            RESULT,
            "the announced chain",
            &announce.chain,
            &result.chain,
        );
        answer.equal(
            RESULT,
            "the announced round",
            &announce.round,
            &result.round,
        );
    }
    if answer.checked == 0 && answer.failure.is_none() {
        return StepAnswer::not_checked(Step::Chain);
    }
    answer
}
