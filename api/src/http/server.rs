//! Starting and stopping.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use poem::{
    Server,
    http::uri::Scheme,
    listener::{Acceptor, TcpAcceptor},
    web::{LocalAddr, RemoteAddr},
};
use tokio::net::{TcpListener, TcpStream};

use super::{
    live::Places,
    routes::{Options, routes},
};
use crate::{
    app::App,
    error::{Error, Result},
};

/// How long a connection may be silent.
const IDLE: Duration = Duration::from_mins(1);

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
    pub async fn serve(
        self,
        app: App,
        options: Options,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<()> {
        let places = Places::new(options.live);
        let closing = Arc::clone(&places);
        let stop = async move {
            stop.await;
            closing.close();
        };
        let acceptor = TcpAcceptor::from_tokio(self.listener).map_err(Error::internal)?;
        Server::new_with_acceptor(NoDelay(acceptor))
            .name("fairplate")
            .idle_timeout(IDLE)
            .run_with_graceful_shutdown(
                routes(app, options, Arc::clone(&places)),
                stop,
                Some(PATIENCE),
            )
            .await
            .map_err(Error::internal)?;
        // WebSockets have left the server's own count.
        drop(tokio::time::timeout(PATIENCE, places.emptied()).await);
        Ok(())
    }
}

/// Sends small answers at once instead of waiting for more to send.
struct NoDelay(TcpAcceptor);

impl Acceptor for NoDelay {
    type Io = TcpStream;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.0.local_addr()
    }

    async fn accept(&mut self) -> std::io::Result<(TcpStream, LocalAddr, RemoteAddr, Scheme)> {
        let accepted = self.0.accept().await?;
        accepted.0.set_nodelay(true)?;
        Ok(accepted)
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
