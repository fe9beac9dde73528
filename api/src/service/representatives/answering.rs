//! What somebody answers to an invitation.

use ::entity::representative;

use super::{
    calling::{Turn, call},
    now, own,
};
use crate::{
    app::App,
    domain::{actor::Applicant, representative::state_at},
    error::Result,
    service::{
        once::{Again, keep},
        trail,
    },
    store::{self, representatives::Times},
};

/// What somebody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They will come.
    Accept,
    /// They will not.
    Decline,
}

/// What became of an answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Answered {
    /// It is recorded. Answering the same again gives this again.
    Recorded(representative::Model),
    /// The other answer was given before, and stays.
    Before(representative::Model),
    /// The invitation had run out.
    TooLate(representative::Model),
}

impl Again for Answered {
    async fn again(app: &App, subject: &str) -> Result<Self> {
        let row = representative::Model::again(app, subject).await?;
        Ok(Self::Recorded(row))
    }
}

/// Answers an invitation, once. Where somebody declines, the next reserve is called at once.
///
/// # Errors
///
/// [`Error::NotFound`](crate::Error::NotFound) for an invitation that is not the applicant's own.
pub async fn respond(
    app: &App,
    applicant: &Applicant,
    id: &str,
    answer: Answer,
) -> Result<Answered> {
    let now = now(app);
    let txn = store::begin(&app.db).await?;
    store::cities::lock(&txn, app.city).await?;
    let row = own(&txn, app, applicant, id).await?;
    let to = match answer {
        Answer::Accept => representative::State::Accepted,
        Answer::Decline => representative::State::Declined,
    };
    match state_at(&row, now) {
        representative::State::Invited => {}
        representative::State::Expired => return Ok(Answered::TooLate(row)),
        state if first_answer(state) == answer => return Ok(Answered::Recorded(row)),
        _ => return Ok(Answered::Before(row)),
    }
    let times = Times {
        invited: None,
        answered_at: Some(now),
    };
    let answered = store::representatives::advance(&txn, &row, to, times).await?;
    let action = match answer {
        Answer::Accept => "representatives.accept",
        Answer::Decline => "representatives.decline",
    };
    let detail = serde_json::json!({});
    trail::note(app, &txn, applicant.actor(), action, id, detail).await?;
    if answer == Answer::Decline {
        call(app, &txn, &row.period_number, Turn::Reserves).await?;
    }
    keep(app, &txn, id).await?;
    txn.commit().await?;
    Ok(Answered::Recorded(answered))
}

/// What somebody must have answered to stand where they do.
fn first_answer(state: representative::State) -> Answer {
    if state == representative::State::Declined {
        Answer::Decline
    } else {
        Answer::Accept
    }
}
