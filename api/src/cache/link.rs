//! The way to Redis: one server, the master that sentinels name, or a cluster.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared, try_join_all},
};
use redis::{
    AsyncConnectionConfig, Client, Cmd, Pipeline, RedisError, RedisFuture, RedisResult, Value,
    aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig, MultiplexedConnection},
    cluster::ClusterClient,
    cluster_async::ClusterConnection,
    sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType},
};
use tokio::sync::Mutex as AsyncMutex;

/// How long opening a connection may take. It is opened behind the backs of those who ask, who wait
/// for a moment and then do without.
const CONNECT_PATIENCE: Duration = Duration::from_millis(500);

/// How long a server may take to answer on a connection. Bulk reads and writes take longer than a
/// look-up, which has a patience of its own.
const RESPONSE_PATIENCE: Duration = Duration::from_secs(2);

/// Port of a Redis and of a sentinel, where the address names none.
const REDIS_PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

/// Where Redis is.
enum Address {
    One(Client),
    /// The servers that know which one is the master.
    Sentinels(AsyncMutex<SentinelClient>),
    /// All nodes, and one to listen on.
    Cluster(Box<ClusterClient>, Client),
}

/// A way to Redis that is opened when it is first gone, and again when it broke.
pub(super) struct Link {
    address: Arc<Address>,
    slot: Mutex<Option<Opening>>,
}

/// A connection that is open or being opened, for everybody who waits for it.
type Opening = Shared<BoxFuture<'static, Option<Connection>>>;

/// An open connection. Clones share it.
#[derive(Clone)]
pub(super) enum Connection {
    One(ConnectionManager),
    Master(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Link {
    /// Understands an address; nothing is connected yet.
    ///
    /// | Address | What |
    /// |---|---|
    /// | `redis://[user:password@]host[:port][/db]` | one server |
    /// | `redis+sentinel://[user:password@]host[:port],…/master[/db]` | the master of that name |
    /// | `redis+cluster://[user:password@]host[:port],…` | a cluster |
    pub(super) fn to(url: &str) -> RedisResult<Self> {
        let address = if let Some(rest) = url.strip_prefix("redis+sentinel://") {
            Address::Sentinels(AsyncMutex::new(sentinels(rest)?))
        } else if let Some(rest) = url.strip_prefix("redis+cluster://") {
            let nodes = Nodes::read(rest, REDIS_PORT)?;
            let urls: Vec<String> = nodes.urls(nodes.credentials).collect();
            let first = Client::open(urls.first().map(String::as_str).unwrap_or_default())?;
            let cluster = ClusterClient::builder(urls)
                .retries(0)
                .connection_timeout(CONNECT_PATIENCE)
                .response_timeout(RESPONSE_PATIENCE)
                .build()?;
            Address::Cluster(Box::new(cluster), first)
        } else {
            Address::One(Client::open(url)?)
        };
        Ok(Self {
            address: Arc::new(address),
            slot: Mutex::default(),
        })
    }

    /// The connection, once it is open; nothing where it cannot be opened now.
    pub(super) async fn connection(&self) -> Option<Connection> {
        let opening = {
            let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
            if slot
                .as_ref()
                .is_some_and(|opening| matches!(opening.peek(), Some(None)))
            {
                *slot = None;
            }
            slot.get_or_insert_with(|| {
                let address = Arc::clone(&self.address);
                let opening = async move { open(&address).await.ok() }.boxed().shared();
                // It goes on when the caller has lost patience.
                drop(tokio::spawn(opening.clone()));
                opening
            })
            .clone()
        };
        opening.await
    }

    /// Forgets the connection, so that the next caller opens another one: the master may be elsewhere
    /// now, or what is heard on it may be the answers to other questions.
    pub(super) fn forget(&self) {
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// A connection of its own for listening to a channel.
    pub(super) async fn listen(&self, channel: &str) -> RedisResult<redis::aio::PubSub> {
        let client = match &*self.address {
            Address::One(client) | Address::Cluster(_, client) => client.clone(),
            Address::Sentinels(sentinels) => sentinels.lock().await.async_get_client().await?,
        };
        let mut listening = client.get_async_pubsub().await?;
        listening.subscribe(channel).await?;
        Ok(listening)
    }
}

impl Connection {
    /// Runs commands whose answers say nothing, all at once. In a cluster each goes to the server that
    /// holds its key: one pipeline would have to be one server's.
    pub(super) async fn run_all(mut self, commands: &[Cmd]) -> RedisResult<()> {
        if let Self::Cluster(cluster) = &self {
            let running = commands.iter().map(|command| {
                let mut cluster = cluster.clone();
                async move { command.exec_async(&mut cluster).await }
            });
            return try_join_all(running).await.map(drop);
        }
        let mut all = redis::pipe();
        for command in commands {
            all.add_command(command.clone()).ignore();
        }
        all.exec_async(&mut self).await
    }
}

async fn open(address: &Address) -> RedisResult<Connection> {
    match address {
        Address::One(client) => {
            let config = ConnectionManagerConfig::new()
                .set_number_of_retries(0)
                .set_connection_timeout(Some(CONNECT_PATIENCE))
                .set_response_timeout(Some(RESPONSE_PATIENCE));
            let opening = ConnectionManager::new_with_config(client.clone(), config);
            Ok(Connection::One(opening.await?))
        }
        Address::Sentinels(sentinels) => {
            let config = AsyncConnectionConfig::new()
                .set_connection_timeout(Some(CONNECT_PATIENCE))
                .set_response_timeout(Some(RESPONSE_PATIENCE));
            let mut sentinels = sentinels.lock().await;
            let opening = sentinels.get_async_connection_with_config(&config);
            Ok(Connection::Master(opening.await?))
        }
        Address::Cluster(cluster, _) => {
            Ok(Connection::Cluster(cluster.get_async_connection().await?))
        }
    }
}

fn sentinels(rest: &str) -> RedisResult<SentinelClient> {
    let nodes = Nodes::read(rest, SENTINEL_PORT)?;
    let (master, db) = nodes.path.split_once('/').unwrap_or((nodes.path, "0"));
    if master.is_empty() {
        return Err(unusable("the address names no master"));
    }
    let addresses = nodes
        .urls(None)
        .map(redis::IntoConnectionInfo::into_connection_info);
    let addresses: RedisResult<Vec<_>> = addresses.collect();
    let addresses = addresses?.into_iter().map(|info| info.addr().clone());
    let mut builder = SentinelClientBuilder::new(
        addresses.collect::<Vec<_>>(),
        master,
        SentinelServerType::Master,
    )?;
    let db = db
        .parse()
        .map_err(|_| unusable("the database is a number"))?;
    builder = builder.set_client_to_redis_db(db);
    if let Some((user, password)) = nodes.credentials.and_then(|it| it.split_once(':')) {
        if !user.is_empty() {
            builder = builder.set_client_to_redis_username(user);
        }
        builder = builder.set_client_to_redis_password(password);
    }
    builder.build()
}

/// Several servers in one address.
struct Nodes<'a> {
    credentials: Option<&'a str>,
    hosts: Vec<(&'a str, u16)>,
    path: &'a str,
}

impl<'a> Nodes<'a> {
    fn read(rest: &'a str, port: u16) -> RedisResult<Self> {
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (credentials, hosts) = match authority.rsplit_once('@') {
            Some((credentials, hosts)) => (Some(credentials), hosts),
            None => (None, authority),
        };
        let host = |text: &'a str| match text.rsplit_once(':') {
            Some((host, port)) => Some((host, port.parse().ok()?)),
            None if text.is_empty() => None,
            None => Some((text, port)),
        };
        let hosts: Option<Vec<_>> = hosts.split(',').map(host).collect();
        Ok(Self {
            credentials,
            hosts: hosts.ok_or_else(|| unusable("expected host:port,host:port"))?,
            path,
        })
    }

    fn urls(&self, credentials: Option<&str>) -> impl Iterator<Item = String> {
        let credentials = credentials.map_or(String::new(), |it| format!("{it}@"));
        let all = self.hosts.iter();
        all.map(move |(host, port)| format!("redis://{credentials}{host}:{port}"))
    }
}

fn unusable(why: &'static str) -> RedisError {
    RedisError::from((redis::ErrorKind::InvalidClientConfig, why))
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::One(one) => one.req_packed_command(cmd),
            Self::Master(master) => master.req_packed_command(cmd),
            Self::Cluster(cluster) => cluster.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::One(one) => one.req_packed_commands(pipeline, offset, count),
            Self::Master(master) => master.req_packed_commands(pipeline, offset, count),
            Self::Cluster(cluster) => cluster.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::One(one) => one.get_db(),
            Self::Master(master) => master.get_db(),
            Self::Cluster(cluster) => cluster.get_db(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_sentinels_and_a_cluster_have_addresses_of_their_own() {
        for url in [
            "redis://127.0.0.1:6379/2",
            "redis://:secret@redis.example",
            "redis+sentinel://a.example,b.example:26380/plates",
            "redis+sentinel://:secret@a.example/plates/3",
            "redis+cluster://a.example:7000,b.example:7001,c.example",
        ] {
            assert!(Link::to(url).is_ok(), "{url}");
        }
        for url in [
            "",
            "http://127.0.0.1",
            "redis+sentinel://a.example",
            "redis+sentinel://a.example/plates/three",
            "redis+cluster://",
            "redis+cluster://a.example:port",
        ] {
            assert!(Link::to(url).is_err(), "{url}");
        }
    }
}
