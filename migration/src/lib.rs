//! The schema, step by step. Append-only: a landed step never changes, and none names `entity`,
//! because the past does not depend on the present.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{MigrationTrait, async_trait};

mod dialect;
mod m20261121_01_city_and_people;
mod m20261121_02_draws_and_records;
mod m20261121_03_bookkeeping;
mod m20261122_04_messages;
mod m20261122_06_reviews;
mod m20261122_08_representatives;
mod m20261122_09_certificates;
mod m20261122_07_calendar;
mod m20261122_05_accounts;
mod m20261128_10_old_letters;
mod m20261128_11_idempotency_keys;
mod m20261128_13_publications;
mod m20261129_14_trail_chain;

/// All steps, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_01_city_and_people::Step),
            Box::new(m20261121_02_draws_and_records::Step),
            Box::new(m20261121_03_bookkeeping::Step),
            Box::new(m20261122_04_messages::Step),
            Box::new(m20261122_06_reviews::Step),
            Box::new(m20261122_08_representatives::Step),
            Box::new(m20261122_09_certificates::Step),
            Box::new(m20261122_07_calendar::Step),
            Box::new(m20261122_05_accounts::Step),
            Box::new(m20261128_10_old_letters::Step),
            Box::new(m20261128_11_idempotency_keys::Step),
            Box::new(m20261128_13_publications::Step),
            Box::new(m20261129_14_trail_chain::Step),
        ]
    }
}
