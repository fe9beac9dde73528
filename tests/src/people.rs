//! Invented people. Nobody of them exists: their numbers are made up, and so are their streets.

use chrono::{Days, NaiveDate};
use fairplate::{
    domain::{LicenceClass, identity_number},
    service::applications::Form,
};
use serde_json::{Value, json};

/// Somebody invented.
#[derive(Clone, Debug)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Number of the identity card.
    pub id_number: String,
    /// Mobile phone.
    pub phone: String,
    /// Address in the city.
    pub address: String,
}

const FAMILY_NAMES: [&str; 7] = ["沈", "陆", "蒋", "韩", "冯", "许", "姚"];
const GIVEN_NAMES: [&str; 5] = ["知远", "若兰", "明轩", "采薇", "怀瑾"];

/// The person with a number below 10,000; always the same one.
#[must_use]
pub fn person(number: u32) -> Person {
    let first = NaiveDate::from_ymd_opt(1961, 3, 4).expect("a date");
    // Far apart, so that neither numbers nor blind indexes ascend with the person.
    let born = first + Days::new(u64::from(number) * 7_919 % 13_000);
    let digits = format!("330100{}{:03}", born.format("%Y%m%d"), number % 1_000);
    let place = number as usize;
    Person {
        name: format!(
            "{}{}",
            FAMILY_NAMES[place % FAMILY_NAMES.len()],
            GIVEN_NAMES[place % GIVEN_NAMES.len()]
        ),
        id_number: identity_number::complete(&digits).expect("seventeen digits"),
        phone: format!("137{:08}", u64::from(number) * 7_654_321 % 100_000_000),
        address: format!("虚构路{}号", number + 1),
    }
}

impl Person {
    /// The same person, had they been born on the same day as another.
    #[must_use]
    pub fn born_with(mut self, other: &Self) -> Self {
        let digits = format!("{}{}", &other.id_number[..14], &self.id_number[14..17]);
        self.id_number = identity_number::complete(&digits).expect("seventeen digits");
        self
    }

    /// Their form, as the service takes it; everything on it is as the rules want it.
    #[must_use]
    pub fn form(&self) -> Form {
        Form {
            category: "individual".to_owned(),
            identity_type: "local-household".to_owned(),
            name: self.name.clone(),
            id_number: self.id_number.clone(),
            email: None,
            address: self.address.clone(),
            postcode: "310000".to_owned(),
            licence_issued_on: NaiveDate::from_ymd_opt(2015, 5, 6),
            licence_classes: vec![LicenceClass::C1],
            owns_local_car: false,
            joins_tier: false,
        }
    }

    /// The same as the API takes it, field by field.
    #[must_use]
    pub fn input(&self) -> Value {
        json!({
            "name": self.name,
            "idNumber": self.id_number,
            "address": self.address,
            "postcode": "310000",
            "licenceIssuedOn": "2015-05-06",
            "licenceClasses": ["C1"],
            "ownsLocalCar": false,
        })
    }

    /// The person's line of an import, with the periods taken part in.
    #[must_use]
    pub fn line(&self, code: &str, periods: &str) -> String {
        let Self {
            id_number,
            name,
            phone,
            ..
        } = self;
        format!(
            "{id_number},{name},{phone},{code},individual,local-household,C1,2014-04-10,,{periods}"
        )
    }
}
