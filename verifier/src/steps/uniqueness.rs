//! Step 6, `uniqueness`: in the whole log the draw is announced, closed and finished once, and every
//! checkpoint of the folder is a beginning of that log.

use super::{
    Case, Step,
    case::{Logged, RECORDS},
};
use crate::{
    log::{Checkpoint, LogError, leaf_hash, read_entries, root_hash},
    note::Note,
    record::Record,
    report::{Failure, StepAnswer},
    text::Digest,
    trust::Trust,
};

const CHECKPOINT: &str = "log/checkpoint";

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Uniqueness);
    let (Some(folder), Some(announce)) = (&case.options.log, &case.announce) else {
        return StepAnswer::not_checked(Step::Uniqueness);
    };
    let bytes = match std::fs::read(folder.join("checkpoint")) {
        Ok(bytes) => bytes,
        Err(error) => {
            answer.unreadable(CHECKPOINT, &error);
            return answer;
        }
    };
    let entries = match read_log(folder, &bytes, case.trust) {
        Ok(entries) => entries,
        Err(LogError::File { path, expected }) => {
            let failure = Failure::new(&format!("log/{path}"), expected, "another file or none");
            answer.check(Err(failure));
            return answer;
        }
        Err(error) => {
            answer.check(Err(Failure::new(
                CHECKPOINT,
                "a checkpoint of the log",
                error,
            )));
            return answer;
        }
    };
    answer.check(Ok(()));
    let leaves: Vec<Digest> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    for (record, logged) in RECORDS.iter().zip(&case.logged) {
        let Some(Logged { place, checkpoint }) = logged else {
            continue;
        };
        let name = format!("{record}.tlog-proof");
        answer.check(is_beginning(&name, checkpoint, &leaves));
        let places = places_of(&entries, record, &announce.draw, case.trust);
        let others: Vec<String> = places
            .iter()
            .filter(|index| **index != place.index)
            .map(u64::to_string)
            .collect();
        let expected = format!("one {record} of draw {} in the log", announce.draw);
        let found = format!("others at index {}", others.join(" "));
        answer.check(if others.is_empty() {
            Ok(())
        } else {
            Err(Failure::new(CHECKPOINT, expected, found))
        });
    }
    answer
}

fn read_log(
    folder: &std::path::Path,
    bytes: &[u8],
    trust: &Trust,
) -> Result<Vec<Vec<u8>>, LogError> {
    let note = Note::parse(bytes)?;
    note.verify(trust.policy.log())?;
    let checkpoint = Checkpoint::parse(&note.text)?;
    let entries = read_entries(folder, checkpoint.size)?;
    let leaves: Vec<Digest> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let found = root_hash(&leaves);
    if found == checkpoint.root {
        Ok(entries)
    } else {
        let expected = checkpoint.root;
        Err(LogError::OtherRoot { expected, found })
    }
}

fn is_beginning(name: &str, checkpoint: &Checkpoint, leaves: &[Digest]) -> Result<(), Failure> {
    let size = usize::try_from(checkpoint.size).unwrap_or(usize::MAX);
    let Some(beginning) = leaves.get(..size) else {
        let expected = format!("a checkpoint of at most the log's {} entries", leaves.len());
        return Err(Failure::new(name, expected, size));
    };
    let root = root_hash(beginning);
    if root == checkpoint.root {
        Ok(())
    } else {
        let expected = format!("the log's root {root} at {size} entries");
        Err(Failure::new(name, expected, checkpoint.root))
    }
}

/// Where the log has a record of this kind for the draw that the city signed. What the city did not
/// sign, and what is no record, may stand in a log and means nothing.
fn places_of(entries: &[Vec<u8>], kind: &str, draw: &str, trust: &Trust) -> Vec<u64> {
    let is_one = |entry: &Vec<u8>| {
        let Ok(note) = Note::parse(entry) else {
            return false;
        };
        let head = format!("{} {kind}\n", crate::record::VERSION);
        note.text.starts_with(&head)
            && note.verify(&trust.records).is_ok()
            && Record::parse(&note.text).is_ok_and(|record| record.draw() == Some(draw))
    };
    (0..)
        .zip(entries)
        .filter(|(_, entry)| is_one(entry))
        .map(|(index, _)| index)
        .collect()
}
