//! Where a person can be reached.

use ::entity::ApplicantId;
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
    let person = app.unseal_person(id, &row.sealed)?;
    let newest = store::applications::find_newest(db, app.city, id).await?;
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
    Ok(Contact {
        phone: person.phone,
        email,
    })
}
