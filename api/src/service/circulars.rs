//! Messages to everybody in a period or in a draw: one row for all of them, made into each person's own
//! message afterwards, a piece at a time.
//!
//! The row is written in the transaction of the change that it tells of; of a result it is written
//! once the result is public, which is after the transaction that drew it.

use ::entity::{ApplicantId, ApplicationId, application, circular, period_move::Milestone};
use chrono::{Days, NaiveDate};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    domain::{
        actor::Worker,
        message::{MovedDay, Purpose},
        moving::Moved,
    },
    error::{Error, Result},
    ids,
    service::{
        messages::{self, Post, Recipient},
        periods::LIVE,
        reviews,
    },
    store,
};

/// Applications that one transaction writes messages to.
const PIECE_ROWS: u64 = 500;

/// What everybody in a period is told; for each of them it becomes a message of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "content", rename_all = "snake_case")]
pub(super) enum Content {
    /// The review results are public.
    ReviewPublished,
    /// The result of a draw is public.
    ResultPublished {
        /// The draw.
        draw: String,
    },
    /// A day of the period was moved.
    Moved {
        /// Which day.
        day: MovedDay,
        /// Where it was.
        from: NaiveDate,
        /// Where it is now.
        to: NaiveDate,
    },
}

impl Content {
    /// What applicants are told of a moved day; nothing of one that is the city's own affair.
    pub(super) fn of_move(moved: Moved) -> Option<Self> {
        let day = match moved.milestone {
            Milestone::AppliesUntil => MovedDay::ApplicationsEnd,
            Milestone::ReviewPublish => MovedDay::ReviewPublication,
            Milestone::Draw => MovedDay::Draw,
            Milestone::AppliesFrom | Milestone::Representatives => return None,
        };
        Some(Self::Moved {
            day,
            from: moved.from,
            to: moved.to,
        })
    }

    /// The next of those whom it concerns, each with their own message.
    async fn list_addressees(
        &self,
        app: &App,
        txn: &impl ConnectionTrait,
        row: &circular::Model,
    ) -> Result<Vec<Addressee>> {
        match self {
            Self::ReviewPublished => {
                let statuses = [application::Status::Valid, application::Status::Refused];
                let purpose = |told: &application::Model| Purpose::ReviewPublished {
                    code: told.code.clone(),
                    approved: told.status == application::Status::Valid,
                    second_look_until: (told.status == application::Status::Refused)
                        .then(|| reviews::last_day_after(app, row.created_at)),
                };
                list_in_period(txn, row, &statuses, purpose).await
            }
            Self::Moved { day, from, to } => {
                let purpose = |told: &application::Model| Purpose::PeriodMoved {
                    period: told.period_number.clone(),
                    day: *day,
                    from: *from,
                    to: *to,
                };
                list_in_period(txn, row, &LIVE, purpose).await
            }
            Self::ResultPublished { draw } => list_drawn(app, txn, row, draw).await,
        }
    }
}

/// One of those who are told.
struct Addressee {
    id: ApplicationId,
    applicant: ApplicantId,
    code: String,
    purpose: Purpose,
}

/// The next of those in a period whose applications stand so.
async fn list_in_period(
    txn: &impl ConnectionTrait,
    row: &circular::Model,
    statuses: &[application::Status],
    purpose: impl Fn(&application::Model) -> Purpose,
) -> Result<Vec<Addressee>> {
    let rows = store::circulars::list_recipients(txn, row, statuses, PIECE_ROWS).await?;
    Ok(rows
        .into_iter()
        .map(|application| Addressee {
            purpose: purpose(&application),
            id: application.id,
            applicant: application.applicant_id,
            code: application.code,
        })
        .collect())
}

/// The next of those who were in the pools of a draw, with what became of their codes.
async fn list_drawn(
    app: &App,
    txn: &impl ConnectionTrait,
    row: &circular::Model,
    draw: &str,
) -> Result<Vec<Addressee>> {
    let rows = store::circulars::list_drawn(txn, app.city, draw, row.sent_through, PIECE_ROWS);
    Ok(rows
        .await?
        .into_iter()
        .map(|drawn| Addressee {
            id: drawn.id,
            applicant: drawn.applicant,
            purpose: Purpose::ResultPublished {
                period: row.period_number.clone(),
                code: drawn.code.clone(),
                won: drawn.won,
            },
            code: drawn.code,
        })
        .collect())
}

/// Leaves a message to everybody in a period, in the transaction of what it tells of.
pub(super) async fn write(
    app: &App,
    txn: &impl ConnectionTrait,
    number: &str,
    content: &Content,
) -> Result<()> {
    let now = app.clock.now();
    let row = circular::Model {
        city_id: app.city,
        id: ids::uuid_v7(now),
        period_number: number.to_owned(),
        content: serde_json::to_string(content).map_err(Error::internal)?,
        created_at: now,
        sent_through: None,
        done_at: None,
    };
    store::circulars::insert(txn, row).await
}

/// What a pass over the circulars has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// How many people's messages were written.
    pub count: u64,
    /// Whether there is more.
    pub has_more: bool,
}

/// Writes the next piece of messages of the oldest circular.
pub async fn send(app: &App, _: &Worker) -> Result<Sent> {
    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    let Some(row) = store::circulars::find_open(&txn, app.city).await? else {
        return Ok(Sent {
            count: 0,
            has_more: false,
        });
    };
    let content: Content = serde_json::from_str(&row.content).map_err(Error::internal)?;
    let recipients = content.list_addressees(app, &txn, &row).await?;
    let occasions: Vec<_> = recipients
        .iter()
        .map(|recipient| format!("{}/{}", row.id, recipient.id))
        .collect();
    let posts = recipients.iter().zip(&occasions).map(|(one, occasion)| {
        let to = Recipient::Applicant(one.applicant);
        Post::new(to, one.purpose.clone(), &one.code, occasion)
    });
    messages::post_all(app, &txn, posts.collect()).await?;
    let count = recipients.len() as u64;
    let done_at = (count < PIECE_ROWS).then(|| app.clock.now());
    let through = recipients.last().map(|recipient| recipient.id);
    store::circulars::advance(&txn, &row, through, done_at).await?;
    txn.commit().await?;
    Ok(Sent {
        count,
        has_more: true,
    })
}

/// How long a result that is public is still news.
const NEWS: Days = Days::new(14);

/// Leaves a message to everybody in the pools of each draw whose result has become public, once a
/// draw. Gives how many draws that were.
pub async fn announce_results(app: &App, _: &Worker) -> Result<u64> {
    let since = app.today() - NEWS;
    let mut announced = 0;
    for draw in store::circulars::list_results_since(&app.db, app.city, since).await? {
        // Before its result is among the public files, nobody is told of it.
        if !app.layout.draw(&draw.id).join("result.note").exists() {
            continue;
        }
        let content = Content::ResultPublished {
            draw: draw.id.clone(),
        };
        let text = serde_json::to_string(&content).map_err(Error::internal)?;
        let txn = store::begin(&app.db).await?;
        store::cities::lock(&txn, app.city).await?;
        if !store::circulars::exists(&txn, app.city, &draw.period_number, &text).await? {
            write(app, &txn, &draw.period_number, &content).await?;
            announced += 1;
        }
        txn.commit().await?;
    }
    Ok(announced)
}
