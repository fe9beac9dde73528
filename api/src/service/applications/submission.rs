//! Submitting an application.

use ::entity::{ApplicantId, ApplicationId, applicant, application, period};
use chrono::NaiveDate;
use sea_orm::DatabaseTransaction;
use serde::Serialize;

use super::whole_seconds;
use crate::{
    app::{App, ID_NUMBER, PHONE, Person},
    domain::{
        PeriodKind,
        actor::Applicant,
        code::ApplicationCode,
        eligibility::{self, Facts, Violation},
        licence::LicenceClass,
        message::Purpose,
    },
    error::{Error, Result},
    ids,
    service::{
        certificates::{self, Bars},
        duplicates::{self, Contact},
        messages::{self, Post, Recipient},
        sessions, trail,
    },
    store,
};

/// How often a code is made anew when it was taken; with 10¹² codes once is already rare.
const CODE_ATTEMPTS: usize = 8;

/// The application form (个人小客车增量指标申请表).
#[derive(Clone, Debug)]
pub struct Form {
    /// The category applied for.
    pub category: String,
    /// The identity type, a key of the policy.
    pub identity_type: String,
    /// The applicant's name.
    pub name: String,
    /// Number of the identity document.
    pub id_number: String,
    /// Mobile phone number.
    pub phone: String,
    /// E-mail address, if given.
    pub email: Option<String>,
    /// Address in the city.
    pub address: String,
    /// Postcode.
    pub postcode: String,
    /// Issue date of the driving licence.
    pub licence_issued_on: Option<NaiveDate>,
    /// Classes of the driving licence.
    pub licence_classes: Vec<LicenceClass>,
    /// Whether the applicant has a small car registered in the city.
    pub owns_local_car: bool,
    /// Whether to join the tier at once.
    pub joins_tier: bool,
}

/// What became of a submission.
#[derive(Debug)]
pub enum Submitted {
    /// It is in.
    Accepted {
        /// The application with its code.
        application: Box<application::Model>,
        /// A session for somebody whom the city had not known; known people sign in instead.
        token: Option<String>,
    },
    /// The rules do not admit it.
    NotEligible(Vec<Violation>),
    /// The person has a live application in this category.
    AlreadyApplied,
    /// No period takes applications now.
    NoOpenPeriod,
}

/// Submits an application.
pub async fn submit(app: &App, form: &Form) -> Result<Submitted> {
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
    let facts = facts(app, form, bars(app, form).await?);
    let violations = eligibility::violations(&app.policy, &facts);
    if !violations.is_empty() {
        return Ok(Submitted::NotEligible(violations));
    }
    for _ in 0..CODE_ATTEMPTS {
        let txn = store::begin(&app.db).await?;
        let today = app.today();
        let open =
            store::periods::find_taking_applications(&txn, app.city, period::Kind::Normal, today);
        let Some(period) = open.await? else {
            return Ok(Submitted::NoOpenPeriod);
        };
        let (person, is_new) = register(app, &txn, form).await?;
        if !is_new && has_hidden_refusal(app, &txn, person, &form.category).await? {
            return Ok(Submitted::AlreadyApplied);
        }
        let row = compose(app, form, person, &period.number)?;
        match store::applications::insert(&txn, row.clone()).await? {
            store::applications::Inserted::LiveOneExists => return Ok(Submitted::AlreadyApplied),
            store::applications::Inserted::CodeTaken => {}
            store::applications::Inserted::Written => {
                let token = if is_new {
                    Some(sessions::open_for_applicant(app, &txn, person).await?)
                } else {
                    None
                };
                leave_trail(app, &txn, &row).await?;
                duplicates::watch(app, &txn, &row, &contact(form)).await?;
                acknowledge(app, &txn, &row, &period).await?;
                txn.commit().await?;
                return Ok(Submitted::Accepted {
                    application: Box::new(row),
                    token,
                });
            }
        }
    }
    Err(Error::internal(anyhow::anyhow!(
        "{CODE_ATTEMPTS} application codes in a row were taken"
    )))
}

/// What the person's earlier wins mean today.
async fn bars(app: &App, form: &Form) -> Result<Bars> {
    let index = app.data_key.blind_index(ID_NUMBER, &form.id_number);
    let known = store::applicants::find_by_id_number(&app.db, app.city, &index).await?;
    let Some(person) = known else {
        return Ok(Bars::default());
    };
    certificates::forfeit_of(app, person.id).await?;
    certificates::bars(&app.db, app, person.id, &form.category).await
}

fn facts<'a>(app: &App, form: &'a Form, bars: Bars) -> Facts<'a> {
    Facts {
        as_of: app.today(),
        identity_type: &form.identity_type,
        identity_number: &form.id_number,
        phone: &form.phone,
        email: form.email.as_deref(),
        address: &form.address,
        postcode: &form.postcode,
        licence_issued_on: form.licence_issued_on,
        licence_classes: &form.licence_classes,
        owns_local_car: form.owns_local_car,
        holds_certificate: bars.holds_certificate,
        banned_until: bars.banned_until,
        social_insurance_months: None,
        residence_permit_until: None,
    }
}

/// The person behind the form: known by their identity number, or new.
async fn register(
    app: &App,
    txn: &DatabaseTransaction,
    form: &Form,
) -> Result<(ApplicantId, bool)> {
    let index = app.data_key.blind_index(ID_NUMBER, &form.id_number);
    if let Some(known) = store::applicants::find_by_id_number(txn, app.city, &index).await? {
        return Ok((known.id, false));
    }
    let now = whole_seconds(app.clock.now());
    let id = ApplicantId(ids::uuid_v7(now));
    let person = Person {
        name: &form.name,
        id_number: &form.id_number,
        phone: &form.phone,
    };
    let row = applicant::Model {
        city_id: app.city,
        id,
        id_number_index: index.to_vec(),
        phone_index: app.data_key.blind_index(PHONE, &form.phone).to_vec(),
        sealed: app.seal_person(id, &person)?,
        registered_at: now,
    };
    store::applicants::insert(txn, row).await?;
    Ok((id, true))
}

/// Whether an application of the person's in the category is refused and its period has not said so
/// yet: to them it is a live one, and being let apply again would tell them.
async fn has_hidden_refusal(
    app: &App,
    txn: &DatabaseTransaction,
    person: ApplicantId,
    category: &str,
) -> Result<bool> {
    for row in store::applications::list_of_applicant(txn, app.city, person).await? {
        let is_refused = row.category == category && row.status == application::Status::Refused;
        if is_refused && super::is_live_as_known(app, txn, &row).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn contact(form: &Form) -> Contact<'_> {
    Contact {
        id_number: &form.id_number,
        phone: &form.phone,
        email: form.email.as_deref(),
    }
}

/// What of the form is sealed beside the application.
#[derive(Serialize)]
struct SealedForm<'a> {
    email: Option<&'a str>,
    address: &'a str,
    postcode: &'a str,
    licence_issued_on: Option<NaiveDate>,
    owns_local_car: bool,
}

fn compose(
    app: &App,
    form: &Form,
    person: ApplicantId,
    period: &str,
) -> Result<application::Model> {
    let now = whole_seconds(app.clock.now());
    let id = ApplicationId(ids::uuid_v7(now));
    let sealed = SealedForm {
        email: form.email.as_deref(),
        address: &form.address,
        postcode: &form.postcode,
        licence_issued_on: form.licence_issued_on,
        owns_local_car: form.owns_local_car,
    };
    let plain = serde_json::to_vec(&sealed).map_err(Error::internal)?;
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
        sealed: app
            .data_key
            .seal(&format!("application/{}/{id}", app.city), &plain),
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
