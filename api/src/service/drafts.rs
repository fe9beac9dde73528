//! Applying, step by step: read the instructions, fill in the form, confirm it with a code to the
//! phone, done. A draft can be left and gone on with, on another device too.

mod confirmation;

use ::entity::{ApplicationId, DraftId, application_draft};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::{
    app::App,
    domain::{
        PeriodKind, Violation,
        actor::AccountHolder,
        draft::{DraftForm, FieldKey, Step},
    },
    error::{Error, Result},
    ids,
    service::{
        accounts,
        applications::{self, Form},
        certificates::{self, Bars},
        trail,
    },
    store::{self, drafts::Inserted},
};

pub(in crate::service) use confirmation::Confirming;
pub use confirmation::{Asked, Confirmed, confirm, request_confirmation};

/// How long a draft that nobody changes is kept.
pub(super) const KEPT: TimeDelta = TimeDelta::days(90);

/// A draft as its account sees it.
#[derive(Debug)]
pub struct Shown {
    /// The draft.
    pub id: DraftId,
    /// The category applied for.
    pub category: String,
    /// The identity type, a key of the policy.
    pub identity_type: String,
    /// Where it stands.
    pub step: Step,
    /// The form so far; empty once it is an application.
    pub form: DraftForm,
    /// Required fields that are not filled in.
    pub missing: Vec<FieldKey>,
    /// Requirements that what is filled in does not meet.
    pub violations: Vec<Violation>,
    /// When the instructions were acknowledged, as they are now.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Until when it is kept, unless it is changed.
    pub kept_until: DateTime<Utc>,
    /// The application that came of it.
    pub application: Option<ApplicationId>,
}

/// What became of starting an application.
#[derive(Debug)]
pub enum Started {
    /// Here is the draft: a new one, or the one that was left.
    Draft(Box<Shown>),
    /// The person has a live application in this category.
    AlreadyApplied,
}

/// Starts an application, or goes on with the one that was left. Another identity type than before
/// begins with its own instructions; what is filled in stays.
pub async fn start(
    app: &App,
    holder: &AccountHolder,
    category: &str,
    identity_type: &str,
) -> Result<Started> {
    check_choice(app, category, identity_type)?;
    let txn = store::begin(&app.db).await?;
    let account = accounts::own(app, &txn, holder).await?;
    if let Some(person) = account.applicant_id
        && applications::has_live_as_known(app, &txn, person, category).await?
    {
        return Ok(Started::AlreadyApplied);
    }
    let open = store::drafts::find_open(&txn, app.city, holder.id(), category).await?;
    let row = match open {
        Some(row) if row.identity_type == identity_type => {
            return Ok(Started::Draft(Box::new(show(app, &txn, row).await?)));
        }
        Some(row) => {
            let changed = application_draft::Model {
                identity_type: identity_type.to_owned(),
                instructions_digest: None,
                acknowledged_at: None,
                confirmation_id: None,
                updated_at: app.clock.now(),
                ..row
            };
            store::drafts::update(&txn, changed).await?
        }
        None => insert(app, &txn, holder, category, identity_type).await?,
    };
    note(app, &txn, holder, &row, "drafts.start").await?;
    txn.commit().await?;
    Ok(Started::Draft(Box::new(show(app, &app.db, row).await?)))
}

fn check_choice(app: &App, category: &str, identity_type: &str) -> Result<()> {
    let policy = &app.policy;
    if policy.find_category(category, PeriodKind::Normal).is_none() {
        let reason = format!("{} knows no category {category}", policy.key);
        return Err(Error::invalid("category", reason));
    }
    if policy.find_identity_type(identity_type).is_none() {
        let reason = format!("{} knows no identity type {identity_type}", policy.key);
        return Err(Error::invalid("identityType", reason));
    }
    Ok(())
}

async fn insert(
    app: &App,
    txn: &DatabaseTransaction,
    holder: &AccountHolder,
    category: &str,
    identity_type: &str,
) -> Result<application_draft::Model> {
    let now = app.clock.now();
    let id = DraftId(ids::uuid_v7(now));
    let row = application_draft::Model {
        city_id: app.city,
        id,
        account_id: holder.id(),
        category: category.to_owned(),
        identity_type: identity_type.to_owned(),
        instructions_digest: None,
        acknowledged_at: None,
        sealed: app.seal(&place(app, id), &DraftForm::default())?,
        confirmation_id: None,
        application_id: None,
        epoch: 0,
        created_at: now,
        updated_at: now,
    };
    match store::drafts::insert(txn, row.clone()).await? {
        Inserted::Written => Ok(row),
        Inserted::OpenOneExists => Err(Error::Conflict {
            what: "the draft".to_owned(),
        }),
    }
}

/// What became of acknowledging the instructions.
#[derive(Debug)]
pub enum Acknowledged {
    /// They are acknowledged; the form may be filled in.
    Done(Box<Shown>),
    /// They read otherwise now: read them again.
    Changed(Box<Shown>),
}

/// Acknowledges the instructions, by the digest of the text that was read.
pub async fn acknowledge(
    app: &App,
    holder: &AccountHolder,
    id: DraftId,
    read: [u8; 32],
) -> Result<Acknowledged> {
    let txn = store::begin(&app.db).await?;
    let row = own_open(app, &txn, holder, id).await?;
    if read != app.policy.instructions_digest(&row.identity_type) {
        return Ok(Acknowledged::Changed(Box::new(show(app, &txn, row).await?)));
    }
    if step(app, &row) != Step::Instructions {
        return Ok(Acknowledged::Done(Box::new(show(app, &txn, row).await?)));
    }
    let now = app.clock.now();
    let changed = application_draft::Model {
        instructions_digest: Some(read.to_vec()),
        acknowledged_at: Some(now),
        updated_at: now,
        ..row
    };
    let row = store::drafts::update(&txn, changed).await?;
    note(app, &txn, holder, &row, "drafts.acknowledge").await?;
    txn.commit().await?;
    Ok(Acknowledged::Done(Box::new(show(app, &app.db, row).await?)))
}

/// Changes the form. What is wrong with it is shown and stands in nobody's way until it is to be
/// confirmed. A code that was sent for other content is good no longer.
pub async fn save(
    app: &App,
    holder: &AccountHolder,
    id: DraftId,
    change: impl FnOnce(&mut DraftForm) + Send,
) -> Result<Shown> {
    let txn = store::begin(&app.db).await?;
    let row = own_open(app, &txn, holder, id).await?;
    if step(app, &row) == Step::Instructions {
        return Err(Error::WrongPhase {
            what: "draft".to_owned(),
            needed: "at its form, after the instructions",
            actual: "at its instructions",
        });
    }
    let before = open(app, &row)?;
    let mut form = before.clone();
    change(&mut form);
    let form = form.tidied();
    if let Some(key) = form.find_unusable() {
        let reason = format!("expected at most {} printable characters", key.length_max());
        return Err(Error::invalid(key.name(), reason));
    }
    if form == before {
        return show(app, &txn, row).await;
    }
    let changed = application_draft::Model {
        sealed: app.seal(&place(app, id), &form)?,
        confirmation_id: None,
        updated_at: app.clock.now(),
        ..row
    };
    let row = store::drafts::update(&txn, changed).await?;
    note(app, &txn, holder, &row, "drafts.save").await?;
    txn.commit().await?;
    show(app, &app.db, row).await
}

/// Throws a draft away.
pub async fn discard(app: &App, holder: &AccountHolder, id: DraftId) -> Result<()> {
    let txn = store::begin(&app.db).await?;
    let row = own_open(app, &txn, holder, id).await?;
    store::drafts::delete(&txn, &row).await?;
    note(app, &txn, holder, &row, "drafts.discard").await?;
    txn.commit().await?;
    Ok(())
}

/// The account's drafts, the last changed first; those that became applications stay a while.
pub async fn list(app: &App, holder: &AccountHolder) -> Result<Vec<Shown>> {
    let mut shown = Vec::new();
    for row in store::drafts::list_of_account(&app.db, app.city, holder.id()).await? {
        shown.push(show(app, &app.db, row).await?);
    }
    Ok(shown)
}

/// Never through another connection than the caller's: a transaction that waits for one may wait for
/// others that wait for it.
async fn show(
    app: &App,
    db: &impl ConnectionTrait,
    row: application_draft::Model,
) -> Result<Shown> {
    let (form, step) = (open(app, &row)?, step(app, &row));
    let (missing, violations) = if step == Step::Done {
        Default::default()
    } else {
        judge(app, db, &row, &form).await?
    };
    Ok(Shown {
        id: row.id,
        category: row.category,
        identity_type: row.identity_type,
        step,
        form,
        missing,
        violations,
        acknowledged_at: row.acknowledged_at.filter(|_| step != Step::Instructions),
        updated_at: row.updated_at,
        kept_until: row.updated_at + KEPT,
        application: row.application_id,
    })
}

/// What is missing, and what of the rest the rules do not admit.
async fn judge(
    app: &App,
    db: &impl ConnectionTrait,
    row: &application_draft::Model,
    form: &DraftForm,
) -> Result<(Vec<FieldKey>, Vec<Violation>)> {
    let required = app
        .policy
        .fields_of(&row.identity_type)
        .filter(|field| field.is_required);
    let missing: Vec<FieldKey> = required
        .map(|field| field.key)
        .filter(|key| !form.has(*key))
        .collect();
    let account = store::accounts::find(db, app.city, row.account_id).await?;
    let account = account.ok_or(Error::Unauthenticated)?;
    let bars = match account.applicant_id {
        Some(person) => certificates::bars(db, app, person, &row.category).await?,
        None => Bars::default(),
    };
    let phone = accounts::unseal(app, &account)?.phone.clone();
    let whole = Form::from_draft(&row.category, &row.identity_type, form);
    let mut violations = applications::violations(app, &whole, &phone, bars);
    violations.retain(|violation| {
        violation
            .code
            .field()
            .is_none_or(|field| !missing.contains(&field))
    });
    Ok((missing, violations))
}

/// Where a draft stands. Instructions that were changed since are to be read again.
fn step(app: &App, row: &application_draft::Model) -> Step {
    let now = app.policy.instructions_digest(&row.identity_type);
    if row.application_id.is_some() {
        Step::Done
    } else if row.instructions_digest.as_deref() != Some(&now[..]) {
        Step::Instructions
    } else if row.confirmation_id.is_some() {
        Step::SmsConfirm
    } else {
        Step::Form
    }
}

/// The account's own draft; somebody else's looks as if it did not exist.
async fn own(
    app: &App,
    db: &impl ConnectionTrait,
    holder: &AccountHolder,
    id: DraftId,
) -> Result<application_draft::Model> {
    store::drafts::find(db, app.city, id)
        .await?
        .filter(|row| row.account_id == holder.id())
        .ok_or_else(|| Error::not_found("draft", id))
}

/// The same, where it is no application yet.
async fn own_open(
    app: &App,
    txn: &DatabaseTransaction,
    holder: &AccountHolder,
    id: DraftId,
) -> Result<application_draft::Model> {
    let row = own(app, txn, holder, id).await?;
    if row.application_id.is_some() {
        return Err(Error::WrongPhase {
            what: "draft".to_owned(),
            needed: "not yet submitted",
            actual: "submitted",
        });
    }
    Ok(row)
}

fn open(app: &App, row: &application_draft::Model) -> Result<DraftForm> {
    app.unseal(&place(app, row.id), &row.sealed)
}

fn place(app: &App, id: DraftId) -> String {
    format!("application_draft/{}/{id}", app.city)
}

async fn note(
    app: &App,
    txn: &DatabaseTransaction,
    holder: &AccountHolder,
    row: &application_draft::Model,
    action: &'static str,
) -> Result<()> {
    let subject = row.id.to_string();
    let detail =
        serde_json::json!({ "category": row.category, "identity_type": row.identity_type });
    trail::note(app, txn, holder.actor(), action, &subject, detail).await
}
