//! The cache that several nodes share, in Redis.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use redis::{
    AsyncCommands as _,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use sha2::Sha256;

use super::Key;
use crate::telemetry::Outcome;

/// How long Redis may take before it is done without. A dead Redis must not cost more than this.
const PATIENCE: Duration = Duration::from_millis(20);

/// How long opening a connection may take.
const CONNECT_PATIENCE: Duration = Duration::from_millis(50);

/// How long a value is kept; it never changes, so this only frees memory.
const KEEP_SECS: u64 = 24 * 60 * 60;

const MAC_BYTES: usize = 32;

/// Redis, and the key under which its values are believed.
pub struct Shared {
    connection: ConnectionManager,
    mac_key: [u8; 32],
}

impl Shared {
    /// Prepares a connection, lazily: a Redis that is down does not keep a node from starting.
    pub fn new(url: &str, mac_key: [u8; 32]) -> Result<Self, redis::RedisError> {
        let client = redis::Client::open(url)?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(CONNECT_PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let connection = ConnectionManager::new_lazy_with_config(client, config)?;
        Ok(Self {
            connection,
            mac_key,
        })
    }

    /// A value, if Redis has it in time and its MAC is right; otherwise what came of asking.
    pub(super) async fn get(&self, key: &Key) -> Result<Vec<u8>, Outcome> {
        let mut connection = self.connection.clone();
        let asking = connection.get::<_, Option<Vec<u8>>>(key.as_str());
        let stored = tokio::time::timeout(PATIENCE + CONNECT_PATIENCE, asking)
            .await
            .map_err(|_| Outcome::TimedOut)?
            .map_err(|_| Outcome::TimedOut)?
            .ok_or(Outcome::Miss)?;
        let (mac, value) = stored.split_at_checked(MAC_BYTES).ok_or(Outcome::Refused)?;
        let checked = self.mac(key, value).verify_slice(mac);
        checked.map_err(|_| Outcome::Refused)?;
        Ok(value.to_vec())
    }

    /// Keeps a value if Redis takes it in time.
    pub(super) async fn put(&self, key: &Key, value: &[u8]) {
        let mut stored = self.mac(key, value).finalize().into_bytes().to_vec();
        stored.extend_from_slice(value);
        let mut connection = self.connection.clone();
        let writing = connection.set_ex::<_, _, ()>(key.as_str(), stored, KEEP_SECS);
        // A cache that does not take a value is a cache that is done without.
        let _ = tokio::time::timeout(PATIENCE + CONNECT_PATIENCE, writing).await;
    }

    /// The key's name is part of what is authenticated: a value moved to another key is a miss.
    fn mac(&self, key: &Key, value: &[u8]) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256>>::new_from_slice(&self.mac_key)
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of every length"));
        mac.update(key.as_str().as_bytes());
        mac.update(&[0]);
        mac.update(value);
        mac
    }
}
