//! A city in which things happen: what an operation does, and what the story knows of it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::{application, certificate};
use fairplate::{
    App, Error,
    domain::{
        actor::{Applicant, Worker},
        code::ApplicationCode,
    },
    service::{
        applications::{self, Submitted},
        certificates, messages,
        reviews::{self, Verdict},
    },
    store,
};
use fairplate_tests::{TestCity, ceremony, people::person, stages::officer};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::{Operation, PEOPLE};

/// The one category.
pub(super) const CATEGORY: &str = "individual";

/// How often the people of the old system have taken part, around the tier's threshold of 24; they
/// have the numbers after the others.
pub(super) const VETERANS: [u32; 4] = [22, 23, 24, 30];

/// The city, and what only the story knows.
pub(super) struct World<'a> {
    /// The city.
    pub(super) city: &'a TestCity,
    /// The same with a calendar that knows the years of a long story.
    pub(super) app: App,
    /// The period that takes applications.
    pub(super) open: String,
    /// First day of its month.
    pub(super) opened_for: Option<NaiveDate>,
    /// By person, in how many finished draws their code was in the pool.
    pub(super) participated: BTreeMap<u32, u32>,
    /// The same since the person won last, if ever: what the tier looks at.
    pub(super) since_win: BTreeMap<u32, u32>,
    /// How many tier periods there were in a year.
    pub(super) tier_periods: BTreeMap<i32, u32>,
    /// The application that a person handed in last.
    newest: BTreeMap<u32, application::Model>,
}

impl<'a> World<'a> {
    /// A city with its first period.
    pub(super) async fn begin(city: &'a TestCity) -> Self {
        ceremony::confirm_rules(&city.app, &officer())
            .await
            .expect("confirmed");
        let mut world = Self {
            city,
            app: city.in_later_years(),
            open: String::new(),
            opened_for: None,
            participated: BTreeMap::new(),
            since_win: BTreeMap::new(),
            tier_periods: BTreeMap::new(),
            newest: BTreeMap::new(),
        };
        world.take_over().await;
        world.open_next(2, 0).await;
        world
    }

    /// Takes over those who have waited, with their first so many periods.
    async fn take_over(&mut self) {
        let veterans = || (PEOPLE..).zip(VETERANS);
        let code = |number: u32| ApplicationCode::from_number(u64::from(number) * 1_234_567);
        let lines = veterans().map(|(number, count)| {
            let last = 3 + count;
            let (year, month) = (2014 + last / 12, last % 12 + 1);
            let periods = format!("201405-{year}{month:02}");
            person(number).line(&code(number).to_string(), &periods)
        });
        let report = self.city.import(&lines.collect::<Vec<_>>(), false).await;
        assert_eq!(report.applicants, VETERANS.len() as u64);
        for (number, count) in veterans() {
            let code = code(number).to_string();
            let row = store::applications::find_by_code(&self.app.db, self.app.city, &code).await;
            let row = row.expect("read").expect("an application");
            self.newest.insert(number, row);
            self.participated.insert(number, count);
            self.since_win.insert(number, count);
        }
    }

    /// Whose application it is, as far as the story has seen it.
    pub(super) fn person_of(&self, applicant: entity::ApplicantId) -> Option<u32> {
        let mut known = self.newest.iter();
        let found = known.find(|(_, row)| row.applicant_id == applicant);
        found.map(|(person, _)| *person)
    }

    /// The people who have applied, with their ids.
    pub(super) fn people(&self) -> impl Iterator<Item = (u32, entity::ApplicantId)> {
        let known = self.newest.iter();
        known.map(|(person, row)| (*person, row.applicant_id))
    }

    /// Does what an operation says; a refusal of the city's is an outcome, a fault of ours is not.
    pub(super) async fn act(&mut self, operation: &Operation) {
        match *operation {
            Operation::Apply { person, joins_tier } => self.apply(person, joins_tier).await,
            Operation::Cancel { person } => self.cancel(person).await,
            Operation::JoinTier { person } => self.join_tier(person).await,
            Operation::Review { person, approves } => self.review(person, approves).await,
            Operation::Draw {
                quota,
                carried_over,
                is_voided_first,
                days_late,
            } => {
                self.draw(is_voided_first, days_late).await;
                self.open_next(quota, carried_over).await;
            }
            Operation::TierDraw { quota } => self.tier_draw(quota).await,
            Operation::Move {
                draw_by,
                representatives_by,
            } => self.move_days(draw_by, representatives_by).await,
            Operation::Use { person } => self.mark_used(person).await,
            Operation::Surrender { person } => self.surrender(person).await,
            Operation::Wait { days } => self.wait(days),
            Operation::Calendar => self.calendar().await,
        }
    }

    /// What the city does by itself, but for the periods: the story leads those.
    async fn calendar(&self) {
        let app = &self.city.app;
        certificates::forfeit_all(app, &Worker)
            .await
            .expect("forfeited");
        certificates::tell_holders(app, &Worker)
            .await
            .expect("told");
        messages::deliver(app, &Worker).await.expect("delivered");
    }

    pub(super) fn wait(&self, days: i64) {
        self.city.clock.advance(days * 86_400);
    }

    async fn apply(&mut self, number: u32, joins_tier: bool) {
        let mut form = person(number).form();
        form.joins_tier = joins_tier;
        let (submitted, _) = self.city.submit_form(&person(number), &form).await;
        if let Submitted::Accepted(application) = submitted {
            self.newest.insert(number, *application);
        }
    }

    async fn cancel(&self, person: u32) {
        let Some(row) = self.newest.get(&person) else {
            return;
        };
        let applicant = Applicant::new(row.applicant_id);
        let cancelled = applications::cancel(&self.city.app, &applicant, row.id).await;
        cancelled.expect("an answer");
    }

    async fn join_tier(&self, person: u32) {
        let Some(row) = self.newest.get(&person) else {
            return;
        };
        let applicant = Applicant::new(row.applicant_id);
        let joined = applications::join_tier(&self.city.app, &applicant, row.id).await;
        joined.expect("an answer");
    }

    async fn review(&self, person: u32, approves: bool) {
        let Some(row) = self.newest.get(&person) else {
            return;
        };
        let verdict = if approves {
            Verdict::Approve
        } else {
            Verdict::Refuse(vec!["OWNS_LOCAL_CAR".to_owned()])
        };
        let decided = reviews::decide(
            &self.city.app,
            &officer().reviewer(),
            &row.code,
            &verdict,
            None,
        )
        .await;
        let is_outcome = matches!(decided, Ok(_) | Err(Error::WrongPhase { .. }));
        assert!(is_outcome, "{decided:?}");
    }

    async fn certificate_of(&self, person: u32) -> Option<certificate::Model> {
        let row = self.newest.get(&person)?;
        let found = certificate::Entity::find()
            .filter(certificate::Column::ApplicantId.eq(row.applicant_id))
            .all(&self.city.app.db)
            .await;
        found.expect("certificates").pop()
    }

    async fn mark_used(&self, person: u32) {
        if let Some(held) = self.certificate_of(person).await {
            let used = certificates::mark_used(&self.city.app, &officer(), &held.number).await;
            used.expect("an answer");
        }
    }

    async fn surrender(&self, person: u32) {
        if let Some(held) = self.certificate_of(person).await {
            let applicant = Applicant::new(held.applicant_id);
            let given = certificates::surrender(&self.city.app, &applicant, &held.number).await;
            given.expect("an answer");
        }
    }
}
