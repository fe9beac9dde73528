//! Where published results are answered from.

use serde::Deserialize;

/// Where published results are answered from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResultsConfig {
    /// The places that are asked, one after the other.
    pub tier: Tier,
}

/// The places that a look-up asks. The database is the last of them always, because it is the truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Tier {
    /// The node's own index, then the buckets in Redis where there is one.
    #[default]
    #[serde(rename = "local+redis")]
    LocalRedis,
    /// The node's own index alone.
    #[serde(rename = "local")]
    Local,
    /// The buckets in Redis, for nodes with little memory.
    #[serde(rename = "redis")]
    Redis,
    /// None but the database.
    #[serde(rename = "db")]
    Database,
}

impl Tier {
    /// Whether the node keeps the newest results in its memory.
    #[must_use]
    pub fn keeps_index(self) -> bool {
        matches!(self, Self::LocalRedis | Self::Local)
    }

    /// Whether the buckets in Redis are asked.
    #[must_use]
    pub fn asks_redis(self) -> bool {
        matches!(self, Self::LocalRedis | Self::Redis)
    }
}
