//! Step 1, `files` (V1): every file of the draw is in the folder.
//!
//! A draw that was called off has `void.note` instead of a result; amends and changes of keys are
//! numbered from 1 and come with their proofs.

use super::{Case, Step};
use crate::{
    note::Note,
    record::Announce,
    report::{Failure, Status, StepAnswer},
};

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Files);
    let bundle = match &case.bundle {
        Ok(bundle) => bundle,
        Err(error) => {
            let failure = Failure::new(".", "the files of a draw", error);
            answer.lack(Status::Missing, failure);
            return answer;
        }
    };
    let mut names: Vec<String> = Vec::new();
    for record in &case.records {
        names.push(record.note_name());
        names.push(record.proof_name());
    }
    names.extend(["chain.json".to_owned(), "policy.toml".to_owned()]);
    // Which categories there are is believed for now; the later steps check the announce itself.
    let announce = bundle.find("announce.note").ok().flatten();
    let announce = announce.and_then(|bytes| Note::parse(&bytes).ok());
    let announce = announce.and_then(|note| Announce::parse(&note.text).ok());
    for pool in announce.iter().flat_map(|announce| &announce.pools) {
        names.push(format!("pool-{}.csv", pool.category));
        if !case.is_void() {
            names.push(format!("result-{}.csv", pool.category));
        }
    }
    for name in names {
        answer.checked += 1;
        if bundle.find_length(&name).is_none() {
            answer.missing(&name);
        }
    }
    answer
}
