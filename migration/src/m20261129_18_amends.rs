//! Amends: the only records of which a draw can have several.

use sea_orm_migration::{
    MigrationTrait, SchemaManager, async_trait,
    sea_orm::{DbBackend, DbErr, DeriveMigrationName},
};

/// The how-manieth record of its kind in its draw, from 1, takes the place of the rule that there is one.
const POSTGRES: &[&str] = &[
    "ALTER TABLE record ADD COLUMN number {int} NOT NULL DEFAULT 1
        CONSTRAINT record_number_of_amend CHECK (number = 1 OR (kind = 'amend' AND number > 1))",
    "ALTER TABLE record DROP CONSTRAINT record_step_once",
    "ALTER TABLE record ADD CONSTRAINT record_step_once UNIQUE (city_id, draw_id, kind, number)",
];

/// SQLite takes no constraint from a table: the rows move into one that was made without it.
const SQLITE: &[&str] = &[
    "CREATE TABLE record_with_numbers (
        city_id {int} NOT NULL,
        log_index {long} NOT NULL,
        draw_id {text} NOT NULL,
        kind {text} NOT NULL,
        hash {bytes} NOT NULL,
        leaf {bytes} NOT NULL,
        note {text} NOT NULL,
        issued_at {instant} NOT NULL,
        number {int} NOT NULL DEFAULT 1
            CONSTRAINT record_number_of_amend CHECK (number = 1 OR (kind = 'amend' AND number > 1)),
        CONSTRAINT record_pkey PRIMARY KEY (city_id, log_index),
        CONSTRAINT record_step_once UNIQUE (city_id, draw_id, kind, number)
    )",
    "INSERT INTO record_with_numbers
            (city_id, log_index, draw_id, kind, hash, leaf, note, issued_at)
        SELECT city_id, log_index, draw_id, kind, hash, leaf, note, issued_at FROM record",
    "DROP TABLE record",
    "ALTER TABLE record_with_numbers RENAME TO record",
];

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
        super::dialect::run(manager, if is_postgres { POSTGRES } else { SQLITE }).await
    }

    /// The log is never half in one table and half in another.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
