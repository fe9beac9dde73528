//! The append-only log: a record is appended in the transaction of what it records; witnesses
//! cosign after the commit.

use ::entity::{checkpoint, record, unsigned_record};
use futures_util::future::join_all;
use sea_orm::DatabaseTransaction;
use verifier::{
    log::{Checkpoint, consistency_proof, leaf_hash, root_hash},
    note::Note,
    record::{Announce, Record},
    text::Digest,
};

use super::trust::{self, Policies};
use crate::{
    app::App,
    error::{Error, Result},
    store,
    witness::{Submission, Witness, WitnessError},
};

/// Appends a signed record, with the checkpoint that holds it; `number` says which of its kind and subject
/// it is.
///
/// The caller holds the city's lock: nobody else appends at the same time.
pub(super) async fn append(
    app: &App,
    txn: &DatabaseTransaction,
    composed: &unsigned_record::Model,
    number: i32,
    (note, record): (&Note, &Record),
) -> Result<()> {
    trust::require_in_force(app, txn, Some(record)).await?;
    let hash = Record::hash(&note.text);
    let note = note.to_string();
    let mut leaves = leaves(txn, app).await?;
    let index = position(leaves.len())?;
    let leaf = leaf_hash(note.as_bytes());
    leaves.push(leaf);
    let head = Checkpoint {
        origin: app.origin.to_string(),
        size: leaves.len() as u64,
        root: root_hash(&leaves),
    };
    let signed = app.signers()?.log.sign(head.to_string())?;

    let row = record::Model {
        city_id: app.city,
        log_index: index,
        draw_id: composed.subject.clone(),
        kind: composed.kind,
        hash: hash.0.to_vec(),
        leaf: leaf.0.to_vec(),
        note,
        issued_at: composed.made_at,
        number,
    };
    store::records::insert(txn, row).await?;
    let row = checkpoint::Model {
        city_id: app.city,
        size: position(leaves.len())?,
        note: signed.to_string(),
        cosignatures: String::new(),
    };
    store::records::insert_checkpoint(txn, row).await
}

/// Brings every checkpoint to the witnesses that has not been cosigned yet, oldest first.
///
/// Returns once the quorum of the trust policy has cosigned each; without witnesses there is
/// nothing to wait for. Doing it again asks only for what is missing.
pub async fn cosign(app: &App) -> Result<()> {
    let policies = Policies::of(app, &app.db).await?;
    if !policies.ask_somebody() {
        return Ok(());
    }
    let checkpoints = store::records::list_checkpoints(&app.db, app.city).await?;
    if checkpoints.iter().all(|row| !row.cosignatures.is_empty()) {
        return Ok(());
    }
    trust::require_in_force(app, &app.db, None).await?;
    let leaves = leaves(&app.db, app).await?;
    for row in checkpoints.iter().filter(|row| row.cosignatures.is_empty()) {
        let lines = cosign_one(app, &leaves, row).await?;
        store::records::cosign(&app.db, app.city, row.size, &lines).await?;
    }
    Ok(())
}

/// The witnesses' lines for one checkpoint, in the order of the settings. All are asked at once, so that
/// one that is slow or away costs its own time and nobody else's.
async fn cosign_one(app: &App, leaves: &[Digest], row: &checkpoint::Model) -> Result<String> {
    let mut note = Note::parse(row.note.as_bytes()).map_err(Error::internal)?;
    let asking = app
        .witnesses
        .iter()
        .map(|witness| ask(witness.as_ref(), leaves, row.size, &note));
    let answers = join_all(asking).await;
    let mut lines = Vec::new();
    let mut refusals = Vec::new();
    for (witness, answer) in app.witnesses.iter().zip(answers) {
        match answer {
            Ok(signature) => {
                lines.push(signature.to_string());
                note.signatures.push(signature);
            }
            Err(refusal) => refusals.push(format!("{}: {refusal}", witness.key().name())),
        }
    }
    let met = app.trust.quorum_met_at(&note).map_err(Error::internal)?;
    if met.is_none() {
        return Err(Error::Unavailable {
            what: "the witnesses' quorum",
            reason: format!(
                "{}; the record is in the log and is published once the quorum has cosigned it: run `fairplate draw resume`",
                refusals.join("; ")
            ),
        });
    }
    for refusal in refusals {
        tracing::warn!(
            "the quorum has cosigned {} entries without {refusal}",
            row.size
        );
    }
    lines.push(String::new());
    Ok(lines.join("\n"))
}

/// How often a witness is asked about one checkpoint: from the size that it probably knows, from the
/// one that it then names, and once more where it has moved meanwhile.
const TRIES: usize = 3;

/// Asks one witness; where it has seen less or more of the log than thought, proves from what it has
/// seen.
async fn ask(
    witness: &dyn Witness,
    leaves: &[Digest],
    size: i64,
    note: &Note,
) -> Result<verifier::note::Signature, String> {
    let size = usize::try_from(size).unwrap_or_default();
    let tree = leaves
        .get(..size)
        .ok_or("the log is shorter than its checkpoint")?;
    let mut old_size = size.saturating_sub(1) as u64;
    for _ in 0..TRIES {
        let submission = Submission {
            old_size,
            proof: consistency_proof(tree, old_size),
            checkpoint: note.clone(),
        };
        match witness.cosign(&submission).await {
            Err(WitnessError::Behind { size: seen } | WitnessError::Ahead { size: seen })
                if seen <= size as u64 =>
            {
                old_size = seen;
            }
            other => return other.map_err(|cause| cause.to_string()),
        }
    }
    Err("it changed its mind about how much of the log it has seen".to_owned())
}

/// The leaf hashes of the log.
pub(super) async fn leaves(db: &impl sea_orm::ConnectionTrait, app: &App) -> Result<Vec<Digest>> {
    let rows = store::records::list_leaves(db, app.city).await?;
    rows.iter().map(|leaf| digest(leaf)).collect()
}

/// What a row of the log says.
pub(super) fn read(row: &record::Model) -> Result<Record> {
    let note = Note::parse(row.note.as_bytes()).map_err(Error::internal)?;
    Record::parse(&note.text).map_err(Error::internal)
}

/// The signed `announce` of a draw that is past it, with the hash that later records name.
pub(super) async fn announced(
    db: &impl sea_orm::ConnectionTrait,
    app: &App,
    draw: &str,
) -> Result<(Announce, Digest)> {
    let row = store::records::find(db, app.city, draw, record::Kind::Announce).await?;
    let row = row.ok_or_else(|| {
        Error::internal(anyhow::anyhow!(
            "draw {draw} is past announce and has no announce record"
        ))
    })?;
    match read(&row)? {
        Record::Announce(announce) => Ok((announce, digest(&row.hash)?)),
        _ => Err(Error::internal(anyhow::anyhow!(
            "the announce record of draw {draw} is another record"
        ))),
    }
}

/// A digest column.
pub(super) fn digest(bytes: &[u8]) -> Result<Digest> {
    bytes.try_into().map(Digest).map_err(|_| {
        Error::internal(anyhow::anyhow!(
            "a digest in the database is not 32 bytes long"
        ))
    })
}

fn position(length: usize) -> Result<i64> {
    i64::try_from(length).map_err(Error::internal)
}
