//! Applications.

use sea_orm::entity::prelude::*;

/// One request to take part.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: crate::ApplicationId,
    /// Whose it is.
    pub applicant_id: crate::ApplicantId,
    /// The category applied for.
    pub category: String,
    /// The application code (申请编码), 13 digits; public.
    pub code: String,
    /// Where it stands.
    pub status: Status,
    /// The identity type, a key of the policy.
    pub identity_type: String,
    /// The period whose review takes it in.
    pub period_number: String,
    /// Classes of the driving licence, separated by spaces; they bear on the weight.
    pub licence_classes: String,
    /// The form, encrypted.
    pub sealed: Vec<u8>,
    /// When it was submitted.
    pub submitted_at: DateTimeUtc,
    /// When the tier was joined. Set once, never cleared.
    pub tier_joined_at: Option<DateTimeUtc>,
    /// Last day on which the code enters pools; not set before its review result is public.
    pub valid_until: Option<Date>,
    /// When it was renewed last.
    pub renewed_at: Option<DateTimeUtc>,
    /// Of the reminders before `valid_until`, the latest one that was sent, by its days before.
    pub reminded_days_before: Option<i32>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Where an application stands. Being locked in a frozen pool is not a status: it follows from the
/// pool of an unfinished draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Status {
    /// Submitted; not reviewed.
    New,
    /// Approved: its code is a valid code (有效编码) and enters the next pool.
    Valid,
    /// Refused, with reasons.
    Refused,
    /// Refused, and on the applicant's request looked at once more by somebody else (复核).
    SecondLook,
    /// Refused again after the second look; that is final.
    RefusedFinal,
    /// Cancelled by the applicant.
    Cancelled,
    /// Has won a quota.
    Allocated,
    /// Its validity ran out; it can be renewed where the policy says so.
    Lapsed,
    /// Had won a quota, and lost it by an amend of the result.
    Dropped,
}

impl Status {
    /// Whether the application still counts: one a person, category and city. The index
    /// `application_live_once` says the same.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::New | Self::Valid | Self::SecondLook)
    }

    /// Whether a reviewer has something to decide.
    #[must_use]
    pub fn waits_for_review(self) -> bool {
        matches!(self, Self::New | Self::SecondLook)
    }
}
