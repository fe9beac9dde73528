//! Flags on applications that may be one person's.

use ::entity::{ApplicationId, CityId, duplicate_flag};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, Order, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select, Set, Statement,
    sea_query::{OnConflict, Query, SelectStatement},
};
use uuid::Uuid;

use super::span;
use crate::{
    domain::span::Span,
    error::{Error, Result},
};

/// Writes a flag; says whether it is new. One for two applications and what they have in common.
pub async fn insert(txn: &impl ConnectionTrait, row: duplicate_flag::Model) -> Result<bool> {
    let key = [
        duplicate_flag::Column::CityId,
        duplicate_flag::Column::Kind,
        duplicate_flag::Column::EarlierId,
        duplicate_flag::Column::LaterId,
    ];
    let written = duplicate_flag::Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(txn)
        .await;
    match written {
        Ok(rows) => Ok(rows == 1),
        Err(sea_orm::DbErr::RecordNotInserted) => Ok(false),
        Err(cause) => Err(cause.into()),
    }
}

/// One flag.
pub async fn get(
    db: &impl ConnectionTrait,
    city: CityId,
    id: Uuid,
) -> Result<duplicate_flag::Model> {
    duplicate_flag::Entity::find_by_id((city, id))
        .one(db)
        .await?
        .ok_or_else(|| Error::not_found("duplicate flag", id))
}

/// One flag, held until the transaction ends.
pub async fn lock(
    txn: &impl ConnectionTrait,
    city: CityId,
    id: Uuid,
) -> Result<duplicate_flag::Model> {
    duplicate_flag::Entity::find_by_id((city, id))
        .lock_exclusive()
        .one(txn)
        .await?
        .ok_or_else(|| Error::not_found("duplicate flag", id))
}

/// What an officer said a flag means.
pub struct Resolved {
    /// The answer.
    pub resolution: duplicate_flag::Resolution,
    /// Who gave it.
    pub by: String,
    /// When.
    pub at: chrono::DateTime<chrono::Utc>,
    /// Their reason, encrypted.
    pub note: Vec<u8>,
}

/// Resolves a flag that the caller holds.
pub async fn resolve(
    txn: &impl ConnectionTrait,
    row: duplicate_flag::Model,
    resolved: Resolved,
) -> Result<duplicate_flag::Model> {
    let mut row = row.into_active_model();
    row.resolution = Set(Some(resolved.resolution));
    row.resolved_by = Set(Some(resolved.by));
    row.resolved_at = Set(Some(resolved.at));
    row.note = Set(Some(resolved.note));
    Ok(row.update(txn).await?)
}

/// Which flags are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those with an application of this period.
    pub period: Option<String>,
    /// Those that are resolved, or that are not.
    pub is_resolved: Option<bool>,
}

/// A part of the flags, oldest first.
pub async fn list(
    db: &impl ConnectionTrait,
    city: CityId,
    filter: &Filter,
    span: Span<Uuid>,
) -> Result<Vec<duplicate_flag::Model>> {
    let order = (duplicate_flag::Column::Id, Order::Asc);
    span::list(db, select(city, filter), order, span).await
}

/// One flag, if there is one.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    id: Uuid,
) -> Result<Option<duplicate_flag::Model>> {
    Ok(duplicate_flag::Entity::find_by_id((city, id))
        .one(db)
        .await?)
}

/// How many flags there are.
pub async fn count(db: &impl ConnectionTrait, city: CityId, filter: &Filter) -> Result<u64> {
    Ok(select(city, filter).count(db).await?)
}

fn select(city: CityId, filter: &Filter) -> Select<duplicate_flag::Entity> {
    let mut select = duplicate_flag::Entity::find().filter(duplicate_flag::Column::CityId.eq(city));
    if let Some(period) = &filter.period {
        let either = Condition::any()
            .add(duplicate_flag::Column::EarlierId.in_subquery(ids_of_period(city, period)))
            .add(duplicate_flag::Column::LaterId.in_subquery(ids_of_period(city, period)));
        select = select.filter(either);
    }
    match filter.is_resolved {
        None => select,
        Some(true) => select.filter(duplicate_flag::Column::Resolution.is_not_null()),
        Some(false) => select.filter(duplicate_flag::Column::Resolution.is_null()),
    }
}

fn ids_of_period(city: CityId, period: &str) -> SelectStatement {
    use ::entity::application::{Column, Entity};
    Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::CityId.eq(city))
        .and_where(Column::PeriodNumber.eq(period))
        .to_owned()
}

/// The unresolved flags on any of these applications.
pub async fn list_open_of(
    db: &impl ConnectionTrait,
    city: CityId,
    applications: &[ApplicationId],
) -> Result<Vec<duplicate_flag::Model>> {
    let ids = || applications.iter().copied();
    let either = Condition::any()
        .add(duplicate_flag::Column::EarlierId.is_in(ids()))
        .add(duplicate_flag::Column::LaterId.is_in(ids()));
    Ok(duplicate_flag::Entity::find()
        .filter(duplicate_flag::Column::CityId.eq(city))
        .filter(duplicate_flag::Column::Resolution.is_null())
        .filter(either)
        .order_by_asc(duplicate_flag::Column::Id)
        .all(db)
        .await?)
}

/// How many unresolved flags touch the pools of a period: both applications are live, and one of
/// them is valid in a category that the period allocates in.
pub async fn count_touching(txn: &impl ConnectionTrait, city: CityId, period: &str) -> Result<u64> {
    let sql = "SELECT COUNT(*) AS flags FROM duplicate_flag f
        JOIN application one ON one.city_id = f.city_id AND one.id = f.earlier_id
        JOIN application two ON two.city_id = f.city_id AND two.id = f.later_id
        WHERE f.city_id = $1 AND f.resolution IS NULL
          AND one.status IN ('new', 'valid', 'second_look')
          AND two.status IN ('new', 'valid', 'second_look')
          AND EXISTS (SELECT 1 FROM period_quota q
                      WHERE q.city_id = $1 AND q.period_number = $2
                        AND ((one.status = 'valid' AND one.category = q.category)
                          OR (two.status = 'valid' AND two.category = q.category)))";
    let values = [city.into(), period.into()];
    let statement = Statement::from_sql_and_values(txn.get_database_backend(), sql, values);
    let Some(row) = txn.query_one_raw(statement).await? else {
        return Ok(0);
    };
    let flags: i64 = row.try_get("", "flags")?;
    u64::try_from(flags).map_err(Error::internal)
}
