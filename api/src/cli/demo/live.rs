//! The second draw: in real time, on the demo's own chain, whose rounds come every second.
//!
//! Where the city has a tier lottery of its own, it is that; elsewhere it is the next period. Its pool
//! is frozen soon after June, while the applications of June are valid, and the ceremony is now.

use std::sync::Arc;

use ::entity::{draw, period};
use chrono::{DateTime, Datelike as _, Days, NaiveDate, TimeDelta, Utc};

use super::{OFFICERS, officer};
use crate::{
    App,
    cli::{
        Global,
        playing::{
            Stages,
            contributors::{self as acting, BALL_MACHINE},
        },
        progress::Tell,
        start,
    },
    clock::{Clock, StoppedClock, SystemClock},
    domain::{PeriodKind, PeriodNumber, WorkingDays},
    error::{Error, Result},
    service::{
        approvals::Action,
        ceremony::{self, Terms},
        periods::{self, Opening, Quota},
    },
};

/// Runs whatever of the second draw has not been run; gives the city as it is served.
pub(super) async fn run(global: &Global, people: u64, stages: &mut Stages) -> Result<App> {
    let options = start::Options {
        observer: Arc::new(Tell::new()),
        ..Default::default()
    };
    let mut app = start::open_with(global, options).await?;
    app.working_days = Arc::new(working_days(&app));
    let number = number(&app)?.to_string();
    if periods::find(&app, &number).await?.is_none() {
        open_period(&app, &number, people).await?;
    }
    prepare(&app, &number).await?;
    let row = if let Some(row) = acting::find_draw(&app, &number).await? {
        row
    } else {
        let then = at(&app, began(&app) + TimeDelta::days(20));
        let period = number.clone();
        let row = OFFICERS
            .agree_on_draw(&then, Action::FreezePeriod { period })
            .await?;
        stages.done(&format!("the pool of period {number} is frozen"));
        row
    };
    draw(&app, &row, people, stages).await?;
    Ok(app)
}

/// The tier period of this year, or the regular period that was drawn last by now.
fn number(app: &App) -> Result<PeriodNumber> {
    let today = app.today();
    let year = u16::try_from(today.year()).map_err(Error::internal)?;
    let number = if app.policy.find_cadence(PeriodKind::Tier).is_some() {
        PeriodNumber::new(PeriodKind::Tier, year, 1)
    } else {
        let ordinal = today.month() / u32::from(app.policy.cadence.months_per_period());
        PeriodNumber::new(
            PeriodKind::Normal,
            year,
            u8::try_from(ordinal).unwrap_or(u8::MAX),
        )
    };
    number.map_err(Error::internal)
}

/// When the period began: three weeks ago, or on the first day after the story of June, whichever
/// came first.
fn began(app: &App) -> DateTime<Utc> {
    let after_june = NaiveDate::from_ymd_opt(2026, 7, 1).unwrap_or_default();
    let noon = app.start_of(after_june) + TimeDelta::hours(12);
    noon.min(app.clock.now() - TimeDelta::days(20))
}

/// Opens the period as if when it began.
async fn open_period(app: &App, number: &str, people: u64) -> Result<()> {
    let then = at(app, began(app));
    let day = |count| then.today() + Days::new(count);
    let kind = number
        .parse::<PeriodNumber>()
        .map_err(Error::internal)?
        .kind();
    let categories = app
        .policy
        .categories
        .iter()
        .filter(|category| category.period_kind == kind);
    let quota = u32::try_from(people / 100).unwrap_or(u32::MAX).max(1);
    let opening = Opening {
        number: number.to_owned(),
        applies_from: day(0),
        applies_until: day(8),
        review_publish_on: day(15),
        representatives_on: None,
        draw_on: app.today(),
        quotas: categories
            .map(|category| Quota {
                category: category.key.clone(),
                quota,
                reserve: quota / 10 + 1,
                carried_over: 0,
            })
            .collect(),
    };
    periods::open(&then, &officer(), opening).await?;
    Ok(())
}

/// The city's working days, and today as one of them, so that the demo can be shown at any time.
/// Tomorrow as well: the draw may be announced just before midnight.
fn working_days(app: &App) -> WorkingDays {
    let mut known = app.working_days.as_ref().clone();
    let today = app.today();
    for day in [today, today + Days::new(1)] {
        known.add_working_day(day);
    }
    known
}

/// Leads the period to the freeze, each step on its own day.
async fn prepare(app: &App, number: &str) -> Result<()> {
    let row = periods::get(app, number).await?;
    let after = |days| at(app, began(app) + TimeDelta::days(days));
    if row.phase <= period::Phase::Open {
        periods::close(&after(9), &officer(), number).await?;
    }
    if row.phase <= period::Phase::Closed {
        periods::publish_review(&after(15), &officer(), number).await?;
    }
    Ok(())
}

/// The same city with its clock stopped at a moment.
fn at(app: &App, moment: DateTime<Utc>) -> App {
    let clock: Arc<dyn Clock> = Arc::new(StoppedClock::at(moment));
    App {
        clock,
        ..app.clone()
    }
}

/// The ceremony, within seconds.
async fn draw(app: &App, row: &draw::Model, people: u64, stages: &mut Stages) -> Result<()> {
    // Publishing a large pool takes its time, and closing has to come before the round.
    let seconds = 3 + i64::try_from(people / 50_000).unwrap_or(i64::MAX);
    if row.phase <= draw::Phase::Frozen {
        let terms = Terms {
            sealed: acting::sealings(app, &row.id),
            open: vec![BALL_MACHINE.to_owned()],
            window_secs: 1,
            margin_secs: 1,
            closes_at: SystemClock.now() + TimeDelta::seconds(seconds),
            chain: None,
            round: None,
        };
        let draw = row.id.clone();
        OFFICERS
            .agree(app, Action::AnnounceDraw { draw, terms })
            .await?;
        stages.done("announce is signed, logged, cosigned by the demo's witness and published");
    }
    if row.phase <= draw::Phase::Announced {
        let reveals = acting::reveals(app, &row.id, acting::CONTRIBUTORS.len());
        ceremony::close(app, &officer(), &row.id, reveals).await?;
        stages.done("the contributions are closed, before the beacon round exists");
    }
    if row.phase <= draw::Phase::Closed {
        wait_and_finish(app, &row.id).await?;
        stages.done(
            "the round of the demo's own chain came; the result is drawn, verified and published",
        );
    }
    Ok(())
}

/// Waits for the round, and finishes as soon as it is there.
async fn wait_and_finish(app: &App, id: &str) -> Result<()> {
    loop {
        match ceremony::finish(app, &officer(), id).await {
            Err(Error::TooEarly { at, .. }) => {
                let left = (at - app.clock.now()).to_std().unwrap_or_default();
                eprintln!("  the round comes in {} s", left.as_secs() + 1);
                tokio::time::sleep(left).await;
            }
            finished => return finished.map(|_| ()),
        }
    }
}
