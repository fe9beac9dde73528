//! Step 2, `signatures`: announce, close and result are signed notes by the pinned record key.

use super::{
    Case, Step,
    case::{RECORDS, Signed},
};
use crate::{
    note::{Note, NoteError},
    report::{Failure, StepAnswer},
    trust::Trust,
};

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Signatures);
    for (place, record) in RECORDS.iter().enumerate() {
        let name = format!("{record}.note");
        let Some(bytes) = case.find(&name, &mut answer) else {
            continue;
        };
        match read(bytes, case.trust) {
            Ok(signed) => {
                answer.check(Ok(()));
                case.signed[place] = Some(signed);
            }
            Err(error) => {
                answer.check(Err(refusal(&name, case.trust, &error)));
            }
        }
    }
    if answer.checked == 0 && answer.failure.is_none() {
        return StepAnswer::not_checked(Step::Signatures);
    }
    answer
}

fn read(bytes: Vec<u8>, trust: &Trust) -> Result<Signed, NoteError> {
    let note = Note::parse(&bytes)?;
    note.verify(&trust.records)?;
    Ok(Signed { bytes, note })
}

fn refusal(name: &str, trust: &Trust, error: &NoteError) -> Failure {
    let expected = format!("a note signed by {}", trust.records);
    let failure = Failure::new(name, expected, error);
    match error {
        NoteError::Line { line, .. } => failure.at(*line as u64),
        _ => failure,
    }
}
