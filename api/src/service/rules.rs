//! The rules a city has adopted: the text in force now, and the texts that older periods ran under.

use std::sync::Arc;

use ::entity::{city, policy_version};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use verifier::text::Digest;

use crate::{
    app::{App, Stage},
    domain::{PeriodKind, approval},
    error::{Error, Result},
    policy::{Policy, Scope, WeakRule},
    service::{approvals::Approved, trail},
    store,
};

/// Sets the city up, or adopts a changed text of its rules. Doing it again changes nothing.
pub async fn adopt(app: &App) -> Result<()> {
    let now = app.clock.now();
    let txn = store::begin(&app.db).await?;
    if store::cities::find(&txn, app.city).await?.is_none() {
        let row = city::Model {
            id: app.city,
            key: app.policy.city.key.clone(),
            origin: app.origin.to_string(),
            created_at: now,
        };
        store::cities::insert(&txn, row).await?;
    }
    let city = store::cities::lock(&txn, app.city).await?;
    if city.origin != *app.origin {
        return Err(Error::NotSetUp(format!(
            "the city was set up with the log origin {}, and now the settings say {}; an origin never changes: set it back",
            city.origin, app.origin
        )));
    }
    if store::policies::find(&txn, app.city, &app.policy.digest())
        .await?
        .is_none()
    {
        let row = policy_version::Model {
            city_id: app.city,
            digest: app.policy.digest().to_vec(),
            key: app.policy.key.clone(),
            content: app.policy.text().to_owned(),
            adopted_at: now,
            confirmed_by: None,
            confirmed_at: None,
        };
        store::policies::insert(&txn, row).await?;
        trail::note(
            app,
            &txn,
            "operator".to_owned(),
            "rules.adopt",
            &app.policy.key,
            serde_json::json!({ "sha256": Digest(app.policy.digest()).to_string() }),
        )
        .await?;
    }
    txn.commit().await?;
    Ok(())
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
    let row = store::policies::find(&app.db, app.city, digest)
        .await?
        .ok_or_else(|| {
            Error::internal(anyhow::anyhow!(
                "a period names rules that were never adopted"
            ))
        })?;
    Policy::parse(&row.key, &row.content)
        .map(Arc::new)
        .map_err(|faults| {
            let first = faults.first().map(ToString::to_string).unwrap_or_default();
            Error::NotSetUp(format!(
                "the kept rules {} were written by another version: {first}; use that version",
                row.key
            ))
        })
}
