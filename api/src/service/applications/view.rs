//! What applicants see of their own applications.

use std::collections::HashMap;

use ::entity::{
    ApplicantId, ApplicationId, application, period, period_transition, review, second_look,
};
use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    app::App,
    domain::{
        Participation,
        actor::Applicant,
        licence::LicenceClass,
        participation::{ParticipationEntry, participation_as_of},
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

    /// Whether it is live as far as its applicant may know: a refusal that its period has not
    /// published must not show in what they can do either.
    fn is_live(&self) -> bool {
        let is_hidden_refusal = self.row.status == application::Status::Refused
            && self
                .period
                .as_ref()
                .is_some_and(|period| !phase::shows_review(period.phase));
        self.row.status.is_live() || is_hidden_refusal
    }
}

/// The applicant's applications, newest first.
pub async fn list(app: &App, applicant: &Applicant) -> Result<Vec<application::Model>> {
    store::applications::list_of_applicant(&app.db, app.city, applicant.id()).await
}

/// These applications as their applicants may see them.
pub async fn list_shown(
    app: &App,
    rows: &[application::Model],
) -> Result<HashMap<ApplicationId, Shown>> {
    let (db, city) = (&app.db, app.city);
    let ids: Vec<ApplicationId> = rows.iter().map(|row| row.id).collect();
    let codes: Vec<String> = rows.iter().map(|row| row.code.clone()).collect();
    let numbers: Vec<String> = rows.iter().map(|row| row.period_number.clone()).collect();
    // Of an application's decisions, oldest first, the last one stays.
    let reviews = store::reviews::list_of(db, city, &ids).await?.into_iter();
    let facts = KnownFacts {
        periods: store::periods::list_by_numbers(db, city, &numbers).await?,
        steps: store::milestones::list_transitions_of(db, city, &numbers).await?,
        reviews: reviews.map(|row| (row.application_id, row)).collect(),
        second_looks: store::second_looks::list_of(db, city, &ids).await?,
        locked: store::pools::list_locked_of(db, city, &codes).await?,
    };
    let shown = rows.iter().map(|row| (row.id, facts.show(app, row)));
    Ok(shown.collect())
}

/// What is known of the applications that are shown together.
struct KnownFacts {
    periods: Vec<period::Model>,
    steps: Vec<period_transition::Model>,
    reviews: HashMap<ApplicationId, review::Model>,
    second_looks: Vec<second_look::Model>,
    locked: Vec<(String, String)>,
}

impl KnownFacts {
    fn show(&self, app: &App, row: &application::Model) -> Shown {
        let periods = self.periods.iter();
        let period = periods
            .into_iter()
            .find(|it| it.number == row.period_number);
        let is_public = period.is_none_or(|period| phase::shows_review(period.phase));
        let review = self.reviews.get(&row.id).filter(|_| is_public);
        let second_look = self
            .second_looks
            .iter()
            .find(|it| it.application_id == row.id && it.period_number == row.period_number);
        let contestable =
            review.filter(|_| row.status == application::Status::Refused && second_look.is_none());
        let steps: Vec<period_transition::Model> = self
            .steps
            .iter()
            .filter(|step| step.period_number == row.period_number)
            .cloned()
            .collect();
        let last_day = contestable.map(|review| reviews::last_day_of(app, &steps, review));
        let is_locked =
            |(category, code): &(String, String)| *category == row.category && *code == row.code;
        Shown {
            row: row.clone(),
            period: period.cloned(),
            is_locked: self.locked.iter().any(is_locked),
            review: review.cloned(),
            second_look: second_look.cloned(),
            second_look_until: last_day.filter(|last_day| app.today() <= *last_day),
        }
    }
}

/// How often the people behind these applications have taken part: the lines from which it is
/// counted.
pub async fn list_participation(
    app: &App,
    rows: &[application::Model],
) -> Result<HashMap<ApplicantId, Vec<ParticipationEntry>>> {
    let people: Vec<ApplicantId> = rows.iter().map(|row| row.applicant_id).collect();
    ledger::list_entries(app, &people).await
}

/// How often somebody has taken part, as of a day.
#[must_use]
pub fn participation(app: &App, entries: &[ParticipationEntry], as_of: NaiveDate) -> Participation {
    participation_as_of(entries, app.policy.counting(), as_of)
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
#[must_use]
pub fn tier_status(app: &App, shown: &Shown, entries: &[ParticipationEntry]) -> TierStatus {
    let row = &shown.row;
    let count = participation(app, entries, app.today()).count_for_tier;
    let threshold = match &app.policy.tier {
        Tier::SeparatePool { threshold, .. } => Some(*threshold),
        Tier::WeightedEntries { .. } | Tier::None => None,
    };
    let classes = LicenceClass::split(&row.licence_classes);
    let standing = Standing {
        count_for_tier: count,
        classes: &classes,
    };
    TierStatus {
        joined_at: row.tier_joined_at,
        can_join: shown.is_live() && tier::can_join(&app.policy.tier, row.tier_joined_at.is_some()),
        count,
        threshold,
        weight: weight::weight_in_normal_pool(&app.policy.tier, standing),
    }
}
