//! Submitting an application.

use ::entity::{ApplicantId, ApplicationId, account, applicant, application, period};
use sea_orm::DatabaseTransaction;

use super::{
    form::{self, Form, violations},
    whole_seconds,
};
use crate::{
    app::{App, ID_NUMBER, PHONE, Person},
    domain::{
        PeriodKind,
        actor::{AccountHolder, Applicant},
        code::ApplicationCode,
        eligibility::Violation,
        licence::LicenceClass,
        message::Purpose,
    },
    error::{Error, Result},
    ids,
    service::{
        accounts::{self, Bound},
        certificates::{self, Bars},
        drafts::Confirming,
        duplicates::{self, Contact},
        messages::{self, Post, Recipient},
        trail,
    },
    store::{self, applications::Inserted},
};

/// How often a code is made anew when it was taken; with 10¹² codes once is already rare.
const CODE_ATTEMPTS: usize = 8;

/// What became of a submission.
#[derive(Debug)]
pub enum Submitted {
    /// It is in.
    Accepted(Box<application::Model>),
    /// The rules do not admit it.
    NotEligible(Vec<Violation>),
    /// The person has a live application in this category.
    AlreadyApplied,
    /// No period takes applications now.
    NoOpenPeriod,
    /// This account cannot apply for the person with this identity number. Whether the city knows
    /// that person is not said; an officer who sees the document can help.
    CounterNeeded,
}

/// Submits an application for the person whom an account lets in, or for somebody new who it lets
/// in from now on.
///
/// Whoever calls has had exactly this form confirmed: [`drafts::confirm`] by a code to the phone,
/// and a command by having the machine.
///
/// [`drafts::confirm`]: crate::service::drafts::confirm
pub async fn submit(app: &App, holder: &AccountHolder, form: &Form) -> Result<Submitted> {
    submit_confirmed(app, holder, form, None).await
}

/// The same, and in the same transaction the code is used up and the draft is done.
pub(in crate::service) async fn submit_confirmed(
    app: &App,
    holder: &AccountHolder,
    form: &Form,
    confirming: Option<&Confirming>,
) -> Result<Submitted> {
    if app
        .policy
        .find_category(&form.category, PeriodKind::Normal)
        .is_none()
    {
        return Err(Error::invalid(
            "category",
            format!("{} knows no category {}", app.policy.key, form.category),
        ));
    }
    for _ in 0..CODE_ATTEMPTS {
        let txn = store::begin(&app.db).await?;
        let today = app.today();
        let open =
            store::periods::find_taking_applications(&txn, app.city, period::Kind::Normal, today);
        let Some(period) = open.await? else {
            return Ok(Submitted::NoOpenPeriod);
        };
        let person = match identify(app, &txn, holder, form).await? {
            Identified::Person(person) => person,
            Identified::NotEligible(violations) => return Ok(Submitted::NotEligible(violations)),
            Identified::CounterNeeded => return Ok(Submitted::CounterNeeded),
        };
        if super::has_live_as_known(app, &txn, person, &form.category).await? {
            return Ok(Submitted::AlreadyApplied);
        }
        let row = compose(app, form, person, &period.number)?;
        match store::applications::insert(&txn, row.clone()).await? {
            Inserted::LiveOneExists => return Ok(Submitted::AlreadyApplied),
            Inserted::CodeTaken => continue,
            Inserted::Written => {}
        }
        if let Some(confirming) = confirming {
            confirming.finish(app, &txn, row.id).await?;
        }
        leave_trail(app, &txn, &row).await?;
        duplicates::watch(app, &txn, &row, &contact(form)).await?;
        acknowledge(app, &txn, &row, &period).await?;
        txn.commit().await?;
        return Ok(Submitted::Accepted(Box::new(row)));
    }
    Err(Error::internal(anyhow::anyhow!(
        "{CODE_ATTEMPTS} application codes in a row were taken"
    )))
}

fn contact(form: &Form) -> Contact<'_> {
    Contact {
        id_number: &form.id_number,
        email: form.email.as_deref(),
    }
}

/// Who applies.
enum Identified {
    Person(ApplicantId),
    NotEligible(Vec<Violation>),
    CounterNeeded,
}

/// The person behind the form, whom the account lets in from now on. What is on file of a person
/// bears on the answer only for the account that lets this person in: nobody learns by an identity
/// number alone whether somebody has applied, won or been banned.
async fn identify(
    app: &App,
    txn: &DatabaseTransaction,
    holder: &AccountHolder,
    form: &Form,
) -> Result<Identified> {
    let account = accounts::own(app, txn, holder).await?;
    let phone = accounts::unseal(app, &account)?.phone.clone();
    let wrong = violations(app, form, &phone, Bars::default());
    if !wrong.is_empty() {
        return Ok(Identified::NotEligible(wrong));
    }
    let index = app.data_key.blind_index(ID_NUMBER, &form.id_number);
    let known = store::applicants::find_by_id_number(txn, app.city, &index).await?;
    let person = match (account.applicant_id, known) {
        (Some(own), Some(known)) if own == known.id => own,
        (Some(_), _) => return Ok(Identified::CounterNeeded),
        (None, Some(known)) => {
            if !is_recognised(app, txn, &account, &known).await? {
                return Ok(Identified::CounterNeeded);
            }
            known.id
        }
        (None, None) => register(app, txn, form, &phone).await?,
    };
    let bars = certificates::bars(txn, app, person, &form.category).await?;
    let wrong = violations(app, form, &phone, bars);
    if !wrong.is_empty() {
        return Ok(Identified::NotEligible(wrong));
    }
    if account.applicant_id.is_none() && accounts::bind(txn, account, person).await? == Bound::Taken
    {
        return Ok(Identified::CounterNeeded);
    }
    Ok(Identified::Person(person))
}

/// Whether a known person is the account's: the phone on file is its phone, and nobody else's
/// account lets the person in.
async fn is_recognised(
    app: &App,
    txn: &DatabaseTransaction,
    account: &account::Model,
    known: &applicant::Model,
) -> Result<bool> {
    let other = store::accounts::find_of_applicant(txn, app.city, known.id).await?;
    Ok(other.is_none() && known.phone_index == account.phone_index)
}

/// Writes somebody new.
async fn register(
    app: &App,
    txn: &DatabaseTransaction,
    form: &Form,
    phone: &str,
) -> Result<ApplicantId> {
    let now = whole_seconds(app.clock.now());
    let id = ApplicantId(ids::uuid_v7(now));
    let person = Person {
        name: &form.name,
        id_number: &form.id_number,
        phone,
    };
    let index = app.data_key.blind_index(ID_NUMBER, &form.id_number);
    let row = applicant::Model {
        city_id: app.city,
        id,
        id_number_index: index.to_vec(),
        phone_index: app.data_key.blind_index(PHONE, phone).to_vec(),
        sealed: app.seal_person(id, &person)?,
        registered_at: now,
    };
    store::applicants::insert(txn, row).await?;
    Ok(id)
}

fn compose(
    app: &App,
    form: &Form,
    person: ApplicantId,
    period: &str,
) -> Result<application::Model> {
    let now = whole_seconds(app.clock.now());
    let id = ApplicationId(ids::uuid_v7(now));
    let joins = form.joins_tier && crate::domain::tier::can_join(&app.policy.tier, false);
    Ok(application::Model {
        city_id: app.city,
        id,
        applicant_id: person,
        category: form.category.clone(),
        code: ApplicationCode::from_random(ids::random()).to_string(),
        status: application::Status::New,
        identity_type: form.identity_type.clone(),
        period_number: period.to_owned(),
        licence_classes: LicenceClass::join(&form.licence_classes),
        sealed: form::seal(app, id, form)?,
        submitted_at: now,
        tier_joined_at: joins.then_some(now),
        valid_until: None,
        renewed_at: None,
        reminded_days_before: None,
    })
}

async fn leave_trail(app: &App, txn: &DatabaseTransaction, row: &application::Model) -> Result<()> {
    trail::note(
        app,
        txn,
        Applicant::new(row.applicant_id).actor(),
        "applications.submit",
        &row.code,
        serde_json::json!({
            "period": row.period_number,
            "category": row.category,
            "joins_tier": row.tier_joined_at.is_some(),
        }),
    )
    .await?;
    let payload = serde_json::json!({ "period": row.period_number });
    messages::tell(app, txn, "application.submitted", &row.code, payload).await
}

/// Tells the applicant that it is in, and when the review comes.
async fn acknowledge(
    app: &App,
    txn: &DatabaseTransaction,
    row: &application::Model,
    period: &period::Model,
) -> Result<()> {
    let purpose = Purpose::ApplicationReceived {
        code: row.code.clone(),
        period: period.number.clone(),
        review_publish_on: period.review_publish_on,
    };
    let (to, occasion) = (Recipient::Applicant(row.applicant_id), row.id.to_string());
    messages::post(app, txn, Post::new(to, purpose, &row.code, &occasion)).await?;
    Ok(())
}
