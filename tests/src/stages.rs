//! Periods and draws, led to where a story begins. All of it through the city's own use cases.

use std::{fs, net::TcpListener, sync::Arc};

use chrono::{NaiveDate, TimeDelta};
use entity::{application, draw};
use fairplate::{
    App,
    beacon::{Carried, Limits},
    domain::{
        PeriodNumber,
        actor::{Officer, Operator},
    },
    service::{
        accounts,
        applications::{self, Form, Submitted},
        periods::{self, Opening, Quota},
        reviews::{self, Verdict},
        sessions,
    },
    store,
    witness::{HttpWitness, Witness},
};
use verifier::record::commitment;

use crate::{
    actors::{AccountActor, Citizen, OfficerActor},
    ceremony::{self, Reveals, Sealing, Terms},
    city::{TestCity, moment},
    people::{Person, person},
    relay::RECORDED_ROUND,
};

/// The period of most stories; its draw has the same id.
pub const PERIOD: &str = "202606";

/// Who seals a contribution in most stories, with the secret.
pub const CONTRIBUTORS: [(&str, [u8; 32]); 2] = [
    ("notary.example/c1", [0x27; 32]),
    ("rep-a.example/c1", [0xa4; 32]),
];

/// Label of the value that is made in public.
pub const BALL_MACHINE: &str = "ball-machine";

/// When the pool of most stories is frozen.
pub const FREEZE_AT: &str = "2026-06-27T01:00:00Z";

/// When most stories announce.
pub const ANNOUNCE_AT: &str = "2026-06-29T01:00:00Z";

/// Until when contributions may come.
pub const CLOSES_AT: &str = "2026-06-30T07:00:00Z";

/// When most stories close: contributions are over, and the margin before the round is not.
pub const CLOSE_AT: &str = "2026-06-30T07:00:30Z";

/// When the beacon round of most stories comes: twice the margin after closing.
pub const ROUND_AT: &str = "2026-06-30T07:02:00Z";

/// When most stories finish.
pub const FINISH_AT: &str = "2026-06-30T07:05:00Z";

/// Seconds between a record and the beacon round.
pub const MARGIN_SECS: u64 = 60;

/// The officer in whose name stories are led to their beginning.
#[must_use]
pub fn officer() -> Officer {
    Officer::new("zhou")
}

/// How many may win, and how many are reserves.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// Winners.
    pub quota: u32,
    /// Ordered reserves behind them.
    pub reserve: u32,
}

/// So many winners and reserves.
#[must_use]
pub fn places(quota: u32, reserve: u32) -> Places {
    Places { quota, reserve }
}

/// Terms with two sealed contributions and an open one.
#[must_use]
pub fn terms(draw: &str) -> Terms {
    let sealed = CONTRIBUTORS.iter().map(|(name, secret)| Sealing {
        name: (*name).to_owned(),
        commitment: commitment(crate::keys::ORIGIN, draw, name, secret),
    });
    Terms {
        sealed: sealed.collect(),
        open: vec![BALL_MACHINE.to_owned()],
        window_secs: 86_400,
        margin_secs: MARGIN_SECS,
        closes_at: moment(CLOSES_AT),
        chain: None,
        round: None,
    }
}

/// What both contributors and the ball machine bring.
#[must_use]
pub fn reveals() -> Reveals {
    Reveals {
        sealed: CONTRIBUTORS
            .iter()
            .map(|(name, secret)| ((*name).to_owned(), *secret))
            .collect(),
        open: vec![(BALL_MACHINE.to_owned(), "374478".to_owned())],
    }
}

impl TestCity {
    /// An officer who is signed in. Sessions last twelve hours: stories that move the clock
    /// further sign in again.
    pub async fn officer(&self) -> OfficerActor<'_> {
        self.officer_named("zhou").await
    }

    /// An officer of this name, in a session of their own.
    pub async fn officer_named(&self, name: &str) -> OfficerActor<'_> {
        let token = sessions::open_for_officer(&self.app, &Operator, name).await;
        OfficerActor {
            city: self,
            token: token.expect("a session"),
        }
    }

    /// Opens the story's period and, beside it, a later one; two bystanders apply, one of whom
    /// cancels at once and one of whom will be refused.
    pub async fn opened(&self, places: Places) {
        ceremony::confirm_rules(&self.app, &officer())
            .await
            .expect("rules confirmed");
        self.open_period(PERIOD, 6, places).await;
        let number: PeriodNumber = PERIOD.parse().expect("a number");
        let later = number
            .next(self.app.policy.cadence)
            .expect("a later number");
        self.open_period(&later.to_string(), 7, places).await;
        let leaving = self.apply(&person(900)).await;
        applications::cancel(&self.app, &leaving.applicant(), leaving.id())
            .await
            .expect("cancelled");
        self.apply(&person(901)).await;
    }

    /// Opens a period that is led through a month of this year: applications from the 1st to the
    /// 8th, review results on the 23rd, the draw on the 30th.
    pub async fn open_period(&self, number: &str, month: u32, Places { quota, reserve }: Places) {
        let day = |day| NaiveDate::from_ymd_opt(2026, month, day).expect("a day");
        let quota = Quota {
            category: "individual".to_owned(),
            quota,
            reserve,
            carried_over: 0,
        };
        let opening = Opening {
            number: number.to_owned(),
            applies_from: day(1),
            applies_until: day(8),
            review_publish_on: day(23),
            representatives_on: None,
            draw_on: self
                .app
                .working_days
                .first_working_day_from(day(30))
                .expect("a working day"),
            quotas: vec![quota],
        };
        periods::open(&self.app, &officer(), opening)
            .await
            .expect("a period");
    }

    /// Somebody applies; the account's phone was proven, and the form confirmed, out of sight.
    pub async fn apply(&self, person: &Person) -> Citizen<'_> {
        match self.submit(person).await {
            (Submitted::Accepted(application), token) => Citizen {
                city: self,
                person: person.clone(),
                application: *application,
                token,
            },
            (other, _) => panic!("expected an application, found {other:?}"),
        }
    }

    /// What somebody is told who applies like this, and the token of their account.
    pub async fn submit(&self, person: &Person) -> (Submitted, String) {
        self.submit_form(person, &person.form()).await
    }

    /// The same with another form.
    pub async fn submit_form(&self, person: &Person, form: &Form) -> (Submitted, String) {
        let signed_in = accounts::open_for_phone(&self.app, &Operator, &person.phone).await;
        let signed_in = signed_in.expect("an account");
        let submitted = applications::submit(&self.app, &signed_in.holder, form).await;
        (submitted.expect("an answer"), signed_in.token)
    }

    /// Somebody who has signed in to an account of their own.
    pub async fn signed_in(&self, person: &Person) -> AccountActor<'_> {
        let signed_in = accounts::open_for_phone(&self.app, &Operator, &person.phone).await;
        let signed_in = signed_in.expect("an account");
        AccountActor {
            city: self,
            person: person.clone(),
            holder: signed_in.holder,
            token: signed_in.token,
        }
    }

    /// So many people apply.
    pub async fn apply_many(&self, count: u32) -> Vec<Citizen<'_>> {
        let mut citizens = Vec::new();
        for number in 0..count {
            citizens.push(self.apply(&person(number)).await);
        }
        citizens
    }

    /// Ends the taking of applications and decides on every one: the bystander is refused.
    pub async fn review_all(&self) {
        self.at("2026-06-09T01:00:00Z");
        periods::close(&self.app, &officer(), PERIOD)
            .await
            .expect("closed");
        self.decide_all().await;
        self.at("2026-06-23T01:00:00Z");
        periods::publish_review(&self.app, &officer(), PERIOD)
            .await
            .expect("published");
    }

    /// Decides on every application that waits: the bystander is refused.
    pub async fn decide_all(&self) {
        let bystander = self
            .app
            .data_key
            .blind_index(fairplate::app::ID_NUMBER, &person(901).id_number);
        let bystander =
            store::applicants::find_by_id_number(&self.app.db, self.app.city, &bystander);
        let bystander = bystander.await.expect("an answer").map(|row| row.id);
        let waiting = reviews::list_waiting(&self.app, &officer().reviewer(), PERIOD, 1_000).await;
        for row in waiting.expect("applications") {
            let verdict = if Some(row.applicant_id) == bystander {
                Verdict::Refuse(vec!["OWNS_LOCAL_CAR".to_owned()])
            } else {
                Verdict::Approve
            };
            reviews::decide(&self.app, &officer().reviewer(), &row.code, &verdict, None)
                .await
                .expect("decided");
        }
    }

    /// A period whose review results are public, and the people whose codes are valid.
    pub async fn reviewed(&self, people: u32, places: Places) -> Vec<Citizen<'_>> {
        self.opened(places).await;
        let citizens = self.apply_many(people).await;
        self.review_all().await;
        self.at(FREEZE_AT);
        citizens
    }

    /// A period whose pool is frozen, at the moment at which it can be announced.
    pub async fn frozen(&self, people: u32, places: Places) -> Vec<Citizen<'_>> {
        let citizens = self.reviewed(people, places).await;
        ceremony::freeze(&self.app, &officer(), PERIOD)
            .await
            .expect("frozen");
        self.at(ANNOUNCE_AT);
        citizens
    }

    /// A draw that is announced, at the moment at which contributions are over.
    pub async fn announced(&self, people: u32, places: Places) -> Vec<Citizen<'_>> {
        let citizens = self.frozen(people, places).await;
        self.announce(PERIOD).await;
        self.at(CLOSE_AT);
        citizens
    }

    /// Announces a frozen draw on the usual terms.
    pub async fn announce(&self, draw: &str) {
        ceremony::announce(&self.app, &officer(), draw, terms(draw))
            .await
            .expect("announced");
    }

    /// A draw whose contributions are in, at the moment at which it can be finished.
    pub async fn closed(&self, people: u32, places: Places) -> Vec<Citizen<'_>> {
        let citizens = self.announced(people, places).await;
        ceremony::close(&self.app, &officer(), PERIOD, reveals())
            .await
            .expect("closed");
        self.at(FINISH_AT);
        citizens
    }

    /// A period whose result is public.
    pub async fn finished(&self, people: u32, places: Places) -> Vec<Citizen<'_>> {
        let citizens = self.closed(people, places).await;
        ceremony::finish(&self.app, &officer(), PERIOD)
            .await
            .expect("finished");
        citizens
    }

    /// Leads a period that was opened, with whoever has applied, to its result; gives two people who
    /// have applied as well.
    pub async fn finished_from_open(&self) -> Vec<Citizen<'_>> {
        let citizens = self.apply_many(2).await;
        self.review_all().await;
        self.at(FREEZE_AT);
        ceremony::freeze(&self.app, &officer(), PERIOD)
            .await
            .expect("frozen");
        self.at(ANNOUNCE_AT);
        self.announce(PERIOD).await;
        self.at(CLOSE_AT);
        ceremony::close(&self.app, &officer(), PERIOD, reveals())
            .await
            .expect("closed");
        self.at(FINISH_AT);
        ceremony::finish(&self.app, &officer(), PERIOD)
            .await
            .expect("finished");
        citizens
    }

    /// Leads the later period, in which nobody new applies, to where it can be frozen; gives its
    /// number.
    pub async fn second_period(&self) -> String {
        let number: PeriodNumber = PERIOD.parse().expect("a number");
        let number = number
            .next(self.app.policy.cadence)
            .expect("a later number")
            .to_string();
        self.at("2026-07-09T01:00:00Z");
        periods::close(&self.app, &officer(), &number)
            .await
            .expect("closed");
        self.at("2026-07-23T01:00:00Z");
        periods::publish_review(&self.app, &officer(), &number)
            .await
            .expect("published");
        self.at("2026-07-29T01:00:00Z");
        number
    }

    /// The city with a beacon that reads the recorded round from a file.
    pub async fn carrying_the_recorded_round(&self) -> App {
        let file = self.folder().join("round.json");
        fs::write(&file, RECORDED_ROUND).expect("written");
        let mut app = self.another_node(None).await;
        app.beacon = Arc::new(Carried::new(file, Arc::clone(&app.clock)));
        app
    }

    /// The city with a witness that does not answer.
    #[must_use]
    pub fn without_its_witness(&self) -> App {
        let mut app = self.app.clone();
        let port = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", port.local_addr().expect("an address"));
        drop(port);
        let key = app.witnesses[0].key().clone();
        let dead: Arc<dyn Witness> = Arc::new(HttpWitness::new(&url, key, Limits::default()));
        app.witnesses = [dead].into();
        app
    }

    /// The draw as the database has it.
    pub async fn draw(&self, id: &str) -> draw::Model {
        store::draws::get(&self.app.db, self.app.city, id)
            .await
            .expect("a draw")
    }

    /// An application as the database has it.
    pub async fn application(&self, citizen: &Citizen<'_>) -> application::Model {
        let found = store::applications::get(&self.app.db, self.app.city, citizen.id()).await;
        found.expect("an application")
    }
}

/// A moment so many seconds later.
#[must_use]
pub fn later(time: &str, secs: i64) -> String {
    let later = moment(time) + TimeDelta::seconds(secs);
    later.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
