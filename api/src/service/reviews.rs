//! Reviewing applications (资格审核): the queue, who works on what, the decisions, and the second
//! look (复核) that an applicant may ask for.

mod claims;
mod decision;
mod form;
mod queue;
mod second_look;
mod telling;

use sea_orm::ConnectionTrait;

use crate::{
    app::App,
    error::{Error, Result},
    store,
};

pub use claims::{Claimed, Released, claim, claim_next, release};
pub use decision::{Reviewed, Verdict, decide};
pub(super) use decision::{Ruling, record};
pub use form::{EarlierReview, FormUnderReview, Viewed, view_form};
pub use queue::{Filter, Waiting, count_waiting, list_queue, list_waiting};
pub use second_look::{Requested, request};
pub(super) use second_look::{last_day_after, last_day_of};

/// Longest note or statement, in characters.
const TEXT_MAX: usize = 2_000;

/// Refuses while an applicant of the period waits for a second look.
pub(super) async fn require_looked_at_again(
    app: &App,
    txn: &impl ConnectionTrait,
    period: &str,
) -> Result<()> {
    let waiting = store::applications::count_second_looks(txn, app.city, period).await?;
    if waiting == 0 {
        return Ok(());
    }
    Err(Error::invalid(
        "period",
        format!("{waiting} second looks of period {period} wait for a decision; decide them first"),
    ))
}

/// What somebody wrote, without the blanks around it.
pub(super) fn written<'a>(field: &'static str, text: &'a str) -> Result<&'a str> {
    let text = text.trim();
    let length = text.chars().count();
    if (1..=TEXT_MAX).contains(&length) {
        return Ok(text);
    }
    Err(Error::invalid(
        field,
        format!("expected 1 to {TEXT_MAX} characters, found {length}"),
    ))
}
