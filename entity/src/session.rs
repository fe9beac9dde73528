//! Sessions.

use sea_orm::entity::prelude::*;

/// One signed-in actor. The token itself is nowhere stored.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// SHA-256 of the opaque token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: Vec<u8>,
    /// What the session may do.
    pub role: Role,
    /// The name of somebody of the city, or the applicant's id.
    pub subject: String,
    /// When it was opened.
    pub created_at: DateTimeUtc,
    /// When it ends.
    pub expires_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// What a session may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Role {
    /// Act for one applicant.
    Applicant,
    /// Decide on applications.
    Reviewer,
    /// Run the lottery.
    Officer,
    /// Read the audit trail.
    Auditor,
}
