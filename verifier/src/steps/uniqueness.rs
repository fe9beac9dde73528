//! Step 6, `uniqueness` (V6): in the whole log the draw is announced, closed and finished once, nothing
//! about it is missing from the folder, every checkpoint that is known is a beginning of that log, and
//! its records speak of an audit trail that only grew.

use std::collections::BTreeSet;

use super::{
    Case, Step,
    growth::{self, Said},
};
use crate::{
    log::{LogError, LogFolder},
    note::Note,
    record::Record,
    report::{Evidence, Failure, Status, StepAnswer},
    text::Digest,
};

const CHECKPOINT: &str = "log/checkpoint";

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Uniqueness);
    check_last_seen(case, &mut answer);
    if case.options.log.is_none() {
        if answer.checked == 0 {
            return StepAnswer::not_checked(Step::Uniqueness);
        }
        return answer;
    }
    let Some(log) = case.log_folder() else {
        answer.missing(CHECKPOINT);
        return answer;
    };
    match &*log {
        Ok(log) => {
            answer.check(Ok(()));
            check_beginnings(case, &mut answer, log);
            check_previous(case, &mut answer, log);
            check_records(case, &mut answer, log);
            check_trail(case, &mut answer, log);
            case.log = Some(log.note.clone());
        }
        Err(LogError::File { path, expected }) => {
            let failure = Failure::new(&format!("log/{path}"), *expected, "another file or none");
            answer.check(Err(failure));
        }
        Err(LogError::Unpinned(unpinned)) => {
            answer.lack(Status::Missing, Failure::unpinned(CHECKPOINT, unpinned));
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

/// The announce names a draw that ended before it in this log, or none where none had (R32). Whoever
/// pins a later key does not know who signed the draws before it; the first announce under that key
/// still names one of them.
fn check_previous(case: &Case<'_>, answer: &mut StepAnswer, log: &LogFolder) {
    let logged = case
        .find_record("announce")
        .and_then(|record| record.logged.as_ref());
    let (Some(announce), Some(logged)) = (&case.announce, logged) else {
        return;
    };
    let before = usize::try_from(logged.place.index).unwrap_or(usize::MAX);
    let before = log.entries.iter().take(before);
    let (mut ended, mut ended_under_others) = (Vec::new(), Vec::new());
    for (record, note) in before.filter_map(|entry| read_record(entry)) {
        if !matches!(record, Record::Result(_) | Record::Void(_)) {
            continue;
        }
        let hash = Record::hash(&note.text);
        if is_signed(&note, case) {
            ended.push(hash);
        } else if record.origin() == announce.origin {
            ended_under_others.push(hash);
        }
    }
    let known = match ended.as_slice() {
        [] => announce.previous == Digest::ZERO || ended_under_others.contains(&announce.previous),
        ended => ended.contains(&announce.previous),
    };
    answer.check(if known {
        Ok(())
    } else {
        let last = ended.last().copied().unwrap_or(Digest::ZERO);
        let expected = format!("previous {last}, where the draw before it ended in the log");
        Err(Failure::new("announce.note", expected, announce.previous))
    });
}

/// Compares what the log has about the draw with what the folder has.
fn check_records(case: &mut Case<'_>, answer: &mut StepAnswer, log: &LogFolder) {
    let Some(announce) = &case.announce else {
        return;
    };
    let draw = announce.draw.clone();
    let mut first_of_kind = BTreeSet::new();
    for (index, entry) in (0..).zip(&log.entries) {
        let Some((record, note)) = find_record(entry, case) else {
            continue;
        };
        let kind = record.kind();
        if record.draw() != Some(&draw) {
            continue;
        }
        let first = first_of_kind.insert(kind);
        let name = format!("log entry {index}");
        match judge_entry(case, kind, index, first) {
            Entry::Known => {
                answer.check(Ok(()));
            }
            Entry::Lacking => {
                answer.checked += 1;
                let expected = format!("every {kind} of draw {draw} in the folder");
                let failure = Failure::new(&name, expected, "one that is not there");
                answer.lack(Status::Missing, failure);
            }
            Entry::Contradicting => {
                let expected = format!("one {kind} of draw {draw}, the folder's");
                let failure = Failure::new(&name, expected, format!("another {kind}"));
                answer.check(Err(failure));
                case.evidence
                    .push(Evidence::new(&format!("log-entry-{index}"), &note));
            }
        }
    }
}

/// Along the whole log, the city's records speak of an audit trail that only grew.
fn check_trail(case: &mut Case<'_>, answer: &mut StepAnswer, log: &LogFolder) {
    let signed: Vec<(String, Note)> = (0..)
        .zip(&log.entries)
        .filter_map(|(index, entry): (u64, _)| {
            let (_, note) = find_record(entry, case)?;
            Some((format!("log entry {index}"), note))
        })
        .collect();
    let said = signed.iter();
    let said: Vec<Said<'_>> = said
        .filter_map(|(name, note)| Said::find(name.clone(), note))
        .collect();
    for pair in growth::check(answer, &said) {
        for (name, note) in pair.map(|place| said[place].evidence()) {
            let name = name.replace(' ', "-");
            case.evidence.push(Evidence::new(&name, note));
        }
    }
}

/// What an entry of the log about this draw means.
enum Entry {
    /// The folder has it, or it changes nothing.
    Known,
    /// The folder does not have it: it may be older than the log, or hide it.
    Lacking,
    /// The folder has another.
    Contradicting,
}

fn judge_entry(case: &Case<'_>, kind: &str, index: u64, first: bool) -> Entry {
    let logged = case
        .records
        .iter()
        .filter_map(|record| record.logged.as_ref());
    let mut places = logged.map(|logged| logged.place.index);
    if places.any(|place| place == index) {
        return Entry::Known;
    }
    let place = |stem: &str| {
        let logged = case.find_record(stem)?.logged.as_ref()?;
        Some(logged.place.index)
    };
    match kind {
        "amend" => Entry::Lacking,
        // Once the result stands, nothing can call the draw off.
        "void" if place("result").is_some_and(|result| result < index) => Entry::Known,
        "void" if place("result").is_some() => Entry::Contradicting,
        "result" if place("void").is_some() => Entry::Contradicting,
        _ if first && place(kind).is_none() => Entry::Lacking,
        _ => Entry::Contradicting,
    }
}

/// The record that a log entry is, if the city signed it. What the city did not sign, and what is no
/// record, may stand in a log and means nothing.
fn find_record(entry: &[u8], case: &Case<'_>) -> Option<(Record, Note)> {
    read_record(entry).filter(|(_, note)| is_signed(note, case))
}

/// The record that a log entry is, whoever signed it.
fn read_record(entry: &[u8]) -> Option<(Record, Note)> {
    let note = Note::parse(entry).ok()?;
    let record = Record::parse(&note.text).ok()?;
    Some((record, note))
}

fn is_signed(note: &Note, case: &Case<'_>) -> bool {
    let mut keys = case.epochs.iter().flat_map(|epoch| &epoch.keys);
    keys.any(|key| note.verify(key).is_ok())
}
