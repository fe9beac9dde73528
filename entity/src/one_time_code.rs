//! One-time codes.

use sea_orm::entity::prelude::*;

/// A code that was sent to a telephone, once, for one purpose. The code itself is nowhere stored.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "one_time_code")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The request; whoever asked brings it back together with the code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: crate::OneTimeCodeId,
    /// What it is for.
    pub purpose: Purpose,
    /// Blind index of the phone number.
    pub phone_index: Vec<u8>,
    /// The day of the city's calendar on which it was asked for.
    pub day: Date,
    /// Which code of that day and phone it is, from 1.
    pub turn: i32,
    /// The phone number, encrypted.
    pub sealed: Vec<u8>,
    /// Keyed hash of request, purpose, what it confirms, and code.
    pub code_hash: Vec<u8>,
    /// How often a code was tried against it.
    pub tries: i32,
    /// When it was asked for.
    pub created_at: DateTimeUtc,
    /// When it stops being of use.
    pub expires_at: DateTimeUtc,
    /// When it was used.
    pub used_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// What a one-time code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Purpose {
    /// Open an account.
    Register,
    /// Sign in without a password.
    SignIn,
    /// Choose a new password.
    ResetPassword,
    /// Learn one's application codes.
    RecoverCodes,
    /// Let another phone take over: said by the phone so far.
    LeavePhone,
    /// Let another phone take over: said by that phone.
    TakePhone,
    /// Confirm an application.
    ConfirmApplication,
}
