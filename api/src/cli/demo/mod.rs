//! `fairplate demo`: a whole lottery in an embedded city, from applications to a verdict.
//!
//! Two draws. The first runs on a stopped clock in June 2026, so that it meets the real round
//! 30,000,000 of drand's quicknet; the second runs in real time on a beacon chain of the demo's own,
//! whose rounds come every second. Both go through the same use cases as everything else, and so do
//! the lives of three citizens.

mod june;
mod live;
mod lives;
mod newcomers;
mod people;
mod setup;
mod summary;

use std::{net::SocketAddr, process::ExitCode};

use clap::Args;
use verifier::Verdict;

use super::{
    Global,
    playing::{Stages, officers::Two},
    serve::Serve,
};
use crate::{
    App,
    domain::actor::Officer,
    error::Result,
    service::{draws, publication},
};

/// Run a whole lottery in an embedded city, verify it, and serve it
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  fairplate demo\n  fairplate --data /tmp/city demo --policy beijing-2016 --applicants 1000000 --no-serve\n\n\
    A second start finds the city and just serves it. Interrupted, it goes on where it was."
)]
pub(super) struct Demo {
    /// How many people take part
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(50..=20_000_000))]
    applicants: u64,
    /// The city's rules: hangzhou-2018, beijing-2016, or a policy file
    #[arg(long, default_value = "hangzhou-2018")]
    policy: String,
    /// A drand relay to fetch round 30,000,000 from, instead of the recorded copy; may be given more than once
    #[arg(long, value_name = "URL")]
    beacon: Vec<String>,
    /// End after the verdict, with its exit code
    #[arg(long)]
    no_serve: bool,
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8000", env = "FAIRPLATE_LISTEN")]
    listen: SocketAddr,
}

/// The officers whom the demo plays.
const OFFICERS: Two = Two {
    first: "demo",
    second: "demo-second",
};

/// The officer in whose name the demo acts.
fn officer() -> Officer {
    OFFICERS.officer()
}

impl Demo {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        let mut stages = Stages::start();
        setup::make_city(global, &self.policy)?;
        super::migrate::apply(global).await?;
        stages.done("the city's folder, keys and database are there");
        let june = june::open(global, &self.beacon).await?;
        june.run(self.applicants, &mut stages).await?;
        let app = live::run(global, self.applicants, &mut stages).await?;
        let verdict = summary::print(&app, global.lang, &self.listen).await?;
        stages.done("every published draw is verified");
        if self.no_serve {
            return Ok(ExitCode::from(exit_code(verdict)));
        }
        drop(app);
        let serve = Serve {
            listen: self.listen,
            metrics: None,
            no_explorer: false,
            no_introspection: false,
            documents: None,
            trusted_only: false,
            rehearsal: false,
        };
        serve.run(global).await
    }
}

/// The worst verdict over all published draws.
async fn verdicts(app: &App) -> Result<Vec<(String, verifier::Report)>> {
    let mut reports = Vec::new();
    for draw in draws::list(app, 100).await? {
        reports.push((draw.id.clone(), publication::verdict(app, &draw.id).await?));
    }
    reports.reverse();
    Ok(reports)
}

/// The verdict that the exit code tells: the first that is not `VERIFIED`.
fn overall(reports: &[(String, verifier::Report)]) -> Verdict {
    reports
        .iter()
        .map(|(_, report)| report.verdict)
        .find(|verdict| *verdict != Verdict::Verified)
        .unwrap_or(Verdict::Verified)
}

/// The exit codes of `fairplate-verifier draw`.
pub(super) fn exit_code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Verified => 0,
        Verdict::False => 1,
        _ => 2,
    }
}
