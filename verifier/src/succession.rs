//! The record keys through the life of a log (R49), followed from the pinned one, change by change, in
//! the order of the log; and which of the pinned witnesses count at a place (R62).

use crate::{
    key::VerifierKey,
    log::LogError,
    note::{Note, NoteError},
    record::Keys,
    text::{Time, excerpt, visible},
    trust::{Trust, TrustPolicy},
};

/// A change of the record keys that stands in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange {
    /// Its place in the log, from 0.
    pub index: u64,
    /// The signed record.
    pub note: Note,
    /// What it says.
    pub record: Keys,
}

/// Why a change of keys cannot be followed. What the city did not sign is no reason: it means
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("log entry {}: expected {expected}, found {found}", .change_at)]
pub struct SuccessionError {
    /// The record's place in the log, from 0.
    pub change_at: u64,
    /// The record's line, counted from 1, where one is to blame.
    pub line: Option<u64>,
    /// What would have been accepted.
    pub expected: String,
    /// What was there.
    pub found: String,
    /// The signed record.
    pub note: Box<Note>,
}

/// The changes of keys among a log's entries that lead on from the pinned key, in their order.
///
/// A reader may have pinned any key of the succession: changes before it are signed by keys that
/// nobody here knows, and are passed over. Refused is a change that the city signed and that is not
/// signed by the keys in force before it, or lacks a signature of a key that it names.
pub fn follow(
    pinned: &VerifierKey,
    entries: &[Vec<u8>],
) -> Result<Vec<KeyChange>, SuccessionError> {
    let mut changes: Vec<KeyChange> = Vec::new();
    let mut replaced: Vec<VerifierKey> = Vec::new();
    let mut in_force = vec![pinned.clone()];
    for (index, entry) in (0..).zip(entries) {
        let Some(note) = Note::parse(entry).ok().filter(is_change) else {
            continue;
        };
        let signed = |key: &VerifierKey| note.verify(key).is_ok();
        if !in_force.iter().chain(&replaced).any(signed) {
            continue;
        }
        let record = read(&note, &in_force).map_err(|refusal| refusal.at(index, &note))?;
        replaced.append(&mut in_force);
        in_force.clone_from(&record.keys);
        changes.push(KeyChange {
            index,
            note,
            record,
        });
    }
    Ok(changes)
}

/// A change of the trust policy: its place in the log, from 0, and the record.
pub type PolicyChange<'a> = (u64, &'a Keys);

/// A trust policy that nobody has pinned, named as the city publishes it, with the log's entry that puts
/// it in force.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}")]
pub struct Unpinned {
    /// What it is called.
    pub name: String,
    /// Its text, where it is known.
    pub policy: Option<Box<TrustPolicy>>,
}

/// The pinned policies by which a checkpoint of so many entries is judged: the one that was in force there.
///
/// A change puts a policy in force for the checkpoints that have its record; nobody believes it for
/// that, but has pinned the policy as well. `changes` are those that are known: a reader who knows none
/// takes the word of any pinned policy.
pub fn in_force<'a>(
    trust: &'a Trust,
    changes: impl IntoIterator<Item = PolicyChange<'a>>,
    size: u64,
) -> Result<Vec<&'a TrustPolicy>, Unpinned> {
    let (mut in_force, mut named) = (None, Vec::new());
    for (index, record) in changes {
        let Some(policy) = &record.policy else {
            continue;
        };
        named.push(policy);
        if index < size {
            in_force = Some((index, record.epoch, policy));
        }
    }
    let counts = |pinned: &&TrustPolicy| match in_force {
        Some((_, _, policy)) => *pinned == policy,
        None => !named.contains(pinned),
    };
    let counting: Vec<&TrustPolicy> = trust.policies().filter(counts).collect();
    if !counting.is_empty() {
        return Ok(counting);
    }
    Err(match in_force {
        Some((index, epoch, policy)) => Unpinned {
            name: format!("trust-{epoch}.policy, which log entry {index} puts in force"),
            policy: Some(Box::new(policy.clone())),
        },
        None => Unpinned {
            name: "trust.policy, with which the log began".to_owned(),
            policy: None,
        },
    })
}

/// When the quorum had cosigned a checkpoint by one of these policies; none where too few have.
///
/// # Errors
///
/// A line by a known witness that does not verify.
pub fn quorum_met_at(
    policies: &[&TrustPolicy],
    checkpoint: &Note,
) -> Result<Option<Time>, NoteError> {
    for policy in policies {
        if let Some(time) = policy.quorum_met_at(checkpoint)? {
            return Ok(Some(time));
        }
    }
    Ok(None)
}

/// Succeeds where the log's key that was in force has signed a checkpoint of so many entries.
///
/// # Errors
///
/// [`LogError::Unpinned`] where that key is not among the pinned ones.
pub fn verify_log<'a>(
    trust: &'a Trust,
    changes: impl IntoIterator<Item = PolicyChange<'a>>,
    checkpoint: &Note,
    size: u64,
) -> Result<(), LogError> {
    let unpinned = match in_force(trust, changes, size) {
        Ok(policies) => {
            let mut refused = Ok(());
            for policy in policies {
                refused = checkpoint.verify(policy.log());
                if refused.is_ok() {
                    break;
                }
            }
            return refused.map_err(LogError::Note);
        }
        Err(unpinned) => unpinned,
    };
    // Where only the witnesses have changed, the key is the pinned one.
    let wanted = unpinned.policy.as_deref().map(TrustPolicy::log);
    let mut pinned = trust.policies().map(TrustPolicy::log);
    let signs = |key: &VerifierKey| checkpoint.verify(key).is_ok();
    if pinned.any(|key| wanted.is_none_or(|wanted| wanted == key) && signs(key)) {
        return Ok(());
    }
    if let Some(wanted) = wanted {
        checkpoint.verify(wanted)?;
    }
    Err(LogError::Unpinned(unpinned))
}

/// Whether a note's text says that it is a change of keys.
fn is_change(note: &Note) -> bool {
    note.text.starts_with("fairplate/v1 keys\n")
}

/// Why one record does not change the keys.
pub(crate) struct Refusal {
    pub(crate) line: Option<u64>,
    pub(crate) expected: String,
    pub(crate) found: String,
}

impl Refusal {
    fn at(self, index: u64, note: &Note) -> SuccessionError {
        SuccessionError {
            change_at: index,
            line: self.line,
            expected: visible(&self.expected),
            found: excerpt(&self.found),
            note: Box::new(note.clone()),
        }
    }
}

/// Reads a change of keys that one of the keys in force and all of its own signed.
pub(crate) fn read(note: &Note, in_force: &[VerifierKey]) -> Result<Keys, Refusal> {
    let record = Keys::parse(&note.text).map_err(|error| Refusal {
        line: Some(error.line as u64),
        expected: error.expected,
        found: error.found,
    })?;
    for key in &record.keys {
        note.verify(key).map_err(|error: NoteError| Refusal {
            line: None,
            expected: format!("a signature by the new key {key}"),
            found: error.to_string(),
        })?;
    }
    if in_force.iter().any(|key| note.verify(key).is_ok()) {
        return Ok(record);
    }
    Err(Refusal {
        line: None,
        expected: "a signature by the keys in force before it".to_owned(),
        found: "one by other keys".to_owned(),
    })
}
