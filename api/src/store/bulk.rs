//! Millions of rows into the database, in one transaction, a piece at a time.
//!
//! The ORM is not in the way here: PostgreSQL takes a piece by COPY, SQLite by prepared
//! statements of many rows each.

mod copy;
mod insert;
mod sharing;

use anyhow::Context as _;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend};
use sqlx::{Postgres, Sqlite, Transaction};
use uuid::Uuid;

use super::connection::to_its_end;
use crate::error::{Error, Result};

pub use sharing::Pair;

/// A table and the columns that a load fills, in order.
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [&'static str],
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
    rows: usize,
    encoded: Encoded,
}

enum Encoded {
    Postgres(copy::Text),
    Sqlite(insert::Batches),
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
            let pool = db.get_postgres_connection_pool().clone();
            let txn = to_its_end(async move { pool.begin().await }).await?;
            Connection::Postgres(txn.map_err(Error::internal)?)
        } else {
            let pool = db.get_sqlite_connection_pool().clone();
            let txn = to_its_end(async move { pool.begin_with("BEGIN IMMEDIATE").await }).await?;
            Connection::Sqlite(txn.map_err(Error::internal)?)
        };
        Ok(Self { txn })
    }

    /// An empty piece for this load.
    #[must_use]
    pub fn piece(&self) -> Piece {
        let encoded = match self.txn {
            Connection::Postgres(_) => Encoded::Postgres(copy::Text::default()),
            Connection::Sqlite(_) => Encoded::Sqlite(insert::Batches::default()),
        };
        Piece { rows: 0, encoded }
    }

    /// Writes a piece and leaves it empty for the next rows.
    pub async fn write(&mut self, table: &Table, piece: &mut Piece) -> Result<()> {
        if piece.rows == 0 {
            return Ok(());
        }
        piece.rows = 0;
        let written = match (&mut self.txn, &mut piece.encoded) {
            (Connection::Postgres(txn), Encoded::Postgres(text)) => text.send(txn, table).await,
            (Connection::Sqlite(txn), Encoded::Sqlite(batches)) => batches.run(txn, table).await,
            _ => Err(anyhow::anyhow!("the piece was made for another database")),
        };
        written
            .with_context(|| format!("loading rows into {}", table.name))
            .map_err(Error::internal)
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

/// Lets the database look at what was loaded: a planner that has never seen the rows reads millions
/// of them one way or the other. A sample is enough.
pub async fn analyze(db: &DatabaseConnection) -> Result<()> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => "PRAGMA analysis_limit = 1000; ANALYZE",
        _ => "ANALYZE",
    };
    db.execute_unprepared(sql).await?;
    Ok(())
}

impl Piece {
    /// How many rows wait.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a row; the values are in the order of the table's columns.
    pub fn push(&mut self, row: &[Value<'_>]) -> Result<()> {
        self.rows += 1;
        match &mut self.encoded {
            Encoded::Postgres(text) => {
                text.push(row);
                Ok(())
            }
            Encoded::Sqlite(batches) => batches.push(row).map_err(Error::internal),
        }
    }
}
