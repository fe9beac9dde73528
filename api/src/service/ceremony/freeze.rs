//! Freezing: the last moment at which a pool may change.

use ::entity::{draw, draw_pool, period, period_quota, pool_entry};
use chrono::NaiveDate;
use sea_orm::DatabaseTransaction;
use verifier::pool::PoolWriter;

use crate::{
    app::{App, Stage},
    domain::{
        PeriodKind,
        actor::Officer,
        licence::LicenceClass,
        phase, tier,
        weight::{self, Standing},
    },
    error::{Error, Result},
    policy::Policy,
    service::{duplicates, participation, periods, reviews, rules, trail},
    store,
};

/// Fixes who takes part in a period, with which weight, and makes the draw.
///
/// Nothing is signed yet. From here on every application in the pool is locked until the draw has
/// ended. A period is frozen once; only after its draw was voided may it be frozen again, as a new
/// draw. An empty pool is allowed: its draw has no winners.
///
/// # Errors
///
/// [`Error::WrongPhase`] unless review results are published; [`Error::InvalidInput`] while
/// applications of the period wait for a review or a second look, or while two applications that
/// may be one person's touch its pools and nobody has said what they are.
pub async fn freeze(app: &App, officer: &Officer, number: &str) -> Result<draw::Model> {
    let now = app.clock.now();
    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    let period = store::periods::get(&txn, app.city, number).await?;
    let earlier = store::draws::list_of_period(&txn, app.city, number).await?;
    phase::may_freeze(&period, &earlier)?;
    periods::require_reviewed(app, &txn, number).await?;
    reviews::require_looked_at_again(app, &txn, number).await?;
    duplicates::require_resolved(app, &txn, number).await?;
    let policy = rules::get(app, &period.policy_digest).await?;
    let id = draw_id(number, earlier.len());

    let filling = Filling {
        app,
        policy: &policy,
        period: &period,
        draw: &id,
        as_of: app.today(),
    };
    let pools = filling.fill_all(&txn).await?;
    let sequence = store::draws::count(&txn, app.city).await? + 1;
    let row = draw::Model {
        city_id: app.city,
        id: id.clone(),
        period_number: number.to_owned(),
        sequence: i64::try_from(sequence).map_err(Error::internal)?,
        phase: draw::Phase::Frozen,
        epoch: 0,
        policy_digest: period.policy_digest.clone(),
        frozen_at: now,
        chain: None,
        round: None,
        closes_at: None,
    };
    app.reached("freeze", Stage::Decided);

    let detail = serde_json::json!({
        "draw": id,
        "pools": pools.iter().map(|pool| (&pool.category, pool.pool_rows, pool.tickets)).collect::<Vec<_>>(),
    });
    store::draws::insert(&txn, row, pools).await?;
    if period.phase != period::Phase::Frozen {
        store::periods::advance(&txn, &period, period::Phase::Frozen, None).await?;
    }
    trail::note(
        app,
        &txn,
        officer.actor(),
        "ceremony.freeze",
        number,
        detail,
    )
    .await?;
    let frozen = store::draws::get(&txn, app.city, &id).await?;
    app.reached("freeze", Stage::Recorded);
    txn.commit().await?;
    app.reached("freeze", Stage::Committed);
    Ok(frozen)
}

/// The first draw carries the period's number; a redo says how-manieth it is.
fn draw_id(number: &str, earlier: usize) -> String {
    if earlier == 0 {
        number.to_owned()
    } else {
        format!("{number}-{}", earlier + 1)
    }
}

/// The filling of one category's pool.
struct Filling<'a> {
    app: &'a App,
    policy: &'a Policy,
    period: &'a period::Model,
    draw: &'a str,
    as_of: NaiveDate,
}

impl Filling<'_> {
    /// Fills the pool of every category that the period allocates in.
    async fn fill_all(&self, txn: &DatabaseTransaction) -> Result<Vec<draw_pool::Model>> {
        let quotas = store::periods::list_quotas(txn, self.app.city, &self.period.number).await?;
        let mut pools = Vec::new();
        for (position, quota) in (0..).zip(quotas) {
            pools.push(self.fill(txn, quota, position).await?);
        }
        Ok(pools)
    }

    /// Writes the pool's lines, a piece at a time, and sums its file up on the way.
    async fn fill(
        &self,
        txn: &DatabaseTransaction,
        quota: period_quota::Model,
        position: i32,
    ) -> Result<draw_pool::Model> {
        let category = quota.category;
        let mut writer = PoolWriter::new(std::io::sink());
        let mut after = String::new();
        loop {
            let candidates =
                store::pools::list_candidates(txn, self.app.city, &category, self.as_of, &after)
                    .await?;
            let Some(last) = candidates.last() else { break };
            after.clone_from(&last.code);
            let mut entries = Vec::with_capacity(candidates.len());
            for candidate in candidates {
                if let Some(weight) = self.weight_of(txn, &candidate).await? {
                    writer
                        .push(&candidate.code, weight)
                        .map_err(Error::internal)?;
                    entries.push(pool_entry::Model {
                        city_id: self.app.city,
                        draw_id: self.draw.to_owned(),
                        category: category.clone(),
                        code: candidate.code,
                        applicant_id: candidate.applicant_id,
                        weight: i32::from(weight),
                    });
                }
            }
            store::pools::insert(txn, entries).await?;
        }
        let (_, file) = writer.finish().map_err(Error::internal)?;
        let number = |count: u64| i64::try_from(count).map_err(Error::internal);
        Ok(draw_pool::Model {
            city_id: self.app.city,
            draw_id: self.draw.to_owned(),
            category,
            position,
            quota: quota.quota,
            reserve: quota.reserve,
            pool_rows: number(file.rows)?,
            tickets: number(file.tickets)?,
            bytes: number(file.bytes)?,
            root: file.root.0.to_vec(),
            sha256: file.sha256.0.to_vec(),
        })
    }

    /// The weight of somebody with a valid application in this period's pool; none if they are
    /// not in it.
    async fn weight_of(
        &self,
        txn: &DatabaseTransaction,
        candidate: &store::pools::Candidate,
    ) -> Result<Option<u16>> {
        let rules = &self.policy.tier;
        let count_for_tier = if candidate.needs_ledger {
            let person = candidate.applicant_id;
            participation::read(txn, self.app.city, self.policy, person, self.as_of)
                .await?
                .count_for_tier
        } else {
            u32::try_from(candidate.participation_count).map_err(Error::internal)?
        };
        let kind = match self.period.kind {
            period::Kind::Normal => PeriodKind::Normal,
            period::Kind::Tier => PeriodKind::Tier,
        };
        let known = tier::Candidate {
            is_valid: true,
            has_joined: candidate.is_tier_member,
            count_for_tier,
        };
        if !tier::is_in_pool(rules, kind, known) {
            return Ok(None);
        }
        let classes = LicenceClass::split(&candidate.licence_classes);
        let standing = Standing {
            count_for_tier,
            classes: &classes,
        };
        Ok(Some(match kind {
            PeriodKind::Normal => weight::weight_in_normal_pool(rules, standing),
            PeriodKind::Tier => weight::weight_in_tier_pool(rules, standing),
        }))
    }
}
