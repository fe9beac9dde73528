//! `fairplate policy`.

use std::{path::Path, process::ExitCode};

use ::entity::CityId;
use clap::{Args, Subcommand};
use verifier::text::Digest;

use super::{Global, approval::SignedIn, start};
use crate::{
    config::Config,
    error::{Error, Result},
    policy::{self, list_differences},
    service::{approvals::Action, rules},
};

/// Show, compare, change or confirm the city's rules
#[derive(Debug, Args)]
pub(super) struct Policy {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the rules in force with their sources, and which of them wait for confirmation
    #[command(
        after_help = "Example: fairplate --lang zh-CN policy show\n\nOf a city that is not set up yet, the rules of the settings. --text gives the exact text, as a file that the settings can name."
    )]
    Show {
        /// As JSON
        #[arg(long)]
        json: bool,
        /// The exact text and nothing else
        #[arg(long, conflicts_with = "json")]
        text: bool,
    },
    /// Check a policy file without adopting it
    #[command(after_help = "Example: fairplate policy check my-city.toml")]
    Check {
        /// A built-in policy's key, or a file
        policy: String,
    },
    /// Show every value in which a text differs from the rules in force
    #[command(after_help = "Example: fairplate policy diff my-city.toml")]
    Diff {
        /// A built-in policy's key, or a file; the text of the settings where none is named
        policy: Option<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Propose that the city adopts another text of its rules; another officer approves
    #[command(
        after_help = "Example: fairplate policy propose my-city.toml --session-file li.session\n\nRefused while a draw is frozen and neither finished nor voided."
    )]
    Propose {
        /// A built-in policy's key, or a file; the text of the settings where none is named
        policy: Option<String>,
        #[command(flatten)]
        signed_in: SignedIn,
    },
    /// Propose to confirm the rules that rest on weak sources; another officer approves
    #[command(after_help = "Example: fairplate policy confirm --session-file li.session")]
    Confirm(SignedIn),
}

impl Policy {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        match &self.command {
            Command::Show { json, text } => {
                let offered = offered(global, None)?;
                let adopted = find_adopted(global, &offered).await?;
                let policy = adopted.as_ref().unwrap_or(&offered);
                if *text {
                    print!("{}", policy.text());
                    return Ok(ExitCode::SUCCESS);
                }
                show(global, policy, *json);
                if !*json && policy.digest() != offered.digest() {
                    println!(
                        "\nThe settings offer another text: {}",
                        rules::offer(policy, &offered)
                    );
                }
            }
            Command::Check { policy } => {
                let policy = offered(global, Some(policy))?;
                println!("{} {}", policy.key, Digest(policy.digest()));
            }
            Command::Diff { policy, json } => {
                let new = offered(global, policy.as_deref())?;
                let adopted = find_adopted(global, &new).await?.ok_or_else(|| {
                    Error::NotSetUp(
                        "the city has adopted no rules yet; `fairplate migrate` sets it up"
                            .to_owned(),
                    )
                })?;
                show_differences(&adopted, &new, *json);
            }
            Command::Propose { policy, signed_in } => {
                let text = offered(global, policy.as_deref())?.text().to_owned();
                let app = start::open(global).await?;
                let action = Action::ChangePolicy { text };
                return signed_in.propose(&app, global.lang, action).await;
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

/// The text of the settings, or the one that is named; a file from where the command is run.
fn offered(global: &Global, named: Option<&str>) -> Result<policy::Policy> {
    let layout = global.layout();
    let Some(named) = named else {
        return start::load_policy(&layout, &Config::load(&layout)?.policy);
    };
    match std::path::absolute(named) {
        Ok(file) if Path::exists(&file) => start::load_policy(&layout, &file.display().to_string()),
        _ => start::load_policy(&layout, named),
    }
}

/// The text in force of the city that rules are for. No passphrase is asked for.
async fn find_adopted(global: &Global, of: &policy::Policy) -> Result<Option<policy::Policy>> {
    let config = Config::load(&global.layout())?;
    let Some(db) = start::find_database(global, &config).await? else {
        return Ok(None);
    };
    let city = CityId(i32::try_from(of.city.id).map_err(Error::internal)?);
    rules::find_adopted(&db, city).await
}

fn show_differences(adopted: &policy::Policy, new: &policy::Policy, is_json: bool) {
    let differences = list_differences(adopted, new);
    let digests = [adopted, new].map(|policy| Digest(policy.digest()).to_string());
    let [old, other] = &digests;
    if is_json {
        let whole = serde_json::json!({
            "adopted": { "key": adopted.key, "sha256": old },
            "offered": { "key": new.key, "sha256": other },
            "differences": differences,
        });
        println!("{whole}");
        return;
    }
    println!("adopted {} {old}\noffered {} {other}", adopted.key, new.key);
    if differences.is_empty() && old != other {
        println!("\nAll values are the same; comments, order or spelling are not.");
    }
    for difference in differences {
        println!("\n{}", difference.path);
        for (sign, value) in [('-', difference.old), ('+', difference.new)] {
            if let Some(value) = value {
                println!("  {sign} {value}");
            }
        }
    }
}

fn show(global: &Global, policy: &policy::Policy, is_json: bool) {
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
