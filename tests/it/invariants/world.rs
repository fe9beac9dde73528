//! A city in which things happen: what an operation does, and what the story knows of it.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Days, Months, NaiveDate, TimeDelta};
use entity::{application, certificate, draw, period};
use fairplate::{
    Error,
    domain::actor::{Applicant, Worker},
    service::{
        applications::{self, Submitted},
        ceremony::{self, Reveals, Terms},
        certificates, messages,
        periods::{self, Opening, Quota},
        reviews::{self, Verdict},
        rules,
    },
    store,
};
use fairplate_tests::{TestCity, people::person, stages::officer};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::Operation;

/// The one category.
pub(super) const CATEGORY: &str = "individual";

/// The city, and what only the story knows.
pub(super) struct World<'a> {
    /// The city.
    pub(super) city: &'a TestCity,
    /// The period that takes applications.
    pub(super) open: String,
    /// First day of its month.
    opened_for: Option<NaiveDate>,
    /// By person, in how many finished draws their code was in the pool.
    pub(super) participated: BTreeMap<u32, u32>,
    /// The application that a person handed in last.
    newest: BTreeMap<u32, application::Model>,
}

impl<'a> World<'a> {
    /// A city with its first period.
    pub(super) async fn begin(city: &'a TestCity) -> Self {
        rules::confirm(&city.app, &officer())
            .await
            .expect("confirmed");
        let mut world = Self {
            city,
            open: String::new(),
            opened_for: None,
            participated: BTreeMap::new(),
            newest: BTreeMap::new(),
        };
        world.open_next(2, 0).await;
        world
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
            } => {
                self.draw(is_voided_first).await;
                self.open_next(quota, carried_over).await;
            }
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

    fn wait(&self, days: i64) {
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

    /// Opens the period of the month after the last one, or of this month if that is later.
    async fn open_next(&mut self, quota: u32, carried_over: u32) {
        let today = self.city.app.today();
        let last = self
            .opened_for
            .map_or(today, |first| first + Months::new(1));
        let first = last.max(today.with_day(1).expect("a first day"));
        self.city
            .clock
            .set(self.city.app.start_of(first.max(today)) + TimeDelta::hours(1));
        let app = &self.city.in_later_years();
        let draw_on = app
            .working_days
            .first_working_day_from(first + Days::new(25))
            .expect("a working day");
        let opening = |carried_over| Opening {
            number: first.format("%Y%m").to_string(),
            applies_from: first,
            applies_until: first + Days::new(20),
            review_publish_on: first + Days::new(21),
            representatives_on: None,
            draw_on,
            quotas: vec![Quota {
                category: CATEGORY.to_owned(),
                quota,
                reserve: 1,
                carried_over,
            }],
        };
        // More than waits is refused as a whole; then it is done without.
        let opened = match periods::open(app, &officer(), opening(carried_over)).await {
            Err(Error::InvalidInput { field, .. }) if field == "quotas.carriedOver" => {
                periods::open(app, &officer(), opening(0)).await
            }
            answer => answer,
        };
        self.open = opened.expect("open").number;
        self.opened_for = Some(first);
    }

    /// Leads the open period to its result.
    async fn draw(&mut self, is_voided_first: bool) {
        let (app, number) = (&self.city.app, self.open.clone());
        let row = periods::get(app, &number).await.expect("a period");
        self.not_before(row.applies_until + Days::new(1));
        periods::close(app, &officer(), &number)
            .await
            .expect("closed");
        let waiting = reviews::list_waiting(app, &officer().reviewer(), &number, 100).await;
        for row in waiting.expect("applications") {
            let approved = reviews::decide(
                app,
                &officer().reviewer(),
                &row.code,
                &Verdict::Approve,
                None,
            )
            .await;
            if matches!(approved, Ok(reviews::Reviewed::Barred(..))) {
                let refuse = Verdict::Refuse(vec!["BAN_ACTIVE".to_owned()]);
                let refused =
                    reviews::decide(app, &officer().reviewer(), &row.code, &refuse, None).await;
                refused.expect("refused");
            }
        }
        self.not_before(row.review_publish_on);
        periods::publish_review(app, &officer(), &number)
            .await
            .expect("published");
        self.not_before(row.draw_on);
        let mut id = self.freeze(&number).await;
        if is_voided_first {
            self.announce(&id).await;
            ceremony::void(app, &officer(), &id, "the hall has no light")
                .await
                .expect("voided");
            id = self.freeze(&number).await;
        }
        self.finish(&id).await;
    }

    async fn freeze(&self, number: &str) -> String {
        let frozen = ceremony::freeze(&self.city.app, &officer(), number).await;
        let id = frozen.expect("frozen").id;
        super::checks::nobody_barred_is_in(self, &id)
            .await
            .unwrap_or_else(|broken| panic!("{broken}"));
        id
    }

    async fn announce(&self, draw: &str) {
        let app = &self.city.app;
        let terms = Terms {
            sealed: Vec::new(),
            open: vec!["ball-machine".to_owned()],
            window_secs: 60,
            margin_secs: 60,
            closes_at: app.clock.now() + TimeDelta::seconds(60),
            chain: None,
            round: None,
        };
        ceremony::announce(app, &officer(), draw, terms)
            .await
            .expect("announced");
    }

    async fn finish(&mut self, id: &str) {
        let (app, clock) = (&self.city.app, &self.city.clock);
        self.announce(id).await;
        clock.advance(70);
        let reveals = Reveals {
            sealed: Vec::new(),
            open: vec![("ball-machine".to_owned(), "374478".to_owned())],
        };
        ceremony::close(app, &officer(), id, reveals)
            .await
            .expect("closed");
        clock.advance(300);
        let finished = ceremony::finish(app, &officer(), id).await;
        assert_eq!(finished.expect("finished").phase, draw::Phase::Finished);
        let lines = store::pools::list_lines(&app.db, app.city, id, CATEGORY, "").await;
        for (code, _) in lines.expect("a pool") {
            let row = store::applications::find_by_code(&app.db, app.city, &code).await;
            let row = row.expect("read").expect("an application");
            let person = self.person_of(row.applicant_id).expect("somebody known");
            *self.participated.entry(person).or_default() += 1;
        }
        let period = periods::get(app, &self.open).await.expect("a period");
        assert_eq!(period.phase, period::Phase::Published);
    }

    /// Puts the clock on a day, if that day is still to come.
    fn not_before(&self, day: NaiveDate) {
        let app = &self.city.app;
        if app.today() < day {
            self.city.clock.set(app.start_of(day) + TimeDelta::hours(1));
        }
    }
}
