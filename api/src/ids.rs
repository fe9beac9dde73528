//! t
/// t
pub fn uuid_v7(_at: chrono::DateTime<chrono::Utc>) -> uuid::Uuid { uuid::Uuid::nil() }
