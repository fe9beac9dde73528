//! Every column that holds sealed values, so that all of them can be sealed again with a new key.
//!
//! Whoever adds a sealed column adds it here; a test compares this list with the schema. Names in
//! statements come from this list, never from input.

use std::fmt::Write as _;

use ::entity::CityId;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::error::{Error, Result};

/// A column of sealed values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its table.
    pub table: &'static str,
    /// Its name.
    pub column: &'static str,
    /// The columns that, with the city, are the table's key.
    pub keys: &'static [Key],
    /// First word of the place that its values are sealed for: `<word>/<city>/<key>`, with all
    /// parts of the key.
    pub place: &'static str,
}

/// A column of a key, and how it is spelt in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// An identifier, spelt as one.
    Id(&'static str),
    /// The hash of a token, of which the first half is spelt as an identifier.
    Token(&'static str),
}

/// All of them, in the order in which they are sealed again.
pub const ALL: &[Column] = &[
    of_id("applicant", "sealed", "applicant"),
    of_id("application", "sealed", "application"),
    of_id("message", "sealed", "message"),
    of_id("account", "sealed", "account"),
    of_id("one_time_code", "sealed", "one_time_code"),
    of_id("application_draft", "sealed", "application_draft"),
    of_id("review", "note", "review"),
    of_id("second_look", "statement", "second_look"),
    of_id("duplicate_flag", "note", "duplicate_flag"),
    of_id("staff", "sealed", "staff"),
    of_id("passkey", "sealed", "passkey"),
    of_id("passkey_challenge", "sealed", "passkey_challenge"),
    Column {
        table: "device",
        column: "sealed",
        keys: &[Key::Id("account_id"), Key::Token("token_hash")],
        place: "device",
    },
];

/// A column of a table whose key is `id`.
const fn of_id(table: &'static str, column: &'static str, place: &'static str) -> Column {
    Column {
        table,
        column,
        keys: &[Key::Id("id")],
        place,
    }
}

/// A sealed value and where it is.
pub struct Sealed {
    keys: Vec<KeyValue>,
    /// The value.
    pub value: Vec<u8>,
}

enum KeyValue {
    Id(Uuid),
    Token(Vec<u8>),
}

impl Key {
    fn name(self) -> &'static str {
        match self {
            Self::Id(name) | Self::Token(name) => name,
        }
    }

    fn read(self, row: &QueryResult) -> Result<KeyValue> {
        Ok(match self {
            Self::Id(name) => KeyValue::Id(row.try_get("", name)?),
            Self::Token(name) => KeyValue::Token(row.try_get("", name)?),
        })
    }
}

impl KeyValue {
    fn value(&self) -> Value {
        match self {
            Self::Id(id) => (*id).into(),
            Self::Token(hash) => hash.clone().into(),
        }
    }

    fn spelt(&self) -> Uuid {
        match self {
            Self::Id(id) => *id,
            Self::Token(hash) => {
                let half = hash.get(..16).and_then(|half| half.try_into().ok());
                Uuid::from_bytes(half.unwrap_or_default())
            }
        }
    }
}

impl Sealed {
    /// The place that the value is sealed for.
    #[must_use]
    pub fn place(&self, city: CityId, column: &Column) -> String {
        let keys = self.keys.iter();
        let keys: Vec<_> = keys.map(|key| key.spelt().to_string()).collect();
        format!("{}/{city}/{}", column.place, keys.join("/"))
    }
}

/// How many values of a column another key than this one has sealed.
pub async fn count_behind(
    db: &impl ConnectionTrait,
    city: CityId,
    column: &Column,
    key_id: &[u8],
) -> Result<u64> {
    let Column { table, column, .. } = column;
    // A sealed value names its key in eight bytes from the second on.
    let sql = format!(
        "SELECT COUNT(*) AS behind FROM {table} WHERE city_id = $1 AND substr({column}, 2, 8) <> $2"
    );
    let values = [city.into(), key_id.to_vec().into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let behind: i64 = match db.query_one_raw(statement).await? {
        Some(row) => row.try_get("", "behind")?,
        None => 0,
    };
    u64::try_from(behind).map_err(Error::internal)
}

/// The next values of a column that another key than this one has sealed, by the row's key.
pub async fn list_behind(
    db: &impl ConnectionTrait,
    city: CityId,
    column: &Column,
    key_id: &[u8],
    limit: u64,
) -> Result<Vec<Sealed>> {
    let keys: Vec<_> = column.keys.iter().map(|key| key.name()).collect();
    let keys = keys.join(", ");
    let (table, name) = (column.table, column.column);
    let sql = format!(
        "SELECT {keys}, {name} FROM {table}
        WHERE city_id = $1 AND substr({name}, 2, 8) <> $2 ORDER BY {keys} LIMIT $3"
    );
    let limit = i64::try_from(limit).map_err(Error::internal)?;
    let values = [city.into(), key_id.to_vec().into(), limit.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = db.query_all_raw(statement).await?;
    let sealed = rows.iter().map(|row| {
        let keys = column.keys.iter().map(|key| key.read(row));
        Ok(Sealed {
            keys: keys.collect::<Result<_>>()?,
            value: row.try_get("", name)?,
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
    let (table, name) = (column.table, column.column);
    let mut sql = format!("UPDATE {table} SET {name} = $1 WHERE city_id = $2 AND {name} = $3");
    let mut values: Vec<Value> = vec![new.into(), city.into(), old.value.clone().into()];
    for (key, value) in column.keys.iter().zip(&old.keys) {
        values.push(value.value());
        let _ = write!(sql, " AND {} = ${}", key.name(), values.len());
    }
    let statement = Statement::from_sql_and_values(txn.get_database_backend(), sql, values);
    Ok(txn.execute_raw(statement).await?.rows_affected() == 1)
}
