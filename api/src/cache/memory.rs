//! The cache inside the process.

use super::Key;

/// Bytes of keys and values that are kept at most.
const CAPACITY_BYTES: u64 = 32 * 1024 * 1024;

pub(super) struct Memory(moka::future::Cache<Key, Vec<u8>>);

impl Memory {
    pub(super) fn new() -> Self {
        let weigh = |key: &Key, value: &Vec<u8>| {
            u32::try_from(key.as_str().len() + value.len()).unwrap_or(u32::MAX)
        };
        Self(
            moka::future::Cache::builder()
                .max_capacity(CAPACITY_BYTES)
                .weigher(weigh)
                .build(),
        )
    }

    pub(super) async fn get(&self, key: &Key) -> Option<Vec<u8>> {
        self.0.get(key).await
    }

    pub(super) async fn put(&self, key: &Key, value: Vec<u8>) {
        self.0.insert(key.clone(), value).await;
    }
}
