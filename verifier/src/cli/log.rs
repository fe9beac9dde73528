//! `log check`: rebuilds a public log from its files.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use fairplate_verifier::{
    Trust,
    language::Language,
    log::{LogError, LogFolder},
    note::{Note, NoteError},
    record::Record,
    succession::{KeyChange, follow, in_force, quorum_met_at},
    trail::TrailHead,
    trust::published_policies,
};

use super::{Refusal, pin::read_trust, seen};

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Rebuild the root from the entries, compare every tile, and demand that the log has grown from
    /// what was seen before, and the audit trail from record to record · 由日志条目重算根哈希并比对
    Check(Arguments),
}

/// Which log, and whom to believe.
#[derive(clap::Args)]
#[group(skip)]
#[command(
    after_help = "Exit codes: 0 as it should be, 1 refuted, 2 could not be checked.\n\n\
    Example:\n  fairplate-verifier log check public/log"
)]
pub(super) struct Arguments {
    /// The log's folder
    folder: PathBuf,
    /// The pinned trust policy, and once more for each later one; without it, those beside the log
    #[arg(long, value_name = "FILE", requires = "records")]
    trust: Vec<PathBuf>,
    /// The pinned record key; without it, records.vkey beside the log
    #[arg(long, value_name = "FILE", requires = "trust")]
    records: Option<PathBuf>,
    #[command(flatten)]
    seen: seen::Arguments,
}

pub(super) fn run(command: &Command, language: Language) -> Result<ExitCode, Refusal> {
    let Command::Check(arguments) = command;
    let folder = &arguments.folder;
    let city = folder.canonicalize().ok();
    let city = city.as_deref().and_then(Path::parent).unwrap_or(folder);
    let trust = match &arguments.records {
        Some(records) => read_trust(&arguments.trust, records)?,
        None => read_trust(&published_policies(city), &city.join("records.vkey"))?,
    };
    let state = arguments.seen.find_file(&trust);
    let last = match &state {
        Some(state) => seen::find(state, &trust)?,
        None => None,
    };
    if !folder.join("checkpoint").is_file() {
        return Err(Refusal::new("a log's folder with its checkpoint", "none"));
    }
    let checked = check(
        folder,
        &trust,
        last.as_ref().map(|(_, checkpoint)| checkpoint),
    );
    let (log, tiles) = match checked {
        Ok(checked) => checked,
        Err(error) => {
            println!("FALSE: {}", language.phrase(&error.to_string()));
            return Ok(ExitCode::FAILURE);
        }
    };
    let followed = follow(&trust.records, &log.entries).map_err(|error| error.to_string());
    let listed = followed.and_then(|changes| list(&log, &trust, &changes).map(|()| changes));
    let changes = match listed {
        Ok(changes) => changes,
        Err(error) => {
            println!("FALSE: {}", language.phrase(&error));
            return Ok(ExitCode::FAILURE);
        }
    };
    let (size, root) = (log.checkpoint.size, log.checkpoint.root);
    println!(
        "{}",
        match language {
            Language::English => format!("{size} entries, {tiles} files, root {root}"),
            Language::Chinese => format!("{size} 条记录，{tiles} 个文件，根哈希 {root}"),
        }
    );
    match witnessed(&log, &trust, &changes) {
        Ok(sentence) => println!("{}", language.phrase(&sentence)),
        Err(error) => {
            println!("FALSE: checkpoint: {}", language.phrase(&error.to_string()));
            return Ok(ExitCode::FAILURE);
        }
    }
    if let Some(state) = &state {
        seen::save(state, &log.note)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What the pinned witnesses say of the newest checkpoint.
fn witnessed(log: &LogFolder, trust: &Trust, changes: &[KeyChange]) -> Result<String, NoteError> {
    let changes = changes.iter().map(|change| (change.index, &change.record));
    let policies = match in_force(trust, changes, log.checkpoint.size) {
        Ok(policies) => policies,
        Err(unpinned) => return Ok(format!("its witnesses are not pinned: {unpinned}")),
    };
    let met = quorum_met_at(&policies, &log.note)?;
    Ok(met.map_or_else(
        || "not witnessed by the quorum".to_owned(),
        |time| format!("witnessed {time}"),
    ))
}

fn check(
    folder: &Path,
    trust: &Trust,
    last: Option<&fairplate_verifier::log::Checkpoint>,
) -> Result<(LogFolder, u64), LogError> {
    let log = LogFolder::open_pinned(folder, trust)?;
    let tiles = log.check_tiles(folder)?;
    if let Some(last) = last {
        log.check_beginning(last)?;
    }
    Ok((log, tiles))
}

/// A line an entry: its place, kind and draw or number of the change of keys, or that it is none of
/// the city's records. Refused is a record by which the city's audit trail did not only grow (R68).
fn list(log: &LogFolder, trust: &Trust, changes: &[KeyChange]) -> Result<(), String> {
    let mut longest = (0, TrailHead::EMPTY);
    let mut keys = vec![&trust.records];
    keys.extend(changes.iter().flat_map(|change| &change.record.keys));
    for (index, entry) in (0..).zip(&log.entries) {
        if let Some(change) = changes.iter().find(|change| change.index == index) {
            println!("{index:>6} keys {}", change.record.epoch);
            grow(&mut longest, index, change.record.trail)?;
            continue;
        }
        let note = Note::parse(entry).ok();
        let signed = note.filter(|note| keys.iter().any(|key| note.verify(key).is_ok()));
        let record = signed.and_then(|note| Record::parse(&note.text).ok());
        let Some(record) = record else {
            println!("{index:>6} ?");
            continue;
        };
        let draw = record.draw().unwrap_or_default();
        println!("{index:>6} {} {draw}", record.kind());
        grow(&mut longest, index, record.trail())?;
    }
    Ok(())
}

/// Goes on from the longest trail so far, and the entry that names it.
fn grow(
    longest: &mut (u64, TrailHead),
    index: u64,
    trail: Option<TrailHead>,
) -> Result<(), String> {
    let Some(head) = trail else { return Ok(()) };
    let (earlier, before) = *longest;
    if !before.may_grow_into(&head) {
        return Err(format!(
            "log entry {index}: expected an audit trail that goes on from {before}, which log entry {earlier} names, found {head}"
        ));
    }
    *longest = (index, head);
    Ok(())
}
