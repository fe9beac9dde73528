//! What applicants see of their own applications.

use ::entity::{application, period, review, second_look};
use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    app::App,
    domain::{
        Participation,
        actor::Applicant,
        licence::LicenceClass,
        phase, tier,
        weight::{self, Standing},
    },
    error::Result,
    policy::Tier,
    service::{participation as ledger, reviews},
    store,
};

/// An application as its applicant may see it today.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The row; its status is what the city knows, not yet what the applicant may.
    pub row: application::Model,
    /// The period that takes it in; none for one that was imported with an older history.
    pub period: Option<period::Model>,
    /// Whether its code is in the frozen pool of a draw under way.
    pub is_locked: bool,
    /// The review, once its period has published it.
    pub review: Option<review::Model>,
    /// The second look, if one was asked for.
    pub second_look: Option<second_look::Model>,
    /// The last day on which one can be asked for; none where it cannot be, or not any more.
    pub second_look_until: Option<NaiveDate>,
}

impl Shown {
    /// The status that the applicant may see: before the period publishes its review results, an
    /// application that was reviewed looks like one that was not.
    #[must_use]
    pub fn status(&self) -> application::Status {
        let is_hidden = self
            .period
            .as_ref()
            .is_some_and(|period| !phase::shows_review(period.phase));
        match self.row.status {
            application::Status::Valid | application::Status::Refused if is_hidden => {
                application::Status::New
            }
            status => status,
        }
    }
}

/// The applicant's applications, newest first.
pub async fn list(app: &App, applicant: &Applicant) -> Result<Vec<Shown>> {
    let mut shown = Vec::new();
    for row in store::applications::list_of_applicant(&app.db, app.city, applicant.id()).await? {
        shown.push(show(app, row).await?);
    }
    Ok(shown)
}

/// One application as its applicant may see it.
pub async fn show(app: &App, row: application::Model) -> Result<Shown> {
    let period = store::periods::find(&app.db, app.city, &row.period_number).await?;
    let is_public = period
        .as_ref()
        .is_none_or(|period| phase::shows_review(period.phase));
    let review = if is_public {
        store::reviews::find_latest(&app.db, app.city, row.id).await?
    } else {
        None
    };
    let second_look = store::second_looks::find(&app.db, &row).await?;
    let contestable = review
        .as_ref()
        .filter(|_| row.status == application::Status::Refused && second_look.is_none());
    let second_look_until = match contestable {
        Some(review) => Some(reviews::last_day(&app.db, app, &row, review).await?),
        None => None,
    }
    .filter(|last_day| app.today() <= *last_day);
    let locking =
        store::pools::find_locking_draw(&app.db, app.city, &row.category, &row.code).await?;
    Ok(Shown {
        row,
        period,
        is_locked: locking.is_some(),
        review,
        second_look,
        second_look_until,
    })
}

/// How often the person behind an application has taken part, as of a day.
pub async fn participation(
    app: &App,
    row: &application::Model,
    as_of: NaiveDate,
) -> Result<Participation> {
    ledger::read(&app.db, app.city, &app.policy, row.applicant_id, as_of).await
}

/// Where an application stands with the tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierStatus {
    /// When the tier was joined.
    pub joined_at: Option<DateTime<Utc>>,
    /// Whether it can be joined now. Once joined, never again.
    pub can_join: bool,
    /// Participations that the tier looks at, as of today.
    pub count: u32,
    /// How many the tier's pool asks for, where the tier is a lottery of its own.
    pub threshold: Option<u32>,
    /// How many tickets the application would have in a regular pool frozen today.
    pub weight: u16,
}

/// Where an application stands with the tier, as of today.
pub async fn tier_status(app: &App, row: &application::Model) -> Result<TierStatus> {
    let count = participation(app, row, app.today()).await?.count_for_tier;
    let is_live = super::is_live_as_known(app, &app.db, row).await?;
    let threshold = match &app.policy.tier {
        Tier::SeparatePool { threshold, .. } => Some(*threshold),
        Tier::WeightedEntries { .. } | Tier::None => None,
    };
    let classes = LicenceClass::split(&row.licence_classes);
    let standing = Standing {
        count_for_tier: count,
        classes: &classes,
    };
    Ok(TierStatus {
        joined_at: row.tier_joined_at,
        can_join: is_live && tier::can_join(&app.policy.tier, row.tier_joined_at.is_some()),
        count,
        threshold,
        weight: weight::weight_in_normal_pool(&app.policy.tier, standing),
    })
}
