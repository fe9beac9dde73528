//! One step of a ceremony in a process of its own, at a moment that stands still.
//!
//! ```text
//! fairplate-ceremony <folder> <database> <policy> <time> <step>
//!     [--recover] [--die step/Stage/nth] [--die-after <effects>] [--meet step/Stage/nth <folder>]
//! ```
//! The step `whole` is all of them that are left, each at its time; the time given is not looked at.
//! The answer is on standard output: `done`, or the code of the refusal. The exit code is that of
//! the operator's command line.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use entity::draw::Phase;
use fairplate::{
    App, Error,
    clock::StoppedClock,
    domain::actor::Operator,
    service::{ceremony::recover, unsigned},
    store,
};
use fairplate_tests::{
    air_gap, city,
    faults::Fate,
    stages::{ANNOUNCE_AT, CLOSE_AT, FINISH_AT, FREEZE_AT, PERIOD},
    steps::{STEPS, take},
};

#[tokio::main]
async fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let mut next = || {
        words
            .next()
            .expect("a folder, a database, a policy, a time and a step")
    };
    let (folder, url, policy, time, step) = (next(), next(), next(), next(), next());
    let (mut fate, mut recovers) = (Fate::default(), false);
    while let Some(flag) = words.next() {
        match flag.as_str() {
            "--recover" => recovers = true,
            "--die" => fate.dies_at = words.next(),
            "--die-after" => {
                let count = words.next().expect("a number of effects");
                fate.dies_after = Some(count.parse().expect("a number"));
            }
            "--meet" => {
                let point = words.next().expect("a point");
                fate.meets_at = Some((point, PathBuf::from(words.next().expect("a folder"))));
            }
            other => panic!("no such flag: {other}"),
        }
    }
    let fate = Arc::new(fate);
    let clock = StoppedClock::at(city::moment(&time));
    let (hands, observer) = (Arc::new(clock.clone()), Arc::clone(&fate));
    let app = city::open(&PathBuf::from(folder), &url, &policy, hands, observer).await;
    if let Some((point, place)) = &fate.meets_at
        && point == "start"
    {
        fate.meet(place);
    }
    let taken = run(&app, &clock, &step, recovers).await;
    if let Some((point, place)) = &fate.meets_at
        && point == "end"
    {
        fate.meet(place);
    }
    match taken {
        Ok(()) => {
            println!("done");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{}", error.code().as_str());
            eprintln!("{error}: {error:?}");
            ExitCode::from(error.code().exit_code())
        }
    }
}

async fn run(app: &App, clock: &StoppedClock, step: &str, recovers: bool) -> Result<(), Error> {
    if recovers {
        recover(app).await?;
    }
    match step {
        "nothing" => Ok(()),
        "whole" => whole(app, clock).await,
        _ => take(app, step).await,
    }
}

/// Takes every step that is left, each at its time, and makes good first what a crash has left. A record
/// whose key is off line is carried to it and back.
async fn whole(app: &App, clock: &StoppedClock) -> Result<(), Error> {
    let phase = phase(app).await?;
    clock.set(city::moment(phase.map_or(FREEZE_AT, last_at)));
    recover(app).await?;
    loop {
        let phase = self::phase(app).await?;
        let left = STEPS.iter().find(|it| Some(it.0) == next(phase));
        let Some((step, at)) = left else {
            return Ok(());
        };
        clock.set(city::moment(at));
        if unsigned::find(app).await?.is_none() {
            take(app, step).await?;
        }
        if unsigned::find(app).await?.is_some() {
            let request = unsigned::export(app, &Operator, PERIOD).await?;
            air_gap::import(app, &air_gap::sign(&request)).await?;
        }
    }
}

async fn phase(app: &App) -> Result<Option<Phase>, Error> {
    let row = store::draws::find(&app.db, app.city, PERIOD).await?;
    Ok(row.map(|row| row.phase))
}

/// When a draw has come to a phase.
fn last_at(phase: Phase) -> &'static str {
    match phase {
        Phase::Frozen => FREEZE_AT,
        Phase::Announced => ANNOUNCE_AT,
        Phase::Closed => CLOSE_AT,
        Phase::Finished | Phase::Voided => FINISH_AT,
    }
}

/// The step that comes next; none after the last one.
fn next(phase: Option<Phase>) -> Option<&'static str> {
    match phase {
        None => Some("freeze"),
        Some(Phase::Frozen) => Some("announce"),
        Some(Phase::Announced) => Some("close"),
        Some(Phase::Closed) => Some("finish"),
        Some(Phase::Finished | Phase::Voided) => None,
    }
}
