//! Step 8, `contributions` (V8): every sealed name of the announce is revealed or missing, in its order,
//! every secret opens its seal, and every open label has its value.

use super::{Case, Step};
use crate::{
    record::{Contribution, commitment},
    report::{Failure, StepAnswer},
};

const FILE: &str = "close.note";

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Contributions);
    let (Some(announce), Some(close)) = (&case.announce, &case.close) else {
        return StepAnswer::not_checked(Step::Contributions);
    };
    let complete = close
        .check_against(announce)
        .map_err(|error| Failure::new(FILE, &error.expected, &error.found).at(error.line as u64));
    if !answer.check(complete) {
        return answer;
    }
    for (sealed, contribution) in announce.sealed.iter().zip(&close.sealed) {
        if let Contribution::Reveal { name, secret } = contribution {
            let opened = commitment(&announce.origin, &announce.draw, name, secret);
            let what = format!("a secret of {name} for the commitment");
            answer.equal(FILE, &what, &sealed.commitment, &opened);
        }
    }
    answer
}
