//! What of a form is sealed beside its application, opened again.

use chrono::NaiveDate;
use serde::Deserialize;

/// The sealed part of a form. An application from before this system has none of it. It has no
/// `Debug` on purpose.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct UnsealedForm {
    /// E-mail address, if given.
    pub email: Option<String>,
    /// Address in the city.
    pub address: Option<String>,
    /// Postcode.
    pub postcode: Option<String>,
    /// Issue date of the driving licence.
    pub licence_issued_on: Option<NaiveDate>,
    /// Whether the applicant had a small car registered in the city.
    pub owns_local_car: Option<bool>,
}
