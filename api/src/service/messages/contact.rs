//! Where a person can be reached.

use std::collections::HashMap;

use ::entity::{ApplicantId, applicant, application};
use sea_orm::ConnectionTrait;
use serde::Deserialize;

use crate::{
    app::App,
    error::{Error, Result},
    store,
};

/// Addresses of a person, as the city knows them now.
pub(super) struct Contact {
    pub(super) phone: String,
    pub(super) email: Option<String>,
}

/// What a sealed form says of it.
#[derive(Deserialize)]
struct Form {
    email: Option<String>,
}

/// The phone of the person, and the e-mail address of their newest application.
pub(super) async fn get(app: &App, db: &impl ConnectionTrait, id: ApplicantId) -> Result<Contact> {
    let row = store::applicants::get(db, app.city, id).await?;
    let newest = store::applications::find_newest(db, app.city, id).await?;
    opened(app, &row, newest.as_ref())
}

/// The same of several persons. Ids of nobody are left out.
pub(super) async fn list(app: &App, ids: &[ApplicantId]) -> Result<HashMap<ApplicantId, Contact>> {
    let people = store::applicants::list_by_ids(&app.db, app.city, ids).await?;
    let mut newest = HashMap::new();
    for row in store::applications::list_of_applicants(&app.db, app.city, ids).await? {
        newest.entry(row.applicant_id).or_insert(row);
    }
    let opened = |person: applicant::Model| -> Result<(ApplicantId, Contact)> {
        let contact = opened(app, &person, newest.get(&person.id))?;
        Ok((person.id, contact))
    };
    people.into_iter().map(opened).collect()
}

fn opened(
    app: &App,
    person: &applicant::Model,
    newest: Option<&application::Model>,
) -> Result<Contact> {
    let email = match newest {
        None => None,
        Some(application) => {
            let context = format!("application/{}/{}", app.city, application.id);
            let plain = app
                .data_key
                .unseal(&context, &application.sealed)
                .map_err(Error::internal)?;
            let form: Form = serde_json::from_slice(&plain).map_err(Error::internal)?;
            form.email
        }
    };
    let person = app.unseal_person(person.id, &person.sealed)?;
    Ok(Contact {
        phone: person.phone.clone(),
        email,
    })
}
