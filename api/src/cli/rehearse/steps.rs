//! The steps of the ceremony, on the period's own days.

use ::entity::period;
use chrono::{DateTime, Days as Count, NaiveDate, NaiveTime, TimeDelta, Utc};
use verifier::text::Time;

use super::Told;
use crate::{
    App,
    cli::playing::{
        contributors::{self, BALL_MACHINE, CONTRIBUTORS},
        officers::Two,
    },
    clock::StoppedClock,
    error::{Error, Result},
    service::{
        approvals::Action,
        ceremony::{self, Terms},
        draws,
    },
};

/// Who plays the city's officers.
const OFFICERS: Two = Two {
    first: "rehearsal",
    second: "rehearsal-second",
};

/// When what is done.
pub(super) struct Days {
    /// The pool is frozen: two days before the draw, in the morning.
    pub(super) freeze: DateTime<Utc>,
    announce: DateTime<Utc>,
    /// Contributions close: in the afternoon of the day of the draw.
    close: DateTime<Utc>,
}

impl Days {
    pub(super) fn of(period: &period::Model) -> Self {
        let day = period.draw_on;
        Self {
            freeze: at(day - Count::new(2), 8),
            announce: at(day - Count::new(2), 9),
            close: at(day, 15),
        }
    }

    /// When the rehearsal's chain begins.
    pub(super) fn genesis(&self) -> Time {
        Time((self.freeze - TimeDelta::days(1)).timestamp())
    }
}

/// An hour of a day in the city, which keeps the time of UTC+8.
fn at(day: NaiveDate, hour: i64) -> DateTime<Utc> {
    (day.and_time(NaiveTime::MIN) + TimeDelta::hours(hour - 8)).and_utc()
}

/// Leads the copied period from its freeze to its result; gives the draw.
pub(super) async fn run(
    app: &App,
    clock: &StoppedClock,
    period: &str,
    days: &Days,
    told: &mut Told,
) -> Result<String> {
    let action = Action::FreezePeriod {
        period: period.to_owned(),
    };
    let draw = OFFICERS.agree_on_draw(app, action).await?.id;
    told.done("freeze", "摇号池已封存", "the pool is frozen");

    clock.set(days.announce);
    let terms = Terms {
        sealed: contributors::sealings(app, &draw),
        open: vec![BALL_MACHINE.to_owned()],
        window_secs: 86_400,
        margin_secs: 60,
        closes_at: days.close,
        chain: None,
        round: None,
    };
    let action = Action::AnnounceDraw {
        draw: draw.clone(),
        terms,
    };
    OFFICERS.agree(app, action).await?;
    told.done(
        "announce",
        "公告已签名、入日志、经见证并公布",
        "announce is signed, logged, cosigned and published",
    );

    clock.set(days.close);
    let reveals = contributors::reveals(app, &draw, CONTRIBUTORS.len());
    ceremony::close(app, &OFFICERS.officer(), &draw, reveals).await?;
    told.done(
        "close",
        "随机数贡献已截止",
        "the contributions are closed, before the beacon round",
    );

    let row = draws::get(app, &draw).await?;
    let round = row.round.and_then(|round| u64::try_from(round).ok());
    let comes = round.and_then(|round| app.chain.time_of(round));
    let comes = comes.and_then(|time| DateTime::from_timestamp(time.0, 0));
    let comes = comes.ok_or_else(|| {
        Error::internal(anyhow::anyhow!("draw {draw} is announced without a round"))
    })?;
    clock.set(comes);
    ceremony::finish(app, &OFFICERS.officer(), &draw).await?;
    told.done(
        "finish",
        "信标轮次值已到，结果已摇出、核验并公布",
        "the beacon round came; the result is drawn and published",
    );
    Ok(draw)
}
