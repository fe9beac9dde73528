//! Opening the database and beginning a transaction.

use std::{sync::Arc, time::Duration};

use sea_orm::{
    AccessMode, ActiveModelTrait, ConnectOptions, ConnectionTrait, Database, DatabaseConnection,
    DatabaseTransaction, DbBackend, DbErr, EntityTrait as _, IntoActiveModel, IsolationLevel,
    ModelTrait, SqlErr, SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};

use crate::{
    error::{Error, Result},
    telemetry::{Pool, Telemetry},
};

/// Connections a node opens to PostgreSQL at most.
const POSTGRES_CONNECTIONS: u32 = 16;

/// Connections to an embedded SQLite file: one writes at a time, the others read.
const SQLITE_CONNECTIONS: u32 = 8;

/// Pages that a connection keeps: a negative number counts KiB.
const SQLITE_CACHE: &str = "-8192";

/// Prepared statements that a connection keeps; those of many rows are large.
const SQLITE_STATEMENTS: usize = 32;

/// Rows that one statement writes.
const STATEMENT_ROWS: usize = 500;

/// How long a writer waits for the one before it.
const LOCK_WAIT: Duration = Duration::from_mins(5);

/// Opens a database by its URL: `sqlite://<path>` or `postgres://…`.
///
/// An SQLite file is created when it is missing, and kept in WAL mode with `synchronous = FULL`,
/// so that what was answered survives a power cut.
pub async fn connect(url: &str) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .sqlx_logging(false)
        .test_before_acquire(false)
        .acquire_timeout(LOCK_WAIT);
    if url.starts_with("sqlite:") {
        options
            .max_connections(SQLITE_CONNECTIONS)
            .map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .create_if_missing(true)
                    .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
                    .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
                    .busy_timeout(LOCK_WAIT)
                    .pragma("cache_size", SQLITE_CACHE)
                    .statement_cache_capacity(SQLITE_STATEMENTS)
            });
    } else {
        // The pool's pieces are short statements over long tables: compiling each one took half
        // of a freeze.
        options
            .max_connections(POSTGRES_CONNECTIONS)
            .map_sqlx_postgres_opts(|postgres| {
                let lock_wait = format!("{}s", LOCK_WAIT.as_secs());
                postgres.options([("jit", "off"), ("lock_timeout", &lock_wait)])
            });
    }
    Database::connect(options)
        .await
        .map_err(|cause| Error::Unavailable {
            what: "the database",
            reason: reason_without_address(&cause),
        })
}

/// Opens a database for reading alone: it refuses every statement that would write, whoever sends it.
/// An SQLite file has to be there.
pub async fn connect_reading(url: &str) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .sqlx_logging(false)
        .max_connections(2)
        .acquire_timeout(LOCK_WAIT)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .read_only(true)
                .busy_timeout(LOCK_WAIT)
                .pragma("query_only", "ON")
        })
        .map_sqlx_postgres_opts(|postgres| {
            postgres.options([("jit", "off"), ("default_transaction_read_only", "on")])
        });
    Database::connect(options)
        .await
        .map_err(|cause| Error::Unavailable {
            what: "the database",
            reason: reason_without_address(&cause),
        })
}

/// Begins a transaction that reads, and sees the database as it is now until it ends.
pub async fn begin_reading(db: &DatabaseConnection) -> Result<DatabaseTransaction> {
    let is_postgres = db.get_database_backend() == DbBackend::Postgres;
    let options = TransactionOptions {
        isolation_level: is_postgres.then_some(IsolationLevel::RepeatableRead),
        access_mode: is_postgres.then_some(AccessMode::ReadOnly),
        ..TransactionOptions::default()
    };
    begin_with(db, options).await
}

/// The driver's own words never carry the URL, which may hold a password; only its kind is told.
fn reason_without_address(cause: &DbErr) -> String {
    match cause {
        DbErr::Conn(_) => {
            "the connection was refused; is the server running, and is the address right?"
        }
        _ => "it did not accept the connection",
    }
    .to_owned()
}

/// Has every statement that runs counted: how long it took, and whether it failed.
pub fn watch(db: &mut DatabaseConnection, telemetry: &Arc<Telemetry>) {
    let telemetry = Arc::clone(telemetry);
    db.set_metric_callback(move |ran| {
        telemetry.statement(&ran.statement.sql, ran.elapsed, ran.failed);
    });
}

/// What the connections to the database are at.
#[must_use]
pub fn pool(db: &DatabaseConnection) -> Pool {
    let (open, idle, most) = if db.get_database_backend() == DbBackend::Postgres {
        let pool = db.get_postgres_connection_pool();
        (pool.size(), pool.num_idle(), POSTGRES_CONNECTIONS)
    } else {
        let pool = db.get_sqlite_connection_pool();
        (pool.size(), pool.num_idle(), SQLITE_CONNECTIONS)
    };
    let (open, idle) = (u64::from(open), u64::try_from(idle).unwrap_or_default());
    Pool {
        busy: open.saturating_sub(idle),
        idle,
        most: most.into(),
    }
}

/// Begins a transaction that writes.
///
/// On SQLite it takes the write lock at once: a deferred transaction that turns into a writer
/// fails half-way under load, and work that was answered is lost.
pub async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction> {
    let options = TransactionOptions {
        sqlite_transaction_mode: (db.get_database_backend() == DbBackend::Sqlite)
            .then_some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    begin_with(db, options).await
}

async fn begin_with(
    db: &DatabaseConnection,
    options: TransactionOptions,
) -> Result<DatabaseTransaction> {
    let db = db.clone();
    Ok(to_its_end(async move { db.begin_with_options(options).await }).await??)
}

/// Begins a transaction in a task of its own. Where nobody waits for it any more it is begun all the
/// same, and rolled back at once: PostgreSQL's driver does not know of a transaction that was given up
/// while it began, and hands out its connection with that transaction open, in which others would write
/// what is never committed (sqlx 0.9.0, its issue 4393).
pub(super) async fn to_its_end<T: Send + 'static>(
    beginning: impl Future<Output = T> + Send + 'static,
) -> Result<T> {
    tokio::spawn(beginning).await.map_err(Error::internal)
}

/// Writes rows of one table, so many a statement that statements stay small and few are different.
pub(super) async fn insert_pieces<M, A>(txn: &impl ConnectionTrait, rows: Vec<M>) -> Result<()>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = M::Entity> + Send,
{
    let mut rows = rows
        .into_iter()
        .map(IntoActiveModel::into_active_model)
        .peekable();
    while rows.peek().is_some() {
        let piece: Vec<A> = rows.by_ref().take(STATEMENT_ROWS).collect();
        A::Entity::insert_many(piece)
            .exec_without_returning(txn)
            .await?;
    }
    Ok(())
}

/// These values with the last one again, up to the next power of two: lists of any length then take
/// few different statements, and a connection keeps all of them prepared.
pub(super) fn padded<'a>(values: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    let missing = values.len().next_power_of_two() - values.len();
    let last = values.last().copied().into_iter().cycle().take(missing);
    values.iter().copied().chain(last)
}

/// Whether a statement failed because of this unique constraint.
///
/// PostgreSQL names the constraint; SQLite names the columns.
pub(super) fn is_violation(cause: &DbErr, constraint: &str, columns: &str) -> bool {
    match cause.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(detail)) => {
            detail.contains(constraint) || detail.contains(columns)
        }
        _ => false,
    }
}
