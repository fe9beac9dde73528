//! Taking over applicants and their participation history from a city's old system.
//!
//! Two files. `periods.csv` says when each old period's result was published:
//!
//! ```text
//! period,published_on
//! 201405,2014-05-26
//! ```
//!
//! `applicants.csv` has one line a person; `periods` lists the periods taken part in, single or as
//! runs of consecutive listed periods, separated by spaces:
//!
//! ```text
//! id_number,name,phone,code,category,identity_type,licence_classes,submitted_on,tier_joined_on,periods
//! …,王小明,13900000000,7621447539689,individual,local-household,C1,2014-04-10,,201405-201408 201601
//! ```
//!
//! A file that also takes over certificates has nine more columns ([`won`]); they are empty in the
//! line of whoever has none. Whoever has one is not waiting any more: their application has ended with
//! it, and they apply again when the rules let them.
//!
//! Both are read twice: once to check every line, once to load. A file with a line that cannot be
//! used is refused whole, unless the operator asks to leave those lines out; nothing is ever
//! half-written, because all of it is one transaction.

mod history;
mod known;
mod line;
mod rows;
mod won;

use std::{collections::HashSet, path::Path};

use crate::{
    app::{App, ID_NUMBER},
    domain::actor::Operator,
    error::{Error, Result},
    store::{
        self,
        bulk::{self, Load},
    },
};

use history::History;
use known::{Known, Taking};
use line::Line;
use rows::Rows;

/// Lines that are loaded, and looked up, at once.
const PIECE_LINES: usize = 2_000;

/// Refused lines that a report names; the rest is counted.
const REPORTED_LINES: usize = 100;

/// The two files.
pub struct Files<'a> {
    /// When old periods were published.
    pub periods: &'a Path,
    /// Who comes.
    pub applicants: &'a Path,
}

/// One thing that keeps a line from being used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The file.
    pub file: String,
    /// The line, counted from 1 with the header.
    pub line: u64,
    /// The field.
    pub field: &'static str,
    /// What was expected and what was there. Never the value of a personal field.
    pub reason: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}:{}: {}: {}",
            self.file, self.line, self.field, self.reason
        )
    }
}

/// What an import did.
#[derive(Debug, Default)]
pub struct Report {
    /// Persons, each with one application, that were written.
    pub applicants: u64,
    /// Lines of the participation ledger that were written.
    pub participations: u64,
    /// Certificates that were written.
    pub certificates: u64,
    /// Bans that were written.
    pub bans: u64,
    /// Pairs of applications that give the same phone, and that were flagged for it.
    pub flags: u64,
    /// How many lines were refused.
    pub refused: u64,
    /// The first of the refused lines.
    pub refusals: Vec<Refusal>,
}

/// Imports both files.
///
/// `leaves_out_refused` loads the good lines of a file with bad ones; otherwise a report with
/// refusals has written nothing. `progress` hears how many lines are done.
pub async fn load(
    app: &App,
    _: &Operator,
    files: &Files<'_>,
    leaves_out_refused: bool,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Report> {
    let mut report = Report::default();
    let history = History::read(files.periods, &mut report)?;
    let refused = check(app, files.applicants, &history, &mut report, progress).await?;
    if 0 < report.refused && !leaves_out_refused {
        return Ok(report);
    }
    write(
        app,
        files.applicants,
        &history,
        &refused,
        &mut report,
        progress,
    )
    .await?;
    Ok(report)
}

/// How far an import is.
#[derive(Clone, Copy, Debug)]
pub enum Progress {
    /// This many lines are checked.
    Checked(u64),
    /// This many lines are written, not yet committed.
    Written(u64),
}

impl Report {
    fn refuse(&mut self, refusal: Refusal) {
        self.refused += 1;
        if self.refusals.len() < REPORTED_LINES {
            self.refusals.push(refusal);
        }
    }
}

/// Reads the file once; gives the lines that cannot be used.
async fn check(
    app: &App,
    path: &Path,
    history: &History,
    report: &mut Report,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<HashSet<u64>> {
    let mut refused = HashSet::new();
    let mut known = Known::default();
    let (mut reader, columns) = line::open(path)?;
    let mut waiting: Vec<Taking> = Vec::new();
    let mut checked = 0;
    loop {
        let next = line::next(&mut reader, path)?;
        if let Some((number, raw)) = &next {
            match Line::parse(app, history, columns, raw) {
                Err((field, reason)) => {
                    report.refuse(line::refusal(path, *number, field, reason));
                    refused.insert(*number);
                }
                Ok(line) => waiting.push(Taking {
                    line: *number,
                    person: app.data_key.blind_index(ID_NUMBER, &line.id_number),
                    code: line.code,
                    certificate: line.won.and_then(|won| won.number),
                }),
            }
            checked += 1;
        }
        if waiting.len() == PIECE_LINES || (next.is_none() && !waiting.is_empty()) {
            known
                .check(app, path, &waiting, &mut refused, report)
                .await?;
            waiting.clear();
            progress(Progress::Checked(checked));
        }
        if next.is_none() {
            return Ok(refused);
        }
    }
}

/// Reads the file again and writes it, in one transaction.
async fn write(
    app: &App,
    path: &Path,
    history: &History,
    refused: &HashSet<u64>,
    report: &mut Report,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<()> {
    let mut load = Load::begin(&app.db).await?;
    let mut rows = Rows::new(app, &load);
    let (mut reader, columns) = line::open(path)?;
    while let Some((number, raw)) = line::next(&mut reader, path)? {
        if refused.contains(&number) {
            continue;
        }
        let line = Line::parse(app, history, columns, &raw).map_err(|(field, _)| {
            Error::internal(anyhow::anyhow!(
                "line {number} changed while it was read ({field})"
            ))
        })?;
        rows.push(app, history, &line, report)?;
        if rows.lines() == PIECE_LINES {
            rows.write(&mut load).await?;
            progress(Progress::Written(report.applicants));
        }
    }
    rows.write(&mut load).await?;
    progress(Progress::Written(report.applicants));
    report.flags = rows.flag(app, &mut load).await?;
    rows.note(app, report, &mut load).await?;
    load.commit().await?;
    bulk::analyze(&app.db).await
}

/// How many people the city knows.
pub async fn count_applicants(app: &App) -> Result<u64> {
    store::applicants::count(&app.db, app.city).await
}
