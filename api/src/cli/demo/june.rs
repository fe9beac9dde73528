//! The first draw: June 2026 on a stopped clock, with the real round 30,000,000 of quicknet.

use std::sync::Arc;

use ::entity::{draw, period};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::{OFFICERS, lives, newcomers, officer, people};
use crate::{
    App,
    beacon::{self, Beacon, Carried, Limits, Relays},
    cli::{
        Global, import,
        playing::{
            Stages,
            contributors::{self as acting, BALL_MACHINE},
        },
        progress::Tell,
        start,
    },
    clock::{Clock, StoppedClock},
    domain::{
        PeriodKind, PeriodNumber,
        calendar::{self, PeriodDates},
    },
    error::{Error, Result},
    service::{
        approvals::Action,
        ceremony::{self, Terms},
        imports,
        imports::Files,
        periods::{self, Opening, Quota},
    },
};

/// The recorded round, as a relay gives it.
const RECORDED_ROUND: &str = include_str!("../../beacon/fixtures/quicknet-30000000.json");

/// Its number; it came at 2026-06-30T07:09:24Z.
const ROUND: u64 = 30_000_000;

/// The first story, with its clock.
pub(super) struct June {
    app: App,
    clock: StoppedClock,
    number: PeriodNumber,
    dates: PeriodDates,
}

/// Opens the city in June 2026.
pub(super) async fn open(global: &Global, relays: &[String]) -> Result<June> {
    let clock = StoppedClock::at(noon(day(1)));
    let shared: Arc<dyn Clock> = Arc::new(clock.clone());
    let options = start::Options {
        clock: Arc::clone(&shared),
        observer: Arc::new(Tell::new()),
        sets_up: true,
    };
    let mut app = start::open_with(global, options).await?;
    app.beacon = round_source(&app, relays, shared)?;
    let policy = &app.policy;
    let ordinal = 6 / policy.cadence.months_per_period();
    let number = PeriodNumber::new(PeriodKind::Normal, 2026, ordinal).map_err(Error::internal)?;
    let scheduled = calendar::dates_of(number, policy.cadence, &policy.schedule, &app.working_days);
    let mut dates = scheduled.map_err(|cause| {
        Error::NotSetUp(format!(
            "the demo draws in June 2026, and the rules give no days for it: {cause}"
        ))
    })?;
    // Moved from the policy's day to the day of the recorded round, as an officer may.
    dates.draw_on = day(30);
    Ok(June {
        app,
        clock,
        number,
        dates,
    })
}

/// The recorded round as a file that somebody carried in, or a relay.
fn round_source(app: &App, relays: &[String], clock: Arc<dyn Clock>) -> Result<Arc<dyn Beacon>> {
    if !relays.is_empty() {
        return Ok(Arc::new(Relays::new(
            relays.to_vec(),
            Limits::default(),
            clock,
        )));
    }
    let folder = app.layout.root().join("demo");
    let file = folder.join("quicknet-30000000.json");
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&file, RECORDED_ROUND))
        .map_err(|cause| {
            Error::NotSetUp(format!("{} cannot be written: {cause}", file.display()))
        })?;
    Ok(Arc::new(Carried::new(file, clock)))
}

/// A day of June 2026.
fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, day).unwrap_or_default()
}

/// Noon in the city.
fn noon(day: NaiveDate) -> DateTime<Utc> {
    day.and_hms_opt(4, 0, 0).unwrap_or_default().and_utc()
}

/// A moment of 30 June 2026, UTC.
fn at(hour: u32, minute: u32) -> DateTime<Utc> {
    day(30)
        .and_hms_opt(hour, minute, 0)
        .unwrap_or_default()
        .and_utc()
}

impl June {
    /// Runs whatever of the period has not been run.
    pub(super) async fn run(&self, people: u64, stages: &mut Stages) -> Result<()> {
        ceremony::recover(&self.app).await?;
        let newcomers = (people / 8).min(600);
        self.take_over(people - newcomers, stages).await?;
        let number = self.number.to_string();
        if periods::find(&self.app, &number).await?.is_none() {
            self.open_period(people).await?;
        }
        let phase = || async { periods::get(&self.app, &number).await.map(|row| row.phase) };
        if phase().await? == period::Phase::Open {
            self.live(stages).await?;
            self.clock.set(noon(self.dates.apply_until));
            newcomers::apply(&self.app, people - newcomers..people, stages).await?;
            self.clock.set(noon(self.dates.apply_until + Days::new(1)));
            periods::close(&self.app, &officer(), &number).await?;
        }
        if phase().await? == period::Phase::Closed {
            newcomers::review(&self.app, &number, stages).await?;
            self.clock.set(noon(
                self.dates
                    .review_publish_on
                    .max(self.dates.apply_until + Days::new(1)),
            ));
            periods::publish_review(&self.app, &officer(), &number).await?;
        }
        if phase().await? == period::Phase::ReviewPublished {
            self.clock.set(noon(day(27)));
            let period = number.clone();
            OFFICERS
                .agree(&self.app, Action::FreezePeriod { period })
                .await?;
            stages.done(&format!("the pool of period {number} is frozen"));
        }
        self.draw(&number, stages).await
    }

    /// What the three citizens do while applications are taken, and what becomes of one of them.
    async fn live(&self, stages: &mut Stages) -> Result<()> {
        let ended = lives::forfeit(&self.app).await?;
        if 0 < ended {
            stages.done(&format!(
                "{ended} certificate of the old system has run out unused; its holder is barred"
            ));
        }
        if self.app.clock.now() < noon(self.dates.apply_from) {
            self.clock.set(noon(self.dates.apply_from));
        }
        lives::join_tier(&self.app).await?;
        if lives::apply(&self.app, &self.clock).await? {
            stages.done("somebody new has applied in four steps, with a code by SMS");
        }
        Ok(())
    }

    /// Imports those who have waited.
    async fn take_over(&self, people: u64, stages: &mut Stages) -> Result<()> {
        if 0 < imports::count_applicants(&self.app).await? {
            return Ok(());
        }
        let folder = self.app.layout.root().join("demo");
        let (periods, applicants) =
            people::write_files(&self.app.policy, &folder, self.number, people)?;
        stages.done(&format!(
            "{people} people of an invented old system are written as CSV"
        ));
        let files = Files {
            periods: &periods,
            applicants: &applicants,
        };
        let report = import::load(&self.app, &files, false).await?;
        if 0 < report.refused {
            let first = report
                .refusals
                .first()
                .map(ToString::to_string)
                .unwrap_or_default();
            return Err(Error::internal(anyhow::anyhow!(
                "the demo's own people are refused: {first}"
            )));
        }
        stages.done(&format!(
            "{} people and {} participations imported",
            report.applicants, report.participations
        ));
        Ok(())
    }

    async fn open_period(&self, people: u64) -> Result<()> {
        OFFICERS.agree(&self.app, Action::ConfirmPolicy).await?;
        let quota = u32::try_from(people / 25).unwrap_or(u32::MAX).max(1);
        let opening = Opening {
            number: self.number.to_string(),
            applies_from: self.dates.apply_from,
            applies_until: self.dates.apply_until,
            review_publish_on: self
                .dates
                .review_publish_on
                .max(self.dates.apply_until + Days::new(1)),
            representatives_on: self.dates.representatives_on,
            draw_on: self.dates.draw_on,
            quotas: vec![Quota {
                category: self.app.policy.categories[0].key.clone(),
                quota,
                reserve: quota / 10 + 1,
                carried_over: 0,
            }],
        };
        periods::open(&self.app, &officer(), opening).await?;
        Ok(())
    }

    /// The ceremony of the 28th to the 30th.
    async fn draw(&self, number: &str, stages: &mut Stages) -> Result<()> {
        let app = &self.app;
        let Some(row) = acting::find_draw(app, number).await? else {
            return Err(Error::internal(anyhow::anyhow!(
                "period {number} is frozen without a draw"
            )));
        };
        if row.phase <= draw::Phase::Frozen {
            self.clock.set(noon(day(28)) - TimeDelta::hours(3));
            let terms = Terms {
                sealed: acting::sealings(app, &row.id),
                open: vec![BALL_MACHINE.to_owned()],
                window_secs: 86_400,
                margin_secs: 60,
                closes_at: at(7, 0),
                chain: Some(beacon::quicknet()),
                round: Some(ROUND),
            };
            let draw = row.id.clone();
            OFFICERS
                .agree(app, Action::AnnounceDraw { draw, terms })
                .await?;
            stages.done("announce is signed, logged, cosigned by the demo's witness and published");
        }
        if row.phase <= draw::Phase::Announced {
            self.clock.set(at(7, 1));
            // One representative did not come: the record says so, and the draw goes on.
            ceremony::close(app, &officer(), &row.id, acting::reveals(app, &row.id, 2)).await?;
            stages.done("the contributions are closed, before the beacon round exists");
        }
        if row.phase <= draw::Phase::Closed {
            self.clock.set(at(7, 10));
            ceremony::finish(app, &officer(), &row.id).await?;
            stages.done(
                "quicknet round 30,000,000 came; the result is drawn, verified and published",
            );
        }
        Ok(())
    }
}
