//! `fairplate approve` and `fairplate approvals`: what no officer can do alone.
//!
//! Whoever has the machine says who they are with a session, as over the API: a name alone proposes
//! and approves of nothing.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use ::entity::approval;
use clap::{Args, Subcommand};
use uuid::Uuid;
use verifier::text::Digest;

use super::{Global, draw::air_gap::tell, start};
use crate::{
    app::App,
    domain::{
        Locale,
        actor::{Actor, Officer},
        amend,
        approval::state_at,
        phase::draw_phase_name,
        span::Span,
    },
    error::{Error, Result},
    service::{
        approvals::{self, Action, Decided, Proposed, Refused, Withdrawn},
        sessions,
    },
};

/// Who somebody is.
#[derive(Clone, Debug, Args)]
pub(super) struct SignedIn {
    /// File whose first line is the token of an officer's session (`fairplate session officer`), or of
    /// an approver's who decides; for what a second officer has to approve of
    #[arg(
        long,
        global = true,
        env = "FAIRPLATE_SESSION_FILE",
        value_name = "FILE"
    )]
    session_file: Option<PathBuf>,
}

/// Approve of exactly what another officer has proposed, and do it
#[derive(Debug, Args)]
#[command(
    after_help = "Example: fairplate approve 0197c1f0-… 6f2c… --session-file wang.session\n\nRead what it is with `fairplate approvals list` first."
)]
pub(super) struct Approve {
    /// The approval, as it was printed
    id: Uuid,
    /// The digest of the content that was read
    #[arg(value_parser = parse_digest)]
    digest: Digest,
    #[command(flatten)]
    signed_in: SignedIn,
}

/// Show, refuse or withdraw what waits for a second officer
#[derive(Debug, Args)]
pub(super) struct Approvals {
    #[command(flatten)]
    signed_in: SignedIn,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what waits, all of it
    #[command(after_help = "Example: fairplate approvals list --session-file wang.session")]
    List,
    /// Refuse what another officer has proposed
    #[command(
        after_help = "Example: fairplate approvals refuse 0197c1f0-… --session-file wang.session"
    )]
    Refuse {
        /// The approval
        id: Uuid,
    },
    /// Take one's own proposal back
    #[command(
        after_help = "Example: fairplate approvals withdraw 0197c1f0-… --session-file li.session"
    )]
    Withdraw {
        /// The approval
        id: Uuid,
    },
}

/// What is said once another key signs.
const KEY_CHANGED: &str = "records are signed by the new key from now on, as the city's log says; keep every \
    public half for ever, and destroy the private half of the key before it when its back-ups are not needed \
    any more";

/// What is said once another trust policy is in force.
const TRUST_CHANGED: &str = "another log key or other witnesses vouch for the log from now on; start every \
    process of the city again with this folder of keys and these settings, and tell people to compare and to \
    pin the new trust policy beside the old one";

/// What is said once another text of the rules is adopted.
const RULES_CHANGED: &str = "another text is adopted in its place; every process takes it up within seconds, \
    periods that are open go on under theirs, and rules that rest on weak sources wait for `fairplate policy \
    confirm`";

/// How many approvals are shown.
const SHOWN: u64 = 100;

fn parse_digest(text: &str) -> std::result::Result<Digest, String> {
    text.parse::<Digest>().map_err(|cause| cause.to_string())
}

impl SignedIn {
    /// The officer of the session.
    pub(super) async fn officer(&self, app: &App) -> Result<Officer> {
        self.actor(app).await?.officer().cloned()
    }

    /// Whoever's session it is.
    async fn actor(&self, app: &App) -> Result<Actor> {
        let file = self.session_file.as_deref().ok_or_else(|| {
            Error::invalid(
                "--session-file",
                "two officers do this, each in a session of their own; write the token of `fairplate session officer <name>` into a file and name it",
            )
        })?;
        sessions::identify(app, &read_token(file)?).await
    }

    /// Proposes something, and prints what another officer needs.
    pub(super) async fn propose(
        &self,
        app: &App,
        lang: Locale,
        action: Action,
    ) -> Result<ExitCode> {
        let officer = self.officer(app).await?;
        match approvals::propose(app, &officer, action).await? {
            Proposed::Requested(row) => {
                show(app, &row, lang)?;
                println!(
                    "\nNothing is done yet. Another officer reads this and runs, in time:\n  fairplate approve {} {} --session-file <their session>",
                    row.id,
                    digest(&row)?
                );
                Ok(ExitCode::SUCCESS)
            }
            Proposed::Refused(obstacles) => Err(amend::refusal(&obstacles)),
            Proposed::AlreadyWaiting(row) => Err(Error::invalid(
                "approval",
                format!(
                    "{} has proposed the same before, as {}; have it approved or refused, or withdraw it",
                    row.proposed_by, row.id
                ),
            )),
        }
    }
}

fn read_token(file: &Path) -> Result<String> {
    let text = std::fs::read_to_string(file)
        .map_err(|cause| Error::NotSetUp(format!("{} cannot be read: {cause}", file.display())))?;
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

impl Approve {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        let app = start::open_telling(global).await?;
        let by = self.signed_in.actor(&app).await?.approver()?;
        match approvals::approve(&app, &by, self.id, self.digest.0).await? {
            Decided::CarriedOut {
                unsigned: Some(record),
                ..
            } => {
                tell(&record);
                Ok(ExitCode::SUCCESS)
            }
            Decided::CarriedOut { approval, draw, .. } => {
                match (draw, approval.action) {
                    (Some(row), _) => {
                        println!("draw {} is {}", row.id, draw_phase_name(row.phase));
                    }
                    (None, approval::Action::ChangeRecordKey) => println!("{KEY_CHANGED}"),
                    (None, approval::Action::ChangeTrust) => println!("{TRUST_CHANGED}"),
                    (None, approval::Action::ChangePolicy) => {
                        println!("{}: {RULES_CHANGED}", approval.subject);
                    }
                    (None, _) => println!("{}: approved by {}", approval.subject, by.name()),
                }
                Ok(ExitCode::SUCCESS)
            }
            Decided::Own(row) => Err(Error::invalid(
                "approval",
                format!(
                    "{} has proposed it, perhaps in this session; another officer has to approve of it, in their own",
                    row.proposed_by
                ),
            )),
            Decided::OtherDigest(row) => Err(Error::invalid(
                "digest",
                format!(
                    "it is not that of approval {}; read the content again and give the digest of what you have read",
                    row.id
                ),
            )),
            Decided::Changed(row) => Err(Error::invalid(
                "approval",
                format!(
                    "something has changed since {} was proposed, and what would be done now is another thing; withdraw or refuse it, and propose anew",
                    row.id
                ),
            )),
            Decided::NotWaiting(row) => Err(not_waiting(&app, &row)),
        }
    }
}

impl Approvals {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        let app = start::open(global).await?;
        let actor = self.signed_in.actor(&app).await?;
        match &self.command {
            Command::List => {
                let waiting = Some(approval::State::Waiting);
                let desk = actor.approver()?;
                for row in approvals::list(&app, &desk, waiting, Span::first(SHOWN)).await? {
                    show(&app, &row, global.lang)?;
                    println!();
                }
            }
            Command::Refuse { id } => match approvals::refuse(&app, &actor.approver()?, *id).await?
            {
                Refused::Done(row) => println!("approval {} is refused", row.id),
                Refused::Own(_) => {
                    let reason = "it is your own proposal; withdraw it";
                    return Err(Error::invalid("approval", reason));
                }
                Refused::NotWaiting(row) => return Err(not_waiting(&app, &row)),
            },
            Command::Withdraw { id } => {
                match approvals::withdraw(&app, actor.officer()?, *id).await? {
                    Withdrawn::Done(row) => println!("approval {} is withdrawn", row.id),
                    Withdrawn::AnotherOfficers(row) => {
                        let reason = format!("{} has proposed it; refuse it", row.proposed_by);
                        return Err(Error::invalid("approval", reason));
                    }
                    Withdrawn::NotWaiting(row) => return Err(not_waiting(&app, &row)),
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Prints all of a proposal.
fn show(app: &App, row: &approval::Model, lang: Locale) -> Result<()> {
    let content = approvals::content_of(row)?;
    println!("{}\n{}", content.summary(lang), row.content);
    println!(
        "approval {}\ndigest   {}\nproposed by {} at {}, {}, until {}",
        row.id,
        digest(row)?,
        row.proposed_by,
        row.proposed_at.format("%Y-%m-%dT%H:%M:%SZ"),
        state_name(state_at(row, app.clock.now())),
        row.expires_at.format("%Y-%m-%dT%H:%M:%SZ"),
    );
    Ok(())
}

fn digest(row: &approval::Model) -> Result<Digest> {
    let bytes = row.digest.as_slice().try_into();
    bytes.map(Digest).map_err(Error::internal)
}

fn not_waiting(app: &App, row: &approval::Model) -> Error {
    let state = state_name(state_at(row, app.clock.now()));
    Error::invalid(
        "approval",
        format!(
            "{} does not wait any more, it is {state}; propose anew where that is still wanted",
            row.id
        ),
    )
}

fn state_name(state: approval::State) -> &'static str {
    match state {
        approval::State::Waiting => "waiting",
        approval::State::CarriedOut => "carried out",
        approval::State::Refused => "refused",
        approval::State::Withdrawn => "withdrawn",
        approval::State::Expired => "expired",
    }
}
