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
//! Both are read twice: once to check every line, once to load. A file with a line that cannot be
//! used is refused whole, unless the operator asks to leave those lines out; nothing is ever
//! half-written, because all of it is one transaction.

mod history;
mod line;
mod rows;

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
    let mut reader = line::open(path)?;
    let mut waiting: Vec<(u64, [u8; 32], String)> = Vec::new();
    let mut checked = 0;
    loop {
        let next = line::next(&mut reader, path)?;
        if let Some((number, raw)) = &next {
            match Line::parse(&app.policy, history, raw) {
                Err((field, reason)) => {
                    report.refuse(line::refusal(path, *number, field, reason));
                    refused.insert(*number);
                }
                Ok(line) => {
                    let index = app.data_key.blind_index(ID_NUMBER, &line.id_number);
                    waiting.push((*number, index, line.code));
                }
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

/// Who and what is taken already, in the file or in the city. Halves of digests are enough to
/// tell millions apart.
#[derive(Default)]
struct Known {
    persons: HashSet<[u8; 16]>,
    codes: HashSet<u64>,
}

impl Known {
    async fn check(
        &mut self,
        app: &App,
        path: &Path,
        lines: &[(u64, [u8; 32], String)],
        refused: &mut HashSet<u64>,
        report: &mut Report,
    ) -> Result<()> {
        let indexes: Vec<_> = lines.iter().map(|(_, index, _)| index.to_vec()).collect();
        let codes: Vec<_> = lines.iter().map(|(_, _, code)| code.clone()).collect();
        let there = store::applicants::list_known(&app.db, app.city, indexes).await?;
        let there: HashSet<Vec<u8>> = there.into_iter().collect();
        let taken = store::applications::list_taken_codes(&app.db, app.city, codes).await?;
        let taken: HashSet<String> = taken.into_iter().collect();
        for (number, index, code) in lines {
            let mut half = [0; 16];
            half.copy_from_slice(&index[..16]);
            let is_new_person = self.persons.insert(half);
            let is_new_code = code.parse().is_ok_and(|code: u64| self.codes.insert(code));
            let (field, reason) = if there.contains(&index[..]) {
                (
                    "id_number",
                    "this person is known to the city already; leave the line out",
                )
            } else if !is_new_person {
                (
                    "id_number",
                    "an earlier line has the same number; one line a person",
                )
            } else if taken.contains(code) {
                ("code", "the city has an application with this code already")
            } else if !is_new_code {
                (
                    "code",
                    "an earlier line has the same code; a code is one application's",
                )
            } else {
                continue;
            };
            report.refuse(line::refusal(path, *number, field, reason.to_owned()));
            refused.insert(*number);
        }
        Ok(())
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
    let mut reader = line::open(path)?;
    while let Some((number, raw)) = line::next(&mut reader, path)? {
        if refused.contains(&number) {
            continue;
        }
        let line = Line::parse(&app.policy, history, &raw).map_err(|(field, _)| {
            Error::internal(anyhow::anyhow!(
                "line {number} changed while it was read ({field})"
            ))
        })?;
        report.participations += rows.push(app, history, &line)?;
        report.applicants += 1;
        if rows.lines() == PIECE_LINES {
            rows.write(&mut load).await?;
            progress(Progress::Written(report.applicants));
        }
    }
    rows.write(&mut load).await?;
    progress(Progress::Written(report.applicants));
    rows.note(app, report, &mut load).await?;
    load.commit().await?;
    bulk::analyze(&app.db).await
}

/// How many people the city knows.
pub async fn count_applicants(app: &App) -> Result<u64> {
    store::applicants::count(&app.db, app.city).await
}
