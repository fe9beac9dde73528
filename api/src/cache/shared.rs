//! The store that several nodes share, in Redis.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use futures_util::StreamExt as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use redis::{RedisError, RedisResult, cmd};
use sha2::Sha256;

use super::{
    Key,
    breaker::Breaker,
    link::{Connection, Link},
};
use crate::telemetry::Outcome;

/// How long Redis may take before it is done without. A dead Redis must not cost more than this.
const PATIENCE: Duration = Duration::from_millis(20);

/// How long a bulk of values may take; nobody who looks something up waits for it.
const BULK_PATIENCE: Duration = Duration::from_secs(2);

const MAC_BYTES: usize = 32;

/// Values that are not believed in a row, after which another connection is tried.
const REFUSED_MAX: u32 = 16;

/// Redis, and the key under which its values are believed.
#[derive(Clone)]
pub struct Shared(Arc<Inner>);

struct Inner {
    link: Link,
    /// How long somebody who waits for a value does so.
    patience: Duration,
    breaker: Breaker,
    /// Values in a row that were not believed.
    refused: AtomicU32,
    mac_key: [u8; 32],
}

impl Shared {
    /// Prepares a connection, lazily: a Redis that is down does not keep a node from starting. Takes
    /// the addresses `redis://…`, `redis+sentinel://host,…/master` and `redis+cluster://host,…`.
    pub fn new(url: &str, mac_key: [u8; 32]) -> Result<Self, RedisError> {
        Self::with_patience(url, mac_key, PATIENCE)
    }

    /// The same, done without after another time than the 20 milliseconds of the peak.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn with_patience(
        url: &str,
        mac_key: [u8; 32],
        patience: Duration,
    ) -> Result<Self, RedisError> {
        Ok(Self(Arc::new(Inner {
            link: Link::to(url)?,
            patience,
            breaker: Breaker::new(),
            refused: AtomicU32::new(0),
            mac_key,
        })))
    }

    /// A value, if Redis has it in time and its MAC is right.
    pub async fn get(&self, key: &Key) -> Option<Vec<u8>> {
        self.read(key).await.ok()
    }

    /// A value, if Redis has it in time and its MAC is right; otherwise what came of asking.
    pub(crate) async fn read(&self, key: &Key) -> Result<Vec<u8>, Outcome> {
        let mut get = cmd("GET");
        get.arg(key.as_str());
        let stored = self.ask::<Option<Vec<u8>>>(self.0.patience, &get).await;
        let stored = stored.ok_or(Outcome::TimedOut)?.ok_or(Outcome::Miss)?;
        self.believe(key, stored).ok_or(Outcome::Refused)
    }

    /// Values, each if Redis has it in time and its MAC is right.
    pub async fn get_all(&self, keys: &[Key]) -> Option<Vec<Option<Vec<u8>>>> {
        let mut get = cmd("MGET");
        for key in keys {
            get.arg(key.as_str());
        }
        let stored = self
            .ask::<Vec<Option<Vec<u8>>>>(BULK_PATIENCE, &get)
            .await?;
        let values = keys.iter().zip(stored);
        let believed = values.map(|(key, value)| value.and_then(|value| self.believe(key, value)));
        Some(believed.collect())
    }

    /// Keeps a value for so long, if Redis takes it in time.
    pub async fn put(&self, key: &Key, value: &[u8], keep: Duration) {
        let mut set = cmd("SET");
        let stored = self.sealed(key, value);
        set.arg(key.as_str())
            .arg(stored)
            .arg("PX")
            .arg(millis(keep));
        // A store that does not take a value is a store that is done without.
        let _: Option<()> = self.ask(self.0.patience, &set).await;
    }

    /// Keeps many values for so long, and says whether Redis took them all.
    pub async fn put_all(&self, values: &[(Key, Vec<u8>)], keep: Duration) -> bool {
        let commands = values.iter().map(|(key, value)| {
            let mut set = cmd("SET");
            set.arg(key.as_str()).arg(self.sealed(key, value));
            set.arg("PX").arg(millis(keep));
            set
        });
        let commands: Vec<_> = commands.collect();
        let storing = async |connection: Connection| connection.run_all(&commands).await;
        self.within(BULK_PATIENCE, storing).await == Some(())
    }

    /// How many of these values there are, believed or not; nothing where Redis does not say.
    pub async fn count(&self, keys: &[Key]) -> Option<usize> {
        let mut exists = cmd("EXISTS");
        for key in keys {
            exists.arg(key.as_str());
        }
        self.ask(BULK_PATIENCE, &exists).await
    }

    /// Takes a lease on a piece of work for so long, or says that another process has it; nothing
    /// where Redis does not say.
    pub async fn lease(&self, key: &Key, time: Duration) -> Option<bool> {
        let mut set = cmd("SET");
        set.arg(key.as_str())
            .arg("")
            .arg("NX")
            .arg("PX")
            .arg(millis(time));
        let taken = self.ask::<Option<String>>(self.0.patience, &set).await?;
        Some(taken.is_some())
    }

    /// Rings for whoever listens to a channel. Whether anybody hears it is not known, and nothing
    /// may depend on it.
    pub async fn ring(&self, channel: &Key) {
        let mut publish = cmd("PUBLISH");
        publish.arg(channel.as_str()).arg("");
        let _: Option<i64> = self.ask(self.0.patience, &publish).await;
    }

    /// Calls back for each ring of a channel, until the connection breaks.
    pub async fn hear(&self, channel: &Key, mut rung: impl FnMut()) {
        let Ok(mut listening) = self.0.link.listen(channel.as_str()).await else {
            return;
        };
        let mut rings = listening.on_message();
        while rings.next().await.is_some() {
            rung();
        }
    }

    /// Asks what somebody waits for.
    pub(super) async fn ask_soon<T: redis::FromRedisValue>(&self, cmd: &redis::Cmd) -> Option<T> {
        self.ask(self.0.patience, cmd).await
    }

    async fn ask<T: redis::FromRedisValue>(
        &self,
        patience: Duration,
        cmd: &redis::Cmd,
    ) -> Option<T> {
        let asking = async |mut connection: Connection| cmd.query_async(&mut connection).await;
        self.within(patience, asking).await
    }

    /// Asks Redis, unless it has not answered for a while.
    async fn within<T>(
        &self,
        patience: Duration,
        ask: impl AsyncFnOnce(Connection) -> RedisResult<T>,
    ) -> Option<T> {
        let Inner { link, breaker, .. } = &*self.0;
        if !breaker.lets_through() {
            return None;
        }
        let asking = async { Some(ask(link.connection().await?).await) };
        let lost = match tokio::time::timeout(patience, asking).await {
            Ok(Some(Ok(value))) => {
                breaker.succeeded();
                return Some(value);
            }
            // It is there, and has something against the command: it is full, or a value is not what
            // we have put there.
            Ok(Some(Err(error))) if !is_away(&error) => return None,
            Ok(Some(Err(error))) => !error.is_timeout(),
            Ok(None) => true,
            Err(_) => false,
        };
        if breaker.failed() || lost {
            link.forget();
        }
        None
    }

    /// A value as it is stored: behind its MAC.
    fn sealed(&self, key: &Key, value: &[u8]) -> Vec<u8> {
        let mut stored = self.mac(key, value).finalize().into_bytes().to_vec();
        stored.extend_from_slice(value);
        stored
    }

    fn believe(&self, key: &Key, mut stored: Vec<u8>) -> Option<Vec<u8>> {
        let Inner { link, refused, .. } = &*self.0;
        let split = stored.split_at_checked(MAC_BYTES);
        let is_ours =
            split.is_some_and(|(mac, value)| self.mac(key, value).verify_slice(mac).is_ok());
        if !is_ours {
            // A connection that has lost a reply gives everybody the one to another question.
            if refused.fetch_add(1, Ordering::Relaxed) % REFUSED_MAX == REFUSED_MAX - 1 {
                link.forget();
            }
            return None;
        }
        if refused.load(Ordering::Relaxed) != 0 {
            refused.store(0, Ordering::Relaxed);
        }
        stored.drain(..MAC_BYTES);
        Some(stored)
    }

    /// A MAC under the key of this store, of nothing yet.
    pub(super) fn hmac(&self) -> Hmac<Sha256> {
        <Hmac<Sha256>>::new_from_slice(&self.0.mac_key)
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of every length"))
    }

    /// The key's name is part of what is authenticated: a value moved to another key is a miss.
    fn mac(&self, key: &Key, value: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.hmac();
        mac.update(key.as_str().as_bytes());
        mac.update(&[0]);
        mac.update(value);
        mac
    }
}

/// Whether the server is not there, or is not the one that takes commands now.
fn is_away(error: &RedisError) -> bool {
    use redis::{ErrorKind, ServerErrorKind};
    error.is_io_error()
        || matches!(
            error.kind(),
            ErrorKind::Server(
                ServerErrorKind::ReadOnly
                    | ServerErrorKind::MasterDown
                    | ServerErrorKind::ClusterDown
                    | ServerErrorKind::BusyLoading
            ) | ErrorKind::ClusterConnectionNotFound
        )
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
