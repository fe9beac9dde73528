//! Step 3, `records`: each record is written in its one spelling, for the pinned log, and names the
//! ones before it.

use super::{
    Case, Step,
    case::{RECORDS, Signed},
};
use crate::{
    record::{Announce, Close, RecordError, ResultRecord, is_later_version},
    report::{Failure, Status, StepAnswer},
};

const ANNOUNCE: &str = "announce.note";
const CLOSE: &str = "close.note";
const RESULT: &str = "result.note";

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Records);
    if case.signed.iter().all(Option::is_none) {
        return StepAnswer::not_checked(Step::Records);
    }
    for (record, signed) in RECORDS.iter().zip(&case.signed) {
        if let Some(signed) = signed
            && is_later_version(&signed.note.text)
        {
            let version = signed.note.text.lines().next().unwrap_or_default();
            let name = format!("{record}.note");
            let failure = Failure::new(&name, "a record of fairplate/v1", version);
            answer.lack(Status::Unsupported, failure);
            return answer;
        }
    }
    let [announce, close, result] = &case.signed;
    case.announce = read(&mut answer, ANNOUNCE, announce.as_ref(), Announce::parse);
    case.close = read(&mut answer, CLOSE, close.as_ref(), Close::parse);
    case.result = read(&mut answer, RESULT, result.as_ref(), ResultRecord::parse);
    compare(case, &mut answer);
    answer
}

fn read<T>(
    answer: &mut StepAnswer,
    name: &str,
    signed: Option<&Signed>,
    parse: fn(&str) -> Result<T, RecordError>,
) -> Option<T> {
    match parse(&signed?.note.text) {
        Ok(record) => {
            answer.check(Ok(()));
            Some(record)
        }
        Err(error) => {
            let failure = Failure::new(name, &error.expected, &error.found);
            answer.check(Err(failure.at(error.line as u64)));
            None
        }
    }
}

fn compare(case: &Case<'_>, answer: &mut StepAnswer) {
    let [announce_note, close_note, _] = &case.signed;
    let Some(announce) = &case.announce else {
        return;
    };
    let log = case.trust.policy.log().name();
    answer.equal(ANNOUNCE, "origin", &log, &announce.origin.as_str());
    let announce_hash = announce_note.as_ref().map(Signed::hash);
    let announce_hash = announce_hash.unwrap_or(crate::text::Digest::ZERO);
    if let Some(close) = &case.close {
        answer.equal(CLOSE, "origin", &announce.origin, &close.origin);
        answer.equal(CLOSE, "draw", &announce.draw, &close.draw);
        answer.equal(CLOSE, "announce", &announce_hash, &close.announce);
    }
    if let Some(result) = &case.result {
        answer.equal(RESULT, "origin", &announce.origin, &result.origin);
        answer.equal(RESULT, "draw", &announce.draw, &result.draw);
        answer.equal(RESULT, "announce", &announce_hash, &result.announce);
        if let Some(close) = close_note {
            answer.equal(RESULT, "close", &close.hash(), &result.close);
        }
        let pools = announce.pools.iter().map(|pool| pool.category.as_str());
        let outcomes = result.outcomes.iter();
        let outcomes = outcomes.map(|outcome| outcome.category.as_str());
        let shown = |names: Vec<&str>| names.join(" ");
        let (pools, outcomes) = (shown(pools.collect()), shown(outcomes.collect()));
        answer.equal(RESULT, "the announced categories", &pools, &outcomes);
    }
}
