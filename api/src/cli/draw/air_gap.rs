//! `fairplate draw export`, `sign`, `import` and `drop-unsigned`: records whose key is on a machine
//! without network.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use ::entity::unsigned_record;
use clap::{Args, Subcommand};

use super::super::{Global, signers, start, visible};
use crate::{
    App,
    config::Config,
    domain::{
        actor::Operator,
        carried,
        phase::{draw_phase_name, record_kind_name},
    },
    error::{Error, Result},
    service::{ceremony, unsigned},
    signer::{RecordKeys, Request, RequestError},
};

#[derive(Debug, Subcommand)]
pub(super) enum AirGap {
    /// Write the record that waits for its signature into a file, to be carried to its key
    #[command(
        after_help = "Example: fairplate draw export 202607 --out /media/stick/202607.record\n\nWhere the record key is on a machine without network, each step of a draw ends with such a record."
    )]
    Export(Export),
    /// Show a record that was carried here, and sign it; needs neither network nor city
    #[command(
        after_help = "Examples:\n  fairplate draw sign 202607.record --lang zh-CN\n  fairplate draw sign 202607.record --keys /media/safe/keys --out 202607.signed\n\nRead what is shown: it will stand in the city's log for ever."
    )]
    Sign(Sign),
    /// Take the step of a record that was signed elsewhere, and publish it
    #[command(
        after_help = "Example: fairplate draw import /media/stick/202607.signed\n\nRunning it again changes nothing."
    )]
    Import(Import),
    /// Drop the record that waits for its signature, so that its step can be taken anew
    #[command(after_help = "Example: fairplate draw drop-unsigned 202607")]
    DropUnsigned(DropUnsigned),
}

impl AirGap {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        // Needs neither a city nor a database.
        if let Self::Sign(sign) = self {
            return sign.run(global);
        }
        let app = start::open_telling(global).await?;
        match self {
            Self::Export(export) => export.run(&app).await,
            Self::Sign(sign) => sign.run(global),
            Self::Import(import) => import.run(&app).await,
            Self::DropUnsigned(dropping) => dropping.run(&app).await,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// The draw, or what a change of keys is called: keys-1
    subject: String,
    /// The file that is carried to the key; it is closed to others, since it may hold secrets that are not
    /// public yet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Sign {
    /// What `draw export` has written
    file: PathBuf,
    /// The folder of the key, and of the other one where both keys of a change are off line; the keys of
    /// the data folder where none is named
    #[arg(long, value_name = "FOLDER")]
    keys: Vec<PathBuf>,
    /// The signed record, which is carried back; without it the record is shown and not signed
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// What `draw sign` has written
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct DropUnsigned {
    /// The draw, or what a change of keys is called
    subject: String,
}

impl Export {
    async fn run(&self, app: &App) -> Result<ExitCode> {
        let request = unsigned::export(app, &Operator, &self.subject).await?;
        write_new(&self.out, &request.to_string())?;
        println!(
            "the {} of {} is in {}, with SHA-256 {}\ncarry it to {}, and there:\n  fairplate draw sign {} --keys <folder of the key> --out <signed file>\nthen here:\n  fairplate draw import <signed file>",
            request.record().kind(),
            self.subject,
            self.out.display(),
            request.hash(),
            words(&request),
            self.out.display(),
        );
        Ok(ExitCode::SUCCESS)
    }
}

impl Sign {
    fn run(&self, global: &Global) -> Result<ExitCode> {
        let file = read(&self.file)?;
        let file = String::from_utf8(file).map_err(|_| refused(RequestError::Shape))?;
        let request = Request::parse(&file).map_err(refused)?;
        for line in request.to_string().lines() {
            println!("{}", visible(line));
        }
        let summary = carried::summary(request.record(), global.lang);
        println!("\n{}", visible(&summary));
        let Some(out) = &self.out else {
            println!("\nnothing is signed; read it, and run this again with --out <signed file>");
            return Ok(ExitCode::SUCCESS);
        };
        let held = self.open(global)?;
        let note = request.sign(&held).map_err(refused)?;
        write_new(out, &note.to_string())?;
        println!(
            "\nsigned, in {}: carry it back and run `fairplate draw import`",
            out.display()
        );
        Ok(ExitCode::SUCCESS)
    }

    fn open(&self, global: &Global) -> Result<Vec<RecordKeys>> {
        let (layout, config) = (global.layout(), Config::load(&global.layout())?);
        let passphrase = start::passphrase(global, &config)?;
        let of_the_data_folder = [layout.keys()];
        let folders = match self.keys.as_slice() {
            [] => &of_the_data_folder[..],
            named => named,
        };
        let open = |folder: &PathBuf| signers::open_records(&layout, &config, &passphrase, folder);
        folders.iter().map(open).collect()
    }
}

impl Import {
    async fn run(&self, app: &App) -> Result<ExitCode> {
        let imported = ceremony::import(app, &Operator, &read(&self.file)?).await?;
        let (kind, subject) = (record_kind_name(imported.kind), &imported.subject);
        println!("the {kind} of {subject} is recorded");
        if let Some(row) = imported.draw {
            println!("draw {} is {}", row.id, draw_phase_name(row.phase));
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl DropUnsigned {
    async fn run(&self, app: &App) -> Result<ExitCode> {
        let row = ceremony::drop_unsigned(app, &Operator, &self.subject).await?;
        println!(
            "the {} of {} is dropped and is not to be signed; the step can be taken anew",
            record_kind_name(row.kind),
            row.subject
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// Says that a step is not taken yet, and what is to be done.
pub(in crate::cli) fn tell(row: &unsigned_record::Model) {
    println!(
        "the {} of {} is decided and waits for its signature by {}; nothing is recorded yet. Next:\n  fairplate draw export {} --out <file>",
        record_kind_name(row.kind),
        row.subject,
        row.signing_keys.lines().collect::<Vec<_>>().join(" and "),
        row.subject,
    );
}

fn words(request: &Request) -> String {
    let keys: Vec<_> = request.keys().iter().map(ToString::to_string).collect();
    keys.join(" and ")
}

/// Bytes that no file of a record exceeds: a note's, and as much again for the head.
const MAX_BYTES: u64 = 2_000_000;

fn read(file: &Path) -> Result<Vec<u8>> {
    let refuse =
        |why: &dyn std::fmt::Display| Error::invalid("file", format!("{}: {why}", file.display()));
    let length = fs::metadata(file).map_err(|cause| refuse(&cause))?.len();
    if length > MAX_BYTES {
        return Err(refuse(&format!(
            "expected at most {MAX_BYTES} bytes, found {length}; this is no record"
        )));
    }
    fs::read(file).map_err(|cause| refuse(&cause))
}

/// Writes a file that nobody else may read, where nothing is yet.
fn write_new(path: &Path, text: &str) -> Result<()> {
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(path);
    let written = opened.and_then(|mut file| {
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
    });
    written.map_err(|cause| {
        let why = format!("{} cannot be written: {cause}", path.display());
        Error::invalid("--out", why)
    })
}

fn refused(cause: RequestError) -> Error {
    match cause {
        RequestError::Sign(cause) => cause.into(),
        other => Error::invalid("file", other),
    }
}
