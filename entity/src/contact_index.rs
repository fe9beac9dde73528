//! By what an application's contact can be compared with others'.

use sea_orm::entity::prelude::*;

/// A keyed digest of one thing that an application gave as its contact. Nothing can be read from it
/// but that two applications gave the same.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_index")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub application_id: crate::ApplicationId,
    /// What was digested.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: Kind,
    /// The blind index.
    pub digest: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}

/// In what two persons' applications may be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Kind {
    /// The phone number.
    Phone,
    /// The e-mail address together with the day of birth.
    EmailAndBirthDate,
}
