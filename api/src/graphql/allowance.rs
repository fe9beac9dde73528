//! How much a client may still ask for.
//!
//! What a document costs is known when it is validated. It is taken there, before anything is
//! executed, from whoever answers for the request.

use std::sync::{Arc, OnceLock};

use async_graphql::{
    Context, Object, ServerError, SimpleObject, ValidationResult, Value,
    async_trait::async_trait,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation},
};
use chrono::{TimeDelta, Utc};

use super::scalars::DateTime;

/// The code of a request that costs more than is left.
pub const RATE_LIMITED: &str = "RATE_LIMITED";

/// Where what a client may have is kept.
pub trait Allowance: Send + Sync {
    /// Takes so many units, or says how long it takes until there are as many.
    fn take(&self, cost: u64) -> Result<Standing, TimeDelta>;
}

/// What is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Units that can be had at once.
    pub limit: u64,
    /// Units that were taken.
    pub cost: u64,
    /// Units that are left.
    pub remaining: u64,
    /// When all of them are there again.
    pub reset_at: chrono::DateTime<Utc>,
}

/// A request's way to its client's allowance, as data of the request.
pub struct Charge {
    allowance: Box<dyn Allowance>,
    is_told: bool,
    cost: OnceLock<u64>,
    taken: OnceLock<Result<Standing, TimeDelta>>,
}

impl Charge {
    /// Takes the cost of the request's document from here. What is left is not told in answers that
    /// others may keep.
    #[must_use]
    pub fn to(allowance: Box<dyn Allowance>, is_told: bool) -> Arc<Self> {
        Arc::new(Self {
            allowance,
            is_told,
            cost: OnceLock::new(),
            taken: OnceLock::new(),
        })
    }

    /// What the document costs; nothing before it was validated.
    #[must_use]
    pub fn cost(&self) -> Option<u64> {
        self.cost.get().copied()
    }

    /// How long to wait, where there was not enough.
    #[must_use]
    pub fn wait(&self) -> Option<TimeDelta> {
        self.taken.get().and_then(|taken| taken.err())
    }

    /// What is left, where that is told; nothing before the document was validated.
    #[must_use]
    pub fn standing(&self) -> Option<Standing> {
        let taken = self.taken.get().filter(|_| self.is_told);
        taken.and_then(|taken| taken.ok())
    }
}

/// Takes the cost of each document that is about to be executed.
pub(super) struct Metered;

impl ExtensionFactory for Metered {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for Metered {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let validated = next.run(ctx).await?;
        let Some(charge) = ctx.data_opt::<Arc<Charge>>() else {
            return Ok(validated);
        };
        let cost = u64::try_from(validated.complexity).unwrap_or(u64::MAX);
        let cost = *charge.cost.get_or_init(|| cost);
        let taken = charge.taken.get_or_init(|| charge.allowance.take(cost));
        if taken.is_ok() {
            return Ok(validated);
        }
        let mut error = ServerError::new("wait before you ask again", None);
        let extensions = error.extensions.get_or_insert_default();
        extensions.set("code", Value::from(RATE_LIMITED));
        Err(vec![error])
    }
}

/// How much whoever asks may still ask for. Each document has a cost, its number of fields with
/// those of lists counted as often as they may come; what was spent comes back with time.
#[derive(SimpleObject)]
struct RateLimit {
    /// What can be spent at once.
    limit: i32,
    /// What this very document costs.
    cost: i32,
    /// What is left after it.
    remaining: i32,
    /// When everything that was spent is there again.
    reset_at: DateTime,
}

#[derive(Default)]
pub(super) struct AllowanceQuery;

#[Object]
impl AllowanceQuery {
    /// How much whoever asks may still ask for; null where nothing is counted, and over GET, whose
    /// answers others may keep.
    async fn rate_limit(&self, ctx: &Context<'_>) -> Option<RateLimit> {
        let standing = ctx.data_opt::<Arc<Charge>>()?.standing()?;
        let units = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
        Some(RateLimit {
            limit: units(standing.limit),
            cost: units(standing.cost),
            remaining: units(standing.remaining),
            reset_at: DateTime(standing.reset_at),
        })
    }
}
