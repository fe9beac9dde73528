//! Accounts.

use sea_orm::entity::prelude::*;

/// A telephone number that was proven, and the one person whom it lets in.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: crate::AccountId,
    /// Blind index of the phone number.
    pub phone_index: Vec<u8>,
    /// The person, once the first application was confirmed or the person was recognised.
    pub applicant_id: Option<crate::ApplicantId>,
    /// Phone number and password hash, encrypted.
    pub sealed: Vec<u8>,
    /// Counts up with every change: two changes at once do not overwrite each other.
    pub epoch: i32,
    /// When the phone was proven first.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
