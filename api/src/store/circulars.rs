//! Messages to everybody in a period, on their way.

use ::entity::{ApplicantId, ApplicationId, CityId, application, circular, draw, period};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    Statement, sea_query::Expr,
};

use uuid::Uuid;

use crate::error::{Error, Result};

/// Writes a circular.
pub async fn insert(txn: &impl ConnectionTrait, row: circular::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// The oldest circular that has not gone to everybody.
pub async fn find_open(db: &impl ConnectionTrait, city: CityId) -> Result<Option<circular::Model>> {
    Ok(circular::Entity::find()
        .filter(circular::Column::CityId.eq(city))
        .filter(circular::Column::DoneAt.is_null())
        .order_by_asc(circular::Column::CreatedAt)
        .order_by_asc(circular::Column::Id)
        .one(db)
        .await?)
}

/// The next applications that a circular goes to, in the order of their ids.
pub async fn list_recipients(
    db: &impl ConnectionTrait,
    row: &circular::Model,
    statuses: &[application::Status],
    limit: u64,
) -> Result<Vec<application::Model>> {
    let mut select = application::Entity::find()
        .filter(application::Column::CityId.eq(row.city_id))
        .filter(application::Column::PeriodNumber.eq(row.period_number.as_str()))
        .filter(application::Column::Status.is_in(statuses.iter().copied()));
    if let Some(through) = row.sent_through {
        select = select.filter(application::Column::Id.gt(ApplicationId(through)));
    }
    Ok(select
        .order_by_asc(application::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Somebody who was in a pool.
pub struct Drawn {
    /// The application.
    pub id: ApplicationId,
    /// Whose it is.
    pub applicant: ApplicantId,
    /// Its code.
    pub code: String,
    /// Whether the code has won.
    pub won: bool,
}

/// The next applications in the pools of a draw, in the order of their ids: at most `limit` behind
/// `through`.
pub async fn list_drawn(
    db: &impl ConnectionTrait,
    city: CityId,
    draw: &str,
    through: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Drawn>> {
    let sql = "SELECT a.id, a.applicant_id, a.code, COALESCE(w.is_winner, FALSE) AS won
        FROM application a
        JOIN pool_entry e ON e.city_id = a.city_id AND e.draw_id = $2
          AND e.category = a.category AND e.code = a.code
        LEFT JOIN placement w ON w.city_id = e.city_id AND w.draw_id = e.draw_id
          AND w.category = e.category AND w.code = e.code
        WHERE a.city_id = $1 AND a.id > $3 ORDER BY a.id LIMIT $4";
    let limit = i64::try_from(limit).map_err(Error::internal)?;
    let values = [
        city.into(),
        draw.into(),
        through.unwrap_or(Uuid::nil()).into(),
        limit.into(),
    ];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let mut drawn = Vec::new();
    for row in db.query_all_raw(statement).await? {
        drawn.push(Drawn {
            id: row.try_get("", "id")?,
            applicant: row.try_get("", "applicant_id")?,
            code: row.try_get("", "code")?,
            won: row.try_get("", "won")?,
        });
    }
    Ok(drawn)
}

/// The finished draws, of those that allocate, of periods whose result came out on this day or later.
pub async fn list_results_since(
    db: &impl ConnectionTrait,
    city: CityId,
    since: NaiveDate,
) -> Result<Vec<draw::Model>> {
    let periods: Vec<String> = period::Entity::find()
        .filter(period::Column::CityId.eq(city))
        .filter(period::Column::PublishedOn.gte(since))
        .select_only()
        .column(period::Column::Number)
        .into_tuple()
        .all(db)
        .await?;
    Ok(draw::Entity::find()
        .filter(draw::Column::CityId.eq(city))
        .filter(draw::Column::PeriodNumber.is_in(periods))
        .filter(draw::Column::Purpose.eq(draw::Purpose::Allocation))
        .filter(draw::Column::Phase.eq(draw::Phase::Finished))
        .all(db)
        .await?)
}

/// Whether a period has had a circular of just this content.
pub async fn exists(
    db: &impl ConnectionTrait,
    city: CityId,
    period: &str,
    content: &str,
) -> Result<bool> {
    let same = circular::Entity::find()
        .filter(circular::Column::CityId.eq(city))
        .filter(circular::Column::PeriodNumber.eq(period))
        .filter(circular::Column::Content.eq(content));
    Ok(0 < same.count(db).await?)
}

/// Notes how far a circular was sent.
pub async fn advance(
    txn: &impl ConnectionTrait,
    row: &circular::Model,
    through: Option<ApplicationId>,
    done_at: Option<DateTime<Utc>>,
) -> Result<()> {
    circular::Entity::update_many()
        .col_expr(
            circular::Column::SentThrough,
            Expr::value(through.map(|id| id.0).or(row.sent_through)),
        )
        .col_expr(circular::Column::DoneAt, Expr::value(done_at))
        .filter(circular::Column::CityId.eq(row.city_id))
        .filter(circular::Column::Id.eq(row.id))
        .exec(txn)
        .await?;
    Ok(())
}
