//! Answers kept near: in the process, and in Redis where several nodes share them. Never the truth.
//!
//! Redis may be emptied, stopped, full or poisoned at any time; that changes how fast an answer
//! comes, and nothing else. What comes back from it is believed only under a MAC.

mod answers;
mod breaker;
mod limits;
mod link;
mod memory;
mod shared;

use std::sync::Arc;

use ::entity::CityId;
use serde::{Serialize, de::DeserializeOwned};
use verifier::text::Digest;

pub use answers::Answers;
pub(crate) use breaker::Breaker;
pub use limits::Wanted;
pub use shared::Shared;

use crate::telemetry::CacheReads;

/// Version of the values: raised whenever a cached type changes.
const VERSION: u32 = 2;

/// The cache of a node.
pub struct Cache {
    memory: memory::Memory,
    shared: Option<Shared>,
    /// Answers to public queries.
    pub answers: Answers,
    /// What came of reading from it.
    pub reads: Arc<CacheReads>,
}

/// The name of a cached value. Only public things are in a key, never a person's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    /// What became of a code in a published period.
    #[must_use]
    pub fn result(city: CityId, period: &str, code: &str) -> Self {
        Self(format!("fairplate:{VERSION}:result:{city}:{period}:{code}"))
    }

    /// A bucket of a published result.
    #[must_use]
    pub fn bucket(city: CityId, index: Digest, number: u32) -> Self {
        Self(format!(
            "fairplate:{VERSION}:bucket:{city}:{index}:{number}"
        ))
    }

    /// That all buckets of a published result are there.
    #[must_use]
    pub fn buckets(city: CityId, index: Digest) -> Self {
        Self(format!("fairplate:{VERSION}:buckets:{city}:{index}"))
    }

    /// The lease on writing the buckets of a published result.
    #[must_use]
    pub fn buckets_lease(city: CityId, index: Digest) -> Self {
        Self(format!("fairplate:{VERSION}:buckets-lease:{city}:{index}"))
    }

    /// The channel on which a new publication is told.
    #[must_use]
    pub fn news(city: CityId) -> Self {
        Self(format!("fairplate:{VERSION}:news:{city}"))
    }

    /// The answer to a public query: of one schema, at one epoch, for one document, operation and
    /// set of variables, which the digest is of.
    #[must_use]
    pub fn answer(city: CityId, schema: &str, epoch: i64, asked: Digest) -> Self {
        Self(format!(
            "fairplate:{VERSION}:answer:{city}:{schema}:{epoch}:{asked}"
        ))
    }

    /// The lease on finding the answer that this key is of.
    #[must_use]
    pub fn lease(&self) -> Self {
        Self(format!("{self}:lease", self = self.0))
    }

    /// What a client may still have of something. Who it is does not stand in the key.
    #[must_use]
    fn limit(of: &str, client: Digest) -> Self {
        Self(format!("fairplate:{VERSION}:limit:{of}:{client}"))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Cache {
    /// A cache in the process, beside Redis where there is one.
    #[must_use]
    pub fn new(shared: Option<Shared>) -> Self {
        Self {
            memory: memory::Memory::new(),
            answers: Answers::new(shared.clone()),
            shared,
            reads: Arc::default(),
        }
    }

    /// What nodes share, where they do.
    #[must_use]
    pub fn shared(&self) -> Option<&Shared> {
        self.shared.as_ref()
    }

    /// A value that this process has kept.
    pub async fn get<V: DeserializeOwned>(&self, key: &Key) -> Option<V> {
        let bytes = self.memory.get(key).await?;
        self.reads.memory.inc();
        serde_json::from_slice(&bytes).ok()
    }

    /// Keeps a value that will never change.
    pub async fn put<V: Serialize>(&self, key: &Key, value: &V) {
        if let Ok(bytes) = serde_json::to_vec(value) {
            self.memory.put(key, bytes).await;
        }
    }
}
