//! Which key signs records, and how another one takes its place.
//!
//! The city's log says it (R49), and nothing else: a process that stops at any moment finds out from
//! the log where it was. Until the record of a change is committed the old key signs, from then on
//! the new one. A change is what two officers want, like everything that binds the city.

use ::entity::record;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use verifier::{
    note::VerifierKey,
    record::{Keys, Record},
    text::Time,
    trust::TrustPolicy,
};

use super::{
    approvals::Approved,
    ceremony::{self, WorkedOut},
    log, publication, trail,
    unsigned::{self, Composing},
};
use crate::{
    app::{App, Stage},
    domain::approval,
    error::{Error, Result},
    signer::RecordSigner,
    store,
};

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

/// A `keys` record that could be signed now.
pub(super) struct Written {
    epoch: u64,
    text: String,
}

impl Written {
    /// Writes the text of the next change of keys.
    pub(super) async fn of(
        app: &App,
        txn: &DatabaseTransaction,
        keys: Vec<VerifierKey>,
        policy: Option<TrustPolicy>,
    ) -> Result<Self> {
        let last = find_last_change(app, txn).await?;
        let epoch = last.map_or(1, |change| change.epoch + 1);
        let text = Keys {
            origin: app.origin.to_string(),
            epoch,
            issued: Time(app.clock.now().timestamp()),
            trail: Some(trail::link_all(app, txn).await?),
            keys,
            policy,
        }
        .to_string();
        Keys::parse(&text).map_err(Error::internal)?;
        Ok(Self { epoch, text })
    }

    /// Which change of keys it is, from 1.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Signs it with these keys, or with the one in force, and logs it; where one of them is off line,
    /// leaves that to be signed there.
    pub(super) async fn record<T>(
        &self,
        app: &App,
        txn: &DatabaseTransaction,
        approved: &Approved<T>,
        facts: serde_json::Value,
        keys: Option<[&VerifierKey; 2]>,
    ) -> Result<()> {
        app.reached("rotate", Stage::Decided);
        let composing = Composing {
            subject: subject_of(self.epoch),
            kind: record::Kind::Keys,
            text: self.text.clone(),
            chain: None,
            actor: approved.by().actor(),
            detail: approved.detail(facts),
            approval: Some(approved.id()),
        };
        let composed = unsigned::compose(app, txn, composing, keys).await?;
        let Some(note) = unsigned::sign(app, &composed)? else {
            return unsigned::leave(app, txn, &composed).await;
        };
        let enacted = ceremony::enact(app, txn, &composed, &note, WorkedOut::Nothing);
        enacted.await.map(drop)
    }
}

/// What a change of keys is called.
pub(super) fn subject_of(epoch: u64) -> String {
    format!("keys-{epoch}")
}

/// A change of the record key that could be recorded now.
pub(super) struct Changing {
    origin: String,
    old: VerifierKey,
    new: VerifierKey,
    written: Written,
}

impl Changing {
    /// All of what is decided of it.
    pub(super) fn content(&self) -> approval::KeyChange {
        approval::KeyChange {
            origin: self.origin.clone(),
            change: subject_of(self.written.epoch),
            epoch: self.written.epoch,
            old: self.old.to_string(),
            new: self.new.to_string(),
        }
    }
}

/// Says whether the newest key can take the place of the one that signs, and writes the record's text.
///
/// It may be done at any time, also within a draw: a key that was stolen does not wait.
///
/// # Errors
///
/// [`Error::AwaitsSignature`] while another record waits; [`Error::NotSetUp`] where no newer key was made, or this process does not hold the key in force,
/// which has to sign its successor.
pub(super) async fn prepare_change(app: &App, txn: &DatabaseTransaction) -> Result<Changing> {
    unsigned::require_none(app, txn).await?;
    let old = signer_in_force(app, txn).await?.key().clone();
    let new = app.signers()?.records.newest();
    let new = new.filter(|new| *new.key() != old).ok_or_else(|| {
        Error::NotSetUp(
            "there is no newer record key than the one that signs, or this process was started before it was made; make one with `fairplate key rotate-record --prepare`, and start the process again"
                .to_owned(),
        )
    })?;
    let new = new.key().clone();
    Ok(Changing {
        origin: app.origin.to_string(),
        written: Written::of(app, txn, vec![new.clone()], None).await?,
        old,
        new,
    })
}

/// Has both keys sign that the new one takes the place of the old one.
pub(super) async fn change(
    app: &App,
    txn: &DatabaseTransaction,
    approved: &Approved<Changing>,
) -> Result<()> {
    let Changing {
        old, new, written, ..
    } = approved.what();
    let facts = serde_json::json!({ "key": new.to_string() });
    let keys = Some([old, new]);
    written.record(app, txn, approved, facts, keys).await
}

/// Who signs with a key that was here a moment ago.
pub(super) fn held<'a>(app: &'a App, key: &VerifierKey) -> Result<&'a RecordSigner> {
    let found = app.signers()?.records.find(std::slice::from_ref(key));
    found.ok_or_else(|| Error::internal(anyhow::anyhow!("{key} is not held any more")))
}

/// What comes after the commit of a change: cosignatures, then files.
pub(super) async fn settle(app: &App, step: &'static str) -> Result<()> {
    log::cosign(app).await?;
    app.reached(step, Stage::Cosigned);
    publication::publish_keys(app).await?;
    app.reached(step, Stage::LogPublished);
    Ok(())
}
