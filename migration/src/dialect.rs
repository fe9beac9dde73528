//! One schema text for both databases.
//!
//! Steps are written as SQL, so that every constraint carries a name of ours: the store turns a
//! violated name into the caller's outcome. Only the types below differ between the databases.

use sea_orm_migration::{
    SchemaManager,
    sea_orm::{ConnectionTrait, DbBackend, DbErr},
};

/// Placeholder, PostgreSQL, SQLite. Text is compared bytewise in both: the order of codes in a
/// pool file is the order of the index.
const TYPES: &[(&str, &str, &str)] = &[
    ("{text}", "TEXT COLLATE \"C\"", "TEXT"),
    ("{bytes}", "BYTEA", "BLOB"),
    ("{uuid}", "UUID", "BLOB"),
    ("{instant}", "TIMESTAMPTZ", "TIMESTAMP"),
    ("{date}", "DATE", "DATE"),
    ("{int}", "INTEGER", "INTEGER"),
    ("{long}", "BIGINT", "BIGINT"),
    ("{bool}", "BOOLEAN", "BOOLEAN"),
    // A table that is read in the order of its key is stored in that order where this can be said.
    ("{clustered}", "", "WITHOUT ROWID"),
];

/// Runs the statements of one step, in order.
pub(crate) async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let is_postgres = connection.get_database_backend() == DbBackend::Postgres;
    for statement in statements {
        let mut sql = (*statement).to_owned();
        for (placeholder, postgres, sqlite) in TYPES {
            sql = sql.replace(placeholder, if is_postgres { postgres } else { sqlite });
        }
        connection.execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// A step that is a list of statements. Steps only go forward: a city restores a back-up instead
/// of dropping records.
macro_rules! step {
    ($statements:ident) => {
        #[derive(sea_orm_migration::sea_orm::DeriveMigrationName)]
        pub(crate) struct Step;

        #[sea_orm_migration::async_trait::async_trait]
        impl sea_orm_migration::MigrationTrait for Step {
            async fn up(
                &self,
                manager: &sea_orm_migration::SchemaManager,
            ) -> Result<(), sea_orm_migration::DbErr> {
                crate::dialect::run(manager, $statements).await
            }
        }
    };
}
pub(crate) use step;
