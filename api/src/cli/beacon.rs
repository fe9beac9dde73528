//! `fairplate beacon`.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Args, Subcommand};
use verifier::text::Time;

use super::{Global, key, start};
use crate::{
    beacon::{REHEARSAL_PREFIX, Rehearsal},
    clock::{Clock as _, SystemClock},
    error::{Error, Result},
    http,
    signer::ChainKey,
};

/// Rehearse with a beacon of one's own; no real draw rests on it
#[derive(Debug, Args)]
pub(super) struct Beacon {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the key and the chain.json of a rehearsal's chain, which begins now
    #[command(
        after_help = "Example: fairplate beacon create --folder /srv/rehearsal --id spring --period-secs 3\n\nThe chain is called rehearsal-spring, here and in every draw that uses it."
    )]
    Create {
        /// The beacon's folder
        #[arg(long, value_name = "FOLDER")]
        folder: PathBuf,
        /// What the chain is called, behind `rehearsal-`
        #[arg(long)]
        id: String,
        /// Seconds between rounds
        #[arg(long, default_value_t = 3)]
        period_secs: u32,
    },
    /// Give its rounds to whoever asks, each not before its time, as a relay of drand would
    #[command(
        after_help = "Example: fairplate beacon serve --folder /srv/rehearsal --listen 127.0.0.1:8020\n\nThe rehearsing city names the address and the chain.json:\n\n  [beacon]\n  source = \"relays\"\n  urls = [\"http://127.0.0.1:8020\"]\n  chain = \"chain.json\""
    )]
    Serve {
        /// The beacon's folder
        #[arg(long, value_name = "FOLDER")]
        folder: PathBuf,
        /// Where to listen; loopback unless told otherwise
        #[arg(long, default_value = "127.0.0.1:8020")]
        listen: SocketAddr,
    },
}

impl Beacon {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        match &self.command {
            Command::Create {
                folder,
                id,
                period_secs,
            } => {
                let (at_home, passphrase) = start::at(global, folder)?;
                let id = format!("{REHEARSAL_PREFIX}{id}");
                let now = Time(SystemClock.now().timestamp());
                let made = key::create_chain(&at_home, &id, *period_secs, now, &passphrase)?;
                println!("{made}");
            }
            Command::Serve { folder, listen } => {
                let chain = start::read_chain(&folder.join("chain.json"))?;
                let (at_home, passphrase) = start::at(global, folder)?;
                let opened = ChainKey::open(&at_home.layout().keys(), &passphrase);
                let opened = opened.map_err(start::key_error)?;
                let rehearsal = Rehearsal::new(chain, opened, Arc::new(SystemClock))
                    .map_err(Error::NotSetUp)?;
                println!(
                    "rehearsal: chain {} ({}), for no real draw",
                    rehearsal.chain().hash,
                    rehearsal.chain().beacon_id
                );
                http::serve_beacon(rehearsal, *listen).await?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
