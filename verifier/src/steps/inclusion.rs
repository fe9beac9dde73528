//! Step 4, `inclusion` (V4): each record is an entry of the pinned log, in this order, under a checkpoint
//! that the log signed, and was signed by the keys in force at its place; and of the audit trail each
//! says no less than the one before it.

use super::{
    Case, Step,
    case::{Logged, RecordFile, Signed, Since},
    growth::{self, Said},
};
use crate::{
    key::VerifierKey,
    log::{Checkpoint, InclusionBundle, LogError},
    note::Note,
    report::{Failure, Status, StepAnswer},
    succession::{Unpinned, verify_log},
    trust::TrustPolicy,
};

pub(super) fn check(case: &mut Case<'_>) -> StepAnswer {
    let mut answer = StepAnswer::new(Step::Inclusion);
    let of_log = match case.log_folder().as_deref() {
        Some(Err(LogError::Unpinned(unpinned))) => Some(unpinned.clone()),
        _ => None,
    };
    // The place of the record before, among the changes of keys and among the others.
    let mut before: [Option<(String, u64)>; 2] = [None, None];
    for place in 0..case.records.len() {
        let record = &case.records[place];
        let name = record.proof_name();
        let before = &mut before[usize::from(record.is_keys())];
        let Some(bytes) = case.find(&name, &mut answer) else {
            continue;
        };
        let Some(signed) = &record.signed else {
            continue;
        };
        match read(case, record, signed, &bytes, of_log.as_ref()) {
            Ok(logged) => {
                answer.check(Ok(()));
                answer.check(follows(&name, before.as_ref(), logged.place.index));
                *before = Some((name, logged.place.index));
                case.records[place].logged = Some(logged);
            }
            Err(LogError::Unpinned(unpinned)) => {
                answer.lack(Status::Missing, Failure::unpinned(&name, &unpinned));
            }
            Err(error) => {
                let failure = Failure::new(&name, "a proof for the pinned log", &error);
                answer.check(Err(match error {
                    LogError::Line { line, .. } => failure.at(line as u64),
                    _ => failure,
                }));
            }
        }
    }
    for record in &case.records {
        answer.check(in_force(case, record));
    }
    check_trail(case, &mut answer);
    check_log(case, &mut answer);
    if case.records.iter().all(|record| record.logged.is_none()) && answer.failure.is_none() {
        return StepAnswer::not_checked(Step::Inclusion);
    }
    answer
}

/// Reads the proof of a signed record. `of_log` is the policy that the log at hand names and nobody has
/// pinned, if it is so.
fn read(
    case: &Case<'_>,
    record: &RecordFile,
    signed: &Signed,
    bytes: &[u8],
    of_log: Option<&Unpinned>,
) -> Result<Logged, LogError> {
    let place = InclusionBundle::parse(bytes)?;
    let note = &place.checkpoint;
    let checkpoint = Checkpoint::parse(&note.text)?;
    // A change counts for its own checkpoint, and its place is not known before.
    let own = case
        .find_change(&record.note_name())
        .map(|change| (place.index, change));
    let changes = case.policy_changes().chain(own);
    let verified = verify_log(case.trust, changes, note, checkpoint.size);
    verified.map_err(|error| match error {
        LogError::Note(_) => {
            let unpinned = find_unpinned(case, note, of_log);
            unpinned.map_or(error, LogError::Unpinned)
        }
        _ => error,
    })?;
    if checkpoint.origin != case.trust.policy.log().name() {
        return Err(LogError::Line {
            line: 1,
            expected: "the pinned log's origin",
            found: checkpoint.origin,
        });
    }
    place.check(&signed.bytes, &checkpoint)?;
    Ok(Logged { place, checkpoint })
}

/// The trust policy whose log key has signed this, where the log or a change in the folder names one that
/// nobody has pinned.
fn find_unpinned(
    case: &Case<'_>,
    checkpoint: &Note,
    of_log: Option<&Unpinned>,
) -> Option<Unpinned> {
    let signs = |policy: &TrustPolicy| checkpoint.verify(policy.log()).is_ok();
    if let Some(unpinned) = of_log.filter(|it| it.policy.as_deref().is_some_and(signs)) {
        return Some(unpinned.clone());
    }
    case.epochs.iter().find_map(|epoch| {
        let (since, change) = epoch.since.as_ref()?;
        let policy = change.policy.as_ref()?;
        let is_pinned = case.trust.policies().any(|pinned| pinned == policy);
        if is_pinned || !signs(policy) {
            return None;
        }
        Some(Unpinned {
            name: format!("trust-{}.policy, which {since} puts in force", change.epoch),
            policy: Some(Box::new(policy.clone())),
        })
    })
}

fn follows(name: &str, before: Option<&(String, u64)>, index: u64) -> Result<(), Failure> {
    match before {
        Some((earlier, at)) if *at >= index => {
            let expected = format!("an index after {at}, where {earlier} is");
            Err(Failure::new(name, expected, index))
        }
        _ => Ok(()),
    }
}

/// The keys that signed a record came into force before it and were not replaced before it.
fn in_force(case: &Case<'_>, record: &RecordFile) -> Result<(), Failure> {
    let place = record.logged.as_ref().map(|logged| logged.place.index);
    let (Some(signed), Some(index)) = (&record.signed, place) else {
        return Ok(());
    };
    let begun = case
        .find_begin(signed.epoch)
        .is_none_or(|since| since < index);
    let signs = |key: &VerifierKey| signed.note.verify(key).is_ok();
    let mut later = case.epochs.iter().skip(signed.epoch + 1);
    let stays = later.position(|epoch| !epoch.keys.iter().any(signs));
    let ended = stays.and_then(|stays| case.find_begin(signed.epoch + 1 + stays));
    let lasting = ended.is_none_or(|until| index <= until);
    if begun && lasting {
        Ok(())
    } else {
        let expected = format!("a signature by the keys in force at index {index}");
        let found = "one by other keys";
        Err(Failure::new(&record.note_name(), expected, found))
    }
}

/// In the order of their places, the records speak of an audit trail that only grew.
fn check_trail(case: &Case<'_>, answer: &mut StepAnswer) {
    let mut records: Vec<_> = case
        .records
        .iter()
        .filter_map(|record| {
            let (signed, logged) = (record.signed.as_ref()?, record.logged.as_ref()?);
            Some((logged.place.index, record.note_name(), &signed.note))
        })
        .collect();
    records.sort_by_key(|(index, ..)| *index);
    let said = records.into_iter();
    let said: Vec<Said<'_>> = said
        .filter_map(|(_, name, note)| Said::find(name, note))
        .collect();
    growth::check(answer, &said);
}

/// Keys that were followed through the log at hand sign only what stands in that very log: another
/// log would have other changes of keys.
fn check_log(case: &mut Case<'_>, answer: &mut StepAnswer) {
    let log = case.log_folder();
    let Some(Ok(log)) = log.as_deref() else {
        return;
    };
    for record in case.records.iter().filter(|record| !record.is_keys()) {
        let (Some(signed), Some(logged)) = (&record.signed, &record.logged) else {
            continue;
        };
        let followed = case.epochs[..=signed.epoch]
            .iter()
            .any(|epoch| matches!(epoch.since, Some((Since::Entry { .. }, _))));
        if !followed {
            continue;
        }
        let index = logged.place.index;
        let entry = usize::try_from(index)
            .ok()
            .and_then(|index| log.entries.get(index));
        let name = record.note_name();
        let size = log.checkpoint.size;
        match entry {
            Some(entry) if *entry == signed.bytes => {
                answer.check(Ok(()));
            }
            Some(_) => {
                let expected = format!("entry {index} of the log whose keys signed it");
                answer.check(Err(Failure::new(&name, expected, "another entry there")));
            }
            None => {
                let expected = format!("a copy of the log with entry {index}");
                let found = format!("one of {size} entries");
                answer.lack(Status::Missing, Failure::new(&name, expected, found));
            }
        }
    }
}
