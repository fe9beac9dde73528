//! `fairplate draw`.

/// Records that are signed on a machine without network.
pub(super) mod air_gap;

/// A draw in the hall, as it becomes public.
mod present;

/// The protocol of a ceremony, to be printed.
mod protocol;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use verifier::{beacon::Chain, text::Digest};

use super::{Global, approval::SignedIn, handed_in, start};
use crate::{
    App,
    beacon::{Carried, Limits, Relays},
    domain::{
        actor::Officer,
        amend::Dropping,
        phase::{draw_phase_name, record_kind_name},
    },
    error::{Error, Result},
    service::{
        approvals::Action,
        ceremony::{self, Reveals, Sealing, Stepped, Terms},
        draws, unsigned,
    },
};

/// Run a draw: freeze, announce, close, finish, void, amend, status, present, protocol; export, sign, import
#[derive(Debug, Args)]
pub(super) struct Draw {
    /// The officer in whose name `close` and `finish` are done; what waits for a second officer is
    /// proposed by the officer of the session
    #[arg(long, global = true, default_value = "operator")]
    officer: String,
    #[command(flatten)]
    signed_in: SignedIn,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show where draws stand
    #[command(after_help = "Example: fairplate draw status 202607 --json")]
    Status {
        /// A draw; the newest ones where none is named
        id: Option<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Propose to freeze a period's pool and make its draw; another officer approves
    #[command(after_help = "Example: fairplate draw freeze 202607 --session-file li.session")]
    Freeze {
        /// The period
        period: String,
        /// Make the draw of its applicant representatives instead
        #[arg(long)]
        representatives: bool,
    },
    /// Propose to commit to the pool in public; another officer approves
    #[command(
        after_help = "Examples:\n  fairplate draw announce 202607 --sealed-file notary.commitment --open ball-machine --closes-at 2026-07-27T07:00:00Z --session-file li.session\n  fairplate draw announce 202607 --sealed notary.example/c1=413a… --window-secs 86400 --closes-at 2026-07-27T07:00:00Z --session-file li.session"
    )]
    Announce(Announce),
    /// Write down the contributions; nobody has an input left
    #[command(
        after_help = "Examples:\n  fairplate draw close 202607 --reveal-file notary.reveal --open ball-machine=374478\n  fairplate draw close 202607 --reveal notary.example/c1=2708… --open ball-machine=374478"
    )]
    Close {
        /// The draw
        id: String,
        /// A revealed secret: name=64 hex digits; may be given more than once
        #[arg(long, value_parser = parse_secret)]
        reveal: Vec<(String, Digest)>,
        /// What a contributor handed in: a file of `fairplate-verifier contribute open`; may be
        /// given more than once
        #[arg(long, value_name = "FILE")]
        reveal_file: Vec<PathBuf>,
        /// An open value: label=value; may be given more than once
        #[arg(long, value_parser = parse_open)]
        open: Vec<(String, String)>,
    },
    /// Fetch the beacon round, draw, and publish the result
    #[command(after_help = "Example: fairplate draw finish 202607 --beacon https://api.drand.sh")]
    Finish {
        /// The draw
        id: String,
        /// A drand relay to ask instead of those of the settings; may be given more than once
        #[arg(long, value_name = "URL")]
        beacon: Vec<String>,
        /// A file with the round's JSON, carried in by hand
        #[arg(long, value_name = "FILE", conflicts_with = "beacon")]
        round_file: Option<PathBuf>,
    },
    /// Go on with what was recorded and is not yet cosigned or published
    #[command(
        after_help = "Example: fairplate draw resume\n\nAfter a crash, or when witnesses were away. Running it again changes nothing."
    )]
    Resume,
    /// Show a draw in the hall, as it becomes public
    #[command(
        after_help = "Examples:\n  fairplate draw present 202607 --lang zh-CN\n  fairplate draw present 202607 --once --json\n\nA large view on a terminal, and elsewhere one plain line a step, until the draw is over or Ctrl-C is pressed. Nothing is shown before its record is cosigned and public."
    )]
    Present(present::Present),
    /// Print the protocol of a draw's ceremony: a page for A4, made of what is public
    #[command(
        after_help = "Example: fairplate draw protocol 202607 --lang zh-CN --output 202607.html"
    )]
    Protocol(protocol::Protocol),
    #[command(flatten)]
    AirGap(air_gap::AirGap),
    /// Propose to give a draw up, in public, before its beacon round; another officer approves
    #[command(
        after_help = "Example: fairplate draw void 202607 --reason \"the hall was flooded\" --session-file li.session"
    )]
    Void {
        /// The draw
        id: String,
        /// One line that everybody will read
        #[arg(long)]
        reason: String,
    },
    /// Propose to take places of a published result, and have reserves move up; another officer approves
    #[command(
        after_help = "Example: fairplate draw amend 202607 --drop individual/7621447539689=\"the licence was forged\" --session-file li.session\n\nWho moves up is worked out from the result, and is shown before anybody approves."
    )]
    Amend {
        /// The draw
        id: String,
        /// Who loses their place, and one line that everybody will read: category/code=reason; may be
        /// given more than once
        #[arg(long, required = true, value_parser = parse_drop)]
        drop: Vec<Dropping>,
    },
}

#[derive(Debug, Args)]
struct Announce {
    /// The draw
    id: String,
    /// A sealed contribution: name=commitment of 64 hex digits; may be given more than once
    #[arg(long, value_parser = parse_secret)]
    sealed: Vec<(String, Digest)>,
    /// What a contributor handed in: a file of `fairplate-verifier contribute seal`; may be given
    /// more than once
    #[arg(long, value_name = "FILE")]
    sealed_file: Vec<PathBuf>,
    /// Label of a value that is made in public; may be given more than once
    #[arg(long)]
    open: Vec<String>,
    /// How long the announcement has to stand before contributions close; seconds
    #[arg(long, default_value_t = 86_400)]
    window_secs: u64,
    /// How long before the beacon round the close has to be witnessed; seconds
    #[arg(long, default_value_t = 60)]
    margin_secs: u64,
    /// Until when contributions may be revealed; where it is not said, a little after the window that
    /// begins when a second officer has had all the time there is
    #[arg(long)]
    closes_at: Option<DateTime<Utc>>,
    /// A chain.json; the chain of the settings where none is named
    #[arg(long, value_name = "FILE")]
    chain: Option<PathBuf>,
    /// The beacon round; the first that leaves time where none is named
    #[arg(long)]
    round: Option<u64>,
}

/// Time for the witnesses when nothing else is said.
const SLACK: TimeDelta = TimeDelta::minutes(5);

fn parse_secret(text: &str) -> std::result::Result<(String, Digest), String> {
    let (name, digits) = text.split_once('=').ok_or("expected name=64 hex digits")?;
    let digits = digits
        .parse::<Digest>()
        .map_err(|cause| cause.to_string())?;
    Ok((name.to_owned(), digits))
}

fn parse_open(text: &str) -> std::result::Result<(String, String), String> {
    let (label, value) = text.split_once('=').ok_or("expected label=value")?;
    Ok((label.to_owned(), value.to_owned()))
}

fn parse_drop(text: &str) -> std::result::Result<Dropping, String> {
    let expected = "expected category/code=reason";
    let (place, reason) = text.split_once('=').ok_or(expected)?;
    let (category, code) = place.split_once('/').ok_or(expected)?;
    Ok(Dropping {
        category: category.to_owned(),
        code: code.to_owned(),
        reason: reason.to_owned(),
    })
}

impl Draw {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        if let Command::AirGap(carrying) = &self.command {
            return carrying.run(global).await;
        }
        let app = start::open_telling(global).await?;
        match &self.command {
            Command::Status { id, json } => status(&app, id.as_deref(), *json).await,
            Command::Present(present) => present.run(&app, global.lang).await,
            Command::Protocol(protocol) => protocol.run(&app, global.lang).await,
            Command::Resume => resume(&app).await,
            Command::AirGap(carrying) => carrying.run(global).await,
            Command::Freeze {
                period,
                representatives,
            } => {
                let action = freeze(period, *representatives);
                self.propose(&app, global, action).await
            }
            Command::Announce(announce) => {
                let (draw, terms) = (announce.id.clone(), announce.terms(&app)?);
                let action = Action::AnnounceDraw { draw, terms };
                self.propose(&app, global, action).await
            }
            Command::Void { id, reason } => {
                let (draw, reason) = (id.clone(), reason.clone());
                let action = Action::VoidDraw { draw, reason };
                self.propose(&app, global, action).await
            }
            Command::Amend { id, drop } => {
                let (draw, drops) = (id.clone(), drop.clone());
                let action = Action::AmendResult { draw, drops };
                self.propose(&app, global, action).await
            }
            Command::Close {
                id,
                reveal,
                reveal_file,
                open,
            } => {
                let typed = reveal.iter();
                let typed = typed.map(|(name, secret)| (name.clone(), secret.0));
                let carried = read_reveals(&app, id, reveal_file).await?;
                let reveals = Reveals {
                    sealed: typed.chain(carried).collect(),
                    open: open.clone(),
                };
                let closed = ceremony::close(&app, &self.officer(), id, reveals).await?;
                Ok(tell(&closed))
            }
            Command::Finish {
                id,
                beacon,
                round_file,
            } => {
                let app = with_beacon(app, beacon, round_file.as_deref());
                let finished = ceremony::finish(&app, &self.officer(), id).await?;
                Ok(tell(&finished))
            }
        }
    }

    fn officer(&self) -> Officer {
        Officer::new(&self.officer)
    }

    async fn propose(&self, app: &App, global: &Global, action: Action) -> Result<ExitCode> {
        self.signed_in.propose(app, global.lang, action).await
    }
}

/// The city with the rounds of these relays, or of a file, where one was named.
fn with_beacon(mut app: App, relays: &[String], file: Option<&Path>) -> App {
    let clock = Arc::clone(&app.clock);
    if let Some(file) = file {
        app.beacon = Arc::new(Carried::new(file.to_owned(), clock));
    } else if !relays.is_empty() {
        app.beacon = Arc::new(Relays::new(relays.to_vec(), Limits::default(), clock));
    }
    app
}

/// Says where a draw stands after a step, or what its record waits for.
fn tell(stepped: &Stepped) -> ExitCode {
    match stepped {
        Stepped::Recorded(row) => println!("draw {} is {}", row.id, draw_phase_name(row.phase)),
        Stepped::AwaitsSignature { record, .. } => air_gap::tell(record),
    }
    ExitCode::SUCCESS
}

/// What is frozen.
fn freeze(period: &str, is_of_representatives: bool) -> Action {
    let period = period.to_owned();
    if is_of_representatives {
        Action::FreezeRepresentatives { period }
    } else {
        Action::FreezePeriod { period }
    }
}

impl Announce {
    fn terms(&self, app: &App) -> Result<Terms> {
        let window = i64::try_from(self.window_secs)
            .ok()
            .and_then(TimeDelta::try_seconds)
            .ok_or_else(|| Error::invalid("--window-secs", "too many seconds"))?;
        let chain: Option<Chain> = match &self.chain {
            Some(file) => Some(start::read_chain(file)?),
            None => None,
        };
        let typed = self.sealed.iter().map(|(name, commitment)| Sealing {
            name: name.clone(),
            commitment: *commitment,
        });
        let files = self.sealed_file.iter();
        let handed_in = files.map(|file| handed_in::read_commitment(app, &self.id, file));
        let sealed = typed.map(Ok).chain(handed_in);
        Ok(Terms {
            sealed: sealed.collect::<Result<_>>()?,
            open: self.open.clone(),
            window_secs: self.window_secs,
            margin_secs: self.margin_secs,
            closes_at: self
                .closes_at
                .unwrap_or_else(|| app.clock.now() + app.approval_time + window + SLACK),
            chain,
            round: self.round,
        })
    }
}

/// What contributors handed in, once the draw is announced; before, closing says that it is not.
async fn read_reveals(app: &App, id: &str, files: &[PathBuf]) -> Result<Vec<(String, [u8; 32])>> {
    let Some(announce) = draws::find_announce(app, id).await? else {
        return Ok(Vec::new());
    };
    let read = |file: &PathBuf| handed_in::read_reveal(&announce, file);
    files.iter().map(read).collect()
}

async fn resume(app: &App) -> Result<ExitCode> {
    ceremony::recover(app).await?;
    println!("everything recorded is cosigned and published");
    Ok(ExitCode::SUCCESS)
}

async fn status(app: &App, id: Option<&str>, is_json: bool) -> Result<ExitCode> {
    let rows = match id {
        Some(id) => vec![draws::get(app, id).await?],
        None => draws::list(app, 20).await?,
    };
    let waiting = unsigned::find(app).await?;
    let of_draw = |id: &str| waiting.as_ref().filter(|it| it.subject == id);
    for row in rows {
        let unsigned = of_draw(&row.id).map(|it| record_kind_name(it.kind));
        let phase = draw_phase_name(row.phase);
        if is_json {
            let whole = serde_json::json!({
                "id": row.id,
                "period": row.period_number,
                "sequence": row.sequence,
                "phase": phase,
                "round": row.round,
                "closesAt": row.closes_at,
                "unsigned": unsigned,
            });
            println!("{whole}");
        } else {
            let round = row
                .round
                .map_or_else(|| "-".to_owned(), |round| round.to_string());
            println!(
                "{:<12} period {:<8} {phase:<10} round {round}{}",
                row.id,
                row.period_number,
                unsigned.map_or(String::new(), |kind| format!(
                    "  its {kind} waits for its signature"
                )),
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}
