//! Devices.

use sea_orm::entity::prelude::*;

/// A browser or a telephone from which an account has signed in. It is known again by a token.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: crate::AccountId,
    /// SHA-256 of the device's token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: Vec<u8>,
    /// What its owner calls it, encrypted.
    pub sealed: Vec<u8>,
    /// When somebody signed in from it first.
    pub first_seen_at: DateTimeUtc,
    /// When somebody signed in from it last.
    pub last_seen_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
