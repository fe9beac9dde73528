//! Who is in a pool, and with which weight.

use std::collections::HashSet;

use ::entity::{draw_pool, period, pool_entry};
use chrono::NaiveDate;
use sea_orm::DatabaseTransaction;
use verifier::pool::PoolWriter;

use crate::{
    app::App,
    domain::{
        Exclusion, PeriodKind,
        licence::LicenceClass,
        tier,
        weight::{self, Standing},
    },
    error::{Error, Result},
    policy::{Policy, Representatives},
    service::{participation, trail},
    store,
};

/// What a pool is to be.
struct Shape {
    /// Name of the pool in the records.
    category: String,
    /// Categories whose applications are in it.
    drawn_from: Vec<String>,
    /// Place of its line in `announce`.
    position: i32,
    quota: i64,
    reserve: i64,
    /// Whether everybody has one ticket, however long they have waited.
    has_equal_weights: bool,
}

/// The filling of one period's pools.
pub(super) struct Filling<'a> {
    pub(super) app: &'a App,
    pub(super) policy: &'a Policy,
    pub(super) period: &'a period::Model,
    pub(super) draw: &'a str,
    pub(super) as_of: NaiveDate,
    pub(super) actor: String,
}

impl Filling<'_> {
    /// Fills the pool of every category that the period allocates in.
    pub(super) async fn fill_all(
        &self,
        txn: &DatabaseTransaction,
    ) -> Result<Vec<draw_pool::Model>> {
        let quotas = store::periods::list_quotas(txn, self.app.city, &self.period.number).await?;
        let mut pools = Vec::new();
        for (position, quota) in (0..).zip(quotas) {
            let shape = Shape {
                drawn_from: vec![quota.category.clone()],
                category: quota.category,
                position,
                quota: quota.quota,
                reserve: quota.reserve,
                has_equal_weights: false,
            };
            pools.push(self.fill(txn, shape).await?);
        }
        Ok(pools)
    }

    /// Fills one pool with everybody who would be in a pool of the period.
    pub(super) async fn fill_representatives(
        &self,
        txn: &DatabaseTransaction,
        representatives: &Representatives,
    ) -> Result<draw_pool::Model> {
        let quotas = store::periods::list_quotas(txn, self.app.city, &self.period.number).await?;
        let shape = Shape {
            drawn_from: quotas.into_iter().map(|quota| quota.category).collect(),
            category: representatives.key.clone(),
            position: 0,
            quota: i64::from(representatives.quota),
            reserve: i64::from(representatives.reserve),
            has_equal_weights: true,
        };
        self.fill(txn, shape).await
    }

    /// Writes the pool's lines, a piece at a time, and sums its file up on the way.
    async fn fill(&self, txn: &DatabaseTransaction, shape: Shape) -> Result<draw_pool::Model> {
        let drawn_from: Vec<&str> = shape.drawn_from.iter().map(String::as_str).collect();
        let category = shape.category;
        let mut writer = PoolWriter::new(std::io::sink());
        let mut after = String::new();
        let mut excluded = 0;
        loop {
            let candidates =
                store::pools::list_candidates(txn, self.app.city, &drawn_from, self.as_of, &after)
                    .await?;
            let Some(last) = candidates.last() else { break };
            let last = last.code.clone();
            let mut locked = HashSet::new();
            for from in &drawn_from {
                let codes = store::pools::list_locked(txn, self.app.city, from, &after, &last);
                locked.extend(codes.await?);
            }
            after = last;
            let mut entries = Vec::with_capacity(candidates.len());
            for candidate in candidates {
                let Some(own) = self.weight_of(txn, &candidate).await? else {
                    continue;
                };
                if let Some(why) = exclusion(&candidate, &locked) {
                    self.note_excluded(txn, &candidate.code, why).await?;
                    excluded += 1;
                    continue;
                }
                let weight = if shape.has_equal_weights { 1 } else { own };
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
            store::pools::insert(txn, entries).await?;
        }
        let (_, file) = writer.finish().map_err(Error::internal)?;
        let number = |count: u64| i64::try_from(count).map_err(Error::internal);
        Ok(draw_pool::Model {
            city_id: self.app.city,
            draw_id: self.draw.to_owned(),
            category,
            position: shape.position,
            quota: shape.quota,
            reserve: shape.reserve,
            pool_rows: number(file.rows)?,
            tickets: number(file.tickets)?,
            bytes: number(file.bytes)?,
            root: file.root.0.to_vec(),
            sha256: file.sha256.0.to_vec(),
            excluded,
        })
    }

    /// Somebody with a valid application stays out of the pool: the trail says who and why.
    async fn note_excluded(
        &self,
        txn: &DatabaseTransaction,
        code: &str,
        why: Exclusion,
    ) -> Result<()> {
        let detail = serde_json::json!({ "draw": self.draw, "reason": why.name() });
        let actor = self.actor.clone();
        trail::note(self.app, txn, actor, "ceremony.exclude", code, detail).await
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
        let kind = PeriodKind::from(self.period.kind);
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

/// What keeps a candidate out, if anything does.
fn exclusion(candidate: &store::pools::Candidate, locked: &HashSet<String>) -> Option<Exclusion> {
    if candidate.holds_certificate {
        Some(Exclusion::CertificateLive)
    } else if candidate.is_banned {
        Some(Exclusion::BanActive)
    } else if locked.contains(&candidate.code) {
        Some(Exclusion::InAnotherPool)
    } else {
        None
    }
}
