//! Which key signs records, and how another one takes its place.
//!
//! The city's log says it (R49), and nothing else: a process that stops at any moment finds out from
//! the log where it was. Until the record of a change is committed the old key signs, from then on
//! the new one.

use ::entity::record;
use sea_orm::ConnectionTrait;
use verifier::{
    note::VerifierKey,
    record::{Keys, Record},
    text::Time,
};

use super::{log, publication, trail};
use crate::{
    app::{App, Stage},
    domain::actor::Operator,
    error::{Error, Result},
    signer::RecordSigner,
    store,
};

/// A change of the record key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// Its number, from 1.
    pub epoch: u64,
    /// The key that signs from then on.
    pub key: VerifierKey,
}

/// The keys that sign records now: those of the last change, or the first one.
async fn list_in_force(app: &App, db: &impl ConnectionTrait) -> Result<Vec<VerifierKey>> {
    match find_last_change(app, db).await? {
        Some(change) => Ok(change.keys),
        None => Ok(vec![app.signers()?.records.first().clone()]),
    }
}

async fn find_last_change(app: &App, db: &impl ConnectionTrait) -> Result<Option<Keys>> {
    let changes = store::records::list_changes_of_keys(db, app.city, i64::MAX).await?;
    let Some(last) = changes.last() else {
        return Ok(None);
    };
    match log::read(last)? {
        Record::Keys(keys) => Ok(Some(keys)),
        _ => Err(Error::internal(anyhow::anyhow!(
            "entry {} of the log is no change of keys",
            last.log_index
        ))),
    }
}

/// Who signs records now, where this process holds that key.
///
/// # Errors
///
/// [`Error::NotSetUp`] where it does not: nothing may be signed with an earlier key, which every
/// verifier would refute.
pub(super) async fn signer_in_force<'a>(
    app: &'a App,
    db: &impl ConnectionTrait,
) -> Result<&'a RecordSigner> {
    let wanted = list_in_force(app, db).await?;
    app.signers()?.records.find(&wanted).ok_or_else(|| {
        let named: Vec<_> = wanted.iter().map(ToString::to_string).collect();
        Error::NotSetUp(format!(
            "records are signed by {} now, and this process does not hold that key; copy the folder of keys from where it was made, and start the process again",
            named.join(" or ")
        ))
    })
}

/// Whether the folder holds a newer key than the one that signs.
pub async fn is_one_waiting(app: &App) -> Result<bool> {
    let in_force = list_in_force(app, &app.db).await?;
    let newest = app.signers()?.records.newest();
    Ok(newest.is_some_and(|newest| !in_force.contains(newest.key())))
}

/// Puts the newest key in the place of the one that signs: a record of it, signed by both, is logged,
/// cosigned and published.
///
/// It may be done at any time, also within a draw: a key that was stolen does not wait.
///
/// # Errors
///
/// [`Error::NotSetUp`] where no newer key was made, or the key in force is not here to sign its
/// successor; [`Error::Unavailable`] where the change is made and the witnesses do not answer.
pub async fn rotate(app: &App, _: &Operator) -> Result<Rotated> {
    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    let old = signer_in_force(app, &txn).await?;
    let new = app.signers()?.records.newest();
    let new = new.filter(|new| new.key() != old.key()).ok_or_else(|| {
        Error::NotSetUp(
            "there is no newer record key than the one that signs; make one with `fairplate key rotate-record --prepare`"
                .to_owned(),
        )
    })?;
    let epoch = find_last_change(app, &txn)
        .await?
        .map_or(1, |change| change.epoch + 1);
    let text = Keys {
        origin: app.origin.to_string(),
        epoch,
        issued: Time(app.clock.now().timestamp()),
        trail: Some(trail::link_all(app, &txn).await?),
        keys: vec![new.key().clone()],
    }
    .to_string();
    Keys::parse(&text).map_err(Error::internal)?;
    let mut note = old.sign(text.clone()).map_err(Error::internal)?;
    let by_new = new.sign(text).map_err(Error::internal)?;
    note.signatures.extend(by_new.signatures);
    app.reached("rotate", Stage::Decided);

    let subject = format!("keys-{epoch}");
    log::append_signed(app, &txn, &subject, record::Kind::Keys, &note).await?;
    let detail = serde_json::json!({ "key": new.key().to_string() });
    let (actor, action) = ("operator".to_owned(), "keys.rotate_record");
    trail::note(app, &txn, actor, action, &subject, detail).await?;
    app.reached("rotate", Stage::Recorded);
    txn.commit().await?;
    app.reached("rotate", Stage::Committed);

    log::cosign(app).await?;
    app.reached("rotate", Stage::Cosigned);
    publication::publish_keys(app).await?;
    app.reached("rotate", Stage::LogPublished);
    Ok(Rotated {
        epoch,
        key: new.key().clone(),
    })
}
