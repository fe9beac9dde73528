//! Starting and stopping.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch},
    task::JoinSet,
};

use super::{
    connection,
    live::Places,
    routes::{Options, routes},
};
use crate::{
    app::App,
    error::{Error, Result},
    service::publication,
};

/// Connections that are served at once; the next one waits until one has ended.
const CONNECTIONS_MAX: usize = 16_384;

/// How long to wait when no connection can be taken.
const PAUSE: Duration = Duration::from_millis(50);

/// How long requests under way may take to end after the signal to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves a city until the process is told to stop (SIGTERM or Ctrl-C); requests under way are
/// answered first.
///
/// # Errors
///
/// [`Error::NotSetUp`] where the address cannot be listened on.
pub async fn serve(app: App, listen: SocketAddr, options: Options) -> Result<()> {
    Bound::to(listen)
        .await?
        .serve(app, options, told_to_stop())
        .await
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
        let served = self.take_connections(app, options, stop).await;
        drop(end);
        following.await.map_err(Error::internal)?;
        served
    }

    async fn take_connections(
        self,
        app: App,
        options: Options,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<()> {
        let patience = options.patience;
        let followers = Places::new(options.live);
        let routes = Arc::new(routes(app, options, Arc::clone(&followers)).await?);
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let (stopping, told) = watch::channel(false);
        // Whoever drops this future drops its connections with it.
        let mut connections = JoinSet::new();
        tokio::pin!(stop);
        loop {
            let (stream, peer, place) = tokio::select! {
                () = &mut stop => break,
                accepted = accept(&self.listener, &places) => accepted,
                Some(_) = connections.join_next() => continue,
            };
            let serving =
                connection::serve(stream, peer, Arc::clone(&routes), patience, told.clone());
            connections.spawn(async move {
                serving.await;
                drop(place);
            });
        }
        drop(self.listener);
        followers.close();
        let ending = async {
            stopping.send_replace(true);
            while connections.join_next().await.is_some() {}
            // WebSockets have left the count of connections.
            followers.emptied().await;
        };
        if tokio::time::timeout(PATIENCE, ending).await.is_err() {
            tracing::warn!("requests were still under way when the server stopped");
        }
        Ok(())
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
