//! `fairplate audit`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use ::entity::CityId;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use verifier::note::VerifierKey;

use super::{Global, progress::Progress, start};
use crate::{
    config::Config,
    domain::Locale,
    error::{Error, Result},
    service::trail::{self, Fault, Refuted, Verified},
    store,
};

/// Check the audit trail
#[derive(Debug, Args)]
pub(super) struct Audit {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compute the chain of the audit trail again, and compare it with the city's signed records
    #[command(
        after_help = "Examples:\n  fairplate audit verify --json\n  fairplate audit verify \
        --folder /mnt/kept/draws --records /mnt/kept/records.vkey\n\nIt reads the database, needs \
        no passphrase and changes nothing. What only the database says can be written again by \
        whoever writes the database: give records that were kept elsewhere.\n\nExit codes: 0 the \
        trail is right as far as it is linked; 1 a row or a record is not what it should be; 2 it \
        could not be checked."
    )]
    Verify(Verify),
}

#[derive(Debug, Args)]
struct Verify {
    /// A folder with published records (`*.note`, in folders of it too) that was kept elsewhere; may be given more than once
    #[arg(long, value_name = "FOLDER")]
    folder: Vec<PathBuf>,
    /// The record key that is pinned; the published one where none is named
    #[arg(long, value_name = "FILE")]
    records: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        let Command::Verify(verify) = &self.command;
        // Here 1 means that something was found; whatever kept it from looking is 2.
        match verify.run(global).await {
            Err(error) => {
                super::report(&error);
                Ok(ExitCode::from(2))
            }
            done => done,
        }
    }
}

/// What a check came to: a record that cannot be believed, or how far the trail is right.
type Answer = std::result::Result<Verified, Refuted>;

impl Verify {
    async fn run(&self, global: &Global) -> Result<ExitCode> {
        let layout = global.layout();
        let config = Config::load(&layout)?;
        let policy = start::load_policy(&layout, &config.policy)?;
        let city = CityId(i32::try_from(policy.city.id).map_err(Error::internal)?);
        let pinned = self.pinned(global)?;
        let mut kept = Vec::new();
        for folder in &self.folder {
            collect_notes(folder, &mut kept)?;
        }
        let url = start::database_url(global, &config)?;
        if url.starts_with("sqlite:") && !layout.database().exists() {
            return Err(Error::NotSetUp(format!(
                "{} is not there; name the city's data folder with --data",
                layout.database().display()
            )));
        }
        let db = store::connect(&url).await?;
        let mut bar = None;
        let answer = trail::check(&db, city, &pinned, &kept, &mut |done, rows| {
            bar.get_or_insert_with(|| Progress::start("audit rows checked", rows))
                .at(done);
        })
        .await?;
        drop(bar);
        if self.json {
            println!("{}", as_json(&answer));
        } else {
            println!("{}", as_text(&answer, global.lang));
        }
        Ok(match answer {
            Ok(Verified { fault: None, .. }) => ExitCode::SUCCESS,
            _ => ExitCode::from(1),
        })
    }

    /// The record key of the flag, or the published one, or the city's own before any was published.
    fn pinned(&self, global: &Global) -> Result<VerifierKey> {
        let layout = global.layout();
        let published = layout.public().join("records.vkey");
        let own = layout.keys().join("record.vkey");
        let path = match &self.records {
            Some(path) => path,
            None if published.exists() => &published,
            None => &own,
        };
        let unusable = |cause: &dyn std::fmt::Display| {
            Error::NotSetUp(format!(
                "{} holds no record key to compare with: {cause}; name the one that you have pinned with --records",
                path.display()
            ))
        };
        let text = fs::read_to_string(path).map_err(|cause| unusable(&cause))?;
        text.trim_end().parse().map_err(|cause| unusable(&cause))
    }
}

/// Every record of a folder and of the folders in it, by the path that it has there.
fn collect_notes(folder: &Path, notes: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    let unreadable = |path: &Path, cause: std::io::Error| {
        Error::NotSetUp(format!("{} cannot be read: {cause}", path.display()))
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(|cause| unreadable(folder, cause))? {
        paths.push(entry.map_err(|cause| unreadable(folder, cause))?.path());
    }
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect_notes(&path, notes)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "note")
        {
            let bytes = fs::read(&path).map_err(|cause| unreadable(&path, cause))?;
            notes.push((path.display().to_string(), bytes));
        }
    }
    Ok(())
}

fn as_json(answer: &Answer) -> Value {
    const SCHEMA: &str = "fairplate/audit-verify/1";
    match answer {
        Err(refuted) => json!({
            "schema": SCHEMA,
            "ok": false,
            "fault": {
                "kind": "record",
                "record": refuted.record,
                "expected": refuted.expected,
                "found": refuted.found,
            },
        }),
        Ok(verified) => json!({
            "schema": SCHEMA,
            "ok": verified.fault.is_none(),
            "rows": verified.head.rows,
            "head": verified.head.link.to_string(),
            "notLinked": verified.not_linked,
            "recordsCompared": verified.compared,
            "rowsCovered": verified.covered,
            "fault": verified.fault,
        }),
    }
}

fn as_text(answer: &Answer, locale: Locale) -> String {
    let verified = match answer {
        Err(Refuted {
            record,
            expected,
            found,
        }) => {
            return match locale {
                Locale::ZhCn => {
                    format!("不符：记录 {record}：应为 {expected}，实为 {found}")
                }
                Locale::En => {
                    format!("WRONG: record {record}: expected {expected}, found {found}")
                }
            };
        }
        Ok(verified) => verified,
    };
    let first = match &verified.fault {
        Some(fault) => match locale {
            Locale::ZhCn => in_chinese(fault),
            Locale::En => in_english(fault),
        },
        None => locale
            .choose(
                "审计记录链完整，与已签署的记录相符",
                "the audit trail is whole and agrees with the signed records",
            )
            .to_owned(),
    };
    let (rows, head) = (verified.head.rows, verified.head.link);
    let (covered, compared) = (verified.covered, verified.compared);
    let waiting = verified.not_linked;
    match locale {
        Locale::ZhCn => format!(
            "{first}\n已核对 {rows} 行，链头 {head}\n其中 {covered} 行由 {compared} 份已签署的记录确认；其后各行仅凭数据库\n尚未链接 {waiting} 行"
        ),
        Locale::En => format!(
            "{first}\n{rows} rows are right, up to the link {head}\n{compared} signed records vouch for the first {covered} of them; those behind rest on the database alone\n{waiting} rows are not linked yet"
        ),
    }
}

fn in_english(fault: &Fault) -> String {
    match fault {
        Fault::Missing { position, found } => {
            format!("WRONG: expected row {position}, found row {found}")
        }
        Fault::Unreadable { position, column } => format!(
            "WRONG: row {position}: expected a value in the column {column}, found other bytes"
        ),
        Fault::Changed {
            position,
            expected,
            found,
        } => format!(
            "WRONG: row {position} was changed: expected the link {expected}, found {found}"
        ),
        Fault::Rewritten {
            position,
            rows,
            record,
            expected,
            found,
        } => format!(
            "WRONG: rows {position} to {rows} are not those that {record} vouches for: expected the link {expected}, found {found}"
        ),
        Fault::Short {
            position,
            rows,
            record,
            found,
        } => format!(
            "WRONG: rows are gone from row {position} on: {record} vouches for {rows} rows, found {found}"
        ),
    }
}

fn in_chinese(fault: &Fault) -> String {
    match fault {
        Fault::Missing { position, found } => {
            format!("不符：第 {position} 行缺失，其后是第 {found} 行")
        }
        Fault::Unreadable { position, column } => {
            format!("不符：第 {position} 行的 {column} 列无法读取")
        }
        Fault::Changed {
            position,
            expected,
            found,
        } => format!("不符：第 {position} 行被改动：链接值应为 {expected}，实为 {found}"),
        Fault::Rewritten {
            position,
            rows,
            record,
            expected,
            found,
        } => format!(
            "不符：第 {position} 至 {rows} 行不是记录 {record} 所确认的各行：链接值应为 {expected}，实为 {found}"
        ),
        Fault::Short {
            position,
            rows,
            record,
            found,
        } => {
            format!("不符：自第 {position} 行起缺失：记录 {record} 确认 {rows} 行，实有 {found} 行")
        }
    }
}
