//! From a composed record to the step that it records: signed here and taken at once, or left for a key
//! that is off line and taken when it comes back.

use ::entity::{draw, record, unsigned_record};
use sea_orm::DatabaseTransaction;
use verifier::{note::Note, record::Record};

use super::{
    amend::{self, Amending},
    announce, close, finish, void,
};
use crate::{
    app::App,
    domain::phase::record_kind_name,
    error::{Error, Result},
    service::{log, messages, once::Again, trail, unsigned},
    store,
};

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stepped {
    /// Its record is signed, logged and public.
    Recorded(draw::Model),
    /// Its record waits for a signature from a machine without network; the draw stands where it stood.
    AwaitsSignature {
        /// The draw.
        draw: draw::Model,
        /// What is to be signed.
        record: unsigned_record::Model,
    },
}

impl Stepped {
    /// The draw, as it stands now.
    #[must_use]
    pub fn draw(&self) -> &draw::Model {
        match self {
            Self::Recorded(draw) | Self::AwaitsSignature { draw, .. } => draw,
        }
    }

    /// The same, without what waits.
    #[must_use]
    pub fn into_draw(self) -> draw::Model {
        match self {
            Self::Recorded(draw) | Self::AwaitsSignature { draw, .. } => draw,
        }
    }

    /// What its request is kept under, so that the same can be answered again.
    pub(super) fn subject(&self) -> String {
        match self {
            Self::Recorded(draw) => draw.id.clone(),
            Self::AwaitsSignature { draw, record } => {
                format!("{} {}", draw.id, record_kind_name(record.kind))
            }
        }
    }
}

impl Again for Stepped {
    /// A record that waited when the first answer was given may have been imported since, or dropped.
    async fn again(app: &App, subject: &str) -> Result<Self> {
        let (id, waited) = subject.split_once(' ').unzip();
        let draw = draw::Model::again(app, id.unwrap_or(subject)).await?;
        let Some(kind) = waited else {
            return Ok(Self::Recorded(draw));
        };
        let found = unsigned::find(app).await?;
        let is_it = |row: &unsigned_record::Model| {
            row.subject == draw.id && record_kind_name(row.kind) == kind
        };
        if let Some(record) = found.filter(is_it) {
            return Ok(Self::AwaitsSignature { draw, record });
        }
        let records = store::records::list_of_draw(&app.db, app.city, &draw.id).await?;
        if records.iter().any(|row| record_kind_name(row.kind) == kind) {
            return Ok(Self::Recorded(draw));
        }
        Err(Error::invalid(
            "idempotencyKey",
            "the record that this request left for its signature was dropped; ask again under a new key",
        ))
    }
}

/// What is worked out for a step beside the text of its record.
pub(in crate::service) enum WorkedOut<'a> {
    /// The text says all of it.
    Nothing,
    /// What a result draws.
    Drawn(Vec<finish::Drawn>),
    /// Whose place an amend takes, and who moves up.
    Amending(&'a Amending),
}

/// Takes a step whose record can be signed here; leaves the record where it cannot.
pub(super) async fn record_or_leave(
    app: &App,
    txn: &DatabaseTransaction,
    composed: unsigned_record::Model,
    worked_out: WorkedOut<'_>,
) -> Result<Stepped> {
    if let Some(note) = unsigned::sign(app, &composed)? {
        let enacted = enact(app, txn, &composed, &note, worked_out).await?;
        let draw = enacted.ok_or_else(|| Error::internal(anyhow::anyhow!("a step of no draw")));
        return Ok(Stepped::Recorded(draw?));
    }
    unsigned::leave(app, txn, &composed).await?;
    let draw = store::draws::get(txn, app.city, &composed.subject).await?;
    let record = composed;
    Ok(Stepped::AwaitsSignature { draw, record })
}

/// Does what a signed record says, in the caller's transaction; gives the draw that it changes.
///
/// All of it follows from the record's text and what was written down with it, so that it is the same
/// right after the composition and when the signature comes from elsewhere.
pub(in crate::service) async fn enact(
    app: &App,
    txn: &DatabaseTransaction,
    composed: &unsigned_record::Model,
    note: &Note,
    worked_out: WorkedOut<'_>,
) -> Result<Option<draw::Model>> {
    let id = composed.subject.as_str();
    let mut number = 1;
    let record = Record::parse(&note.text).map_err(Error::internal)?;
    let (action, event) = names(&record);
    let draw = match (&record, worked_out) {
        (Record::Announce(terms), WorkedOut::Nothing) => {
            let row = store::draws::get(txn, app.city, id).await?;
            Some(announce::enact(txn, &row, terms, composed).await?)
        }
        (Record::Close(close), WorkedOut::Nothing) => {
            let row = store::draws::get(txn, app.city, id).await?;
            Some(close::enact(txn, &row, close).await?)
        }
        (Record::Result(_), WorkedOut::Drawn(drawn)) => {
            let row = store::draws::get(txn, app.city, id).await?;
            Some(finish::enact(app, txn, &row, &composed.actor, drawn).await?)
        }
        (Record::Void(_), WorkedOut::Nothing) => {
            let row = store::draws::get(txn, app.city, id).await?;
            Some(void::enact(txn, &row).await?)
        }
        (Record::Keys(_), WorkedOut::Nothing) => None,
        (Record::Amend(_), WorkedOut::Amending(amending)) => {
            number = amending.number();
            Some(amend::enact(app, txn, amending, &composed.actor).await?)
        }
        _ => {
            let what = record_kind_name(composed.kind);
            return Err(Error::internal(anyhow::anyhow!(
                "the {what} of {id} was worked out as another step"
            )));
        }
    };
    log::append(app, txn, composed, number, (note, &record)).await?;
    let detail: serde_json::Value =
        serde_json::from_str(&composed.detail).map_err(Error::internal)?;
    let told = match composed.kind {
        record::Kind::Announce => serde_json::json!({ "round": detail["round"] }),
        record::Kind::Amend => serde_json::json!({ "number": detail["number"] }),
        _ => serde_json::json!({}),
    };
    trail::note(app, txn, composed.actor.clone(), action, id, detail).await?;
    if let Some(event) = event {
        messages::tell(app, txn, event, id, told).await?;
    }
    Ok(draw)
}

/// How a step is called in the audit trail, and to the city's own systems.
fn names(record: &Record) -> (&'static str, Option<&'static str>) {
    match record {
        Record::Announce(_) => ("ceremony.announce", Some("draw.announced")),
        Record::Close(_) => ("ceremony.close", Some("draw.closed")),
        Record::Result(_) => ("ceremony.finish", Some("draw.finished")),
        Record::Void(_) => ("ceremony.void", Some("draw.voided")),
        Record::Amend(_) => ("ceremony.amend", Some("draw.amended")),
        Record::Keys(change) if change.policy.is_some() => ("keys.change_trust", None),
        Record::Keys(_) => ("keys.rotate_record", None),
    }
}
