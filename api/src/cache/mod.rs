//! Answers kept near: in the process, or in Redis where several nodes share them. Never the truth.
//!
//! The cache may be emptied, stopped, full or poisoned at any time; that changes how fast an
//! answer comes, and nothing else. What comes back from Redis is believed only under a MAC.

mod memory;
mod shared;

use std::sync::Arc;

use ::entity::CityId;
use serde::{Serialize, de::DeserializeOwned};

pub use shared::Shared;

use crate::telemetry::{CacheReads, Outcome};

/// Version of the values: raised whenever a cached type changes.
const VERSION: u32 = 1;

/// The cache of a node.
pub struct Cache {
    memory: memory::Memory,
    shared: Option<Shared>,
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

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Cache {
    /// A cache in the process, over Redis where there is one.
    #[must_use]
    pub fn new(shared: Option<Shared>) -> Self {
        Self {
            memory: memory::Memory::new(),
            shared,
            reads: Arc::default(),
        }
    }

    /// A value, if it is near.
    pub async fn get<V: DeserializeOwned>(&self, key: &Key) -> Option<V> {
        if let Some(bytes) = self.memory.get(key).await {
            self.reads.memory.inc();
            return serde_json::from_slice(&bytes).ok();
        }
        let read = self.shared.as_ref()?.get(key).await;
        let outcome = read
            .as_ref()
            .map_or_else(|outcome| *outcome, |_| Outcome::Hit);
        self.reads.shared.get(outcome).inc();
        let bytes = read.ok()?;
        let value = serde_json::from_slice(&bytes).ok()?;
        self.memory.put(key, bytes).await;
        Some(value)
    }

    /// Keeps a value that will never change.
    pub async fn put<V: Serialize>(&self, key: &Key, value: &V) {
        let Ok(bytes) = serde_json::to_vec(value) else {
            return;
        };
        if let Some(shared) = &self.shared {
            shared.put(key, &bytes).await;
        }
        self.memory.put(key, bytes).await;
    }
}
