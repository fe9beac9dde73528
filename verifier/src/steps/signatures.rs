//! Step 2, `signatures` (V2): every record is a signed note by the pinned record key, or by the keys
//! that `keys` records, each signed by the keys before it and by its own, have put in their place.
//! Such records are found in the log, where one is at hand, and in the folder.

use super::{
    Case, Step,
    case::{Epoch, Signed, Since},
};
use crate::{
    key::VerifierKey,
    note::{Note, NoteError},
    report::{Evidence, Failure, StepAnswer},
    succession::{self, KeyChange, SuccessionError},
};

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Signatures);
    follow_log(case, &mut answer);
    for place in 0..case.records.len() {
        let name = case.records[place].note_name();
        let Some(bytes) = case.find(&name, &mut answer) else {
            continue;
        };
        let read = if case.records[place].is_keys() {
            read_keys(&name, bytes, &mut case.epochs)
        } else {
            let read = read(bytes, &case.epochs);
            read.map(Some)
                .map_err(|error| refusal(&name, &case.epochs, &error))
        };
        match read {
            Ok(None) => {}
            Ok(Some(signed)) => {
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

/// Takes the changes of keys from the log's entries. What is wrong with the log itself is said by
/// step 6.
fn follow_log(case: &mut Case<'_>, answer: &mut StepAnswer) {
    let log = case.log_folder();
    let Some(Ok(log)) = log.as_deref() else {
        return;
    };
    match succession::follow(&case.trust.records, &log.entries) {
        Ok(changes) => {
            for KeyChange {
                index,
                note,
                record,
            } in changes
            {
                answer.check(Ok(()));
                let since = Since::Entry { index, note };
                case.epochs.push(Epoch {
                    keys: record.keys.clone(),
                    since: Some((since, record)),
                });
            }
        }
        Err(error) => {
            let SuccessionError {
                change_at,
                line,
                expected,
                found,
                note,
            } = error;
            let name = format!("log entry {change_at}");
            let failure = Failure::new(&name, expected, found);
            answer.check(Err(line.map_or(failure.clone(), |line| failure.at(line))));
            let name = format!("log-entry-{change_at}");
            case.evidence.push(Evidence::new(&name, &note));
        }
    }
}

/// The newest epoch that signed counts, or the first of those through which its key has stayed; a line by a known key that does not verify counts against
/// the note even when another does.
fn read(bytes: Vec<u8>, epochs: &[Epoch]) -> Result<Signed, NoteError> {
    let note = Note::parse(&bytes)?;
    let mut unsigned = None;
    for (epoch, keys) in epochs.iter().enumerate().rev() {
        for key in &keys.keys {
            match note.verify(key) {
                Ok(()) => {
                    let earlier = epochs[..epoch].iter().rev();
                    let stayed = earlier.take_while(|before| before.keys.contains(key));
                    let epoch = epoch - stayed.count();
                    return Ok(Signed { bytes, note, epoch });
                }
                Err(error @ NoteError::Unsigned { .. }) => unsigned = Some(error),
                Err(error) => return Err(error),
            }
        }
    }
    Err(unsigned.unwrap_or(NoteError::Unsigned { key: String::new() }))
}

/// A change of keys in the folder: one that was followed through the log already, or the next one;
/// nothing where no key that is known here signed it. Such a change means nothing, as in a log: it may
/// have led to the key that this reader has pinned.
fn read_keys(
    name: &str,
    bytes: Vec<u8>,
    epochs: &mut Vec<Epoch>,
) -> Result<Option<Signed>, Failure> {
    let signed = match read(bytes, epochs) {
        Err(NoteError::Unsigned { .. }) => return Ok(None),
        read => read.map_err(|error| refusal(name, epochs, &error))?,
    };
    let followed = epochs.iter().position(|epoch| match &epoch.since {
        Some((Since::Entry { note, .. }, _)) => *note == signed.note,
        _ => false,
    });
    if let Some(followed) = followed {
        let epoch = followed.saturating_sub(1);
        return Ok(Some(Signed { epoch, ..signed }));
    }
    let in_force: &[VerifierKey] = epochs.last().map_or(&[], |epoch| &epoch.keys);
    let record = succession::read(&signed.note, in_force).map_err(|refusal| {
        let failure = Failure::new(name, refusal.expected, refusal.found);
        refusal
            .line
            .map_or(failure.clone(), |line| failure.at(line))
    })?;
    // One of the keys in force signed it, so that these are its epoch.
    epochs.push(Epoch {
        keys: record.keys.clone(),
        since: Some((Since::File(name.to_owned()), record)),
    });
    Ok(Some(signed))
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
