//! `fairplate doctor`.

use std::{process::ExitCode, sync::Arc};

use clap::Args;
use migration::Standing;
use verifier::text::Digest;

use super::{Global, start, transports};
use crate::{
    App,
    clock::{Clock, SystemClock},
    config::Config,
    error::Result,
    layout::Layout,
    policy::Policy,
    service::rules,
    signer::{RecordKeys, RecordSigner},
    store,
};

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
    found("settings", Ok(describe_settings(&layout)));
    let offered = start::load_policy(&layout, &config.policy).map_err(|cause| cause.to_string());
    found(
        "policy",
        offered
            .as_ref()
            .map(|policy| format!("{}, {} rules", policy.key, policy.rules().len()))
            .map_err(Clone::clone),
    );
    found("database", examine_database(global, &config).await);
    let is_there = |name: &str| layout.keys().join(name).exists();
    let has_keys = RecordKeys::exist(&layout.keys())
        && (is_there("log.key") || is_there("log.token"))
        && is_there("personal.key");
    if has_keys {
        found("keys", Ok(format!("{}", layout.keys().display())));
        // Opens every key, and the witnesses' and the beacon's settings.
        let opened = start::open(global).await;
        if let (Some(token), Ok(app)) = (&config.keys.token, &opened) {
            found("token", examine_token(app, &token.label));
        }
        if let Some(key) = opened.as_ref().ok().and_then(off_line) {
            found("record key", Ok(key));
        }
        found(
            "city",
            match &opened {
                Ok(app) => Ok(format!("{} under {}", app.policy.city.key, app.origin)),
                Err(cause) => Err(cause.to_string()),
            },
        );
        if let (Ok(app), Ok(offered)) = (&opened, &offered) {
            found("rules", Ok(describe_rules(&app.policy, offered)));
        }
    } else {
        found("keys", Err("make them with `fairplate key new`".to_owned()));
    }
    found("witnesses", match config.witness.len() {
        0 => Err("none: nobody vouches for when a record was made, so draws are VERIFIED-UNWITNESSED".to_owned()),
        count => Ok(format!("{count}")),
    });
    examine_ways_out(&layout, &config, &mut findings);
    findings
}

/// Which text is in force, and whether the settings offer another one. That is nothing amiss: it stops
/// nothing.
fn describe_rules(adopted: &Policy, offered: &Policy) -> String {
    if adopted.digest() == offered.digest() {
        return format!("{} {} is adopted", adopted.key, Digest(adopted.digest()));
    }
    format!(
        "another text is offered: {}",
        rules::offer(adopted, offered)
    )
}

fn describe_settings(layout: &Layout) -> String {
    let file = layout.config();
    if file.exists() {
        return file.display().to_string();
    }
    format!("the defaults, since there is no {}", file.display())
}

/// What is said of a record key on a machine without network.
fn off_line(app: &App) -> Option<String> {
    let newest = app.signers().ok()?.records.newest()?;
    let is_off_line = newest.is_off_line();
    is_off_line.then(|| format!("{} signs on a machine without network", newest.key()))
}

/// Whether the token shows the keys that sign next. Nothing is signed.
fn examine_token(app: &App, label: &str) -> std::result::Result<String, String> {
    let signers = app.signers().map_err(|cause| cause.to_string())?;
    let newest = signers.records.newest().map(RecordSigner::reach);
    let looked_for = [newest.unwrap_or(Ok(())), signers.log.reach()];
    for answer in looked_for {
        answer.map_err(|cause| cause.to_string())?;
    }
    Ok(format!("{label} has the keys that are in it"))
}

/// Where messages go, and whether the settings of it can be used. Nothing is sent.
fn examine_ways_out(layout: &Layout, config: &Config, findings: &mut Vec<Finding>) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let mut found = |name, result| findings.push(Finding { name, result });
    let transports = match transports::open(layout, config, &clock) {
        Ok(transports) => transports,
        Err(cause) => return found("messages", Err(cause.to_string())),
    };
    found(
        "sms",
        match transports::missing_templates(config) {
            missing if missing.is_empty() => Ok(transports.sms.describe()),
            missing => Err(format!(
                "no template for {}; register these texts with the service and add them under [sms.templates]",
                missing.join(", ")
            )),
        },
    );
    found("email", Ok(transports.email.describe()));
    if let Some(webhook) = &transports.webhook {
        found("webhook", Ok(webhook.describe()));
    }
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
    match Standing::of(&db).await {
        Ok(Standing::Current) => Ok(format!("{backend}, current")),
        Ok(Standing::Older(steps)) => Err(format!(
            "{backend}, {steps} steps behind; run `fairplate migrate`"
        )),
        Ok(Standing::Newer(step)) => Err(start::of_a_newer_version(&step)),
        Err(_) => Err(format!("{backend} does not answer")),
    }
}
