//! What the log and the witnesses say of a record.

use ::entity::record;
use anyhow::Context as _;
use verifier::{
    log::{Checkpoint, InclusionBundle},
    note::{Note, VerifierKey},
    text::{Digest, Time},
};

use crate::{
    app::App,
    error::{Error, Result},
    service::{log, publication, trust::Policies},
};

/// Where a record stands in the log, and who has seen it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What other records name it by.
    pub hash: Digest,
    /// The keys that signed it, by name and identifier.
    pub signed_by: Vec<String>,
    /// Its place in the log, from 0.
    pub index: u64,
    /// The checkpoint that first held it, signed by the log and cosigned.
    pub note: Note,
    /// What that checkpoint says.
    pub checkpoint: Checkpoint,
    /// The witnesses that cosigned it.
    pub cosigned: Vec<Cosigned>,
    /// When the quorum had cosigned it; none in a city without witnesses.
    pub witnessed_at: Option<Time>,
}

/// A witness's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// The witness.
    pub witness: VerifierKey,
    /// When it says that it saw the checkpoint.
    pub at: Time,
}

/// What the published proof of a record says.
pub(super) async fn read(app: &App, policies: &Policies, row: &record::Model) -> Result<Seen> {
    let name = format!("{}.tlog-proof", publication::file_stem(row));
    let read = tokio::fs::read(app.layout.draw(&row.draw_id).join(&name)).await;
    let bytes = read
        .with_context(|| format!("reading {name} of draw {}", row.draw_id))
        .map_err(Error::internal)?;
    let bundle = InclusionBundle::parse(&bytes).map_err(Error::internal)?;
    let record = Note::parse(row.note.as_bytes()).map_err(Error::internal)?;
    let note = bundle.checkpoint;
    let mut cosigned = Vec::new();
    let checkpoint = Checkpoint::parse(&note.text).map_err(Error::internal)?;
    let size = i64::try_from(checkpoint.size).map_err(Error::internal)?;
    for (_, witness) in policies.at(size).witnesses() {
        let witness = witness.clone();
        if let Some(at) = note.cosigned_at(&witness).map_err(Error::internal)? {
            cosigned.push(Cosigned { witness, at });
        }
    }
    let signed_by = record.signatures.iter();
    let signed_by = signed_by.map(|line| format!("{}+{:08x}", line.name, line.key_id));
    Ok(Seen {
        hash: log::digest(&row.hash)?,
        signed_by: signed_by.collect(),
        index: bundle.index,
        checkpoint,
        witnessed_at: policies.met_at(&note, size)?,
        note,
        cosigned,
    })
}
