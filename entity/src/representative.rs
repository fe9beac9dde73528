//! Applicant representatives.

use sea_orm::entity::prelude::*;

/// Somebody who was drawn to attend a period's draw (申请人代表), or stands in reserve for it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "representative")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The draw that they were drawn in.
    #[sea_orm(primary_key, auto_increment = false)]
    pub draw_id: String,
    /// Their place in its result, from 1: reserves are called in this order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub place_rank: i64,
    /// The period whose draw they attend.
    pub period_number: String,
    /// The application code that was drawn.
    pub code: String,
    /// Whose code it is; never published.
    pub applicant_id: crate::ApplicantId,
    /// Where they stand.
    pub state: State,
    /// When they were invited.
    pub invited_at: Option<DateTimeUtc>,
    /// Until when they may answer.
    pub answer_by: Option<DateTimeUtc>,
    /// When they answered.
    pub answered_at: Option<DateTimeUtc>,
    /// The draw that their commitment is made for.
    pub sealed_for: Option<String>,
    /// The commitment to their secret, until `announce` has taken it over.
    pub commitment: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Where somebody stands who was drawn as a representative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum State {
    /// Drawn, and not invited: a reserve whose turn has not come.
    Selected,
    /// Invited; the answer is awaited.
    Invited,
    /// Will come.
    Accepted,
    /// Will not come.
    Declined,
    /// Did not answer in time.
    Expired,
    /// Was passed over when the turn came: the application had ended by then.
    Withdrawn,
    /// Came.
    Attended,
    /// Had accepted and did not come.
    Absent,
}

impl Entity {
    /// Everybody who was drawn for a period, in the order of the result.
    #[must_use]
    pub fn of_period(city: crate::CityId, period: &str) -> Select<Self> {
        use sea_orm::QueryOrder as _;
        Self::find()
            .filter(Column::CityId.eq(city))
            .filter(Column::PeriodNumber.eq(period))
            .order_by_asc(Column::PlaceRank)
    }
}
