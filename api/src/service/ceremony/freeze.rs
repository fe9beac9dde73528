//! Freezing: the last moment at which a pool may change.

use std::collections::HashSet;

use ::entity::{draw, draw_pool, period, pool_entry};
use chrono::NaiveDate;
use sea_orm::DatabaseTransaction;
use verifier::pool::PoolWriter;

use crate::{
    app::{App, Stage},
    domain::{
        Exclusion, PeriodKind,
        actor::Officer,
        licence::LicenceClass,
        phase, tier,
        weight::{self, Standing},
    },
    error::{Error, Result},
    policy::{Policy, Representatives},
    service::{certificates, participation, periods, rules, trail},
    store,
};

/// Fixes who takes part in a period, with which weight, and makes the draw.
///
/// Nothing is signed yet. From here on every application in the pool is locked until the draw has
/// ended. Whoever holds a live certificate, is banned, or is in another pool under way stays out,
/// which the audit trail says of each. A period is frozen once; only after its draw was voided may it be frozen again, as a new
/// draw. An empty pool is allowed: its draw has no winners.
///
/// # Errors
///
/// [`Error::WrongPhase`] unless review results are published; [`Error::InvalidInput`] while
/// applications of the period wait for a review.
pub async fn freeze(app: &App, officer: &Officer, number: &str) -> Result<draw::Model> {
    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    let period = store::periods::get(&txn, app.city, number).await?;
    let purpose = draw::Purpose::Allocation;
    let earlier = store::draws::list_of_period(&txn, app.city, number, purpose).await?;
    phase::may_freeze(&period, &earlier)?;
    periods::require_reviewed(app, &txn, number).await?;
    // A ban that has begun keeps out, whether or not the city's calendar has run.
    certificates::forfeit_all_in(app, &txn).await?;
    let policy = rules::get(app, &period.policy_digest).await?;
    let id = draw_id(number, purpose, earlier.len());

    let filling = Filling {
        app,
        policy: &policy,
        period: &period,
        draw: &id,
        as_of: app.today(),
        actor: officer.actor(),
    };
    let pools = filling.fill_all(&txn).await?;
    app.reached("freeze", Stage::Decided);

    let detail = insert_draw(app, &txn, &period, purpose, &id, pools).await?;
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

/// Fixes who may be drawn as a representative of a period's applicants, everybody with one ticket,
/// and makes the draw.
///
/// Possible between the publication of the review results and the period's own freeze. It locks no
/// application, and the period goes its way whatever becomes of it.
///
/// # Errors
///
/// [`Error::InvalidInput`] in a city whose rules know no representatives; [`Error::WrongPhase`]
/// unless review results are published, and while an earlier draw of the period's representatives
/// stands that was not voided; [`Error::TooLate`] from the day of the period's draw on.
pub async fn freeze_representatives(
    app: &App,
    officer: &Officer,
    number: &str,
) -> Result<draw::Model> {
    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    let period = store::periods::get(&txn, app.city, number).await?;
    let policy = rules::get(app, &period.policy_digest).await?;
    let representatives = policy.representatives.as_ref().ok_or_else(|| {
        let policy = &policy.key;
        Error::invalid(
            "period",
            format!("{policy} knows no applicant representatives; freeze the period itself"),
        )
    })?;
    let purpose = draw::Purpose::Representatives;
    let earlier = store::draws::list_of_period(&txn, app.city, number, purpose).await?;
    phase::may_freeze_representatives(&period, &earlier)?;
    let latest = app.start_of(period.draw_on);
    if latest <= app.clock.now() {
        return Err(Error::TooLate {
            what: "drawing the representatives",
            at: latest,
            remedy: "freeze the period itself and draw without them",
        });
    }
    certificates::forfeit_all_in(app, &txn).await?;
    let id = draw_id(number, purpose, earlier.len());
    let filling = Filling {
        app,
        policy: &policy,
        period: &period,
        draw: &id,
        as_of: app.today(),
        actor: officer.actor(),
    };
    let pool = filling.fill_representatives(&txn, representatives).await?;
    app.reached("freeze", Stage::Decided);

    let detail = insert_draw(app, &txn, &period, purpose, &id, vec![pool]).await?;
    let action = "ceremony.freeze_representatives";
    trail::note(app, &txn, officer.actor(), action, number, detail).await?;
    let frozen = store::draws::get(&txn, app.city, &id).await?;
    app.reached("freeze", Stage::Recorded);
    txn.commit().await?;
    app.reached("freeze", Stage::Committed);
    Ok(frozen)
}

/// The first draw of a period carries its number, that of its representatives an `R` behind it; a
/// redo says how-manieth it is.
pub(in crate::service) fn draw_id(number: &str, purpose: draw::Purpose, earlier: usize) -> String {
    let mark = match purpose {
        draw::Purpose::Allocation => "",
        draw::Purpose::Representatives => "R",
    };
    if earlier == 0 {
        format!("{number}{mark}")
    } else {
        format!("{number}{mark}-{}", earlier + 1)
    }
}

/// Writes a draw that was just frozen; gives what an auditor reads of it.
async fn insert_draw(
    app: &App,
    txn: &DatabaseTransaction,
    period: &period::Model,
    purpose: draw::Purpose,
    id: &str,
    pools: Vec<draw_pool::Model>,
) -> Result<serde_json::Value> {
    let sequence = store::draws::count(txn, app.city).await? + 1;
    let row = draw::Model {
        city_id: app.city,
        id: id.to_owned(),
        period_number: period.number.clone(),
        purpose,
        sequence: i64::try_from(sequence).map_err(Error::internal)?,
        phase: draw::Phase::Frozen,
        epoch: 0,
        policy_digest: period.policy_digest.clone(),
        frozen_at: app.clock.now(),
        chain: None,
        round: None,
        closes_at: None,
    };
    let sums: Vec<_> = pools
        .iter()
        .map(|pool| (&pool.category, pool.pool_rows, pool.tickets))
        .collect();
    let detail = serde_json::json!({ "draw": id, "pools": sums });
    store::draws::insert(txn, row, pools).await?;
    Ok(detail)
}

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
struct Filling<'a> {
    app: &'a App,
    policy: &'a Policy,
    period: &'a period::Model,
    draw: &'a str,
    as_of: NaiveDate,
    actor: String,
}

impl Filling<'_> {
    /// Fills the pool of every category that the period allocates in.
    async fn fill_all(&self, txn: &DatabaseTransaction) -> Result<Vec<draw_pool::Model>> {
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
    async fn fill_representatives(
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
