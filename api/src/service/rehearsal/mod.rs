//! A rehearsal: a period's whole ceremony on a copy, in a city of its own that vouches for nothing.
//!
//! The city is read over a connection that cannot write ([`Source`]). What a freeze needs of it is
//! copied ([`copy`]): the codes and what their weights rest on, under other ids, and nothing that is
//! sealed. Whether the two can be told apart is worked out afterwards ([`separation`]), and what the
//! city looks like before and after is compared ([`untouched`]).

mod copying;
pub mod separation;
pub mod untouched;

use ::entity::{CityId, city, period, period_quota, policy_version};
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr};
use verifier::beacon::Chain;

pub use copying::{Copied, copy};

use crate::{
    beacon::REHEARSAL_PREFIX,
    error::{Error, Result},
    store,
};

/// How the origin of every rehearsal's log begins.
pub const ORIGIN_PREFIX: &str = "rehearsal.";

/// Whether what is public of a draw says that it is rehearsed: its log is called so, or the chain that it
/// waits for.
pub(in crate::service) fn is_named_so(origin: &str, chain: Option<&Chain>) -> bool {
    let is_called = |chain: &Chain| chain.beacon_id.starts_with(REHEARSAL_PREFIX);
    origin.starts_with(ORIGIN_PREFIX) || chain.is_some_and(is_called)
}

/// A connection to a city's database that cannot write.
pub struct Reading {
    db: DatabaseConnection,
}

impl Reading {
    /// Opens it.
    ///
    /// # Errors
    ///
    /// [`Error::NotSetUp`] where the database is of another version than this program.
    pub async fn open(url: &str) -> Result<Self> {
        let db = store::connect_reading(url).await?;
        // `Standing::of` would make the table of steps where there is none, which needs a pen.
        match Migrator::get_pending_migrations_read_only(&db).await {
            Ok(steps) if steps.is_empty() => return Ok(Self { db }),
            // Steps that this program does not know.
            Ok(_) | Err(DbErr::Custom(_)) => {}
            Err(cause) => return Err(cause.into()),
        }
        Err(Error::NotSetUp(
            "the database is of another version than this program; rehearse with the one that serves the city"
                .to_owned(),
        ))
    }
}

/// A city as it is at one moment, to be read from.
pub struct Source {
    txn: DatabaseTransaction,
    /// The city.
    pub city: city::Model,
    /// The period that is rehearsed.
    pub period: period::Model,
    quotas: Vec<period_quota::Model>,
    rules: policy_version::Model,
    /// The text of its rules that the city has adopted.
    pub adopted: policy_version::Model,
}

impl Source {
    /// Looks at a city and one of its periods.
    ///
    /// # Errors
    ///
    /// [`Error::NotSetUp`] where the database holds no such city; [`Error::NotFound`] where it has no
    /// such period; [`Error::InvalidInput`] for one that has been drawn.
    pub async fn open(from: &Reading, city: CityId, number: &str) -> Result<Self> {
        let txn = store::begin_reading(&from.db).await?;
        let row = store::cities::find(&txn, city).await?.ok_or_else(|| {
            Error::NotSetUp("the database holds no such city; run `fairplate migrate`".to_owned())
        })?;
        let period = store::periods::get(&txn, city, number).await?;
        if period.phase == period::Phase::Published {
            return Err(Error::invalid(
                "period",
                format!("{number} has been drawn; rehearse one that is still to be"),
            ));
        }
        let rules = store::policies::find(&txn, city, &period.policy_digest).await?;
        let rules = rules.ok_or_else(|| {
            Error::internal(anyhow::anyhow!(
                "period {number} names rules that were never adopted"
            ))
        })?;
        let digest = row.policy_digest.as_deref().unwrap_or_default();
        let adopted = store::policies::find(&txn, city, digest).await?;
        let adopted = adopted.ok_or_else(|| {
            Error::NotSetUp("the city has adopted no rules; run `fairplate migrate`".to_owned())
        })?;
        Ok(Self {
            adopted,
            quotas: store::periods::list_quotas(&txn, city, number).await?,
            city: row,
            period,
            rules,
            txn,
        })
    }

    /// How many valid applications its categories have.
    pub async fn count(&self) -> Result<u64> {
        store::copies::count_valid(&self.txn, self.city.id, &self.categories()).await
    }

    fn categories(&self) -> Vec<String> {
        let of = |quota: &period_quota::Model| quota.category.clone();
        self.quotas.iter().map(of).collect()
    }
}
