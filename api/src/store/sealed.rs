//! Every column that holds sealed values, so that all of them can be sealed again with a new key.
//!
//! Whoever adds a sealed column adds it here; a test compares this list with the schema.

use ::entity::CityId;
use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;

use crate::error::Result;

/// A column of sealed values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its table.
    pub table: &'static str,
    /// Its name.
    pub column: &'static str,
    /// The column that, with the city, is the table's key.
    pub key: &'static str,
    /// First word of the place that its values are sealed for: `<word>/<city>/<key>`.
    pub place: &'static str,
}

/// All of them, in the order in which they are sealed again.
pub const ALL: &[Column] = &[
    column("applicant", "applicant"),
    column("application", "application"),
    column("message", "message"),
];

/// A column `sealed` of a table whose key is `id`.
const fn column(table: &'static str, place: &'static str) -> Column {
    Column {
        table,
        column: "sealed",
        key: "id",
        place,
    }
}

/// A sealed value and where it is.
pub struct Sealed {
    /// The row's key.
    pub id: Uuid,
    /// The value.
    pub value: Vec<u8>,
}

impl Column {
    /// The place that a row's value is sealed for.
    #[must_use]
    pub fn place_of(&self, city: CityId, id: Uuid) -> String {
        format!("{}/{city}/{id}", self.place)
    }
}

/// Where a sealed value names its key: eight bytes from the second on.
const KEY_ID: &str = "substr({column}, 2, 8)";

/// How many values of a column another key than this one has sealed.
pub async fn count_behind(
    db: &impl ConnectionTrait,
    city: CityId,
    column: &Column,
    key_id: &[u8],
) -> Result<u64> {
    let sql = fill(
        &format!("SELECT COUNT(*) AS behind FROM {{table}} WHERE city_id = $1 AND {KEY_ID} <> $2"),
        column,
    );
    let values = [city.into(), key_id.to_vec().into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let behind: i64 = match db.query_one_raw(statement).await? {
        Some(row) => row.try_get("", "behind")?,
        None => 0,
    };
    u64::try_from(behind).map_err(crate::error::Error::internal)
}

/// The next values of a column that another key than this one has sealed, by the row's key.
pub async fn list_behind(
    db: &impl ConnectionTrait,
    city: CityId,
    column: &Column,
    key_id: &[u8],
    limit: u64,
) -> Result<Vec<Sealed>> {
    let sql = fill(
        &format!(
            "SELECT {{key}} AS id, {{column}} AS value FROM {{table}}
            WHERE city_id = $1 AND {KEY_ID} <> $2 ORDER BY {{key}} LIMIT $3"
        ),
        column,
    );
    let limit = i64::try_from(limit).map_err(crate::error::Error::internal)?;
    let values = [city.into(), key_id.to_vec().into(), limit.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = db.query_all_raw(statement).await?;
    let sealed = rows.iter().map(|row| {
        Ok(Sealed {
            id: row.try_get("", "id")?,
            value: row.try_get("", "value")?,
        })
    });
    sealed.collect()
}

/// Puts a value in the place of another, if the other is still there; `false` if the row has
/// changed or gone since it was read.
pub async fn replace(
    txn: &impl ConnectionTrait,
    city: CityId,
    column: &Column,
    old: &Sealed,
    new: Vec<u8>,
) -> Result<bool> {
    let sql = fill(
        "UPDATE {table} SET {column} = $1 WHERE city_id = $2 AND {key} = $3 AND {column} = $4",
        column,
    );
    let values: [Value; 4] = [
        new.into(),
        city.into(),
        old.id.into(),
        old.value.clone().into(),
    ];
    let statement = Statement::from_sql_and_values(txn.get_database_backend(), sql, values);
    Ok(txn.execute_raw(statement).await?.rows_affected() == 1)
}

/// The names come from [`ALL`], never from input.
fn fill(sql: &str, column: &Column) -> String {
    sql.replace("{table}", column.table)
        .replace("{column}", column.column)
        .replace("{key}", column.key)
}
