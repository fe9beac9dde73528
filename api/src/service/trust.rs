//! Whose word the log rests on, its key's and its witnesses': which trust policy is in force, and how
//! another one takes its place.
//!
//! The public pins a trust policy and believes nobody for being named in a later one (R62). What a change
//! does is to say in the log, from which place on others count, so that whoever pins both policies knows
//! which of them counts where. Keys and settings only offer a policy: until two officers have agreed to
//! another one, a process that offers it records nothing and has nothing cosigned.

use ::entity::{approval, checkpoint};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use verifier::{
    note::Note,
    record::{Keys, Record},
    text::Time,
    trust::{Trust, TrustPolicy},
};

use super::{
    approvals::{self, Approved},
    log, publication,
    record_keys::{self, Written},
    unsigned,
};
use crate::{
    app::App,
    domain::approval::{Content, TrustChange},
    error::{Error, Result},
    store,
};

/// The trust policies of a city's log, in their order.
pub(in crate::service) struct Policies {
    /// The one with which the log began.
    pub(in crate::service) first: TrustPolicy,
    /// The places in the log, from 0, of the records that put others in force, with what they say.
    pub(in crate::service) changes: Vec<(u64, Keys)>,
}

impl Policies {
    /// Reads them.
    pub(in crate::service) async fn of(app: &App, db: &impl ConnectionTrait) -> Result<Self> {
        let mut changes = Vec::new();
        for row in store::records::list_changes_of_keys(db, app.city, i64::MAX).await? {
            if let Record::Keys(change) = log::read(&row)?
                && change.policy.is_some()
            {
                let index = u64::try_from(row.log_index).map_err(Error::internal)?;
                changes.push((index, change));
            }
        }
        let first = if let Some((_, change)) = changes.first() {
            find_replaced(app, db, change).await?
        } else {
            let published = publication::find_first_policy(app)?;
            published.unwrap_or_else(|| (*app.trust).clone())
        };
        Ok(Self { first, changes })
    }

    /// Whether anybody vouches for the log; that never changes.
    pub(in crate::service) fn ask_somebody(&self) -> bool {
        self.first.asks_somebody()
    }

    /// Whether what a checkpoint has is vouched for, as far as that is asked.
    pub(in crate::service) fn is_vouched_for(&self, row: &checkpoint::Model) -> bool {
        !self.ask_somebody() || !row.cosignatures.is_empty()
    }

    /// When the quorum had cosigned a checkpoint of so many entries; nothing where it has not.
    pub(in crate::service) fn met_at(&self, checkpoint: &Note, size: i64) -> Result<Option<Time>> {
        let met = self.at(size).quorum_met_at(checkpoint);
        met.map_err(Error::internal)
    }

    /// What somebody believes who has pinned all of them, and the first record key.
    pub(in crate::service) fn pinned(&self, records: &[u8]) -> Result<Trust> {
        let texts = self.all().map(|policy| policy.to_string().into_bytes());
        Trust::parse_all(&texts.collect::<Vec<_>>(), records).map_err(Error::internal)
    }

    /// The one that counts for a checkpoint of so many entries.
    pub(in crate::service) fn at(&self, size: i64) -> &TrustPolicy {
        let size = u64::try_from(size).unwrap_or_default();
        let earlier = self.changes.iter().rev().filter(|(index, _)| *index < size);
        let mut policies = earlier.filter_map(|(_, change)| change.policy.as_ref());
        policies.next().unwrap_or(&self.first)
    }

    /// The one that counts for what is recorded next.
    fn newest(&self) -> &TrustPolicy {
        self.at(i64::MAX)
    }

    fn all(&self) -> impl Iterator<Item = &TrustPolicy> {
        let later = self.changes.iter();
        let later = later.filter_map(|(_, change)| change.policy.as_ref());
        [&self.first].into_iter().chain(later)
    }

    /// Those of a log of so many entries, each with the name under which it is published.
    pub(in crate::service) fn named(&self, size: i64) -> Vec<(String, &TrustPolicy)> {
        let size = u64::try_from(size).unwrap_or_default();
        let mut named = vec![("trust.policy".to_owned(), &self.first)];
        for (_, change) in self.changes.iter().filter(|(index, _)| *index < size) {
            if let Some(policy) = &change.policy {
                named.push((format!("trust-{}.policy", change.epoch), policy));
            }
        }
        named
    }
}

/// The policy before the first change: what two officers have agreed to names it.
async fn find_replaced(app: &App, db: &impl ConnectionTrait, change: &Keys) -> Result<TrustPolicy> {
    let (action, subject) = (
        approval::Action::ChangeTrust,
        record_keys::subject_of(change.epoch),
    );
    let rows = store::approvals::list_carried_out(db, app.city, action, &subject).await?;
    let row = rows.last().ok_or_else(|| {
        Error::internal(anyhow::anyhow!(
            "nobody has approved of the record {subject}"
        ))
    })?;
    match approvals::content_of(row)? {
        Content::ChangeTrust(change) => change.old.parse().map_err(Error::internal),
        _ => Err(Error::internal(anyhow::anyhow!(
            "approval {} is of something else",
            row.id
        ))),
    }
}

/// Whether this process holds another log key than the one that is in force.
pub async fn is_another_log_key(app: &App) -> Result<bool> {
    let policies = Policies::of(app, &app.db).await?;
    Ok(policies.newest().log() != app.trust.log())
}

/// Refuses to record anything, or to have it cosigned, where this process offers another trust policy than
/// the city has; but for the record that puts that one in force.
///
/// # Errors
///
/// [`Error::NotSetUp`].
pub(super) async fn require_in_force(
    app: &App,
    db: &impl ConnectionTrait,
    recorded: Option<&Record>,
) -> Result<()> {
    let puts_in_force = match recorded {
        Some(Record::Keys(change)) => change.policy.as_ref() == Some(&*app.trust),
        _ => false,
    };
    let policies = Policies::of(app, db).await?;
    let is_in_force = policies.newest() == &*app.trust;
    if puts_in_force || is_in_force && have_vouched(app, db, &policies).await? {
        return Ok(());
    }
    Err(Error::NotSetUp(
        "the log key or the witnesses of this process are not those that vouch for this city's log; take over those that are, or propose these with `fairplate key rotate-log` or `fairplate key change-witnesses`, which takes two officers"
            .to_owned(),
    ))
}

/// Whether what was cosigned last is so by these, if anything is: a node whose folder is empty knows the
/// first policy by its settings alone.
async fn have_vouched(app: &App, db: &impl ConnectionTrait, policies: &Policies) -> Result<bool> {
    let checkpoints = store::records::list_checkpoints(db, app.city).await?;
    let mut cosigned = checkpoints.iter().rev();
    let Some(row) = cosigned.find(|row| !row.cosignatures.is_empty()) else {
        return Ok(true);
    };
    let note = publication::cosigned(row)?;
    Ok(policies.met_at(&note, row.size)?.is_some())
}

/// Another trust policy, which could be in force from now on.
pub(super) struct Changing {
    origin: String,
    old: TrustPolicy,
    new: TrustPolicy,
    written: Written,
}

impl Changing {
    /// All of what is decided of it.
    pub(super) fn content(&self) -> TrustChange {
        TrustChange {
            origin: self.origin.clone(),
            change: record_keys::subject_of(self.written.epoch()),
            epoch: self.written.epoch(),
            old: self.old.to_string(),
            new: self.new.to_string(),
        }
    }
}

/// Says whether the log key and the witnesses of this process can take the place of those in force, and
/// writes the record's text. It may be done at any time, also within a draw.
///
/// # Errors
///
/// [`Error::AwaitsSignature`] while another record waits; [`Error::NotSetUp`] where they are in force
/// already or once were, are another log's, or where a record has not been cosigned by those who vouch.
pub(super) async fn prepare_change(app: &App, txn: &DatabaseTransaction) -> Result<Changing> {
    unsigned::require_none(app, txn).await?;
    let policies = Policies::of(app, txn).await?;
    let (old, new) = (policies.newest().clone(), (*app.trust).clone());
    if old == new {
        return Err(Error::NotSetUp(
            "log key and witnesses are those in force already; name other witnesses in fairplate.toml, or make another log key with `fairplate key rotate-log`"
                .to_owned(),
        ));
    }
    if old.log().name() != new.log().name() {
        return Err(Error::NotSetUp(format!(
            "the public has pinned the log {}, and this process has {}; a log keeps its name",
            old.log().name(),
            new.log().name()
        )));
    }
    if !old.asks_somebody() || !new.asks_somebody() {
        return Err(Error::NotSetUp(
            "a log is vouched for from its first record on, or never; begin another log, under another origin"
                .to_owned(),
        ));
    }
    if policies.all().any(|policy| *policy == new) {
        return Err(Error::NotSetUp(
            "exactly this trust policy was in force before, and nobody could tell the two times apart; give one of the witnesses another name"
                .to_owned(),
        ));
    }
    let waiting = store::records::list_checkpoints(txn, app.city).await?;
    if waiting.iter().any(|row| row.cosignatures.is_empty()) {
        return Err(Error::NotSetUp(
            "a record waits for the witnesses that vouch now; put log key and settings back, run `fairplate draw resume`, and then change them"
                .to_owned(),
        ));
    }
    let keys = vec![record_keys::signer_in_force(app, txn).await?.key().clone()];
    Ok(Changing {
        origin: app.origin.to_string(),
        written: Written::of(app, txn, keys, Some(new.clone())).await?,
        old,
        new,
    })
}

/// Has the record key sign that another trust policy is in force from now on.
pub(super) async fn change(
    app: &App,
    txn: &DatabaseTransaction,
    approved: &Approved<Changing>,
) -> Result<()> {
    let changing = approved.what();
    let facts = serde_json::json!({ "policy": changing.new.to_string() });
    let written = &changing.written;
    written.record(app, txn, approved, facts, None).await
}
