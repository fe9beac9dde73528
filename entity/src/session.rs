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
    /// The name of somebody of the city, the account's id, or the applicant's id at the counter.
    pub subject: String,
    /// When it was opened.
    pub created_at: DateTimeUtc,
    /// When it ends.
    pub expires_at: DateTimeUtc,
    /// SHA-256 of the token of the account's device; none for others than accounts.
    pub device_hash: Option<Vec<u8>>,
    /// When it was last used, to the hour; none until then.
    pub last_seen_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// What a session may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Role {
    /// Act for one applicant, let in at the counter.
    Applicant,
    /// Act for one account, and for its applicant once there is one.
    Account,
    /// Decide on applications.
    Reviewer,
    /// Run the lottery.
    Officer,
    /// Read the audit trail.
    Auditor,
}
