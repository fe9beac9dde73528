//! Applications that may be one person's.

use sea_orm::entity::prelude::*;

use crate::contact_index::Kind;

/// Two persons' applications gave the same contact; somebody has to say what that means before a
/// pool with one of them is frozen.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "duplicate_flag")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The flag.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What is the same.
    pub kind: Kind,
    /// The application that was there first.
    pub earlier_id: crate::ApplicationId,
    /// The other one.
    pub later_id: crate::ApplicationId,
    /// When it was noticed.
    pub raised_at: DateTimeUtc,
    /// What it turned out to mean; none as long as nobody has said so.
    pub resolution: Option<Resolution>,
    /// Who said so.
    pub resolved_by: Option<String>,
    /// When.
    pub resolved_at: Option<DateTimeUtc>,
    /// Their reason, encrypted.
    pub note: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}

/// What the same contact turned out to mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Resolution {
    /// Two persons share the contact; both applications stand.
    DifferentPersons,
    /// One of the two gave somebody else's contact by mistake; both applications stand.
    ContactMistaken,
    /// One person has applied as two; one of the applications is refused.
    SamePerson,
}
