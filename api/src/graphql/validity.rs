//! How long an application is valid.

use ::entity::application;
use async_graphql::SimpleObject;

use super::scalars::{Date, DateTime};
use crate::service::renewals;

/// How long an application is valid, and whether it can be renewed.
#[derive(SimpleObject)]
pub(super) struct Validity {
    /// Last day on which its code enters pools; null before its review result is public.
    until: Option<Date>,
    /// First day on which it can be renewed; null where that is not known, or the city's rules know
    /// no renewal.
    renewable_from: Option<Date>,
    /// Whether it can be renewed today: a period takes applications, and nothing stands in the way.
    can_renew: bool,
    /// When it was renewed last; null if it never was.
    renewed_at: Option<DateTime>,
}

impl Validity {
    pub(super) fn new(row: &application::Model, validity: renewals::Validity) -> Self {
        Self {
            until: validity.until.map(Date),
            renewable_from: validity.renewable_from.map(Date),
            can_renew: validity.can_renew,
            renewed_at: row.renewed_at.map(DateTime),
        }
    }
}
