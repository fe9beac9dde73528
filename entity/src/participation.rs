//! The participation ledger.

use sea_orm::entity::prelude::*;

/// One line of the ledger. Lines are only ever added.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "participation")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// Whose participation it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub applicant_id: crate::ApplicantId,
    /// The period.
    #[sea_orm(primary_key, auto_increment = false)]
    pub period_number: String,
    /// What the line does to the count.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: Kind,
    /// The day on which the period's result was published; counts as of a date compare with it.
    pub published_on: Date,
}

impl ActiveModelBehavior for ActiveModel {}

/// What a line does to a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Kind {
    /// The person's code was in the frozen pool of this period's published draw.
    Participated,
    /// Takes a wrong `participated` of the same period back.
    Correction,
    /// The count that the tier looks at starts again after this period.
    Reset,
}
