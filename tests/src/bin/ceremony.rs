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
use fairplate::{App, Error, clock::StoppedClock, store};
use fairplate_tests::{
    ceremony, city,
    faults::Fate,
    stages::{ANNOUNCE_AT, CLOSE_AT, FINISH_AT, FREEZE_AT, PERIOD, officer, reveals, terms},
    undisturbed::STEPS,
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
    let taken = match step.as_str() {
        "whole" => whole(&app, &clock).await,
        _ => run(&app, &step, recovers).await,
    };
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

/// Takes every step that is left, each at its time, and makes good first what a crash has left.
async fn whole(app: &App, clock: &StoppedClock) -> Result<(), Error> {
    let phase = async || -> Result<_, Error> {
        let row = store::draws::find(&app.db, app.city, PERIOD).await?;
        Ok(row.map(|row| row.phase))
    };
    let (next, was) = match phase().await? {
        None => ("freeze", FREEZE_AT),
        Some(Phase::Frozen) => ("announce", FREEZE_AT),
        Some(Phase::Announced) => ("close", ANNOUNCE_AT),
        Some(Phase::Closed) => ("finish", CLOSE_AT),
        Some(Phase::Finished | Phase::Voided) => ("nothing", FINISH_AT),
    };
    clock.set(city::moment(was));
    ceremony::recover(app).await?;
    let left = STEPS[..4].iter().skip_while(|it| it.0 != next);
    for (step, at) in left {
        clock.set(city::moment(at));
        run(app, step, false).await?;
    }
    Ok(())
}

async fn run(app: &App, step: &str, recovers: bool) -> Result<(), Error> {
    if recovers {
        ceremony::recover(app).await?;
    }
    match step {
        "nothing" => return Ok(()),
        "resume" => return ceremony::recover(app).await,
        "rotate" => return ceremony::change_record_key(app, &officer()).await.map(drop),
        "freeze" => ceremony::freeze(app, &officer(), PERIOD).await,
        "announce" => ceremony::announce(app, &officer(), PERIOD, terms(PERIOD)).await,
        "close" => ceremony::close(app, &officer(), PERIOD, reveals()).await,
        "finish" => ceremony::finish(app, &officer(), PERIOD).await,
        "amend" => ceremony::amend(app, &officer(), PERIOD).await,
        "void" => ceremony::void(app, &officer(), PERIOD, "the hall was flooded").await,
        other => panic!("no such step: {other}"),
    }
    .map(|_| ())
}
