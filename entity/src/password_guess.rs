//! Passwords that were tried.

use sea_orm::entity::prelude::*;

/// How often in a row a wrong password was given with a phone number, known or not.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "password_guess")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// Blind index of the phone number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub phone_index: Vec<u8>,
    /// Tries in a row, the one under way included.
    pub failures: i32,
    /// When the last of them was.
    pub last_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
