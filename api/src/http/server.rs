//! Starting and stopping.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch},
    task::JoinSet,
};

use super::{
    beacon,
    connection::{self, Patience, Served},
    live::Places,
    metrics,
    routes::{Options, routes},
    witness,
};
use crate::{
    app::App,
    beacon::Rehearsal,
    error::{Error, Result},
    service::publication,
    witness::Office,
};

/// Connections that are served at once; the next one waits until one has ended.
const CONNECTIONS_MAX: usize = 16_384;

/// How long to wait when no connection can be taken.
const PAUSE: Duration = Duration::from_millis(50);

/// How long requests under way may take to end after the signal to stop.
const STOPPING: Duration = Duration::from_secs(30);

/// How long a node that starts reads results before it takes a connection. One that takes longer, since
/// an index has to be built again, answers from the database meanwhile.
const STARTING: Duration = Duration::from_secs(5);

/// Serves a city until the process is told to stop (SIGTERM or Ctrl-C); requests under way are
/// answered first.
///
/// # Errors
///
/// [`Error::NotSetUp`] where the address cannot be listened on.
pub async fn serve(app: App, listen: SocketAddr, options: Options) -> Result<()> {
    let bound = Bound::to(listen).await?;
    let Some(metrics) = options.metrics else {
        return bound.serve(app, options, told_to_stop()).await;
    };
    let metrics = Bound::to(metrics).await?;
    let (end, ended) = oneshot::channel::<()>();
    let city = app.clone();
    let telling = tokio::spawn(async move {
        metrics.tell(city, async { drop(ended.await) }).await;
    });
    let served = bound.serve(app, options, told_to_stop()).await;
    drop(end);
    telling.await.map_err(Error::internal)?;
    served
}

/// Serves a witness until the process is told to stop; requests under way are answered first.
///
/// # Errors
///
/// [`Error::NotSetUp`] where the address cannot be listened on.
pub async fn serve_witness(office: Arc<Office>, listen: SocketAddr) -> Result<()> {
    let bound = Bound::to(listen).await?;
    tracing::info!(
        "the witness {} listens on {}",
        office.key().name(),
        bound.address()
    );
    bound
        .witness(office, Patience::default(), told_to_stop())
        .await;
    Ok(())
}

/// Serves a rehearsal's beacon until the process is told to stop.
///
/// # Errors
///
/// [`Error::NotSetUp`] where the address cannot be listened on.
pub async fn serve_beacon(rehearsal: Rehearsal, listen: SocketAddr) -> Result<()> {
    let bound = Bound::to(listen).await?;
    let (chain, address) = (rehearsal.chain(), bound.address());
    tracing::warn!(
        "rehearsal: rounds of {} on {address}; whoever holds its key knows them in advance",
        chain.beacon_id
    );
    bound.rehearse(rehearsal, told_to_stop()).await;
    Ok(())
}

/// An address that is listened on; connections wait until it is served.
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// Listens on an address; port 0 stands for any free one.
    ///
    /// # Errors
    ///
    /// [`Error::NotSetUp`] where that is not possible.
    pub async fn to(listen: SocketAddr) -> Result<Self> {
        let refused = |cause: std::io::Error| {
            Error::NotSetUp(format!(
                "cannot listen on {listen}: {cause}; choose another address or port"
            ))
        };
        let listener = TcpListener::bind(listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        Ok(Self { listener, address })
    }

    /// The address, with the port that was found.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves a city until `stop` is ready; requests under way are answered first.
    ///
    /// # Errors
    ///
    /// [`Error::NotSetUp`] where the options cannot be used.
    pub async fn serve(
        self,
        app: App,
        options: Options,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<()> {
        let (end, ended) = oneshot::channel::<()>();
        let city = app.clone();
        let following = tokio::spawn(async move {
            publication::follow(&city, async { drop(ended.await) }).await;
        });
        // Whoever is asked first knows the newest result.
        _ = tokio::time::timeout(STARTING, app.standing.first_look()).await;
        let served = self.answer(app, options, stop).await;
        drop(end);
        following.await.map_err(Error::internal)?;
        served
    }

    /// Tells what is counted until `stop` is ready; nothing else is answered here.
    pub async fn tell(self, app: App, stop: impl Future<Output = ()> + Send) {
        let served = Served::by(metrics::routes(app));
        let open = take_connections(self.listener, served, Patience::default(), stop).await;
        // Nobody misses an answer about a node that stops.
        drop(open);
    }

    /// Serves a witness until `stop` is ready; requests under way are answered first.
    pub async fn witness(
        self,
        office: Arc<Office>,
        patience: Patience,
        stop: impl Future<Output = ()> + Send,
    ) {
        let served = Served::by(witness::routes(office, patience.body));
        let mut open = take_connections(self.listener, served, patience, stop).await;
        if tokio::time::timeout(STOPPING, open.end()).await.is_err() {
            tracing::warn!("requests were still under way when the witness stopped");
        }
    }

    /// Gives a rehearsal's rounds until `stop` is ready.
    pub async fn rehearse(self, rehearsal: Rehearsal, stop: impl Future<Output = ()> + Send) {
        let served = Served::by(beacon::routes(rehearsal));
        let open = take_connections(self.listener, served, Patience::default(), stop).await;
        // Nobody misses a round that can be asked for again.
        drop(open);
    }

    async fn answer(
        self,
        app: App,
        options: Options,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<()> {
        let patience = options.patience;
        let followers = Places::new(options.live, app.telemetry.metrics.followers.clone());
        let served = Arc::new(routes(app, options, Arc::clone(&followers)).await?);
        let mut open = take_connections(self.listener, served, patience, stop).await;
        followers.close();
        let ending = async {
            open.end().await;
            // WebSockets have left the count of connections.
            followers.emptied().await;
        };
        if tokio::time::timeout(STOPPING, ending).await.is_err() {
            tracing::warn!("requests were still under way when the server stopped");
        }
        Ok(())
    }
}

/// Connections that are not at their end.
struct Open {
    stopping: watch::Sender<bool>,
    connections: JoinSet<()>,
}

impl Open {
    /// Ready when everything under way is answered. Whoever drops the connections breaks them off.
    async fn end(&mut self) {
        self.stopping.send_replace(true);
        while self.connections.join_next().await.is_some() {}
    }
}

/// Takes connections until `stop` is ready.
async fn take_connections(
    listener: TcpListener,
    served: Arc<Served>,
    patience: Patience,
    stop: impl Future<Output = ()> + Send,
) -> Open {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let (stopping, told) = watch::channel(false);
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let (stream, peer, place) = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &places) => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let serving = connection::serve(stream, peer, Arc::clone(&served), patience, told.clone());
        connections.spawn(async move {
            serving.await;
            drop(place);
        });
    }
    Open {
        stopping,
        connections,
    }
}

/// The next connection, when there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let Ok(place) = Arc::clone(places).acquire_owned().await else {
        unreachable!("the places are never closed")
    };
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Small answers are sent at once instead of waiting for more to send.
                if stream.set_nodelay(true).is_ok() {
                    return (stream, peer, place);
                }
            }
            Err(cause) => {
                // Out of file handles, as a rule: connections have to end before there are more.
                tracing::warn!("a connection cannot be taken: {cause}");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Ready when somebody asks the process to stop.
pub async fn told_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
