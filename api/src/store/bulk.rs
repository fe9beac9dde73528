//! Millions of rows into the database, in one transaction, a piece at a time.
//!
//! The ORM is not in the way here: PostgreSQL takes pieces by COPY; SQLite takes a piece as one
//! JSON text that a prepared `INSERT … SELECT` takes apart inside the database.

use std::fmt::Write as _;

use anyhow::Context as _;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend};
use sqlx::{AssertSqlSafe, Postgres, Sqlite, Transaction};
use uuid::Uuid;

use crate::error::{Error, Result};

/// How a column is written.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Text, numbers, dates and instants: as they read.
    Plain,
    /// Bytes and UUIDs: as hex digits on the way.
    Bytes,
    /// A UUID, which PostgreSQL wants as such.
    Uuid,
}

/// A table and the columns that a load fills, in order.
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [(&'static str, Kind)],
}

/// One value of a row.
pub enum Value<'a> {
    /// No value.
    Null,
    /// Text without restrictions.
    Text(&'a str),
    /// A number.
    Int(i64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A UUID.
    Uuid(Uuid),
    /// A day.
    Date(NaiveDate),
    /// A moment.
    Instant(DateTime<Utc>),
}

/// Rows of one table, encoded for the database they go to.
pub struct Piece {
    text: String,
    rows: usize,
    is_postgres: bool,
}

/// A load under way. Dropped without [`Load::commit`], nothing was written.
pub struct Load {
    txn: Connection,
}

enum Connection {
    Postgres(Transaction<'static, Postgres>),
    Sqlite(Transaction<'static, Sqlite>),
}

impl Load {
    /// Begins a load.
    pub async fn begin(db: &DatabaseConnection) -> Result<Self> {
        let txn = if db.get_database_backend() == DbBackend::Postgres {
            let txn = db.get_postgres_connection_pool().begin().await;
            Connection::Postgres(txn.map_err(Error::internal)?)
        } else {
            let txn = db.get_sqlite_connection_pool().begin_with("BEGIN IMMEDIATE").await;
            Connection::Sqlite(txn.map_err(Error::internal)?)
        };
        Ok(Self { txn })
    }

    /// An empty piece for this load.
    #[must_use]
    pub fn piece(&self) -> Piece {
        let is_postgres = matches!(self.txn, Connection::Postgres(_));
        Piece { text: String::new(), rows: 0, is_postgres }
    }

    /// Writes a piece and leaves it empty for the next rows.
    pub async fn write(&mut self, table: &Table, piece: &mut Piece) -> Result<()> {
        if piece.rows == 0 {
            return Ok(());
        }
        let written = match &mut self.txn {
            Connection::Postgres(txn) => copy(txn, table, &piece.text).await,
            Connection::Sqlite(txn) => {
                piece.text.push(']');
                insert_json(txn, table, &piece.text).await
            }
        };
        piece.text.clear();
        piece.rows = 0;
        written.with_context(|| format!("loading rows into {}", table.name)).map_err(Error::internal)
    }

    /// Makes everything written so far durable.
    pub async fn commit(self) -> Result<()> {
        let committed = match self.txn {
            Connection::Postgres(txn) => txn.commit().await,
            Connection::Sqlite(txn) => txn.commit().await,
        };
        committed.map_err(Error::internal)
    }
}

async fn copy(txn: &mut Transaction<'static, Postgres>, table: &Table, text: &str) -> anyhow::Result<()> {
    let columns: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
    let statement = format!("COPY {} ({}) FROM STDIN", table.name, columns.join(", "));
    let mut sink = txn.copy_in_raw(&statement).await?;
    sink.send(text.as_bytes()).await?;
    sink.finish().await?;
    Ok(())
}

async fn insert_json(txn: &mut Transaction<'static, Sqlite>, table: &Table, json: &str) -> anyhow::Result<()> {
    let columns: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
    let values: Vec<_> = table
        .columns
        .iter()
        .enumerate()
        .map(|(index, (_, kind))| match kind {
            Kind::Plain => format!("value ->> {index}"),
            Kind::Bytes | Kind::Uuid => format!("unhex(value ->> {index})"),
        })
        .collect();
    let statement = format!(
        "INSERT INTO {} ({}) SELECT {} FROM json_each(?1)",
        table.name,
        columns.join(", "),
        values.join(", ")
    );
    // The names come from tables written above, never from input.
    sqlx::query(AssertSqlSafe(statement)).bind(json).execute(&mut **txn).await?;
    Ok(())
}

impl Piece {
    /// How many rows wait.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a row; the values are in the order of the table's columns.
    pub fn push(&mut self, values: &[Value<'_>]) {
        if !self.is_postgres {
            self.text.push_str(if self.rows == 0 { "[[" } else { ",[" });
        }
        for (index, value) in values.iter().enumerate() {
            if 0 < index {
                self.text.push(if self.is_postgres { '\t' } else { ',' });
            }
            if self.is_postgres {
                push_copy(&mut self.text, value);
            } else {
                push_json(&mut self.text, value);
            }
        }
        self.text.push(if self.is_postgres { '\n' } else { ']' });
        self.rows += 1;
    }
}

fn push_copy(text: &mut String, value: &Value<'_>) {
    match value {
        Value::Null => text.push_str("\\N"),
        Value::Text(plain) => {
            for character in plain.chars() {
                match character {
                    '\\' => text.push_str("\\\\"),
                    '\t' => text.push_str("\\t"),
                    '\n' => text.push_str("\\n"),
                    '\r' => text.push_str("\\r"),
                    other => text.push(other),
                }
            }
        }
        Value::Bytes(bytes) => {
            text.push_str("\\\\x");
            push_hex(text, bytes);
        }
        Value::Uuid(id) => push_hex(text, id.as_bytes()),
        other => push_plain(text, other),
    }
}

fn push_json(text: &mut String, value: &Value<'_>) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Text(plain) => {
            text.push_str(&serde_json::Value::from(*plain).to_string());
        }
        Value::Int(_) => push_plain(text, value),
        Value::Bytes(bytes) => {
            text.push('"');
            push_hex(text, bytes);
            text.push('"');
        }
        Value::Uuid(id) => {
            text.push('"');
            push_hex(text, id.as_bytes());
            text.push('"');
        }
        other => {
            text.push('"');
            push_plain(text, other);
            text.push('"');
        }
    }
}

fn push_plain(text: &mut String, value: &Value<'_>) {
    // Writing to a String cannot fail.
    let _ = match value {
        Value::Int(number) => write!(text, "{number}"),
        Value::Date(day) => write!(text, "{day}"),
        Value::Instant(at) => {
            text.push_str(&at.to_rfc3339_opts(SecondsFormat::AutoSi, false));
            Ok(())
        }
        Value::Null | Value::Text(_) | Value::Bytes(_) | Value::Uuid(_) => Ok(()),
    };
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}
