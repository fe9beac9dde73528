//! Passkeys.

use sea_orm::entity::prelude::*;

/// A passkey of somebody of the city.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkey")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The passkey.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub staff_id: crate::StaffId,
    /// SHA-256 of the name that the authenticator gave it.
    pub credential_hash: Vec<u8>,
    /// Public key and counter, encrypted.
    pub sealed: Vec<u8>,
    /// Counts up with every use: of two at once, one counts.
    pub epoch: i32,
    /// When it was registered.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
