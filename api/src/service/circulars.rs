//! Messages to everybody in a period: one row in the transaction of the change that they tell of,
//! made into each person's own message afterwards, a piece at a time.

use ::entity::{application, circular, period_move::Milestone};
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
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

    /// Whom it concerns.
    fn statuses(&self) -> &'static [application::Status] {
        match self {
            Self::ReviewPublished => &[application::Status::Valid, application::Status::Refused],
            Self::Moved { .. } => &LIVE,
        }
    }

    /// The message to one of them.
    fn purpose(&self, app: &App, circular: &circular::Model, row: &application::Model) -> Purpose {
        match self {
            Self::ReviewPublished => {
                let approved = row.status == application::Status::Valid;
                Purpose::ReviewPublished {
                    code: row.code.clone(),
                    approved,
                    second_look_until: (!approved)
                        .then(|| reviews::last_day_after(app, circular.created_at)),
                }
            }
            Self::Moved { day, from, to } => Purpose::PeriodMoved {
                period: row.period_number.clone(),
                day: *day,
                from: *from,
                to: *to,
            },
        }
    }
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
    let statuses = content.statuses();
    let recipients = store::circulars::list_recipients(&txn, &row, statuses, PIECE_ROWS).await?;
    for recipient in &recipients {
        tell(app, &txn, &row, &content, recipient).await?;
    }
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

async fn tell(
    app: &App,
    txn: &DatabaseTransaction,
    row: &circular::Model,
    content: &Content,
    recipient: &application::Model,
) -> Result<()> {
    let occasion = format!("{}/{}", row.id, recipient.id);
    let to = Recipient::Applicant(recipient.applicant_id);
    let post = Post::new(
        to,
        content.purpose(app, row, recipient),
        &recipient.code,
        &occasion,
    );
    messages::post(app, txn, post).await.map(|_| ())
}
