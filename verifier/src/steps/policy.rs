//! Step 7, `policy` (V7): `policy.toml` is the file that the announce names.

use super::{Case, Step};
use crate::{report::StepAnswer, text::Digest};

const FILE: &str = "policy.toml";

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Policy);
    let bytes = case.find(FILE, &mut answer);
    let (Some(bytes), Some(announce)) = (bytes, &case.announce) else {
        return if answer.failure.is_some() {
            answer
        } else {
            StepAnswer::not_checked(Step::Policy)
        };
    };
    answer.equal(FILE, "SHA-256", &announce.policy, &Digest::of(&bytes));
    answer
}
