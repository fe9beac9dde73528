//! Step 3, `records` (V3): each record is written in its one spelling, for the pinned log, and names the
//! ones before it.

use super::{Case, Step};
use crate::{
    record::{Amend, Announce, Close, RecordError, ResultRecord, Void, is_later_version},
    report::{Failure, Status, StepAnswer},
};

const ANNOUNCE: &str = "announce.note";
const CLOSE: &str = "close.note";
const RESULT: &str = "result.note";
const VOID: &str = "void.note";

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Records);
    if case.records.iter().all(|record| record.signed.is_none()) {
        return StepAnswer::not_checked(Step::Records);
    }
    for record in &case.records {
        if let Some(signed) = &record.signed
            && is_later_version(&signed.note.text)
        {
            let version = signed.note.text.lines().next().unwrap_or_default();
            let failure = Failure::new(&record.note_name(), "a record of fairplate/v1", version);
            answer.lack(Status::Unsupported, failure);
            return answer;
        }
    }
    case.announce = read(case, &mut answer, "announce", Announce::parse);
    case.close = read(case, &mut answer, "close", Close::parse);
    case.result = read(case, &mut answer, "result", ResultRecord::parse);
    case.void = read(case, &mut answer, "void", Void::parse);
    let stems: Vec<String> = case.records.iter().map(|one| one.stem.clone()).collect();
    for stem in stems.iter().filter(|stem| stem.starts_with("amend-")) {
        let amend = read(case, &mut answer, stem, Amend::parse);
        case.amends
            .extend(amend.map(|amend| (format!("{stem}.note"), amend)));
    }
    compare(case, &mut answer);
    compare_late(case, &mut answer);
    answer
}

fn read<T>(
    case: &Case<'_>,
    answer: &mut StepAnswer,
    stem: &str,
    parse: fn(&str) -> Result<T, RecordError>,
) -> Option<T> {
    let file = case.find_record(stem)?;
    match parse(&file.signed.as_ref()?.note.text) {
        Ok(record) => {
            answer.check(Ok(()));
            Some(record)
        }
        Err(error) => {
            let failure = Failure::new(&file.note_name(), &error.expected, &error.found);
            answer.check(Err(failure.at(error.line as u64)));
            None
        }
    }
}

/// Announce, close and result.
fn compare(case: &Case<'_>, answer: &mut StepAnswer) {
    let Some(announce) = &case.announce else {
        return;
    };
    let log = case.trust.policy.log().name();
    answer.equal(ANNOUNCE, "origin", &log, &announce.origin.as_str());
    let hash = case
        .find_hash("announce")
        .unwrap_or(crate::text::Digest::ZERO);
    if let Some(close) = &case.close {
        answer.equal(CLOSE, "origin", &announce.origin, &close.origin);
        answer.equal(CLOSE, "draw", &announce.draw, &close.draw);
        answer.equal(CLOSE, "announce", &hash, &close.announce);
    }
    if let Some(result) = &case.result {
        answer.equal(RESULT, "origin", &announce.origin, &result.origin);
        answer.equal(RESULT, "draw", &announce.draw, &result.draw);
        answer.equal(RESULT, "announce", &hash, &result.announce);
        if let Some(close) = case.find_hash("close") {
            answer.equal(RESULT, "close", &close, &result.close);
        }
        let pools = announce.pools.iter().map(|pool| pool.category.as_str());
        let outcomes = result.outcomes.iter();
        let outcomes = outcomes.map(|outcome| outcome.category.as_str());
        let shown = |names: Vec<&str>| names.join(" ");
        let (pools, outcomes) = (shown(pools.collect()), shown(outcomes.collect()));
        answer.equal(RESULT, "the announced categories", &pools, &outcomes);
    }
    if let Some(void) = &case.void {
        answer.equal(VOID, "origin", &announce.origin, &void.origin);
        answer.equal(VOID, "draw", &announce.draw, &void.draw);
        answer.equal(VOID, "announce", &hash, &void.announce);
    }
}

/// What comes after a result, or instead of one, and changes of keys.
fn compare_late(case: &Case<'_>, answer: &mut StepAnswer) {
    if let (Some(_), Some(result)) = (&case.void, case.find_record("result")) {
        let expected = "a result or a void";
        answer.check(Err(Failure::new(&result.note_name(), expected, "both")));
    }
    for (name, amend) in &case.amends {
        let hash = case
            .find_hash("result")
            .unwrap_or(crate::text::Digest::ZERO);
        answer.equal(name, "result", &hash, &amend.result);
        if let Some(announce) = &case.announce {
            answer.equal(name, "origin", &announce.origin, &amend.origin);
            answer.equal(name, "draw", &announce.draw, &amend.draw);
        }
    }
    let log = case.trust.policy.log().name();
    let changes = case.epochs.iter().filter_map(|epoch| epoch.since.as_ref());
    let mut before = None;
    for (since, keys) in changes {
        let name = since.to_string();
        answer.equal(&name, "origin", &log, &keys.origin.as_str());
        if let Some(before) = before {
            answer.equal(&name, "epoch", &(before + 1), &keys.epoch);
        }
        before = Some(keys.epoch);
    }
}
