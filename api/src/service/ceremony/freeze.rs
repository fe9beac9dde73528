//! Freezing: the last moment at which a pool may change.

mod pool;

use std::sync::Arc;

use ::entity::{draw, draw_pool, period, period_quota};
use sea_orm::DatabaseTransaction;
use verifier::text::Digest;

use crate::{
    app::{App, Stage},
    domain::{approval, phase},
    error::{Error, Result},
    policy::{Policy, Representatives},
    service::{
        approvals::Approved, certificates, duplicates, log, periods, publication::timely, renewals,
        reviews, rules, trail,
    },
    store,
};
use pool::Filling;

/// A freeze that could be carried out now.
pub(in crate::service) struct Freezing {
    period: period::Model,
    policy: Arc<Policy>,
    purpose: draw::Purpose,
    draw: String,
    digest: Digest,
    quotas: Vec<period_quota::Model>,
}

impl Freezing {
    async fn of(
        app: &App,
        txn: &DatabaseTransaction,
        period: period::Model,
        policy: Arc<Policy>,
        (purpose, earlier): (draw::Purpose, usize),
    ) -> Result<Self> {
        Ok(Self {
            purpose,
            draw: draw_id(&period.number, purpose, earlier),
            digest: log::digest(&period.policy_digest)?,
            quotas: store::periods::list_quotas(txn, app.city, &period.number).await?,
            period,
            policy,
        })
    }

    /// What is fixed of it before it.
    pub(in crate::service) fn content(&self) -> approval::Freeze {
        let of_category = self.quotas.iter().map(|row| approval::Quota {
            category: row.category.clone(),
            quota: row.quota,
            reserve: row.reserve,
        });
        let of_representatives = self.representatives().map(|known| approval::Quota {
            category: known.key.clone(),
            quota: known.quota.into(),
            reserve: known.reserve.into(),
        });
        let quotas = match of_representatives {
            Some(quota) => vec![quota],
            None => of_category.collect(),
        };
        approval::Freeze {
            city: self.period.city_id.0,
            period: self.period.number.clone(),
            draw: self.draw.clone(),
            policy: self.digest.to_string(),
            quotas,
        }
    }

    /// How many are drawn, where it is for representatives.
    fn representatives(&self) -> Option<&Representatives> {
        let drawn = self.policy.representatives.as_ref();
        drawn.filter(|_| self.purpose == draw::Purpose::Representatives)
    }

    fn filling<'a>(&'a self, app: &'a App, actor: String) -> Filling<'a> {
        Filling {
            app,
            policy: &self.policy,
            period: &self.period,
            draw: &self.draw,
            as_of: app.today(),
            actor,
        }
    }
}

/// Says whether a period can be frozen now.
///
/// # Errors
///
/// [`Error::WrongPhase`] unless review results are published; [`Error::InvalidInput`] while
/// applications of the period wait for a review or a second look, or while two applications that
/// may be one person's touch its pools and nobody has said what they are; [`Error::TooLate`] and
/// [`Error::Unavailable`] where an earlier draw of it was voided and the witnesses saw that too late,
/// or not yet.
pub(in crate::service) async fn prepare_freeze(
    app: &App,
    txn: &DatabaseTransaction,
    number: &str,
) -> Result<Freezing> {
    let period = store::periods::get(txn, app.city, number).await?;
    let purpose = draw::Purpose::Allocation;
    let earlier = store::draws::list_of_period(txn, app.city, number, purpose).await?;
    phase::may_freeze(&period, &earlier)?;
    if let Some(voided) = earlier.first() {
        timely::require_voided(app, txn, voided).await?;
    }
    periods::require_reviewed(app, txn, number).await?;
    reviews::require_looked_at_again(app, txn, number).await?;
    duplicates::require_resolved(app, txn, number).await?;
    let policy = rules::get(app, &period.policy_digest).await?;
    Freezing::of(app, txn, period, policy, (purpose, earlier.len())).await
}

/// Fixes who takes part in a period, with which weight, and makes the draw.
///
/// Nothing is signed yet. From here on every application in the pool is locked until the draw has
/// ended. Whoever holds a live certificate, is banned, or is in another pool under way stays out,
/// which the audit trail says of each. A period is frozen once; only after its draw was voided may
/// it be frozen again, as a new draw. An empty pool is allowed: its draw has no winners.
pub(in crate::service) async fn freeze(
    app: &App,
    txn: &DatabaseTransaction,
    approved: &Approved<Freezing>,
) -> Result<draw::Model> {
    let (freezing, actor) = (approved.what(), approved.by().actor());
    let period = &freezing.period;
    // A ban that has begun and a validity that is over keep out, whether or not the worker has run.
    certificates::forfeit_all_in(app, txn).await?;
    renewals::lapse_all(app, txn, &actor).await?;
    let pools = freezing.filling(app, actor.clone()).fill_all(txn).await?;
    app.reached("freeze", Stage::Decided);

    let detail = insert_draw(app, txn, freezing, pools).await?;
    if period.phase != period::Phase::Frozen {
        let frozen = period::Phase::Frozen;
        store::periods::advance(txn, period, frozen, None).await?;
        let (number, due_on) = (&period.number, period.draw_on);
        periods::note(app, txn, number, frozen, due_on, actor.clone()).await?;
    }
    let detail = approved.detail(detail);
    trail::note(app, txn, actor, "ceremony.freeze", &period.number, detail).await?;
    store::draws::get(txn, app.city, &freezing.draw).await
}

/// Says whether the pool of a period's representatives can be frozen now.
///
/// # Errors
///
/// [`Error::InvalidInput`] in a city whose rules know no representatives; [`Error::WrongPhase`]
/// unless review results are published, and while an earlier draw of the period's representatives
/// stands that was not voided; [`Error::TooLate`] from the day of the period's draw on.
pub(in crate::service) async fn prepare_freeze_of_representatives(
    app: &App,
    txn: &DatabaseTransaction,
    number: &str,
) -> Result<Freezing> {
    let period = store::periods::get(txn, app.city, number).await?;
    let policy = rules::get(app, &period.policy_digest).await?;
    require_representatives(&policy)?;
    let purpose = draw::Purpose::Representatives;
    let earlier = store::draws::list_of_period(txn, app.city, number, purpose).await?;
    phase::may_freeze_representatives(&period, &earlier)?;
    if let Some(voided) = earlier.first() {
        timely::require_voided(app, txn, voided).await?;
    }
    let latest = app.start_of(period.draw_on);
    if latest <= app.clock.now() {
        return Err(Error::TooLate {
            what: "drawing the representatives",
            at: latest,
            remedy: "freeze the period itself and draw without them",
        });
    }
    Freezing::of(app, txn, period, policy, (purpose, earlier.len())).await
}

fn require_representatives(policy: &Policy) -> Result<&Representatives> {
    policy.representatives.as_ref().ok_or_else(|| {
        let policy = &policy.key;
        Error::invalid(
            "period",
            format!("{policy} knows no applicant representatives; freeze the period itself"),
        )
    })
}

/// Fixes who may be drawn as a representative of a period's applicants, everybody with one ticket,
/// and makes the draw.
///
/// Possible between the publication of the review results and the period's own freeze. It locks no
/// application, and the period goes its way whatever becomes of it.
pub(in crate::service) async fn freeze_representatives(
    app: &App,
    txn: &DatabaseTransaction,
    approved: &Approved<Freezing>,
) -> Result<draw::Model> {
    let (freezing, actor) = (approved.what(), approved.by().actor());
    let representatives = require_representatives(&freezing.policy)?;
    certificates::forfeit_all_in(app, txn).await?;
    renewals::lapse_all(app, txn, &actor).await?;
    let filling = freezing.filling(app, actor.clone());
    let pool = filling.fill_representatives(txn, representatives).await?;
    app.reached("freeze", Stage::Decided);

    let detail = insert_draw(app, txn, freezing, vec![pool]).await?;
    let (action, number) = ("ceremony.freeze_representatives", &freezing.period.number);
    trail::note(app, txn, actor, action, number, approved.detail(detail)).await?;
    store::draws::get(txn, app.city, &freezing.draw).await
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
    freezing: &Freezing,
    pools: Vec<draw_pool::Model>,
) -> Result<serde_json::Value> {
    let sequence = store::draws::count(txn, app.city).await? + 1;
    let row = draw::Model {
        city_id: app.city,
        id: freezing.draw.clone(),
        period_number: freezing.period.number.clone(),
        purpose: freezing.purpose,
        sequence: i64::try_from(sequence).map_err(Error::internal)?,
        phase: draw::Phase::Frozen,
        epoch: 0,
        policy_digest: freezing.period.policy_digest.clone(),
        frozen_at: app.clock.now(),
        chain: None,
        round: None,
        closes_at: None,
    };
    let sums: Vec<_> = pools
        .iter()
        .map(|pool| (&pool.category, pool.pool_rows, pool.tickets))
        .collect();
    let detail = serde_json::json!({ "draw": freezing.draw, "pools": sums });
    store::draws::insert(txn, row, pools).await?;
    Ok(detail)
}
