//! Step 2, `signatures` (V2): every record is a signed note by the pinned record key, or by the keys that
//! a `keys` record, signed by the keys before it and by its own, has put in their place.

use super::{
    Case, Step,
    case::{Epoch, Signed},
};
use crate::{
    note::{Note, NoteError},
    record::Keys,
    report::{Failure, StepAnswer},
};

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Signatures);
    for place in 0..case.records.len() {
        let name = case.records[place].note_name();
        let Some(bytes) = case.find(&name, &mut answer) else {
            continue;
        };
        let read = read(bytes, &case.epochs);
        let read = read.map_err(|error| refusal(&name, &case.epochs, &error));
        let read = read.and_then(|signed| {
            if case.records[place].is_keys() {
                let epoch = next_epoch(&name, &signed, &case.epochs)?;
                case.epochs.push(epoch);
            }
            Ok(signed)
        });
        match read {
            Ok(signed) => {
                answer.check(Ok(()));
                case.records[place].signed = Some(signed);
            }
            Err(failure) => {
                answer.check(Err(failure));
            }
        }
    }
    if answer.checked == 0 && answer.failure.is_none() {
        return StepAnswer::not_checked(Step::Signatures);
    }
    answer
}

/// The newest epoch that signed counts; a line by a known key that does not verify counts against
/// the note even when another does.
fn read(bytes: Vec<u8>, epochs: &[Epoch]) -> Result<Signed, NoteError> {
    let note = Note::parse(&bytes)?;
    let mut unsigned = None;
    for (epoch, keys) in epochs.iter().enumerate().rev() {
        for key in &keys.keys {
            match note.verify(key) {
                Ok(()) => return Ok(Signed { bytes, note, epoch }),
                Err(error @ NoteError::Unsigned { .. }) => unsigned = Some(error),
                Err(error) => return Err(error),
            }
        }
    }
    Err(unsigned.unwrap_or(NoteError::Unsigned { key: String::new() }))
}

fn next_epoch(name: &str, signed: &Signed, epochs: &[Epoch]) -> Result<Epoch, Failure> {
    let keys = Keys::parse(&signed.note.text)
        .map_err(|error| Failure::new(name, &error.expected, &error.found).at(error.line as u64))?;
    for key in &keys.keys {
        signed.note.verify(key).map_err(|error| {
            Failure::new(name, format!("a signature by the new key {key}"), error)
        })?;
    }
    if signed.epoch + 1 != epochs.len() {
        let expected = "a signature by the keys in force before it";
        return Err(Failure::new(name, expected, "one by older keys"));
    }
    let since = name.strip_suffix(".note").map(str::to_owned);
    let keys = keys.keys;
    Ok(Epoch { keys, since })
}

fn refusal(name: &str, epochs: &[Epoch], error: &NoteError) -> Failure {
    let keys = epochs.last().into_iter().flat_map(|epoch| &epoch.keys);
    let keys: Vec<String> = keys.map(ToString::to_string).collect();
    let expected = format!("a note signed by {}", keys.join(" or "));
    let failure = Failure::new(name, expected, error);
    match error {
        NoteError::Line { line, .. } => failure.at(*line as u64),
        _ => failure,
    }
}
