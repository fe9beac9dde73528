//! The schema, step by step. Append-only: a landed step never changes, and none names `entity`,
//! because the past does not depend on the present.

use std::collections::BTreeSet;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{
    MigrationTrait, async_trait,
    sea_orm::{ConnectionTrait, DbErr},
};

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
mod m20261129_15_approvals;
mod m20261129_16_staff;
mod m20261129_17_unsigned_records;
mod m20261129_18_amends;
mod m20261129_19_lifted_bans;
mod m20261129_20_adopted_rules;

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
            Box::new(m20261129_15_approvals::Step),
            Box::new(m20261129_16_staff::Step),
            Box::new(m20261129_17_unsigned_records::Step),
            Box::new(m20261129_18_amends::Step),
            Box::new(m20261129_19_lifted_bans::Step),
            Box::new(m20261129_20_adopted_rules::Step),
        ]
    }
}

/// How a database stands to this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has all steps, and no others.
    Current,
    /// So many steps are still to be taken.
    Older(usize),
    /// A newer program has taken this step, and what it means is not known here.
    Newer(String),
}

impl Standing {
    /// Looks at a database.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn of(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let steps = Migrator::migrations();
        let known: BTreeSet<&str> = steps.iter().map(|step| step.name()).collect();
        let taken = Migrator::get_migration_models(db).await?;
        let unknown = taken
            .iter()
            .find(|step| !known.contains(step.version.as_str()));
        Ok(match unknown {
            Some(step) => Self::Newer(step.version.clone()),
            None if taken.len() == known.len() => Self::Current,
            None => Self::Older(known.len() - taken.len()),
        })
    }
}
