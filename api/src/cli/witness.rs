//! `fairplate witness`.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Args, Subcommand};

use super::{Global, key, start};
use crate::{
    clock::SystemClock,
    error::{Error, Result},
    http,
    signer::Cosigner,
    witness::{Office, parse_logs},
};

/// Be a witness of others' logs: cosign what continues, and keep what contradicts
#[derive(Debug, Args)]
pub(super) struct Witness {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the witness's key in a folder of its own; nothing is ever overwritten
    #[command(
        after_help = "Example: fairplate witness create --folder /srv/notary --name notary.example/w1"
    )]
    Create {
        /// The witness's folder
        #[arg(long, value_name = "FOLDER")]
        folder: PathBuf,
        /// Name of the witness's key, for example notary.example/w1
        #[arg(long)]
        name: String,
    },
    /// Answer logs that ask for a cosignature (C2SP tlog-witness)
    #[command(
        after_help = "Example: fairplate witness serve --folder /srv/notary --listen 127.0.0.1:8010\n\nThe logs that are watched stand in logs.policy, a line `log <verifier key>` each, as in a city's trust.policy. TLS belongs to a proxy in front."
    )]
    Serve {
        /// The witness's folder; what was cosigned is kept in <folder>/logs
        #[arg(long, value_name = "FOLDER")]
        folder: PathBuf,
        /// Where to listen; loopback unless told otherwise
        #[arg(long, default_value = "127.0.0.1:8010")]
        listen: SocketAddr,
        /// Which logs are watched; logs.policy of the folder where no file is named
        #[arg(long, value_name = "FILE")]
        logs: Option<PathBuf>,
    },
}

impl Witness {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        match &self.command {
            Command::Create { folder, name } => {
                let (at_home, passphrase) = start::at(global, folder)?;
                let made = key::create_witness(&at_home.layout().keys(), name, &passphrase)?;
                println!("{made}");
            }
            Command::Serve {
                folder,
                listen,
                logs,
            } => {
                let file = logs.clone().unwrap_or_else(|| folder.join("logs.policy"));
                let unusable = |cause: &dyn std::fmt::Display| {
                    let file = file.display();
                    Error::NotSetUp(format!("{file}: {cause}; name the logs to watch in it"))
                };
                let text = std::fs::read_to_string(&file).map_err(|cause| unusable(&cause))?;
                let logs = parse_logs(&text).map_err(|cause| unusable(&cause))?;
                let (at_home, passphrase) = start::at(global, folder)?;
                let cosigner = Cosigner::open(&at_home.layout().keys(), &passphrase);
                let cosigner = cosigner.map_err(start::key_error)?;
                let office = Office::open(folder, cosigner, logs, Arc::new(SystemClock));
                let office = office.map_err(|cause| Error::NotSetUp(cause.to_string()))?;
                let origins: Vec<_> = office.origins().collect();
                println!("{}\nwatches {}", office.key(), origins.join(", "));
                http::serve_witness(Arc::new(office), *listen).await?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
