//! Reviews.

use sea_orm::entity::prelude::*;

/// One decision on one application.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The review.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What was decided on.
    pub application_id: crate::ApplicationId,
    /// What was decided.
    pub decision: Decision,
    /// Reason codes of the policy, separated by spaces; empty for an approval.
    pub reasons: String,
    /// Who decided.
    pub officer: String,
    /// When.
    pub decided_at: DateTimeUtc,
    /// What made it necessary.
    pub kind: Kind,
    /// What the reviewer notes for colleagues, encrypted.
    pub note: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}

/// What made a decision necessary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Kind {
    /// The application was new.
    First,
    /// The applicant asked for a second look (复核).
    SecondLook,
    /// It turned out to be a second application of the same person.
    Duplicate,
}

/// What a reviewer decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Decision {
    /// The application enters the pool.
    Approved,
    /// It does not, for coded reasons.
    Refused,
}
