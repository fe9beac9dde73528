//! Periods and their draws, led by officers whatever else happens.

use chrono::{Datelike as _, Days, Months, NaiveDate, TimeDelta};
use entity::{draw, period};
use fairplate::{
    Error,
    domain::moving::NewDays,
    service::{
        periods::{self, Opening, Quota},
        reviews::{self, Verdict},
    },
    store,
};
use fairplate_tests::{
    ceremony::{self, Reveals, Terms},
    stages::officer,
};

use super::world::{CATEGORY, World};

impl World<'_> {
    /// Opens the period of the month after the last one, or of this month if that is later.
    pub(super) async fn open_next(&mut self, quota: u32, carried_over: u32) {
        let today = self.city.app.today();
        let last = self
            .opened_for
            .map_or(today, |first| first + Months::new(1));
        let first = last.max(today.with_day(1).expect("a first day"));
        self.city
            .clock
            .set(self.city.app.start_of(first.max(today)) + TimeDelta::hours(1));
        let app = &self.app;
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

    /// An officer moves days of the open period, as far as they may be moved.
    pub(super) async fn move_days(&self, draw_by: i64, representatives_by: i64) {
        let row = periods::get(&self.app, &self.open).await.expect("a period");
        let moved = |day: NaiveDate, by| day + TimeDelta::days(by);
        let days = NewDays {
            draw_on: Some(moved(row.draw_on, draw_by)),
            representatives_on: row
                .representatives_on
                .map(|day| moved(day, representatives_by)),
            ..NewDays::default()
        };
        let reason = "the hall is closed";
        let moved = periods::move_dates(&self.app, &officer(), &self.open, days, reason).await;
        let is_outcome = matches!(moved, Ok(_) | Err(Error::InvalidInput { .. }));
        assert!(is_outcome, "{moved:?}");
    }

    /// A whole tier period, where the year still has one.
    pub(super) async fn tier_draw(&mut self, quota: u32) {
        let today = self.app.today();
        let held = self.tier_periods.entry(today.year()).or_default();
        if *held == 2 {
            return;
        }
        *held += 1;
        let number = format!("{}J{held}", today.year());
        let draw_on = self
            .app
            .working_days
            .first_working_day_from(today + Days::new(1));
        let opening = Opening {
            number: number.clone(),
            applies_from: today,
            applies_until: today,
            review_publish_on: today + Days::new(1),
            representatives_on: None,
            draw_on: draw_on.expect("a working day"),
            quotas: vec![Quota {
                category: CATEGORY.to_owned(),
                quota,
                reserve: 1,
                carried_over: 0,
            }],
        };
        let row = periods::open(&self.app, &officer(), opening).await;
        let row = row.expect("open");
        self.not_before(row.review_publish_on);
        periods::close(&self.app, &officer(), &number)
            .await
            .expect("closed");
        periods::publish_review(&self.app, &officer(), &number)
            .await
            .expect("published");
        self.not_before(row.draw_on);
        let id = self.freeze(&number).await;
        self.finish(&id).await;
    }

    /// Leads the open period to its result.
    pub(super) async fn draw(&mut self, is_voided_first: bool, days_late: i64) {
        let (app, number) = (self.app.clone(), self.open.clone());
        let app = &app;
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
        self.wait(days_late);
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
        let frozen = ceremony::freeze(&self.app, &officer(), number).await;
        let id = frozen.expect("frozen").id;
        super::checks::nobody_barred_is_in(self, &id)
            .await
            .and(super::checks::tier_pool_is_the_tiers(self, &id).await)
            .unwrap_or_else(|broken| panic!("{broken}"));
        id
    }

    /// Announces a draw today, or on the next day on which it is not refused.
    async fn announce(&self, draw: &str) {
        let app = &self.app;
        loop {
            let terms = Terms {
                sealed: Vec::new(),
                open: vec!["ball-machine".to_owned()],
                window_secs: 60,
                margin_secs: 60,
                closes_at: app.clock.now() + TimeDelta::seconds(60),
                chain: None,
                round: None,
            };
            match ceremony::announce(app, &officer(), draw, terms).await {
                Err(Error::InvalidInput { field, .. }) if field == "closesAt" => {
                    let today = app.today();
                    let is_worked = app.working_days.is_working_day(today);
                    assert_eq!(is_worked, Ok(false), "25: refused on {today}");
                    self.not_before(today + Days::new(1));
                }
                announced => return drop(announced.expect("announced")),
            }
        }
    }

    async fn finish(&mut self, id: &str) {
        let (app, clock) = (self.app.clone(), &self.city.clock);
        let app = &app;
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
        let finished = finished.expect("finished");
        assert_eq!(finished.phase, draw::Phase::Finished);
        let period = periods::get(app, &finished.period_number).await;
        let period = period.expect("a period");
        assert_eq!(period.phase, period::Phase::Published);
        let lines = store::pools::list_lines(&app.db, app.city, id, CATEGORY, "").await;
        let codes = lines.expect("a pool").into_iter().map(|(code, _)| code);
        for code in codes.filter(|_| period.kind == period::Kind::Normal) {
            let person = self.person_behind(&code).await;
            *self.participated.entry(person).or_default() += 1;
            *self.since_win.entry(person).or_default() += 1;
        }
        let winners = store::placements::list_winning_codes(&app.db, app.city, id).await;
        for code in winners.expect("winners") {
            let person = self.person_behind(&code).await;
            self.since_win.insert(person, 0);
        }
    }

    /// Whose code it is.
    async fn person_behind(&self, code: &str) -> u32 {
        let row = store::applications::find_by_code(&self.app.db, self.app.city, code).await;
        let row = row.expect("read").expect("an application");
        self.person_of(row.applicant_id).expect("somebody known")
    }

    /// Puts the clock on a day, if that day is still to come.
    fn not_before(&self, day: NaiveDate) {
        let app = &self.city.app;
        if app.today() < day {
            self.city.clock.set(app.start_of(day) + TimeDelta::hours(1));
        }
    }
}
