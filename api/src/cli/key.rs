//! `fairplate key`.

mod log;
mod record;

use std::{os::unix::fs::DirBuilderExt as _, path::Path, process::ExitCode};

use clap::{Args, Subcommand};
use verifier::{
    note::{NoteError, VerifierKey},
    text::{Digest, Time},
};

use super::{
    Global,
    approval::SignedIn,
    progress::Progress,
    signers::{self, Source},
    start,
};
use crate::{
    clock::{Clock as _, SystemClock},
    config::Config,
    domain::actor::Operator,
    error::{Error, Result},
    service::{approvals::Action, personal_keys},
    signer::{ChainKey, Cosigner, LogSigner, Passphrase, PersonalKeys},
};

/// Make the city's keys, or show their public halves
#[derive(Debug, Args)]
pub(super) struct Key {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the record key, the log key and the key of personal data; nothing is ever overwritten
    #[command(
        after_help = "Examples:\n  fairplate --data /srv/fairplate key new --name hangzhou.example/records\n  \
        fairplate --data /srv/fairplate key new --record-label \"city records\"\n\nWith [keys] record \
        or log = \"token\" that key is made in the token of [keys.token], and never leaves it. With \
        --record-off-line the record key signs on a machine without network, where `key new-record` has \
        made it."
    )]
    New {
        /// Name of the record key, for example hangzhou.example/records
        #[arg(long)]
        name: Option<String>,
        /// Take the record key that is in the token under this label
        #[arg(long, value_name = "LABEL")]
        record_label: Option<String>,
        /// Take the log key that is in the token under this label
        #[arg(long, value_name = "LABEL")]
        log_label: Option<String>,
        /// Take the record key that is on a machine without network: its public half, as `key new-record`
        /// prints it
        #[arg(long, value_name = "VKEY", value_parser = parse_key, conflicts_with_all = ["name", "record_label"])]
        record_off_line: Option<VerifierKey>,
    },
    /// Make a record key alone, on the machine without network where it will sign
    #[command(
        after_help = "Example: fairplate --data /media/safe key new-record --name hangzhou.example/records\n\n\
        Carry the line that it prints to the server: `key new --record-off-line` takes it, or `key \
        rotate-record --off-line`."
    )]
    NewRecord {
        /// Name of the record key, for example hangzhou.example/records
        #[arg(long)]
        name: String,
    },
    /// Make the key of a witness in a folder of its own
    #[command(
        after_help = "Example: fairplate --data /srv/notary key new-witness --name notary.example/w1"
    )]
    NewWitness {
        /// Name of the witness's key, for example notary.example/w1
        #[arg(long)]
        name: String,
    },
    /// Make the key of a beacon chain of the city's own, and its chain.json in the data folder
    #[command(
        after_help = "Example: fairplate --data /srv/fairplate key new-chain --id notary --period-secs 30"
    )]
    NewChain {
        /// Beacon id of the chain
        #[arg(long)]
        id: String,
        /// Seconds between rounds
        #[arg(long, default_value_t = 30)]
        period_secs: u32,
    },
    /// Give personal data a new key: the first call makes it, the second seals everything again
    #[command(after_help = "Example: fairplate --data /srv/fairplate key rotate-data")]
    RotateData,
    /// Propose to give records a new key, which the old one signs for in the city's log; another
    /// officer approves
    #[command(
        after_help = "Examples:\n  fairplate --data /srv/fairplate key rotate-record --prepare\n  fairplate \
        --data /srv/fairplate key rotate-record --session-file li.session\n\nA process that was started \
        before the key was made signs nothing after the change: with several, prepare the key, start \
        each of them again, and then rotate. After a crash, `draw resume` goes on."
    )]
    RotateRecord {
        /// Only make the key, and leave the old one signing; one person does that
        #[arg(long)]
        prepare: bool,
        /// Take the key that is in the token under this label
        #[arg(long, value_name = "LABEL")]
        label: Option<String>,
        /// Take the key that is on a machine without network: its public half
        #[arg(long, value_name = "VKEY", value_parser = parse_key, conflicts_with = "label")]
        off_line: Option<VerifierKey>,
        #[command(flatten)]
        signed_in: SignedIn,
    },
    /// Propose that the witnesses of the settings vouch for the log, in the place of those that do; another
    /// officer approves
    #[command(
        after_help = "Example: fairplate --data /srv/fairplate key change-witnesses --session-file li.session\n\n\
        Name the witnesses in fairplate.toml first; `approve` is run with the same settings. Until it is \
        done a process with these settings records nothing, and afterwards one with the old settings. \
        After a crash, `draw resume` goes on."
    )]
    ChangeWitnesses {
        #[command(flatten)]
        signed_in: SignedIn,
    },
    /// Make a new log key and propose that it signs the log's checkpoints from now on; another officer
    /// approves
    #[command(
        after_help = "Example: fairplate --data /srv/fairplate key rotate-log --session-file li.session\n\n\
        The witnesses take the new key into their logs.policy first. Copy the folder of keys to every \
        machine that serves the city, and start each process again once it is approved: until then one \
        that holds the new key records nothing, and afterwards one that does not hold it."
    )]
    RotateLog {
        /// Take the key that is in the token under this label
        #[arg(long, value_name = "LABEL")]
        label: Option<String>,
        #[command(flatten)]
        signed_in: SignedIn,
    },
    /// Show the public halves, as the public pins them
    #[command(after_help = "Example: fairplate --data /srv/fairplate key show --json")]
    Show {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

fn parse_key(text: &str) -> std::result::Result<VerifierKey, String> {
    text.trim()
        .parse()
        .map_err(|cause: NoteError| cause.to_string())
}

impl Key {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        match &self.command {
            Command::New {
                name,
                record_label,
                log_label,
                record_off_line,
            } => {
                let passphrase = start::passphrase(global, &Config::load(&global.layout())?)?;
                let source = Source::of(record_label.as_deref(), record_off_line.as_ref());
                let from = (source, log_label.as_deref());
                let (record, log) = create(global, name.as_deref(), from, &passphrase)?;
                println!("records {record}\nlog     {log}");
            }
            Command::NewRecord { name } => println!("{}", create_record(global, name)?),
            Command::NewWitness { name } => {
                let passphrase = start::passphrase(global, &Config::load(&global.layout())?)?;
                println!(
                    "{}",
                    create_witness(&global.layout().keys(), name, &passphrase)?
                );
            }
            Command::NewChain { id, period_secs } => {
                let passphrase = start::passphrase(global, &Config::load(&global.layout())?)?;
                let now = Time(SystemClock.now().timestamp());
                let made = create_chain(global, id, *period_secs, now, &passphrase)?;
                println!("{made}");
            }
            Command::RotateData => rotate(global).await?,
            Command::RotateRecord {
                prepare,
                label,
                off_line,
                signed_in,
            } => {
                let source = Source::of(label.as_deref(), off_line.as_ref());
                if *prepare {
                    return record::prepare(global, source).await;
                }
                return record::propose(global, source, signed_in).await;
            }
            Command::ChangeWitnesses { signed_in } => {
                let app = start::open(global).await?;
                return signed_in
                    .propose(&app, global.lang, Action::ChangeTrust)
                    .await;
            }
            Command::RotateLog { label, signed_in } => {
                return log::propose(global, label.as_deref(), signed_in).await;
            }
            Command::Show { json } => show(global, *json)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Makes the city's keys; gives the public halves of the record key and the log key.
pub(super) fn create(
    global: &Global,
    name: Option<&str>,
    from: (Source<'_>, Option<&str>),
    passphrase: &Passphrase,
) -> Result<(VerifierKey, VerifierKey)> {
    let layout = global.layout();
    let config = Config::load(&layout)?;
    let policy = start::load_policy(&layout, &config.policy)?;
    let origin = start::origin(&config, &policy);
    let records = match name {
        Some(name) => name.to_owned(),
        None => format!("{}/records", origin.split('/').next().unwrap_or_default()),
    };
    let keys = layout.keys();
    make(&keys)?;
    let names = [records.as_str(), &origin];
    let made = signers::create(&layout, &config, passphrase, names, from)?;
    PersonalKeys::create(&keys, passphrase).map_err(start::key_error)?;
    Ok(made)
}

/// Makes a record key alone; gives its public half.
fn create_record(global: &Global, name: &str) -> Result<VerifierKey> {
    let (layout, config) = (global.layout(), Config::load(&global.layout())?);
    let passphrase = start::passphrase(global, &config)?;
    make(&layout.keys())?;
    signers::create_record(&layout, &config, &passphrase, name, Source::Made)
}

/// Makes the key of a witness in a folder.
pub(super) fn create_witness(
    folder: &Path,
    name: &str,
    passphrase: &Passphrase,
) -> Result<VerifierKey> {
    make(folder)?;
    let made = Cosigner::create(folder, name, passphrase).map_err(start::key_error)?;
    Ok(made.key().clone())
}

/// Makes the key of a chain, and its `chain.json`; gives the chain's hash.
pub(super) fn create_chain(
    global: &Global,
    id: &str,
    period_secs: u32,
    genesis: Time,
    passphrase: &Passphrase,
) -> Result<Digest> {
    let layout = global.layout();
    make(&layout.keys())?;
    let key = ChainKey::create(&layout.keys(), passphrase).map_err(start::key_error)?;
    let chain = key.chain(period_secs, genesis, id);
    let path = layout.root().join("chain.json");
    std::fs::write(&path, chain.to_string()).map_err(|cause| {
        Error::NotSetUp(format!("{} cannot be written: {cause}", path.display()))
    })?;
    Ok(chain.hash)
}

/// Makes the next key of personal data, or puts one that was made before into use.
async fn rotate(global: &Global) -> Result<()> {
    let app = start::open(global).await?;
    let is_waiting = app.data_key.generation() < app.data_key.generations();
    let behind = personal_keys::count_behind(&app).await?;
    if !is_waiting && behind == 0 {
        let passphrase = start::passphrase(global, &Config::load(&global.layout())?)?;
        let made = app.data_key.add(&global.layout().keys(), &passphrase);
        let generation = made.map_err(start::key_error)?;
        println!(
            "key {generation} of personal data is made and not yet in use: back the folder of keys \
             up, copy it to every machine that serves the city, start each process again, and then \
             run this command once more"
        );
        return Ok(());
    }
    personal_keys::put_newest_into_use(&app, &Operator).await?;
    let behind = personal_keys::count_behind(&app).await?;
    let mut progress = Progress::start("sealed again", behind);
    let sealed = personal_keys::seal_again(&app, &Operator, &mut |done| progress.at(done)).await?;
    drop(progress);
    println!(
        "key {} of personal data is in use, and {sealed} values are sealed with it now; keep the \
         earlier keys as long as there are back-ups that need them, and the first one for ever",
        app.data_key.generation()
    );
    Ok(())
}

fn show(global: &Global, is_json: bool) -> Result<()> {
    let keys = global.layout().keys();
    let read = |name: &Path| {
        std::fs::read_to_string(keys.join(name))
            .map(|text| text.trim_end().to_owned())
            .map_err(|_| {
                Error::NotSetUp(format!(
                    "{} has no {}; make the keys with `fairplate key new`",
                    keys.display(),
                    name.display()
                ))
            })
    };
    let log = LogSigner::public_half(&keys).map_err(start::key_error)?;
    let log = log.strip_prefix(&keys).unwrap_or(&log).to_owned();
    let (record, log) = (read(Path::new("record.vkey"))?, read(&log)?);
    // Those that were made to take its place; the log says which of them signs.
    let later: Vec<String> = (2..)
        .map_while(|number: u32| read(Path::new(&format!("record-{number}/record.vkey"))).ok())
        .collect();
    if is_json {
        let shown = serde_json::json!({ "records": record, "log": log, "laterRecords": later });
        println!("{shown}");
    } else {
        println!("records {record}\nlog     {log}");
        for key in later {
            println!("later   {key}");
        }
    }
    Ok(())
}

/// Makes a folder that nobody else may look into, if it is missing.
pub(super) fn make(folder: &Path) -> Result<()> {
    let parent = folder.parent().unwrap_or(folder);
    let made = std::fs::create_dir_all(parent)
        .and_then(|()| std::fs::DirBuilder::new().mode(0o700).create(folder));
    match made {
        Err(cause) if cause.kind() != std::io::ErrorKind::AlreadyExists => Err(Error::NotSetUp(
            format!("{} cannot be made: {cause}", folder.display()),
        )),
        _ => Ok(()),
    }
}
