//! The confirmation of a draft by a code to the account's phone (短信确认).

use ::entity::{ApplicationId, DraftId, application_draft, one_time_code::Purpose as Use};
use chrono::{DateTime, Utc};
use sea_orm::DatabaseTransaction;
use verifier::text::Digest;

use super::{Shown, note, open, own, own_open, place, show, step};
use crate::{
    app::App,
    domain::{
        actor::AccountHolder,
        draft::{DraftForm, Step},
        masking,
        one_time_code::Asker,
    },
    error::{Error, Result},
    service::{
        accounts,
        applications::{self, Form, Submitted},
        once::{Again, keep},
        one_time_codes::{self, Asking, Request, Right, Typed, try_code},
    },
    store,
};

/// Purpose of the fingerprint of what is confirmed.
const CONTENT: &str = "draft content";

/// What became of asking for the code that confirms a draft.
#[derive(Debug)]
pub enum Asked {
    /// It is on its way to the account's phone.
    Sent {
        /// The code.
        request: Request,
        /// The phone, its middle hidden.
        masked_phone: String,
        /// The draft.
        draft: Box<Shown>,
    },
    /// Something is missing, or the rules do not admit it; no code was sent.
    Incomplete(Box<Shown>),
    /// A code may be asked for from this moment on.
    Wait(DateTime<Utc>),
}

/// Asks for the code that confirms exactly what is filled in now.
pub async fn request_confirmation(app: &App, holder: &AccountHolder, id: DraftId) -> Result<Asked> {
    let txn = store::begin(&app.db).await?;
    let row = own_open(app, &txn, holder, id).await?;
    let shown = show(app, &txn, row.clone()).await?;
    if shown.step == Step::Instructions || !shown.missing.is_empty() || !shown.violations.is_empty()
    {
        return Ok(Asked::Incomplete(Box::new(shown)));
    }
    let account = accounts::own(app, &txn, holder).await?;
    let phone = accounts::unseal(app, &account)?.phone.clone();
    let asking = Asking {
        phone: &phone,
        purpose: Use::ConfirmApplication,
        asker: Asker::Holder,
        confirms: &content(app, &row)?,
    };
    let request = match one_time_codes::ask(app, &txn, &asking).await? {
        one_time_codes::Asked::Sent(request) => request,
        one_time_codes::Asked::Wait(until) => return Ok(Asked::Wait(until)),
    };
    let changed = application_draft::Model {
        confirmation_id: Some(request.id),
        updated_at: app.clock.now(),
        ..row
    };
    let row = store::drafts::update(&txn, changed).await?;
    note(app, &txn, holder, &row, "drafts.request_confirmation").await?;
    txn.commit().await?;
    Ok(Asked::Sent {
        request,
        masked_phone: masking::phone(&phone),
        draft: Box::new(show(app, &app.db, row).await?),
    })
}

/// What became of confirming a draft.
#[derive(Debug)]
pub enum Confirmed {
    /// It was submitted, and this came of it. A draft that was submitted before gives its
    /// application again.
    Submitted(Submitted),
    /// The code is wrong, used up, over, or was sent for other content.
    CodeRefused,
}

impl Again for Confirmed {
    async fn again(app: &App, subject: &str) -> Result<Self> {
        let row = applications::get(app, applications::parse_kept(subject)?).await?;
        Ok(Self::Submitted(Submitted::Accepted(Box::new(row))))
    }
}

/// Confirms a draft with the code that was sent for exactly this content, and submits it.
pub async fn confirm(
    app: &App,
    holder: &AccountHolder,
    id: DraftId,
    typed: Typed<'_>,
) -> Result<Confirmed> {
    if let Some(before) = find_submitted(app, holder, id).await? {
        return Ok(before);
    }
    let confirmed = submit(app, holder, id, typed).await;
    let is_in = matches!(
        confirmed,
        Ok(Confirmed::Submitted(Submitted::Accepted(_))) | Err(Error::Internal(_))
    );
    if is_in {
        return confirmed;
    }
    // The same button pressed twice: the other press may have been faster.
    match find_submitted(app, holder, id).await? {
        Some(before) => Ok(before),
        None => confirmed,
    }
}

/// What came of a draft that was submitted before.
async fn find_submitted(
    app: &App,
    holder: &AccountHolder,
    id: DraftId,
) -> Result<Option<Confirmed>> {
    let row = own(app, &app.db, holder, id).await?;
    let Some(application) = row.application_id else {
        return Ok(None);
    };
    let row = applications::get(app, application).await?;
    Ok(Some(Confirmed::Submitted(Submitted::Accepted(Box::new(
        row,
    )))))
}

async fn submit(
    app: &App,
    holder: &AccountHolder,
    id: DraftId,
    typed: Typed<'_>,
) -> Result<Confirmed> {
    let row = own(app, &app.db, holder, id).await?;
    let is_asked = row.confirmation_id == Some(typed.request);
    if !is_asked || step(app, &row) != Step::SmsConfirm {
        return Ok(Confirmed::CodeRefused);
    }
    let content = content(app, &row)?;
    let right = try_code(app, Use::ConfirmApplication, typed, |_| content).await?;
    let account = accounts::own(app, &app.db, holder).await?;
    let right = right.filter(|right| right.phone_index == account.phone_index);
    let Some(right) = right else {
        return Ok(Confirmed::CodeRefused);
    };
    let form = Form::from_draft(&row.category, &row.identity_type, &open(app, &row)?);
    let confirming = Confirming { row, right };
    let submitted = applications::submit_confirmed(app, holder, &form, Some(&confirming)).await?;
    Ok(Confirmed::Submitted(submitted))
}

/// A draft, and the code that was right for it.
pub(in crate::service) struct Confirming {
    row: application_draft::Model,
    right: Right,
}

impl Confirming {
    /// Uses the code up and notes what came of the draft, in the transaction of the submission.
    pub(in crate::service) async fn finish(
        &self,
        app: &App,
        txn: &DatabaseTransaction,
        application: ApplicationId,
    ) -> Result<()> {
        if !self.right.spend(app, txn).await? {
            return Err(Error::Conflict {
                what: "the draft".to_owned(),
            });
        }
        // The form is with the application from now on.
        let empty = app.seal(&place(app, self.row.id), &DraftForm::default())?;
        let now = app.clock.now();
        store::drafts::finish(txn, &self.row, application, empty, now).await?;
        keep(app, txn, application).await
    }
}

/// What a code confirms: the draft, with exactly this content. Keyed, since it comes from personal
/// data.
fn content(app: &App, row: &application_draft::Model) -> Result<String> {
    let form = serde_json::to_string(&open(app, row)?).map_err(Error::internal)?;
    let instructions = row.instructions_digest.clone().unwrap_or_default();
    let whole = format!(
        "{} {} {} {instructions:?} {form}",
        row.id, row.category, row.identity_type
    );
    let fingerprint = app.data_key.blind_index(CONTENT, &whole);
    Ok(format!("{} {}", row.id, Digest(fingerprint)))
}
