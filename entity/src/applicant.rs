//! Applicants.

use sea_orm::entity::prelude::*;

/// A person. Everything personal is sealed; look-ups go through keyed indexes.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "applicant")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: crate::ApplicantId,
    /// Blind index of the identity number.
    pub id_number_index: Vec<u8>,
    /// Blind index of the phone number.
    pub phone_index: Vec<u8>,
    /// Name, identity number and phone, encrypted.
    pub sealed: Vec<u8>,
    /// When the person first applied or was imported.
    pub registered_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
