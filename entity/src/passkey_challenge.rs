//! What an authenticator is asked to sign.

use sea_orm::entity::prelude::*;

/// A challenge that waits for its answer. It is answered once, and soon.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkey_challenge")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The challenge.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What for.
    pub purpose: Purpose,
    /// Who is asked; none where nobody has the name.
    pub staff_id: Option<crate::StaffId>,
    /// SHA-256 of the invitation that is used up by the answer; none where somebody is signed in.
    pub invitation_hash: Option<Vec<u8>>,
    /// What the answer is compared with, encrypted.
    pub sealed: Vec<u8>,
    /// Until when it can be answered.
    pub expires_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// What a challenge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Purpose {
    /// To register a passkey.
    Register,
    /// To sign in with one.
    SignIn,
}
