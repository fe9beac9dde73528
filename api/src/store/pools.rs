//! Frozen pools, and those who would enter one. Both leave the database in pieces of bounded size,
//! in the order of the pool file; the whole pool is never in memory.

use ::entity::{ApplicantId, CityId, pool_entry};
use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QuerySelect as _, Statement, Value,
};

use super::connection::{insert_pieces, padded};
use crate::error::Result;

/// Rows that are in memory at once.
pub const PIECE_ROWS: u64 = 5_000;

/// Somebody with a valid application.
#[derive(Debug, FromQueryResult)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the columns of one statement, each a fact of its own"
)]
pub struct Candidate {
    /// The application code.
    pub code: String,
    /// Whose it is.
    pub applicant_id: ApplicantId,
    /// Classes of the driving licence, separated by spaces.
    pub licence_classes: String,
    /// Whether the tier was joined.
    pub is_tier_member: bool,
    /// Periods taken part in, published by the given date.
    pub participation_count: i64,
    /// Whether the ledger holds more than plain participations of regular periods by then: resets,
    /// corrections, tier periods. Then the count alone does not tell.
    pub needs_ledger: bool,
    /// Whether the person holds a certificate of the category that can be used on the given date.
    pub holds_certificate: bool,
    /// Whether a ban on the person is in force on the given date.
    pub is_banned: bool,
}

/// The next candidates of some categories after a code, ascending.
pub async fn list_candidates(
    txn: &impl ConnectionTrait,
    city: CityId,
    categories: &[&str],
    as_of: NaiveDate,
    after: &str,
) -> Result<Vec<Candidate>> {
    const SQL: &str = "SELECT a.code, a.applicant_id, a.licence_classes,
            a.tier_joined_at IS NOT NULL AS is_tier_member,
            COALESCE(l.lines, 0) AS participation_count,
            COALESCE(l.others, 0) > 0 AS needs_ledger,
            EXISTS (SELECT 1 FROM certificate c WHERE c.city_id = $1
                AND c.applicant_id = a.applicant_id AND c.category = a.category AND c.status = 'live'
                AND $2 <= c.expires_on) AS holds_certificate,
            EXISTS (SELECT 1 FROM ban b WHERE b.city_id = $1
                AND b.applicant_id = a.applicant_id
                AND b.begins_on <= $2 AND $2 <= b.ends_on AND b.lifted_at IS NULL) AS is_banned
        FROM (SELECT * FROM application
              WHERE city_id = $1 AND category IN ({categories}) AND status = 'valid' AND code > $3
              ORDER BY code LIMIT $4) a
        LEFT JOIN (SELECT p.applicant_id, COUNT(*) AS lines,
                SUM(CASE WHEN p.kind = 'participated' AND p.period_number NOT LIKE '%J%' THEN 0 ELSE 1 END) AS others
             FROM participation p
             WHERE p.city_id = $1 AND p.published_on <= $2 AND p.applicant_id IN
                (SELECT applicant_id FROM application
                 WHERE city_id = $1 AND category IN ({categories}) AND status = 'valid' AND code > $3
                 ORDER BY code LIMIT $4)
             GROUP BY p.applicant_id) l ON l.applicant_id = a.applicant_id
        ORDER BY a.code";
    let first = 5;
    let places: Vec<String> = (first..first + categories.len())
        .map(|place| format!("${place}"))
        .collect();
    let sql = SQL.replace("{categories}", &places.join(", "));
    let mut values: Vec<Value> = vec![
        city.into(),
        as_of.into(),
        after.into(),
        i64::try_from(PIECE_ROWS).unwrap_or(i64::MAX).into(),
    ];
    values.extend(categories.iter().map(|category| Value::from(*category)));
    let statement = Statement::from_sql_and_values(txn.get_database_backend(), sql, values);
    Ok(Candidate::find_by_statement(statement).all(txn).await?)
}

/// Writes lines of a pool.
pub async fn insert(txn: &impl ConnectionTrait, entries: Vec<pool_entry::Model>) -> Result<()> {
    insert_pieces(txn, entries).await
}

/// The next lines of a pool after a code, in the order of its file: code and weight.
pub async fn list_lines(
    db: &impl ConnectionTrait,
    city: CityId,
    draw: &str,
    category: &str,
    after: &str,
) -> Result<Vec<(String, i32)>> {
    Ok(pool_entry::Entity::of_pool(city, draw, category)
        .filter(pool_entry::Column::Code.gt(after))
        .select_only()
        .columns([pool_entry::Column::Code, pool_entry::Column::Weight])
        .limit(PIECE_ROWS)
        .into_tuple()
        .all(db)
        .await?)
}

/// The line of a code in a draw, in whichever category it is.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    draw: &str,
    category: &str,
    code: &str,
) -> Result<Option<pool_entry::Model>> {
    let key = (city, draw.to_owned(), category.to_owned(), code.to_owned());
    Ok(pool_entry::Entity::find_by_id(key).one(db).await?)
}

/// Those of these codes that are in the frozen pool of a category, in no order.
pub async fn list_of_codes(
    db: &impl ConnectionTrait,
    city: CityId,
    draw: &str,
    category: &str,
    codes: &[&str],
) -> Result<Vec<pool_entry::Model>> {
    Ok(pool_entry::Entity::find()
        .filter(pool_entry::Column::CityId.eq(city))
        .filter(pool_entry::Column::DrawId.eq(draw))
        .filter(pool_entry::Column::Category.eq(category))
        .filter(pool_entry::Column::Code.is_in(padded(codes)))
        .all(db)
        .await?)
}

/// Which codes of a category, after one and up to another, are in the frozen pool of an unfinished
/// draw.
pub async fn list_locked(
    db: &impl ConnectionTrait,
    city: CityId,
    category: &str,
    after: &str,
    last: &str,
) -> Result<Vec<String>> {
    let sql = "SELECT e.code FROM draw d JOIN pool_entry e
            ON e.city_id = d.city_id AND e.draw_id = d.id AND e.category = $2
        WHERE d.city_id = $1 AND d.purpose = 'allocation'
            AND d.phase IN ('frozen', 'announced', 'closed')
            AND $3 < e.code AND e.code <= $4";
    let values = [city.into(), category.into(), after.into(), last.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = db.query_all_raw(statement).await?;
    let codes = rows.iter().map(|row| row.try_get("", "code"));
    Ok(codes.collect::<std::result::Result<_, _>>()?)
}

/// Which of these codes are in the frozen pool of an unfinished draw, each with the category.
pub async fn list_locked_of(
    db: &impl ConnectionTrait,
    city: CityId,
    codes: &[String],
) -> Result<Vec<(String, String)>> {
    use ::entity::draw;
    let unfinished = sea_orm::sea_query::Query::select()
        .column(draw::Column::Id)
        .from(draw::Entity)
        .and_where(draw::Column::CityId.eq(city))
        .and_where(draw::Column::Purpose.eq(draw::Purpose::Allocation))
        .and_where(draw::Column::Phase.is_in([
            draw::Phase::Frozen,
            draw::Phase::Announced,
            draw::Phase::Closed,
        ]))
        .to_owned();
    Ok(pool_entry::Entity::find()
        .filter(pool_entry::Column::CityId.eq(city))
        .filter(pool_entry::Column::DrawId.in_subquery(unfinished))
        .filter(pool_entry::Column::Code.is_in(codes))
        .select_only()
        .columns([pool_entry::Column::Category, pool_entry::Column::Code])
        .into_tuple()
        .all(db)
        .await?)
}

/// The unfinished draw whose frozen pool holds this code, if any: while there is one, the
/// application is locked. A draw of representatives locks nobody.
pub async fn find_locking_draw(
    db: &impl ConnectionTrait,
    city: CityId,
    category: &str,
    code: &str,
) -> Result<Option<String>> {
    let sql = "SELECT d.id FROM draw d JOIN pool_entry e
            ON e.city_id = d.city_id AND e.draw_id = d.id AND e.category = $2 AND e.code = $3
        WHERE d.city_id = $1 AND d.purpose = 'allocation' AND d.phase IN ('frozen', 'announced', 'closed') LIMIT 1";
    let values = [city.into(), category.into(), code.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(match db.query_one_raw(statement).await? {
        Some(row) => Some(row.try_get("", "id")?),
        None => None,
    })
}
