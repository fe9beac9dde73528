//! `fairplate period`.

use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::{Global, start};
use crate::{
    domain::{actor::Officer, phase::period_phase_name},
    error::Result,
    service::periods::{self, Opening, Quota},
};

/// Open a period and lead it to the freeze
#[derive(Debug, Args)]
pub(super) struct Period {
    /// The officer in whose name it is done
    #[arg(long, global = true, default_value = "operator")]
    officer: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open a period
    #[command(
        after_help = "Example: fairplate period open 202607 --from 2026-07-01 --until 2026-07-08 --review 2026-07-23 --draw 2026-07-27 --quota individual=1500+150"
    )]
    Open {
        /// Its number, for example 202607 or 2026J2
        number: String,
        /// First day on which applications are taken
        #[arg(long)]
        from: NaiveDate,
        /// Last day on which applications are taken
        #[arg(long)]
        until: NaiveDate,
        /// Day on which review results are published
        #[arg(long)]
        review: NaiveDate,
        /// Day of the draw
        #[arg(long)]
        draw: NaiveDate,
        /// What may be allocated: category=quota+reserve; once a category
        #[arg(long, required = true, value_parser = parse_quota)]
        quota: Vec<(String, u32, u32)>,
        /// How many of a category's quota come from the carry-over: category=count
        #[arg(long, value_parser = parse_carried)]
        carried_over: Vec<(String, u32)>,
    },
    /// End the taking of applications
    #[command(after_help = "Example: fairplate period close 202607 --officer li")]
    Close {
        /// The period
        number: String,
    },
    /// Publish the review results
    #[command(after_help = "Example: fairplate period publish-review 202607 --officer li")]
    PublishReview {
        /// The period
        number: String,
    },
}

fn parse_quota(text: &str) -> Result<(String, u32, u32), String> {
    let wanted = || "expected category=quota+reserve, for example individual=1500+150".to_owned();
    let (category, counts) = text.split_once('=').ok_or_else(wanted)?;
    let (quota, reserve) = counts.split_once('+').unwrap_or((counts, "0"));
    Ok((
        category.to_owned(),
        quota.parse().map_err(|_| wanted())?,
        reserve.parse().map_err(|_| wanted())?,
    ))
}

fn parse_carried(text: &str) -> Result<(String, u32), String> {
    let wanted = || "expected category=count, for example individual=120".to_owned();
    let (category, count) = text.split_once('=').ok_or_else(wanted)?;
    Ok((category.to_owned(), count.parse().map_err(|_| wanted())?))
}

impl Period {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode> {
        let app = start::open(global).await?;
        let officer = Officer::new(&self.officer);
        let row = match &self.command {
            Command::Open {
                number,
                from,
                until,
                review,
                draw,
                quota,
                carried_over,
            } => {
                let quotas = quota.iter().map(|(category, quota, reserve)| Quota {
                    category: category.clone(),
                    quota: *quota,
                    reserve: *reserve,
                    carried_over: carried_over
                        .iter()
                        .filter(|(of, _)| of == category)
                        .map(|(_, count)| count)
                        .sum(),
                });
                let opening = Opening {
                    number: number.clone(),
                    applies_from: *from,
                    applies_until: *until,
                    review_publish_on: *review,
                    draw_on: *draw,
                    quotas: quotas.collect(),
                };
                periods::open(&app, &officer, opening).await?
            }
            Command::Close { number } => periods::close(&app, &officer, number).await?,
            Command::PublishReview { number } => {
                periods::publish_review(&app, &officer, number).await?
            }
        };
        println!("period {} is {}", row.number, period_phase_name(row.phase));
        Ok(ExitCode::SUCCESS)
    }
}
