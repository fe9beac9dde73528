//! The rules a city has adopted: the text in force, and the texts that older periods ran under.
//!
//! Which text is in force stands in the city's row, and nowhere else: the settings and the program
//! only offer one. Whatever fixes something under the rules locks that row first ([`lock`]) and so
//! finds out whether the text that it was begun under is still the one in force.

mod changing;

use std::sync::Arc;

use ::entity::{CityId, city, policy_version};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use verifier::text::Digest;

pub use changing::{ChangeProposed, Unfit, propose_change};
pub(super) use changing::{Changing, change, prepare_change};

use crate::{
    app::{App, Stage},
    domain::{PeriodKind, approval},
    error::{Error, Result},
    policy::{Policy, Scope, WeakRule},
    service::{approvals::Approved, trail},
    store,
};

/// Sets a new city up under the text that is offered, before anybody is there who could agree on one.
/// A city that has adopted a text keeps it, whatever is offered; doing it again changes nothing.
///
/// # Errors
///
/// [`Error::NotSetUp`] where the city has another log origin, or another city has this one.
pub async fn set_up(app: &App) -> Result<()> {
    let txn = store::begin(&app.db).await?;
    if store::cities::find(&txn, app.city).await?.is_none() {
        if let Some(other) = store::cities::find_by_origin(&txn, &app.origin).await? {
            return Err(Error::NotSetUp(format!(
                "the log origin {} belongs to the city {} of this database, and the settings name the rules of {}; a city's rules are those of one city for ever",
                app.origin, other.key, app.policy.city.key
            )));
        }
        let row = city::Model {
            id: app.city,
            key: app.policy.city.key.clone(),
            origin: app.origin.to_string(),
            created_at: app.clock.now(),
            policy_digest: None,
        };
        store::cities::insert(&txn, row).await?;
    }
    let city = store::cities::lock(&txn, app.city).await?;
    require_origin(app, &city)?;
    if city.policy_digest.is_none() {
        keep_text(app, &txn, &app.policy).await?;
        let digest = app.policy.digest();
        store::cities::set_policy(&txn, app.city, None, &digest).await?;
        let detail = serde_json::json!({ "sha256": Digest(digest).to_string() });
        let (actor, key) = ("operator".to_owned(), &app.policy.key);
        trail::note(app, &txn, actor, "rules.adopt", key, detail).await?;
    }
    txn.commit().await?;
    Ok(())
}

/// The city under the text that it has adopted, in the place of the one that is offered.
///
/// # Errors
///
/// [`Error::NotSetUp`] for a city that is not set up, one with another log origin, and a text that
/// this version cannot read.
pub async fn open(offered: App) -> Result<App> {
    let (db, id, key) = (&offered.db, offered.city, &offered.policy.city.key);
    let city = store::cities::find(db, id).await?;
    let not_set_up = || {
        Error::NotSetUp(format!(
            "the city {key} of the settings is not set up in this database; `fairplate migrate` does it, under the rules of the settings"
        ))
    };
    let city = city.ok_or_else(not_set_up)?;
    require_origin(&offered, &city)?;
    let adopted = read(db, &city).await?.ok_or_else(not_set_up)?;
    if adopted.digest() != offered.policy.digest() {
        tracing::warn!(
            "the settings offer another text of the rules than the city has adopted, which stays in force: {}",
            offer(&adopted, &offered.policy)
        );
    }
    offered.in_force.set(Arc::new(adopted));
    Ok(offered.newer().unwrap_or(offered))
}

/// What is said of a text that is offered beside the one in force.
#[must_use]
pub fn offer(adopted: &Policy, offered: &Policy) -> String {
    format!(
        "{} {} is in force, {} {} is offered; read `fairplate policy diff`, and have it adopted with `fairplate policy propose`, which takes two officers, or give the settings the text in force",
        adopted.key,
        Digest(adopted.digest()),
        offered.key,
        Digest(offered.digest())
    )
}

/// The text that a city has adopted, if it is set up.
pub async fn find_adopted(db: &impl ConnectionTrait, city: CityId) -> Result<Option<Policy>> {
    match store::cities::find(db, city).await? {
        Some(city) => read(db, &city).await,
        None => Ok(None),
    }
}

/// Takes up the text in force, where this process holds another one.
pub async fn follow(app: &App) -> Result<()> {
    let held = app.in_force.get().digest();
    let city = store::cities::find(&app.db, app.city).await?;
    match city {
        Some(city) if city.policy_digest.as_deref() != Some(&held[..]) => {
            take_up(app, &app.db, &city).await
        }
        _ => Ok(()),
    }
}

/// Holds the city until the transaction ends, alone, under the text that `app` works under.
///
/// # Errors
///
/// [`Error::Conflict`] where another text has been adopted since: this process has taken it up then,
/// and the same asked again is done under it.
pub(super) async fn lock(app: &App, txn: &DatabaseTransaction) -> Result<()> {
    let city = store::cities::lock(txn, app.city).await?;
    require_in_force(app, txn, &city).await
}

/// The same, together with others who do so.
pub(super) async fn lock_shared(app: &App, txn: &DatabaseTransaction) -> Result<()> {
    let city = store::cities::lock_shared(txn, app.city).await?;
    require_in_force(app, txn, &city).await
}

async fn require_in_force(app: &App, txn: &DatabaseTransaction, city: &city::Model) -> Result<()> {
    if city.policy_digest.as_deref() == Some(&app.policy.digest()[..]) {
        return Ok(());
    }
    take_up(app, txn, city).await?;
    Err(Error::Conflict {
        what: "the text of the city's rules".to_owned(),
    })
}

async fn take_up(app: &App, db: &impl ConnectionTrait, city: &city::Model) -> Result<()> {
    let Some(policy) = read(db, city).await? else {
        return Ok(());
    };
    tracing::info!(
        "the rules in force are {} {}",
        policy.key,
        Digest(policy.digest())
    );
    app.in_force.set(Arc::new(policy));
    Ok(())
}

/// The text that a city's row names.
async fn read(db: &impl ConnectionTrait, city: &city::Model) -> Result<Option<Policy>> {
    match &city.policy_digest {
        Some(digest) => parse(db, city.id, digest).await.map(Some),
        None => Ok(None),
    }
}

fn require_origin(app: &App, city: &city::Model) -> Result<()> {
    if city.origin == *app.origin {
        return Ok(());
    }
    Err(Error::NotSetUp(format!(
        "the city was set up with the log origin {}, and now the settings say {}; an origin never changes: set it back",
        city.origin, app.origin
    )))
}

/// Writes a text that is adopted now, where it was never adopted before.
async fn keep_text(app: &App, txn: &DatabaseTransaction, policy: &Policy) -> Result<()> {
    let digest = policy.digest();
    if store::policies::find(txn, app.city, &digest)
        .await?
        .is_some()
    {
        return Ok(());
    }
    let row = policy_version::Model {
        city_id: app.city,
        digest: digest.to_vec(),
        key: policy.key.clone(),
        content: policy.text().to_owned(),
        adopted_at: app.clock.now(),
        confirmed_by: None,
        confirmed_at: None,
    };
    store::policies::insert(txn, row).await
}

/// A confirmation of the weakly sourced rules of the text in force.
pub(super) struct Confirming {
    content: approval::Rules,
    digest: [u8; 32],
}

impl Confirming {
    /// All of what is confirmed.
    pub(super) fn content(&self) -> approval::Rules {
        self.content.clone()
    }
}

/// What is confirmed when the text in force is.
pub(super) fn prepare_confirmation(app: &App) -> Confirming {
    let digest = app.policy.digest();
    let weak = app.policy.unconfirmed().into_iter().map(|rule| rule.path);
    Confirming {
        content: approval::Rules {
            city: app.city.0,
            policy: app.policy.key.clone(),
            sha256: Digest(digest).to_string(),
            rules: weak.collect(),
        },
        digest,
    }
}

/// Confirms the weakly sourced rules of the text in force. Real periods open only after this.
pub(super) async fn confirm(
    app: &App,
    txn: &DatabaseTransaction,
    approved: &Approved<Confirming>,
) -> Result<()> {
    let (now, by) = (app.clock.now(), approved.by());
    let Confirming { content, digest } = approved.what();
    app.reached("confirm", Stage::Decided);
    store::policies::confirm(txn, app.city, digest, by.name(), now).await?;
    let facts = serde_json::json!({ "sha256": content.sha256, "rules": content.rules });
    let detail = approved.detail(facts);
    trail::note(
        app,
        txn,
        by.actor(),
        "rules.confirm",
        &content.policy,
        detail,
    )
    .await
}

/// The rules of weak sources that bear on such a period and wait for a person's word.
pub(super) async fn list_unconfirmed(
    app: &App,
    db: &impl ConnectionTrait,
    kind: PeriodKind,
) -> Result<Vec<WeakRule>> {
    let concerns = |rule: &WeakRule| kind == PeriodKind::Tier || rule.scope == Scope::EveryPeriod;
    let mut weak = app.policy.unconfirmed();
    weak.retain(concerns);
    if weak.is_empty() {
        return Ok(weak);
    }
    let adopted = store::policies::find(db, app.city, &app.policy.digest()).await?;
    if adopted.is_some_and(|row| row.confirmed_at.is_some()) {
        weak.clear();
    }
    Ok(weak)
}

/// Refuses while rules of weak sources that bear on such a period wait for a person's word.
pub async fn require_confirmed(app: &App, kind: PeriodKind) -> Result<()> {
    let weak = list_unconfirmed(app, &app.db, kind).await?;
    if weak.is_empty() {
        return Ok(());
    }
    let paths: Vec<_> = weak.iter().map(|rule| rule.path.as_str()).collect();
    Err(Error::NotSetUp(format!(
        "{} has rules that rest on weak sources ({}); read them with `fairplate policy show` and confirm them with `fairplate policy confirm`, which takes two officers, before a period opens",
        app.policy.key,
        paths.join(", ")
    )))
}

/// The rules of a digest: those in force, or the text kept from when they were.
pub async fn get(app: &App, digest: &[u8]) -> Result<Arc<Policy>> {
    if app.policy.digest()[..] == *digest {
        return Ok(Arc::clone(&app.policy));
    }
    parse(&app.db, app.city, digest).await.map(Arc::new)
}

/// A text that was adopted once.
async fn parse(db: &impl ConnectionTrait, city: CityId, digest: &[u8]) -> Result<Policy> {
    let row = store::policies::find(db, city, digest).await?;
    let row = row.ok_or_else(|| {
        Error::internal(anyhow::anyhow!(
            "a city or a period names rules that were never adopted"
        ))
    })?;
    Policy::parse(&row.key, &row.content).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        Error::NotSetUp(format!(
            "the kept rules {} were written by another version: {first}; use that version",
            row.key
        ))
    })
}
