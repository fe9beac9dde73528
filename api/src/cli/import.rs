//! `fairplate import`.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::{Global, progress::Progress, start};
use crate::{
    domain::actor::Operator,
    error::Result,
    service::imports::{self, Files},
};

/// Take over applicants and their participation history from CSV files
#[derive(Debug, Args)]
#[command(
    after_help = "Example: fairplate import --periods periods.csv --applicants applicants.csv\n\n\
    A file with lines that cannot be used is refused whole (exit code 2), each such line named, unless \
    --leave-out-refused is given. An interrupted import has written nothing: run it again.\n\n\
    Certificates and bans of the old system come in further columns of the file of people; see \
    docs/guide/operator.md."
)]
pub(super) struct Import {
    /// When each old period's result was published; columns `period,published_on`
    #[arg(long, value_name = "FILE")]
    periods: PathBuf,
    /// One line a person; columns
    /// `id_number,name,phone,code,category,identity_type,licence_classes,submitted_on,tier_joined_on,periods`,
    /// and where certificates are taken over also
    /// `certificate_number,certificate_period,certificate_origin,certificate_issued_on,certificate_expires_on,certificate_state,certificate_ended_on,ban_begins_on,ban_ends_on`
    #[arg(long, value_name = "FILE")]
    applicants: PathBuf,
    /// Load the good lines of a file that has bad ones
    #[arg(long)]
    leave_out_refused: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

impl Import {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        let app = start::open(global).await?;
        let files = Files {
            periods: &self.periods,
            applicants: &self.applicants,
        };
        let report = load(&app, &files, self.leave_out_refused).await?;
        if self.json {
            let refusals: Vec<_> = report
                .refusals
                .iter()
                .map(|line| serde_json::json!({ "file": line.file, "line": line.line, "field": line.field, "reason": line.reason }))
                .collect();
            println!(
                "{}",
                serde_json::json!({
                    "applicants": report.applicants,
                    "participations": report.participations,
                    "certificates": report.certificates,
                    "bans": report.bans,
                    "flags": report.flags,
                    "refused": report.refused,
                    "refusals": refusals,
                })
            );
        } else {
            for refusal in &report.refusals {
                println!("{refusal}");
            }
            println!(
                "{} applicants and {} participations written; {} lines refused",
                report.applicants, report.participations, report.refused
            );
            if 0 < report.certificates {
                println!(
                    "{} certificates and {} bans taken over",
                    report.certificates, report.bans
                );
            }
            if 0 < report.flags {
                println!(
                    "{} pairs of applications give the same phone: see `duplicateFlags`",
                    report.flags
                );
            }
        }
        let is_whole = report.refused == 0 || self.leave_out_refused;
        Ok(if is_whole {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(2)
        })
    }
}

/// Imports with a bar.
pub(super) async fn load(
    app: &crate::App,
    files: &Files<'_>,
    leaves_out_refused: bool,
) -> Result<imports::Report> {
    let total = estimate_lines(files.applicants);
    let mut checking = Some(Progress::start("checking", total));
    let mut writing = None;
    let mut show = |progress| match progress {
        imports::Progress::Checked(done) => {
            if let Some(bar) = &mut checking {
                bar.at(done);
            }
        }
        imports::Progress::Written(done) => {
            checking = None;
            writing
                .get_or_insert_with(|| Progress::start("writing", total))
                .at(done);
        }
    };
    imports::load(app, &Operator, files, leaves_out_refused, &mut show).await
}

/// How many lines there are to do, roughly, for the bar alone: by the length of the first ones.
fn estimate_lines(path: &std::path::Path) -> u64 {
    use std::io::Read as _;

    const SAMPLE_BYTES: u64 = 1 << 16;
    let Ok(file) = std::fs::File::open(path) else {
        return 0;
    };
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    let mut sample = Vec::new();
    if file.take(SAMPLE_BYTES).read_to_end(&mut sample).is_err() {
        return 0;
    }
    let lines = sample.split(|byte| *byte == b'\n').count() as u64;
    lines * length / (sample.len() as u64).max(1)
}
