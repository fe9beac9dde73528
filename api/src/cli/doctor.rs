//! `fairplate doctor`.

use std::process::ExitCode;

use clap::Args;
use migration::{Migrator, MigratorTrait as _};

use super::{Global, start};
use crate::{config::Config, error::Result, store};

/// Say what is set up, what is missing, and what to do
#[derive(Debug, Args)]
#[command(
    after_help = "Example: fairplate --data /srv/fairplate doctor\n\nExit code 0: everything is in order; 2: something is missing. Nothing is changed."
)]
pub(super) struct Doctor {
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// One thing that was looked at.
struct Finding {
    name: &'static str,
    result: std::result::Result<String, String>,
}

impl Doctor {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        let findings = examine(global).await;
        let is_well = findings.iter().all(|finding| finding.result.is_ok());
        if self.json {
            let list: Vec<_> = findings
                .iter()
                .map(|finding| {
                    let (ok, text) = match &finding.result {
                        Ok(text) => (true, text),
                        Err(text) => (false, text),
                    };
                    serde_json::json!({ "name": finding.name, "ok": ok, "text": text })
                })
                .collect();
            println!("{}", serde_json::Value::from(list));
        } else {
            for finding in &findings {
                match &finding.result {
                    Ok(text) => println!("ok       {:<10} {text}", finding.name),
                    Err(text) => println!("missing  {:<10} {text}", finding.name),
                }
            }
        }
        Ok(if is_well {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(2)
        })
    }
}

async fn examine(global: &Global) -> Vec<Finding> {
    let layout = global.layout();
    let mut findings = Vec::new();
    let mut found = |name, result| findings.push(Finding { name, result });
    let config = match Config::load(&layout) {
        Ok(config) => config,
        Err(cause) => {
            found("settings", Err(cause.to_string()));
            return findings;
        }
    };
    found("settings", Ok(format!("{}", layout.config().display())));
    found(
        "policy",
        start::load_policy(&layout, &config.policy)
            .map(|policy| format!("{}, {} rules", policy.key, policy.rules().len()))
            .map_err(|cause| cause.to_string()),
    );
    found("database", examine_database(global, &config).await);
    let has_keys = ["record.key", "log.key", "personal.key"]
        .iter()
        .all(|name| layout.keys().join(name).exists());
    if has_keys {
        found("keys", Ok(format!("{}", layout.keys().display())));
        // Opens every key, and the witnesses' and the beacon's settings.
        found(
            "city",
            match start::open(global).await {
                Ok(app) => Ok(format!("{} under {}", app.policy.city.key, app.origin)),
                Err(cause) => Err(cause.to_string()),
            },
        );
    } else {
        found("keys", Err("make them with `fairplate key new`".to_owned()));
    }
    found("witnesses", match config.witness.len() {
        0 => Err("none: nobody vouches for when a record was made, so draws are VERIFIED-UNWITNESSED".to_owned()),
        count => Ok(format!("{count}")),
    });
    findings
}

async fn examine_database(global: &Global, config: &Config) -> std::result::Result<String, String> {
    let url = start::database_url(global, config).map_err(|cause| cause.to_string())?;
    if url.starts_with("sqlite:") && !global.layout().database().exists() {
        return Err("there is none yet; make it with `fairplate migrate`".to_owned());
    }
    let db = store::connect(&url)
        .await
        .map_err(|cause| cause.to_string())?;
    let backend = format!("{:?}", db.get_database_backend());
    match Migrator::get_pending_migrations(&db).await {
        Ok(pending) if pending.is_empty() => Ok(format!("{backend}, current")),
        Ok(pending) => Err(format!(
            "{backend}, {} steps behind; run `fairplate migrate`",
            pending.len()
        )),
        Err(_) => Err(format!("{backend} does not answer")),
    }
}
