//! What comes back from a machine without network: the signed record, and then its step is taken as if
//! the key were here.

use ::entity::{draw, record, unsigned_record};
use chrono::{DateTime, Utc};
use sea_orm::DatabaseTransaction;
use verifier::{note::Note, record::Record};

use super::{WorkedOut, amend, enact, finish, latest_record, settle};
use crate::{
    app::{App, Stage},
    domain::{actor::Operator, phase::record_kind_name},
    error::{Error, Result},
    service::{log, publication::timely, record_keys, unsigned},
    store,
};

/// What an import has recorded, now or before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The draw, or what a change of keys is called.
    pub subject: String,
    /// Which step.
    pub kind: record::Kind,
    /// The draw as it stands now; none for a change of keys.
    pub draw: Option<draw::Model>,
}

/// Takes the step whose record waits, with the signature that a file brings; and cosigns and publishes.
/// A file that was imported before is answered with what is so already.
///
/// Whoever imports decides nothing: the text is, byte for byte, the one that waits.
///
/// # Errors
///
/// [`Error::InvalidInput`] for a file that is no signed record, for another record than the one that
/// waits, and for a signature that is missing or does not verify; [`Error::TooLate`] where the step could
/// not count any more by now: then the record can only be dropped. Those of what comes after the commit
/// of a step.
pub async fn import(app: &App, _: &Operator, file: &[u8]) -> Result<Imported> {
    let unread = |cause: &dyn std::fmt::Display| {
        let advice = "give the file that `fairplate draw sign` has written";
        Error::invalid("file", format!("it is no signed record, {cause}; {advice}"))
    };
    let back = Note::parse(file).map_err(|cause| unread(&cause))?;
    let record = Record::parse(&back.text).map_err(|cause| unread(&cause))?;
    let Some(waiting) = unsigned::find(app).await?.filter(|it| it.body == back.text) else {
        return recorded_before(app, &back, &record).await;
    };
    let signed = unsigned::complete(app, &waiting, Some(&back))?;
    if waiting.kind == record::Kind::Close {
        timely::require_announced(app, &waiting.subject).await?;
    }
    let mut worked_out = match &record {
        Record::Result(result) => WorkedOut::Drawn(finish::draw_again(app, result).await?),
        _ => WorkedOut::Nothing,
    };

    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    let still = store::unsigned_records::find(&txn, app.city).await?;
    if still.as_ref() != Some(&waiting) {
        txn.rollback().await?;
        return recorded_before(app, &back, &record).await;
    }
    require_in_time(app, &txn, &waiting, &record).await?;
    app.reached("import", Stage::Decided);
    store::unsigned_records::delete(&txn, &waiting).await?;
    unsigned::note(app, &txn, operator(), "records.import", &waiting).await?;
    let amending;
    if let Record::Amend(amend) = &record {
        amending = amend::prepare_again(app, &txn, amend).await?;
        worked_out = WorkedOut::Amending(&amending);
    }
    let draw = enact(app, &txn, &waiting, &signed, worked_out).await?;
    app.reached("import", Stage::Recorded);
    txn.commit().await?;
    app.reached("import", Stage::Committed);

    settle_imported(app, &waiting.subject, waiting.kind).await?;
    Ok(Imported {
        subject: waiting.subject,
        kind: waiting.kind,
        draw,
    })
}

/// Drops the record of a subject that waits: it is not signed any more, and its step can be taken anew.
/// A signature that was made of it meanwhile records nothing.
///
/// # Errors
///
/// [`Error::NotFound`] where no record of this subject waits.
pub async fn drop_unsigned(
    app: &App,
    _: &Operator,
    subject: &str,
) -> Result<unsigned_record::Model> {
    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    let row = unsigned::get(app, &txn, subject).await?;
    app.reached("drop", Stage::Decided);
    store::unsigned_records::delete(&txn, &row).await?;
    unsigned::note(app, &txn, operator(), "records.drop", &row).await?;
    app.reached("drop", Stage::Recorded);
    txn.commit().await?;
    app.reached("drop", Stage::Committed);
    Ok(row)
}

fn operator() -> String {
    "operator".to_owned()
}

/// The answer for a record that is in the log already; what a crash has left undone is made good.
async fn recorded_before(app: &App, back: &Note, record: &Record) -> Result<Imported> {
    let (subject, kind) = of_record(record);
    let hash = Record::hash(&back.text);
    let logged = store::records::list_of_draw(&app.db, app.city, &subject).await?;
    if logged.iter().all(|row| row.hash != hash.0) {
        return Err(not_the_one(app, &subject, kind).await?);
    }
    settle_imported(app, &subject, kind).await?;
    let draw = store::draws::find(&app.db, app.city, &subject).await?;
    Ok(Imported {
        subject,
        kind,
        draw,
    })
}

/// What is said of a record that does not wait here.
async fn not_the_one(app: &App, subject: &str, kind: record::Kind) -> Result<Error> {
    let brought = record_kind_name(kind);
    let waits = match unsigned::find(app).await? {
        Some(row) => format!(
            "what waits is the {} of {} with SHA-256 {}: carry that one",
            record_kind_name(row.kind),
            row.subject,
            Record::hash(&row.body)
        ),
        None => "no record waits: this one was dropped, or is another city's".to_owned(),
    };
    let reason = format!("its {brought} of {subject} is not the record that waits here; {waits}");
    Ok(Error::invalid("file", reason))
}

/// What a record is about, as the log's rows name it.
fn of_record(record: &Record) -> (String, record::Kind) {
    match record {
        Record::Announce(it) => (it.draw.clone(), record::Kind::Announce),
        Record::Close(it) => (it.draw.clone(), record::Kind::Close),
        Record::Result(it) => (it.draw.clone(), record::Kind::Result),
        Record::Void(it) => (it.draw.clone(), record::Kind::Void),
        Record::Keys(it) => (format!("keys-{}", it.epoch), record::Kind::Keys),
        Record::Amend(it) => (it.draw.clone(), record::Kind::Amend),
    }
}

/// What comes after the commit of an import.
async fn settle_imported(app: &App, subject: &str, kind: record::Kind) -> Result<()> {
    match kind {
        record::Kind::Keys => record_keys::settle(app, "import").await,
        _ => settle(app, "import", subject).await,
    }
}

/// Refuses a record that came back too late for its step to count.
async fn require_in_time(
    app: &App,
    txn: &DatabaseTransaction,
    waiting: &unsigned_record::Model,
    record: &Record,
) -> Result<()> {
    let now = app.clock.now();
    let late = |what, at: DateTime<Utc>, remedy| {
        if at < now {
            return Err(Error::TooLate { what, at, remedy });
        }
        Ok(())
    };
    match record {
        Record::Announce(terms) => late(
            "importing the announcement",
            timely::latest_announce(terms),
            "it cannot stand for its whole window any more: drop it with `fairplate draw drop-unsigned`, and announce anew",
        ),
        Record::Close(_) => late(
            "importing the close",
            latest(app, txn, waiting).await?,
            "it cannot be witnessed the margin before the round any more: drop it with `fairplate draw drop-unsigned`, say in public that nothing of this draw can be finished or voided (rules D73 and R47 of the protocol), and ask for advice before anything else is done",
        ),
        Record::Void(_) => late(
            "importing the void",
            latest(app, txn, waiting).await?,
            "a void counts only before the round: drop it with `fairplate draw drop-unsigned`, and finish the draw if it is closed, since anybody can compute its outcome",
        ),
        Record::Result(_) | Record::Keys(_) | Record::Amend(_) => Ok(()),
    }
}

/// Until when a record of an announced draw counts.
async fn latest(
    app: &App,
    txn: &DatabaseTransaction,
    waiting: &unsigned_record::Model,
) -> Result<DateTime<Utc>> {
    let row = store::draws::get(txn, app.city, &waiting.subject).await?;
    let (terms, _) = log::announced(txn, app, &row.id).await?;
    latest_record(&row, &terms)
}
