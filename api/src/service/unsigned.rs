//! A record between its composition and its signature.
//!
//! Where the key that signs is here, the two are one moment. Where it is on a machine without network,
//! the record waits: its text is fixed, a person carries it there and back, and until it is imported or
//! dropped nothing else is recorded in the city, so that the log goes on in the order of its records'
//! moments.

use ::entity::{record, unsigned_record};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;
use verifier::note::{Note, VerifierKey};

use crate::{
    app::App,
    domain::{actor::Operator, phase::record_kind_name},
    error::{Error, Result},
    service::{record_keys, trail},
    signer::{Request, SignError},
    store,
};

/// A step that is decided, as far as its record goes.
pub(in crate::service) struct Composing {
    /// The draw, or what a change of keys is called.
    pub(in crate::service) subject: String,
    /// Which step it is.
    pub(in crate::service) kind: record::Kind,
    /// The whole text.
    pub(in crate::service) text: String,
    /// Of an announcement, the `chain.json`.
    pub(in crate::service) chain: Option<String>,
    /// In whose name the step is taken.
    pub(in crate::service) actor: String,
    /// What the audit trail says of the step.
    pub(in crate::service) detail: serde_json::Value,
    /// The approval, where there is one.
    pub(in crate::service) approval: Option<Uuid>,
}

/// The record that waits, if one does. Its text is for whoever exports it.
pub async fn find(app: &App) -> Result<Option<unsigned_record::Model>> {
    store::unsigned_records::find(&app.db, app.city).await
}

/// The record of a subject that waits, as it is carried to its keys.
///
/// Only the operator, who has the machine, exports it: whoever has a session sees that a record waits,
/// and its hash.
///
/// # Errors
///
/// [`Error::NotFound`] where none of this subject waits; [`Error::NotSetUp`] where its keys are here by
/// now.
pub async fn export(app: &App, _: &Operator, subject: &str) -> Result<Request> {
    let row = get(app, &app.db, subject).await?;
    let keys = keys_of(app, &row)?;
    let off_line: Vec<_> = keys
        .into_iter()
        .filter(|key| is_off_line(app, key))
        .collect();
    if off_line.is_empty() {
        return Err(Error::NotSetUp(format!(
            "the folder of keys says of no key of this record that it is off line; put `record.offline` back, or drop the record with `fairplate draw drop-unsigned {subject}` and take the step again"
        )));
    }
    Request::new(row.body.clone(), off_line).map_err(Error::internal)
}

/// The record of a subject that waits.
pub(in crate::service) async fn get(
    app: &App,
    db: &impl ConnectionTrait,
    subject: &str,
) -> Result<unsigned_record::Model> {
    let found = store::unsigned_records::find(db, app.city).await?;
    found
        .filter(|row| row.subject == subject)
        .ok_or_else(|| Error::not_found("record that waits for its signature, of", subject))
}

/// Refuses to compose a record while another one waits.
pub(in crate::service) async fn require_none(app: &App, db: &impl ConnectionTrait) -> Result<()> {
    let waiting = store::unsigned_records::find(db, app.city).await?;
    waiting.map_or(Ok(()), |row| Err(waits(&row)))
}

/// What is said to whoever would record something meanwhile.
pub(in crate::service) fn waits(row: &unsigned_record::Model) -> Error {
    Error::AwaitsSignature {
        subject: row.subject.clone(),
        kind: record_kind_name(row.kind),
    }
}

/// Whether a record of this kind of a draw waits, so that its content can change no more.
pub(in crate::service) async fn is_waiting(
    app: &App,
    db: &impl ConnectionTrait,
    subject: &str,
    kind: record::Kind,
) -> Result<bool> {
    let waiting = store::unsigned_records::find(db, app.city).await?;
    Ok(waiting.is_some_and(|row| row.subject == subject && row.kind == kind))
}

/// Since when the announcement of a draw waits, if it does: what it names can change no more.
pub(in crate::service) async fn announced_at(
    app: &App,
    db: &impl ConnectionTrait,
    draw: &str,
) -> Result<Option<DateTime<Utc>>> {
    let waiting = store::unsigned_records::find(db, app.city).await?;
    let waiting = waiting.filter(|row| row.subject == draw && row.kind == record::Kind::Announce);
    Ok(waiting.map(|row| row.made_at))
}

/// A composed record, with the keys that sign it.
pub(in crate::service) async fn compose(
    app: &App,
    txn: &DatabaseTransaction,
    composing: Composing,
    keys: Option<[&VerifierKey; 2]>,
) -> Result<unsigned_record::Model> {
    require_none(app, txn).await?;
    let keys = if let Some(keys) = keys {
        keys.map(ToString::to_string).join("\n")
    } else {
        let signer = record_keys::signer_in_force(app, txn).await?;
        signer.key().to_string()
    };
    Ok(unsigned_record::Model {
        city_id: app.city,
        subject: composing.subject,
        kind: composing.kind,
        body: composing.text,
        signing_keys: keys,
        chain: composing.chain,
        actor: composing.actor,
        detail: composing.detail.to_string(),
        approval_id: composing.approval,
        made_at: app.clock.now(),
    })
}

/// Signs a composed record where all of its keys are here; gives nothing where it has to be carried to
/// one.
pub(in crate::service) fn sign(app: &App, row: &unsigned_record::Model) -> Result<Option<Note>> {
    if keys_of(app, row)?.iter().any(|key| is_off_line(app, key)) {
        return Ok(None);
    }
    complete(app, row, None).map(Some)
}

/// The record with all of its signatures: those of keys that are off line are taken from what came back,
/// where they verify, and the others are made here. What else came back with them is left out.
///
/// # Errors
///
/// [`Error::InvalidInput`] where a signature is missing, or does not verify.
pub(in crate::service) fn complete(
    app: &App,
    row: &unsigned_record::Model,
    back: Option<&Note>,
) -> Result<Note> {
    let mut note = Note::new(row.body.clone()).map_err(SignError::from)?;
    for key in keys_of(app, row)? {
        if !is_off_line(app, &key) {
            let signed = record_keys::held(app, &key)?.sign(row.body.clone())?;
            note.signatures.extend(signed.signatures);
            continue;
        }
        let refused = |why: String| {
            let advice = "have it signed with `fairplate draw sign` where that key is";
            Error::invalid("file", format!("{why}; {advice}"))
        };
        let Some(back) = back.filter(|back| back.text == row.body) else {
            return Err(refused(format!("nothing is signed by {key} yet")));
        };
        back.verify(&key).map_err(|why| refused(why.to_string()))?;
        let line = back.signatures.iter();
        let mut line = line.filter(|line| line.name == key.name() && line.key_id == key.id());
        note.signatures.extend(line.next().cloned());
    }
    Ok(note)
}

/// Leaves a composed record to wait, in the transaction of its step.
pub(in crate::service) async fn leave(
    app: &App,
    txn: &DatabaseTransaction,
    row: &unsigned_record::Model,
) -> Result<()> {
    store::unsigned_records::insert(txn, row.clone()).await?;
    note(app, txn, row.actor.clone(), "records.leave", row).await
}

/// Notes what becomes of a record that waits.
pub(in crate::service) async fn note(
    app: &App,
    txn: &DatabaseTransaction,
    actor: String,
    action: &'static str,
    row: &unsigned_record::Model,
) -> Result<()> {
    let detail = serde_json::json!({
        "kind": record_kind_name(row.kind),
        "sha256": verifier::record::Record::hash(&row.body).to_string(),
        "approval": row.approval_id,
    });
    trail::note(app, txn, actor, action, &row.subject, detail).await
}

fn keys_of(app: &App, row: &unsigned_record::Model) -> Result<Vec<VerifierKey>> {
    app.signers()?;
    let keys = row.signing_keys.lines().map(str::parse);
    keys.collect::<std::result::Result<_, _>>()
        .map_err(Error::internal)
}

/// Whether a key signs on a machine without network.
fn is_off_line(app: &App, key: &VerifierKey) -> bool {
    let signer = app.signers.as_deref();
    let signer = signer.and_then(|it| it.records.find(std::slice::from_ref(key)));
    signer.is_some_and(crate::signer::RecordSigner::is_off_line)
}
