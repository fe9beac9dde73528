//! `fairplate staff`: the accounts with which the people of the city sign in.

use std::process::ExitCode;

use ::entity::session::Role;
use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{Global, start};
use crate::{
    domain::actor::Operator,
    error::Result,
    service::staff::{self, Invited, Listed, role_name},
};

/// Let the people of the city in: add, list, block and invite them
#[derive(Debug, Args)]
pub(super) struct Staff {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add somebody, and print an invitation with which they set up how they sign in
    #[command(
        after_help = "Example: fairplate staff add li --role officer --role reviewer\n\nThe invitation is good for 24 hours and once, and is kept nowhere; its holder goes to the page /staff of the server."
    )]
    Add {
        /// The name, as it will stand in the audit trail
        name: String,
        /// What they may act as; say it again for several
        #[arg(long = "role", required = true, value_enum)]
        roles: Vec<Acting>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Invite somebody anew who has another device or lost what they signed in with; whatever they
    /// had is dropped, their sessions end, and a block is lifted
    #[command(after_help = "Example: fairplate staff invite li")]
    Invite {
        /// The name
        name: String,
        /// What they may act as from now on; as before where it is not said
        #[arg(long = "role", value_enum)]
        roles: Vec<Acting>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// End somebody's sessions, and let nobody in under their name any more
    #[command(after_help = "Example: fairplate staff block li")]
    Block {
        /// The name
        name: String,
    },
    /// List everybody: what they may act as, and what they sign in with
    #[command(after_help = "Example: fairplate staff list --json")]
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// What somebody of the city may act as.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Acting {
    /// Decides on applications
    Reviewer,
    /// Runs the lottery
    Officer,
    /// Decides on what officers have proposed, and does nothing else
    Approver,
    /// Reads the audit trail
    Auditor,
}

impl Acting {
    fn role(self) -> Role {
        match self {
            Self::Reviewer => Role::Reviewer,
            Self::Officer => Role::Officer,
            Self::Approver => Role::Approver,
            Self::Auditor => Role::Auditor,
        }
    }
}

impl Staff {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        let app = start::open(global).await?;
        match &self.command {
            Command::Add { name, roles, json } => {
                let invited = staff::add(&app, &Operator, name, &all(roles)).await?;
                print_invitation(&invited, *json);
            }
            Command::Invite { name, roles, json } => {
                let invited = staff::invite(&app, &Operator, name, &all(roles)).await?;
                print_invitation(&invited, *json);
            }
            Command::Block { name } => {
                if staff::block(&app, &Operator, name).await? {
                    println!("{name} is blocked");
                } else {
                    println!("{name} was blocked before");
                }
            }
            Command::List { json } => print_list(&staff::list(&app, &Operator).await?, *json),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn all(roles: &[Acting]) -> Vec<Role> {
    roles.iter().map(|acting| acting.role()).collect()
}

fn names(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().map(|role| role_name(*role)).collect()
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn print_invitation(invited: &Invited, as_json: bool) {
    let until = moment(invited.until);
    if as_json {
        let answer = json!({
            "name": invited.name,
            "roles": names(&invited.roles),
            "invitation": invited.invitation,
            "until": until,
        });
        println!("{answer}");
        return;
    }
    println!("{}", invited.invitation);
    eprintln!(
        "for {} ({}), once and until {until}: give it to them alone; they go to the page /staff",
        invited.name,
        names(&invited.roles).join(", ")
    );
}

fn print_list(listed: &[Listed], as_json: bool) {
    if as_json {
        let rows: Vec<Value> = listed.iter().map(as_value).collect();
        println!("{}", Value::from(rows));
        return;
    }
    for row in listed {
        let mut ways = Vec::new();
        if row.ways.password {
            ways.push("password".to_owned());
        }
        if 0 < row.ways.passkeys {
            ways.push(format!("passkeys {}", row.ways.passkeys));
        }
        if let Some(until) = row.invited_until {
            ways.push(format!("invited until {}", moment(until)));
        }
        if let Some(at) = row.blocked_at {
            ways.push(format!("blocked since {}", moment(at)));
        }
        if ways.is_empty() {
            ways.push("cannot sign in; invite them anew".to_owned());
        }
        let roles = names(&row.roles).join(", ");
        println!("{}  {roles}  {}", row.name, ways.join(", "));
    }
}

fn as_value(row: &Listed) -> Value {
    json!({
        "name": row.name,
        "roles": names(&row.roles),
        "password": row.ways.password,
        "passkeys": row.ways.passkeys,
        "invited_until": row.invited_until.map(moment),
        "created_at": moment(row.created_at),
        "blocked_at": row.blocked_at.map(moment),
    })
}
