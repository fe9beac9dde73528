//! `fairplate period`.

use std::process::ExitCode;

use ::entity::period;
use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::{Global, start};
use crate::{
    domain::{actor::Officer, moving::NewDays, phase::period_phase_name},
    error::Result,
    service::{
        duties,
        periods::{self, Opening, Quota},
    },
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
    /// Make the regular periods of a year from the city's rules
    #[command(after_help = "Example: fairplate period plan 2026 --officer li")]
    Plan {
        /// The year
        year: u16,
    },
    /// Set what a planned period may allocate
    #[command(
        after_help = "Example: fairplate period set-quota 202607 individual=1500+150 --officer li"
    )]
    SetQuota {
        /// The period
        number: String,
        /// What may be allocated: category=quota+reserve
        #[arg(value_parser = parse_quota)]
        quota: (String, u32, u32),
        /// How many of it come from the carry-over
        #[arg(long, default_value_t = 0)]
        carried_over: u32,
    },
    /// Move days of a period, for a reason that everybody can read
    #[command(
        after_help = "Example: fairplate period move 202607 --draw 2026-07-28 --reason \"the hall is closed\" --officer li"
    )]
    Move {
        /// The period
        number: String,
        /// Last day on which applications are taken
        #[arg(long)]
        until: Option<NaiveDate>,
        /// Day on which review results are published
        #[arg(long)]
        review: Option<NaiveDate>,
        /// Day on which applicant representatives are drawn
        #[arg(long)]
        representatives: Option<NaiveDate>,
        /// Day of the draw
        #[arg(long)]
        draw: Option<NaiveDate>,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Say what waits for a person
    #[command(after_help = "Example: fairplate period todo --lang en")]
    Todo,
    /// Open a period that nobody has planned
    #[command(
        after_help = "Example: fairplate period open 202607 --from 2026-07-01 --until 2026-07-08 --review 2026-07-23 --draw 2026-07-27 --quota individual=1500+150"
    )]
    Open(OpenPeriod),
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

#[derive(Debug, Args)]
struct OpenPeriod {
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
    /// Day on which applicant representatives are drawn; the policy's where it is not given
    #[arg(long)]
    representatives: Option<NaiveDate>,
    /// Day of the draw, a working day
    #[arg(long)]
    draw: NaiveDate,
    /// What may be allocated: category=quota+reserve; once a category
    #[arg(long, required = true, value_parser = parse_quota)]
    quota: Vec<(String, u32, u32)>,
    /// How many of a category's quota come from the carry-over: category=count
    #[arg(long, value_parser = parse_carried)]
    carried_over: Vec<(String, u32)>,
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
        match &self.command {
            Command::Plan { year } => {
                for row in periods::plan_year(&app, &officer, *year).await? {
                    show(&row);
                }
            }
            Command::SetQuota {
                number,
                quota,
                carried_over,
            } => {
                let quota = quota_of(quota, *carried_over);
                show(&periods::set_quota(&app, &officer, number, quota).await?);
            }
            Command::Move {
                number,
                until,
                review,
                representatives,
                draw,
                reason,
            } => {
                let days = NewDays {
                    applies_until: *until,
                    review_publish_on: *review,
                    representatives_on: *representatives,
                    draw_on: *draw,
                };
                show(&periods::move_dates(&app, &officer, number, days, reason).await?);
            }
            Command::Todo => {
                for duty in duties::list(&app, &officer).await? {
                    let mark = if duty.is_overdue(app.clock.now()) {
                        "!"
                    } else {
                        " "
                    };
                    println!("{mark} {}  {}", duty.due_on, duty.text(global.lang));
                }
            }
            Command::Close { number } => {
                show(&periods::close(&app, &officer, number).await?);
            }
            Command::PublishReview { number } => {
                show(&periods::publish_review(&app, &officer, number).await?);
            }
            Command::Open(open) => {
                show(&periods::open(&app, &officer, open.opening()).await?);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl OpenPeriod {
    fn opening(&self) -> Opening {
        Opening {
            number: self.number.clone(),
            applies_from: self.from,
            applies_until: self.until,
            review_publish_on: self.review,
            representatives_on: self.representatives,
            draw_on: self.draw,
            quotas: self
                .quota
                .iter()
                .map(|quota| quota_of(quota, self.carried_over_of(&quota.0)))
                .collect(),
        }
    }

    fn carried_over_of(&self, category: &str) -> u32 {
        let of = self.carried_over.iter().filter(|(of, _)| of == category);
        of.map(|(_, count)| count).sum()
    }
}

fn quota_of((category, quota, reserve): &(String, u32, u32), carried_over: u32) -> Quota {
    Quota {
        category: category.clone(),
        quota: *quota,
        reserve: *reserve,
        carried_over,
    }
}

fn show(row: &period::Model) {
    println!("period {} is {}", row.number, period_phase_name(row.phase));
}
