//! The application form, as it is submitted, kept and shown again.

use std::collections::HashMap;

use ::entity::{ApplicantId, ApplicationId, applicant, application};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    domain::{
        LicenceClass,
        draft::DraftForm,
        eligibility::{self, Facts, Violation},
    },
    error::{Error, Result},
    service::certificates::Bars,
    store,
};

/// The application form (个人小客车增量指标申请表). The phone is that of the account that applies.
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

impl Form {
    /// The form that a draft would be submitted as; what was not filled in is blank.
    #[must_use]
    pub fn from_draft(category: &str, identity_type: &str, draft: &DraftForm) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Self {
            category: category.to_owned(),
            identity_type: identity_type.to_owned(),
            name: text(&draft.name),
            id_number: text(&draft.id_number),
            email: draft.email.clone(),
            address: text(&draft.address),
            postcode: text(&draft.postcode),
            licence_issued_on: draft.licence_issued_on,
            licence_classes: draft.licence_classes.clone(),
            owns_local_car: draft.owns_local_car.unwrap_or(false),
            joins_tier: draft.joins_tier.unwrap_or(false),
        }
    }
}

/// The requirements that a form does not meet, given what is known of the person.
pub(in crate::service) fn violations(
    app: &App,
    form: &Form,
    phone: &str,
    bars: Bars,
) -> Vec<Violation> {
    let facts = Facts {
        as_of: app.today(),
        identity_type: &form.identity_type,
        identity_number: &form.id_number,
        phone,
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
    };
    eligibility::violations(&app.policy, &facts)
}

/// What of the form is sealed beside the application.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Sealed {
    email: Option<String>,
    address: Option<String>,
    postcode: Option<String>,
    licence_issued_on: Option<NaiveDate>,
    owns_local_car: Option<bool>,
}

/// Seals what of the form stays with the application.
pub(super) fn seal(app: &App, id: ApplicationId, form: &Form) -> Result<Vec<u8>> {
    let sealed = Sealed {
        email: form.email.clone(),
        address: Some(form.address.clone()),
        postcode: Some(form.postcode.clone()),
        licence_issued_on: form.licence_issued_on,
        owns_local_car: Some(form.owns_local_car),
    };
    app.seal(&place(app, id), &sealed)
}

fn place(app: &App, id: ApplicationId) -> String {
    format!("application/{}/{id}", app.city)
}

/// The form of an application, opened for whoever it is about. Applications that were imported
/// carry less.
#[derive(Clone, Debug)]
pub struct OpenForm {
    /// The applicant's name.
    pub name: String,
    /// Number of the identity document.
    pub id_number: String,
    /// The phone on file.
    pub phone: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Address in the city.
    pub address: Option<String>,
    /// Postcode.
    pub postcode: Option<String>,
    /// Issue date of the driving licence.
    pub licence_issued_on: Option<NaiveDate>,
    /// Classes of the driving licence.
    pub licence_classes: Vec<LicenceClass>,
    /// Whether a small car registered in the city was in the applicant's name.
    pub owns_local_car: Option<bool>,
}

/// Opens the form of an application. The caller asks who may see it.
pub async fn open(app: &App, row: &application::Model) -> Result<OpenForm> {
    let person = store::applicants::get(&app.db, app.city, row.applicant_id).await?;
    opened(app, row, &person)
}

/// Opens the forms of these applications. The caller asks who may see them.
pub async fn list(
    app: &App,
    rows: &[application::Model],
) -> Result<HashMap<ApplicationId, OpenForm>> {
    let ids: Vec<ApplicantId> = rows.iter().map(|row| row.applicant_id).collect();
    let people = store::applicants::list_by_ids(&app.db, app.city, &ids).await?;
    let people: HashMap<ApplicantId, applicant::Model> = people
        .into_iter()
        .map(|person| (person.id, person))
        .collect();
    let mut forms = HashMap::new();
    for row in rows {
        let person = people
            .get(&row.applicant_id)
            .ok_or_else(|| Error::not_found("applicant", row.applicant_id))?;
        forms.insert(row.id, opened(app, row, person)?);
    }
    Ok(forms)
}

fn opened(app: &App, row: &application::Model, person: &applicant::Model) -> Result<OpenForm> {
    let person = app.unseal_person(person.id, &person.sealed)?;
    let form: Sealed = app.unseal(&place(app, row.id), &row.sealed)?;
    Ok(OpenForm {
        name: person.name.clone(),
        id_number: person.id_number.clone(),
        phone: person.phone.clone(),
        email: form.email,
        address: form.address,
        postcode: form.postcode,
        licence_issued_on: form.licence_issued_on,
        licence_classes: LicenceClass::split(&row.licence_classes),
        owns_local_car: form.owns_local_car,
    })
}
