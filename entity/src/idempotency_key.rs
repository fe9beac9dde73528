//! Requests that were done under a key of the client's.

use sea_orm::entity::prelude::*;

/// A request that was done, by the key under which it is asked for again. It holds nothing of what
/// was asked: only whether a repeated request is the same one, and what answers it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// Keyed fingerprint of the caller and the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: Vec<u8>,
    /// Keyed fingerprint of the mutation and what was asked of it.
    pub content: Vec<u8>,
    /// What the answer is about: the id, code or number of what was changed.
    pub subject: String,
    /// When it was done.
    pub done_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
