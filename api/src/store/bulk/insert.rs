//! Rows as the arguments of prepared INSERT statements for SQLite.

use sqlx::{Arguments as _, AssertSqlSafe, Sqlite, Transaction, sqlite::SqliteArguments};

use super::{Table, Value};

/// Arguments of one statement at most (`SQLITE_MAX_VARIABLE_NUMBER` is 32,766).
const ARGUMENTS_MAX: usize = 32_000;

/// Full statements' arguments, and those of the one that is being filled.
#[derive(Default)]
pub(super) struct Batches(Vec<Batch>);

#[derive(Default)]
struct Batch {
    arguments: SqliteArguments,
    rows: usize,
}

impl Batches {
    pub(super) fn push(&mut self, row: &[Value<'_>]) -> anyhow::Result<()> {
        let is_full = self
            .0
            .last()
            .is_none_or(|batch| ARGUMENTS_MAX < (batch.rows + 1) * row.len());
        if is_full {
            self.0.push(Batch::default());
        }
        let Some(batch) = self.0.last_mut() else {
            return Ok(());
        };
        for value in row {
            let added = match value {
                Value::Null => batch.arguments.add(None::<i64>),
                Value::Text(text) => batch.arguments.add((*text).to_owned()),
                Value::Int(number) => batch.arguments.add(*number),
                Value::Bytes(bytes) => batch.arguments.add(bytes.to_vec()),
                Value::Uuid(id) => batch.arguments.add(*id),
                Value::Date(day) => batch.arguments.add(*day),
                Value::Instant(at) => batch.arguments.add(*at),
            };
            added.map_err(|cause| anyhow::anyhow!(cause))?;
        }
        batch.rows += 1;
        Ok(())
    }

    /// Runs the statements and leaves nothing waiting.
    pub(super) async fn run(
        &mut self,
        txn: &mut Transaction<'static, Sqlite>,
        table: &Table,
    ) -> anyhow::Result<()> {
        for batch in self.0.drain(..) {
            let row = format!("({})", vec!["?"; table.columns.len()].join(","));
            let rows = vec![row; batch.rows].join(",");
            let columns = table.columns.join(", ");
            let statement = format!("INSERT INTO {} ({columns}) VALUES {rows}", table.name);
            // The names come from tables written in this crate, never from input. Full batches
            // of a table have the same text and are prepared once; the others are all different,
            // and keeping them prepared would cost megabytes each.
            let is_full = batch.rows == ARGUMENTS_MAX / table.columns.len();
            sqlx::query_with(AssertSqlSafe(statement), batch.arguments)
                .persistent(is_full)
                .execute(&mut **txn)
                .await?;
        }
        Ok(())
    }
}
