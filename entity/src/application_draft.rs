//! Forms that are being filled in.

use sea_orm::entity::prelude::*;

/// An application on its way: instructions, form, confirmation, done.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application_draft")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The draft.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: crate::DraftId,
    /// Whose it is.
    pub account_id: crate::AccountId,
    /// The category applied for.
    pub category: String,
    /// The identity type, a key of the policy.
    pub identity_type: String,
    /// SHA-256 of the instructions that were read.
    pub instructions_digest: Option<Vec<u8>>,
    /// When they were read.
    pub acknowledged_at: Option<DateTimeUtc>,
    /// The form so far, encrypted.
    pub sealed: Vec<u8>,
    /// The one-time code that was asked for this very content; a change of the form clears it.
    pub confirmation_id: Option<crate::OneTimeCodeId>,
    /// The application that came of it.
    pub application_id: Option<crate::ApplicationId>,
    /// Counts up with every change: two devices do not overwrite each other.
    pub epoch: i32,
    /// When it was begun.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
