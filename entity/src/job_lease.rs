//! Leases of jobs.

use sea_orm::entity::prelude::*;

/// One of the city's own jobs: when it is due, and whether somebody is at it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_lease")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The job's name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub job: String,
    /// How many times the lease was taken: the compare in compare-and-swap.
    pub epoch: i64,
    /// From when the job is due again.
    pub due_at: DateTimeUtc,
    /// Until when somebody is at it; null where nobody is.
    pub leased_until: Option<DateTimeUtc>,
    /// When it last ran to its end.
    pub ran_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
