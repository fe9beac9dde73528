//! `fairplate policy`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use verifier::text::Digest;

use super::{Global, approval::SignedIn, start};
use crate::{config::Config, error::Result, service::approvals::Action};

/// Show or confirm the city's rules
#[derive(Debug, Args)]
pub(super) struct Policy {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the rules with their sources, and which of them wait for confirmation
    #[command(after_help = "Example: fairplate --lang zh-CN policy show")]
    Show {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Check a policy file without adopting it
    #[command(after_help = "Example: fairplate policy check my-city.toml")]
    Check {
        /// A built-in policy's key, or a file
        policy: String,
    },
    /// Propose to confirm the rules that rest on weak sources; another officer approves
    #[command(after_help = "Example: fairplate policy confirm --session-file li.session")]
    Confirm(SignedIn),
}

impl Policy {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        let layout = global.layout();
        match &self.command {
            Command::Show { json } => {
                let policy = start::load_policy(&layout, &Config::load(&layout)?.policy)?;
                show(global, &policy, *json);
            }
            Command::Check { policy } => {
                let cwd = std::path::absolute(policy).unwrap_or_else(|_| policy.into());
                let name = if cwd.exists() {
                    cwd.display().to_string()
                } else {
                    policy.clone()
                };
                let policy = start::load_policy(&layout, &name)?;
                println!("{} {}", policy.key, Digest(policy.digest()));
            }
            Command::Confirm(signed_in) => {
                let app = start::open(global).await?;
                let action = Action::ConfirmPolicy;
                return signed_in.propose(&app, global.lang, action).await;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn show(global: &Global, policy: &crate::policy::Policy, is_json: bool) {
    let weak = policy.unconfirmed();
    if is_json {
        let rules: Vec<_> = policy
            .rules()
            .iter()
            .map(|rule| {
                serde_json::json!({
                    "path": rule.path,
                    "line": rule.line,
                    "source": rule.source,
                    "accessed": rule.accessed.to_string(),
                    "isWeak": weak.iter().any(|weak| weak.path == rule.path),
                })
            })
            .collect();
        let whole = serde_json::json!({
            "key": policy.key,
            "sha256": Digest(policy.digest()).to_string(),
            "rules": rules,
        });
        println!("{whole}");
        return;
    }
    println!(
        "{} ({})\nsha256 {}\n",
        policy.name.get(global.lang),
        policy.key,
        Digest(policy.digest())
    );
    for rule in policy.rules() {
        println!("{:>4}  {:<28} {}", rule.line, rule.path, rule.source);
    }
    for rule in weak {
        println!(
            "\n!  {} (line {}): {}",
            rule.path,
            rule.line,
            rule.what.get(global.lang)
        );
    }
}
