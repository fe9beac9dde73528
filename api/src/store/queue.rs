//! The applications that wait for a reviewer.

use ::entity::{ApplicationId, CityId, application, contact_index, duplicate_flag, review_claim};
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, Order, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select,
    sea_query::{Expr, Query, SelectStatement},
};

use super::span;
use crate::{domain::span::Span, error::Result};

/// Which of them are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those of this period.
    pub period: Option<String>,
    /// Those of this identity type.
    pub identity_type: Option<String>,
    /// Those of this category.
    pub category: Option<String>,
    /// Those with an unresolved flag of this kind.
    pub flag: Option<contact_index::Kind>,
    /// Those that somebody works on.
    pub claimed_by: Option<String>,
    /// Second looks alone, or first reviews alone.
    pub is_second_look: Option<bool>,
}

/// A part of what waits, oldest first.
pub async fn list(
    db: &impl ConnectionTrait,
    city: CityId,
    filter: &Filter,
    now: DateTime<Utc>,
    span: Span<ApplicationId>,
) -> Result<Vec<application::Model>> {
    let mut select = waiting(city, filter);
    if let Some(reviewer) = &filter.claimed_by {
        let claimed = claims(city, now)
            .and_where(review_claim::Column::Reviewer.eq(reviewer.as_str()))
            .to_owned();
        select = select.filter(application::Column::Id.in_subquery(claimed));
    }
    span::list(db, select, (application::Column::Id, Order::Asc), span).await
}

/// What waits, claimed by nobody, and not a second look at this reviewer's own refusal; oldest
/// first.
pub async fn list_unclaimed(
    db: &impl ConnectionTrait,
    city: CityId,
    filter: &Filter,
    reviewer: &str,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<application::Model>> {
    let refused_by = "(SELECT r.officer FROM review r
        WHERE r.city_id = application.city_id AND r.application_id = application.id
        ORDER BY r.decided_at DESC, r.id DESC LIMIT 1) <> $1";
    let is_for_them = Condition::any()
        .add(application::Column::Status.eq(application::Status::New))
        .add(Expr::cust_with_values(refused_by, [reviewer]));
    Ok(waiting(city, filter)
        .filter(application::Column::Id.not_in_subquery(claims(city, now)))
        .filter(is_for_them)
        .order_by_asc(application::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

fn waiting(city: CityId, filter: &Filter) -> Select<application::Entity> {
    let statuses = match filter.is_second_look {
        None => vec![application::Status::New, application::Status::SecondLook],
        Some(false) => vec![application::Status::New],
        Some(true) => vec![application::Status::SecondLook],
    };
    let mut select = application::Entity::find()
        .filter(application::Column::CityId.eq(city))
        .filter(application::Column::Status.is_in(statuses));
    let equal = [
        (application::Column::PeriodNumber, &filter.period),
        (application::Column::IdentityType, &filter.identity_type),
        (application::Column::Category, &filter.category),
    ];
    for (column, wanted) in equal {
        if let Some(wanted) = wanted {
            select = select.filter(column.eq(wanted.as_str()));
        }
    }
    if let Some(kind) = filter.flag {
        let flagged = |column: duplicate_flag::Column| {
            application::Column::Id.in_subquery(flagged(city, kind, column))
        };
        let either = Condition::any()
            .add(flagged(duplicate_flag::Column::EarlierId))
            .add(flagged(duplicate_flag::Column::LaterId));
        select = select.filter(either);
    }
    select
}

fn claims(city: CityId, now: DateTime<Utc>) -> SelectStatement {
    Query::select()
        .column(review_claim::Column::ApplicationId)
        .from(review_claim::Entity)
        .and_where(review_claim::Column::CityId.eq(city))
        .and_where(review_claim::Column::ExpiresAt.gt(now))
        .to_owned()
}

fn flagged(
    city: CityId,
    kind: contact_index::Kind,
    column: duplicate_flag::Column,
) -> SelectStatement {
    Query::select()
        .column(column)
        .from(duplicate_flag::Entity)
        .and_where(duplicate_flag::Column::CityId.eq(city))
        .and_where(duplicate_flag::Column::Kind.eq(kind))
        .and_where(duplicate_flag::Column::Resolution.is_null())
        .to_owned()
}
