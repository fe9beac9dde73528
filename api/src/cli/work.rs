//! `fairplate work`.

use std::process::ExitCode;

use clap::Args;

use super::{Global, start};
use crate::{domain::actor::Worker, error::Result, http, jobs, service::leases::Timing};

/// Do what the city does by itself: deliver messages, and whatever its calendar says is due
#[derive(Debug, Args)]
#[command(
    after_help = "Example: fairplate --data /srv/fairplate work\n\n`fairplate serve` does the same beside serving, unless the settings say `[worker] with_serve = false`. Several may run: a job is taken up by one at a time."
)]
pub(super) struct Work {
    /// Run every job once, due or not, and end
    #[arg(long)]
    once: bool,
    /// With --once: tell the outcome as JSON
    #[arg(long, requires = "once")]
    json: bool,
}

impl Work {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        start::require_real(global, "nobody is written to by a rehearsal")?;
        let app = start::open(global).await?;
        if !self.once {
            jobs::run_until(&app, &Worker, http::told_to_stop()).await;
            return Ok(ExitCode::SUCCESS);
        }
        let outcomes = jobs::run_all(&app, &Worker, Timing::AtOnce).await;
        let worst = outcomes
            .iter()
            .filter_map(|outcome| outcome.result.as_ref().err())
            .map(|error| error.code().exit_code())
            .min();
        if self.json {
            let list: Vec<_> = outcomes.iter().map(as_json).collect();
            println!("{}", serde_json::Value::from(list));
        }
        for outcome in outcomes {
            match outcome.result {
                Ok(count) if !self.json => println!("{:<16} {count} done", outcome.name),
                Ok(_) => {}
                Err(error) => super::report(&error),
            }
        }
        Ok(worst.map_or(ExitCode::SUCCESS, ExitCode::from))
    }
}

fn as_json(outcome: &jobs::Outcome) -> serde_json::Value {
    match &outcome.result {
        Ok(count) => serde_json::json!({ "job": outcome.name, "ok": true, "count": count }),
        Err(error) => {
            serde_json::json!({ "job": outcome.name, "ok": false, "code": error.code().as_str() })
        }
    }
}
