//! The rehearsal's folder: its mark, its settings, and its keys.

use std::{fmt::Write as _, fs, io, path::Path};

use super::{city::City, steps::Days};
use crate::{
    beacon::REHEARSAL_PREFIX,
    cli::{
        Global, key,
        playing::folder::{self as played, Folder, PASSPHRASE_FILE},
    },
    error::{Error, Result},
    layout::Layout,
    policy,
    service::rehearsal::{ORIGIN_PREFIX, Source},
};

/// Seconds between the rounds of the rehearsal's chain, as with drand's quicknet.
const ROUND_SECS: u32 = 3;

/// Makes an empty folder and marks it. One that holds a rehearsal is emptied where that is asked for;
/// one that holds anything else is left alone.
pub(super) fn prepare(folder: &Path, source: &Source, is_replaced: bool) -> Result<()> {
    let mark = Layout::new(folder).rehearsal_mark();
    let unwritten =
        |cause: io::Error| Error::NotSetUp(format!("{} cannot be made: {cause}", folder.display()));
    if mark.exists() {
        if !is_replaced {
            return Err(Error::invalid(
                "--folder",
                format!(
                    "{} holds a rehearsal already; --replace removes it",
                    folder.display()
                ),
            ));
        }
        empty(folder, &mark).map_err(unwritten)?;
    } else if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Error::invalid(
            "--folder",
            format!(
                "{} is not empty, and no rehearsal; name a folder that is not there yet",
                folder.display()
            ),
        ));
    }
    key::make(folder)?;
    let (period, origin) = (&source.period.number, &source.city.origin);
    let text = format!(
        "本文件夹是 {origin} 第 {period} 期摇号的演练，不是摇号；其中的密钥、记录与结果均无效力。\n\
         This folder is a rehearsal of period {period} of {origin}. It is no draw: its keys, records and \
         results bind nobody.\n"
    );
    fs::write(&mark, text).map_err(unwritten)
}

/// Removes everything but the mark, so that a folder half emptied is still a rehearsal's.
fn empty(folder: &Path, mark: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path == *mark {
            continue;
        }
        if fs::symlink_metadata(&path)?.is_dir() {
            fs::remove_dir_all(&path)?;
        } else {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Makes settings, keys, witnesses and chain; gives the call that opens the folder.
pub(super) fn make(
    global: &Global,
    folder: &Path,
    city: &City,
    source: &Source,
    days: &Days,
) -> Result<Global> {
    let mut at_home = global.clone();
    folder.clone_into(&mut at_home.data);
    let origin = format!("{ORIGIN_PREFIX}{}", source.city.origin);
    let host = origin.split('/').next().unwrap_or_default();
    let witnesses: Vec<_> = (1..=city.config.witness.len().max(1))
        .map(|number| (format!("witness-{number}"), format!("{host}/w{number}")))
        .collect();
    let chain = format!("{REHEARSAL_PREFIX}{}", source.period.number);
    let wanted = Folder {
        settings: settings(city, source, folder, &origin, &witnesses)?,
        witnesses,
        chain: &chain,
        round_secs: ROUND_SECS,
        genesis: days.genesis(),
    };
    played::make(&at_home, &wanted)?;
    Ok(at_home)
}

/// The settings of the rehearsal: the rules that the city has adopted, its calendar and quorum, and
/// nothing else of it.
fn settings(
    city: &City,
    source: &Source,
    folder: &Path,
    origin: &str,
    witnesses: &[(String, String)],
) -> Result<String> {
    let root = city.layout.root();
    let (rules, adopted) = (&city.config.policy, source.adopted.content.as_str());
    let mut text = "# Written by `fairplate rehearse`; see the file REHEARSAL.\n".to_owned();
    if policy::find_builtin(rules).is_some_and(|builtin| builtin.text == adopted) {
        line(&mut text, format_args!("policy = \"{rules}\""));
    } else {
        let file = folder.join("policy.toml");
        fs::write(&file, adopted).map_err(|cause| {
            Error::NotSetUp(format!("{} cannot be written: {cause}", file.display()))
        })?;
        line(&mut text, format_args!("policy = \"policy.toml\""));
    }
    if let Some(calendar) = &city.config.calendar {
        copy(&root.join(calendar), &folder.join("calendar.toml"))?;
        line(&mut text, format_args!("calendar = \"calendar.toml\""));
    }
    line(&mut text, format_args!("origin = \"{origin}\""));
    line(
        &mut text,
        format_args!("passphrase_file = \"{PASSPHRASE_FILE}\""),
    );
    if let Some(quorum) = city
        .config
        .quorum
        .filter(|_| !city.config.witness.is_empty())
    {
        line(&mut text, format_args!("quorum = {quorum}"));
    }
    // A rehearsal that is looked at stays as it is, and nobody is written to.
    line(&mut text, format_args!("\n[worker]\nwith_serve = false"));
    line(
        &mut text,
        format_args!("\n[beacon]\nsource = \"own\"\nchain = \"chain.json\""),
    );
    for (name, _) in witnesses {
        line(
            &mut text,
            format_args!("\n[[witness]]\nname = \"{name}\"\nlocal = \"{name}\""),
        );
    }
    Ok(text)
}

fn line(text: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _infallible = writeln!(text, "{words}");
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)
        .map(|_| ())
        .map_err(|cause| Error::NotSetUp(format!("{} cannot be copied: {cause}", from.display())))
}
