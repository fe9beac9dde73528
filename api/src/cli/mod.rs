//! The command line: starts things, and tells people what happened.

mod demo;
mod playing;
mod rehearse;
mod serve;
mod work;
mod migrate;
mod key;
mod policy;
mod period;
mod draw;
mod approval;
mod handed_in;
mod import;
mod session;
mod staff;
mod signers;
mod audit;
mod schema;
mod doctor;
mod start;
mod transports;
mod beacon;
mod witness;
mod progress;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    domain::Locale,
    error::{Code, Error, Result},
    layout::Layout,
    telemetry::{self, LogFormat},
};

/// The open backend for city licence-plate lotteries.
#[derive(Debug, Parser)]
#[command(name = "fairplate", version, propagate_version = true)]
#[command(
    after_help = "Try it: fairplate demo\n\nExit codes: 0 done; 1 our fault (see the log); 2 the \
    call or the settings are wrong; 3 try again later. `demo --no-serve` ends with the verifier's: \
    0 verified, 1 refuted, 2 not checked; so do `rehearse` and `audit verify`."
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
struct Global {
    /// The data folder; its public part is <data>/public
    #[arg(
        long,
        global = true,
        default_value = "./data",
        env = "FAIRPLATE_DATA",
        value_name = "FOLDER"
    )]
    data: PathBuf,
    /// File whose first line is the passphrase of the keys; else `FAIRPLATE_PASSPHRASE`, the settings, the prompt
    #[arg(long, global = true, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Language of what is printed
    #[arg(long, global = true, env = "FAIRPLATE_LANG", value_name = "LANG", value_parser = parse_locale, default_value = "en")]
    lang: Locale,
    /// How logs are written
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "FAIRPLATE_LOG_FORMAT"
    )]
    log_format: LogFormat,
    /// Which logs are written, for example info,fairplate=debug
    #[arg(long, global = true, default_value = "warn", env = "FAIRPLATE_LOG")]
    log: String,
}

impl Global {
    fn layout(&self) -> Layout {
        Layout::new(&self.data)
    }
}

fn parse_locale(tag: &str) -> std::result::Result<Locale, String> {
    Locale::from_tag(tag).ok_or_else(|| "expected zh-CN or en".to_owned())
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a whole lottery in an embedded city, verify it, and serve it
    Demo(demo::Demo),
    /// Serve the city over GraphQL, with its published files
    Serve(serve::Serve),
    /// Do what the city does by itself: deliver messages, and whatever its calendar says is due
    Work(work::Work),
    /// Bring the database to this version and adopt the rules of the settings
    Migrate(migrate::Migrate),
    /// Make the city's keys, or show their public halves
    Key(key::Key),
    /// Show or confirm the city's rules
    Policy(policy::Policy),
    /// Open a period and lead it to the freeze
    Period(period::Period),
    /// Run a draw: freeze, announce, close, finish, void, amend, status, present, protocol
    Draw(draw::Draw),
    /// Approve of what another officer has proposed, and do it
    Approve(approval::Approve),
    /// Show, refuse or withdraw what waits for a second officer
    Approvals(approval::Approvals),
    /// Be a witness of others' logs: cosign what continues, and keep what contradicts
    Witness(witness::Witness),
    /// Rehearse with a beacon of one's own; no real draw rests on it
    Beacon(beacon::Beacon),
    /// Run a period's whole ceremony on a copy, and prove that nothing of it can be taken for the city's
    Rehearse(rehearse::Rehearse),
    /// Take over applicants and their participation history from CSV files
    Import(import::Import),
    /// Let an officer, or an applicant at the counter, sign in
    Session(session::Session),
    /// Let the people of the city sign in by themselves
    Staff(staff::Staff),
    /// Check the audit trail
    Audit(audit::Audit),
    /// Print the GraphQL schema
    Schema(schema::Schema),
    /// Say what is set up, what is missing, and what to do
    Doctor(doctor::Doctor),
}

/// Runs the command line and tells the exit code.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    telemetry::start(cli.global.log_format, &cli.global.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(cause) => {
            eprintln!("fairplate: the system gives no threads: {cause}");
            return ExitCode::from(1);
        }
    };
    match runtime.block_on(dispatch(&cli.global, &cli.command)) {
        Ok(code) => code,
        Err(error) => {
            report(&error);
            ExitCode::from(error.code().exit_code())
        }
    }
}

async fn dispatch(global: &Global, command: &Command) -> Result<ExitCode> {
    match command {
        Command::Demo(demo) => demo.run(global).await,
        Command::Serve(serve) => serve.run(global).await,
        Command::Work(work) => work.run(global).await,
        Command::Migrate(migrate) => migrate.run(global).await,
        Command::Key(key) => key.run(global).await,
        Command::Policy(policy) => policy.run(global).await,
        Command::Period(period) => period.run(global).await,
        Command::Draw(draw) => draw.run(global).await,
        Command::Approve(approve) => approve.run(global).await,
        Command::Approvals(approvals) => approvals.run(global).await,
        Command::Witness(witness) => witness.run(global).await,
        Command::Beacon(beacon) => beacon.run(global).await,
        Command::Rehearse(rehearse) => rehearse.run(global).await,
        Command::Import(import) => import.run(global).await,
        Command::Session(session) => session.run(global).await,
        Command::Staff(staff) => staff.run(global).await,
        Command::Audit(audit) => audit.run(global).await,
        Command::Schema(schema) => Ok(schema.run()),
        Command::Doctor(doctor) => doctor.run(global).await,
    }
}

/// The one place at which the command line tells of an error: the sentence for people; for our own
/// fault also the chain, since who runs the command is who mends it.
fn report(error: &Error) {
    match error {
        Error::Internal(cause) => eprintln!("fairplate: internal error: {cause:#}"),
        other => eprintln!("fairplate: {other} [{}]", other.code().as_str()),
    }
    debug_assert!(Code::ALL.contains(&error.code()));
}

/// A text of a record, fit for a terminal: what would move the cursor or turn the line round is spelled
/// out.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || turns {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}
