//! `fairplate session`.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{Global, start};
use crate::{domain::actor::Operator, error::Result, service::sessions};

/// Let somebody of the city, or an applicant at the counter, sign in
#[derive(Debug, Args)]
pub(super) struct Session {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print a token for an officer; it lasts twelve hours and is kept nowhere
    #[command(after_help = "Example: fairplate session officer li")]
    Officer {
        /// The officer's name, as it will stand in the audit trail
        name: String,
    },
    /// Print a token for a reviewer, who decides on applications; it lasts as long
    #[command(after_help = "Example: fairplate session reviewer fang")]
    Reviewer {
        /// The reviewer's name, as it will stand in the audit trail
        name: String,
    },
    /// Print a token for an approver, who decides on what officers have proposed; it lasts as long
    #[command(after_help = "Example: fairplate session approver shen")]
    Approver {
        /// The approver's name, as it will stand in the audit trail
        name: String,
    },
    /// Print a token for an auditor, who reads the audit trail; it lasts as long
    #[command(after_help = "Example: fairplate session auditor wu")]
    Auditor {
        /// The auditor's name
        name: String,
    },
    /// Print a token for the applicant of an application code; it lasts thirty days
    #[command(after_help = "Example: fairplate session applicant 7621447539689")]
    Applicant {
        /// The application code
        code: String,
    },
}

impl Session {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        let app = start::open(global).await?;
        let token = match &self.command {
            Command::Officer { name } => sessions::open_for_officer(&app, &Operator, name).await?,
            Command::Reviewer { name } => {
                sessions::open_for_reviewer(&app, &Operator, name).await?
            }
            Command::Approver { name } => {
                sessions::open_for_approver(&app, &Operator, name).await?
            }
            Command::Auditor { name } => sessions::open_for_auditor(&app, &Operator, name).await?,
            Command::Applicant { code } => sessions::open_for_code(&app, &Operator, code).await?,
        };
        println!("{token}");
        Ok(ExitCode::SUCCESS)
    }
}
