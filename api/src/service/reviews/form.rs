//! The form, for the eyes of whoever has to decide on it and for nobody else's.

use ::entity::{application, review};
use sea_orm::DatabaseTransaction;

use super::{claims::is_claimed_by, decision::note_place, second_look::statement_place};
use crate::{
    app::App,
    domain::actor::Reviewer,
    error::{Error, Result},
    service::{
        applications::{self, OpenForm},
        trail,
    },
    store,
};

/// Everything that a decision can rest on. It has no `Debug` on purpose.
pub struct FormUnderReview {
    /// The application.
    pub application: application::Model,
    /// What the applicant wrote.
    pub form: OpenForm,
    /// Why they asked for a second look, where they did.
    pub statement: Option<String>,
    /// What was decided before, oldest first.
    pub reviews: Vec<EarlierReview>,
}

/// A decision with the note that was left for colleagues. It has no `Debug` on purpose.
pub struct EarlierReview {
    /// The decision.
    pub row: review::Model,
    /// The note.
    pub note: Option<String>,
}

/// What became of the wish to see a form.
pub enum Viewed {
    /// Here it is; that it was seen stands in the audit trail.
    Form(Box<FormUnderReview>),
    /// The application is not claimed by this reviewer, or not any more.
    NotClaimed,
}

/// Opens the form of an application that the reviewer has claimed.
pub async fn view_form(app: &App, reviewer: &Reviewer, code: &str) -> Result<Viewed> {
    let txn = store::begin(&app.db).await?;
    let row = store::applications::lock_by_code(&txn, app.city, code).await?;
    if !is_claimed_by(app, &txn, reviewer, &row).await? {
        return Ok(Viewed::NotClaimed);
    }
    let form = open(app, &txn, row).await?;
    let (actor, detail) = (reviewer.actor(), serde_json::json!({}));
    trail::note(app, &txn, actor, "application.form_viewed", code, detail).await?;
    // Before anybody sees it: a look that is not in the trail did not happen.
    txn.commit().await?;
    Ok(Viewed::Form(Box::new(form)))
}

async fn open(
    app: &App,
    txn: &DatabaseTransaction,
    row: application::Model,
) -> Result<FormUnderReview> {
    let statement = match store::second_looks::find(txn, &row).await? {
        Some(request) => Some(text(
            app,
            &statement_place(app, request.id),
            &request.statement,
        )?),
        None => None,
    };
    let mut reviews = Vec::new();
    for review in store::reviews::list(txn, app.city, row.id).await? {
        let note = match &review.note {
            Some(sealed) => Some(text(app, &note_place(app, review.id), sealed)?),
            None => None,
        };
        reviews.push(EarlierReview { row: review, note });
    }
    Ok(FormUnderReview {
        form: applications::open_form(app, &row).await?,
        application: row,
        statement,
        reviews,
    })
}

fn text(app: &App, place: &str, sealed: &[u8]) -> Result<String> {
    let plain = app
        .data_key
        .unseal(place, sealed)
        .map_err(Error::internal)?;
    String::from_utf8(plain.to_vec())
        .map_err(|_| Error::internal(anyhow::anyhow!("what is sealed at {place} is no text")))
}
