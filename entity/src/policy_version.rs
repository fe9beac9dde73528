//! The rules a city has adopted, as exact texts. Its row says which of them is in force.

use sea_orm::entity::prelude::*;

/// One exact text of a city's rules. A changed text is a new row; the old one stays.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_version")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// SHA-256 of the text; it goes into `announce`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    /// Key of the policy, for example `hangzhou-2018`.
    pub key: String,
    /// The text of the policy file, byte for byte.
    pub content: String,
    /// When this text was first adopted.
    pub adopted_at: DateTimeUtc,
    /// The officer who confirmed the rules that rest on weak sources.
    pub confirmed_by: Option<String>,
    /// When they were confirmed.
    pub confirmed_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
