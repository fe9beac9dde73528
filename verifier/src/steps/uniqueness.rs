//! Step 6, `uniqueness`: in the whole log the draw is announced, closed and finished once, nothing
//! about it is missing from the folder, and every checkpoint that is known is a beginning of that
//! log.

use std::collections::BTreeMap;

use super::{Case, Step};
use crate::{
    log::{LogError, LogFolder},
    note::Note,
    record::Record,
    report::{Evidence, Failure, Status, StepAnswer},
};

const CHECKPOINT: &str = "log/checkpoint";

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Uniqueness);
    check_last_seen(case, &mut answer);
    let Some(folder) = case.options.log.clone() else {
        if answer.checked == 0 {
            return StepAnswer::not_checked(Step::Uniqueness);
        }
        return answer;
    };
    if !folder.join("checkpoint").is_file() {
        answer.missing(CHECKPOINT);
        return answer;
    }
    match LogFolder::open(&folder, case.trust.policy.log()) {
        Ok(log) => {
            answer.check(Ok(()));
            check_beginnings(case, &mut answer, &log);
            check_records(case, &mut answer, &log);
            case.log = Some(log.note);
        }
        Err(LogError::File { path, expected }) => {
            let failure = Failure::new(&format!("log/{path}"), expected, "another file or none");
            answer.check(Err(failure));
        }
        Err(error) => {
            let failure = Failure::new(CHECKPOINT, "a checkpoint of the log's entries", error);
            answer.check(Err(failure));
        }
    }
    answer
}

/// Two checkpoints of one size must be one checkpoint, with or without the log at hand.
fn check_last_seen(case: &mut Case<'_>, answer: &mut StepAnswer) {
    let Some((last_note, last)) = &case.options.last_seen else {
        return;
    };
    let logged = case.records.iter().filter_map(|record| {
        let logged = record.logged.as_ref()?;
        Some((record.proof_name(), logged))
    });
    for (name, logged) in logged.filter(|(_, logged)| logged.checkpoint.size == last.size) {
        let what = format!("the root that was seen before at {} entries", last.size);
        if !answer.equal(&name, &what, &last.root, &logged.checkpoint.root) {
            case.evidence
                .push(Evidence::new("checkpoint-seen", last_note));
            case.evidence
                .push(Evidence::new("checkpoint-found", &logged.place.checkpoint));
        }
    }
}

fn check_beginnings(case: &mut Case<'_>, answer: &mut StepAnswer, log: &LogFolder) {
    let logged = case.records.iter().filter_map(|record| {
        let logged = record.logged.as_ref()?;
        Some((
            record.proof_name(),
            &logged.checkpoint,
            &logged.place.checkpoint,
        ))
    });
    let last = case.options.last_seen.as_ref();
    let last =
        last.map(|(note, checkpoint)| ("the last checkpoint seen".to_owned(), checkpoint, note));
    for (name, checkpoint, note) in logged.chain(last) {
        let beginning = log.check_beginning(checkpoint).map_err(|error| {
            let size = log.checkpoint.size;
            let expected = format!("a beginning of the log's {size} entries");
            Failure::new(&name, expected, error)
        });
        if !answer.check(beginning) {
            case.evidence
                .push(Evidence::new("checkpoint-earlier", note));
            case.evidence
                .push(Evidence::new("checkpoint-log", &log.note));
        }
    }
}

fn check_records(case: &mut Case<'_>, answer: &mut StepAnswer, log: &LogFolder) {
    let Some(announce) = &case.announce else {
        return;
    };
    // What the log has about the draw: kind, and the indices where it stands.
    let mut found: BTreeMap<&str, Vec<(u64, Note)>> = BTreeMap::new();
    for (index, entry) in (0..).zip(&log.entries) {
        if let Some((kind, note)) = find_record(entry, &announce.draw, case) {
            found.entry(kind).or_default().push((index, note));
        }
    }
    let places: BTreeMap<u64, &str> = case
        .records
        .iter()
        .filter_map(|record| Some((record.logged.as_ref()?.place.index, record.stem.as_str())))
        .collect();
    let finished = case
        .find_record("result")
        .and_then(|record| record.logged.as_ref());
    let finished = finished.map(|logged| logged.place.index);
    for (kind, found) in found {
        for (index, note) in found {
            let name = format!("log entry {index}");
            let draw = &announce.draw;
            let expected = match kind {
                _ if places.contains_key(&index) => None,
                // Once the result stands, nothing can call the draw off.
                "void" if finished.is_some_and(|finished| finished < index) => None,
                // It may be newer than the folder, or the folder may hide it.
                "amend" => {
                    let expected = "every amend of the draw in the folder";
                    let failure = Failure::new(&name, expected, "one that is not");
                    answer.lack(Status::Missing, failure);
                    None
                }
                _ => Some(format!("one {kind} of draw {draw}, the folder's")),
            };
            let single = expected.map_or(Ok(()), |expected| {
                Err(Failure::new(&name, expected, format!("another {kind}")))
            });
            if !answer.check(single) {
                case.evidence
                    .push(Evidence::new(&format!("log-entry-{index}"), &note));
            }
        }
    }
}

/// The record of this draw that a log entry is, if the city signed it. What the city did not sign,
/// and what is no record, may stand in a log and means nothing.
fn find_record(entry: &[u8], draw: &str, case: &Case<'_>) -> Option<(&'static str, Note)> {
    let note = Note::parse(entry).ok()?;
    let record = Record::parse(&note.text).ok()?;
    let kind = match record {
        Record::Announce(_) => "announce",
        Record::Close(_) => "close",
        Record::Result(_) => "result",
        Record::Void(_) => "void",
        Record::Amend(_) => "amend",
        Record::Keys(_) => return None,
    };
    let mut keys = case.epochs.iter().flat_map(|epoch| &epoch.keys);
    let signed = keys.any(|key| note.verify(key).is_ok());
    (signed && record.draw() == Some(draw)).then_some((kind, note))
}
