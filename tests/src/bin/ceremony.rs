//! One step of a ceremony in a process of its own, at a moment that stands still.
//!
//! ```text
//! fairplate-ceremony <folder> <database> <policy> <time> <step>
//!     [--recover] [--die step/Stage/nth] [--meet step/Stage/nth <folder>]
//! ```
//! The answer is on standard output: `done`, or the code of the refusal. The exit code is that of
//! the operator's command line.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use fairplate::{App, Error, clock::StoppedClock};
use fairplate_tests::{
    ceremony, city,
    faults::Fate,
    stages::{PERIOD, officer, reveals, terms},
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
            "--meet" => {
                let point = words.next().expect("a point");
                fate.meets_at = Some((point, PathBuf::from(words.next().expect("a folder"))));
            }
            other => panic!("no such flag: {other}"),
        }
    }
    let fate = Arc::new(fate);
    let clock = Arc::new(StoppedClock::at(city::moment(&time)));
    let observer = Arc::clone(&fate);
    let app = city::open(&PathBuf::from(folder), &url, &policy, clock, observer).await;
    if let Some((point, place)) = &fate.meets_at
        && point == "start"
    {
        fate.meet(place);
    }
    let taken = run(&app, &step, recovers).await;
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

async fn run(app: &App, step: &str, recovers: bool) -> Result<(), Error> {
    if recovers {
        ceremony::recover(app).await?;
    }
    match step {
        "nothing" => return Ok(()),
        "rotate" => return ceremony::change_record_key(app, &officer()).await.map(drop),
        "freeze" => ceremony::freeze(app, &officer(), PERIOD).await,
        "announce" => ceremony::announce(app, &officer(), PERIOD, terms(PERIOD)).await,
        "close" => ceremony::close(app, &officer(), PERIOD, reveals()).await,
        "finish" => ceremony::finish(app, &officer(), PERIOD).await,
        "void" => ceremony::void(app, &officer(), PERIOD, "the hall was flooded").await,
        other => panic!("no such step: {other}"),
    }
    .map(|_| ())
}
