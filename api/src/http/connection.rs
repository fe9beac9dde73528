//! One connection, from its first byte to its last.
//!
//! HTTP/1.1 and, where the client begins with it, HTTP/2 without TLS. What a client may take its time
//! for is bounded: to finish a request's head, to ask again, and to take what it asked for.

/// What is going on in it, and how long it may.
mod pulse;

use std::{
    convert::Infallible,
    io::{self, IoSlice},
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use hyper::{
    Request,
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use poem::{
    Endpoint,
    endpoint::BoxEndpoint,
    http::uri::Scheme,
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::watch,
    time::Instant,
};

use super::shortcut::{Next, Shortcut, Way};
pub use pulse::Patience;
use pulse::Pulse;
pub(super) use pulse::UnderWay;

/// How HTTP/2 begins (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Requests that one connection may have under way (HTTP/2).
const STREAMS_MAX: u32 = 100;

/// Longest head of a request, bytes: a query string of 64 KiB fits.
const HEAD_MAX: usize = 96 * 1024;

/// Longest list of headers (HTTP/2), bytes.
const HEADERS_MAX: u32 = 96 * 1024;

/// How much is read at once before it is known who answers it, bytes.
const READ_BYTES: usize = 2 * 1024;

/// How often a client of HTTP/2 is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(30);

/// What connections are answered from.
pub(super) struct Served {
    /// Where most of them are answered on result day.
    pub(super) shortcut: Option<Shortcut>,
    pub(super) routes: BoxEndpoint<'static>,
}

impl Served {
    /// All of them by a router.
    pub(super) fn by(routes: BoxEndpoint<'static>) -> Arc<Self> {
        Arc::new(Self {
            shortcut: None,
            routes,
        })
    }
}

/// Serves a connection to its end; once the server is `stopping`, to the end of what is under way.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    served: Arc<Served>,
    patience: Patience,
    stopping: watch::Receiver<bool>,
) {
    let Ok(local) = stream.local_addr() else {
        return;
    };
    let pulse = Arc::new(Pulse::default());
    let (answering, routed) = (Arc::clone(&pulse), Arc::clone(&served));
    let service = service_fn(move |request: Request<Incoming>| {
        let under_way = UnderWay::begin(&answering, request.version());
        let served = Arc::clone(&routed);
        // A box of its own: hyper keeps the room of the answering while the answer is sent, and until
        // the next request, which is for ever where somebody follows something.
        Box::pin(async move {
            let (local, peer) = (LocalAddr(local.into()), RemoteAddr(peer.into()));
            let response = served
                .routes
                .get_response((request, local, peer, Scheme::HTTP).into())
                .await;
            Ok::<_, Infallible>(under_way.until_sent(response))
        })
    });
    let mut observed = Observed {
        beginning: Vec::new(),
        stream,
        pulse: Arc::clone(&pulse),
    };
    let serving = async {
        if let Some(shortcut) = &served.shortcut
            && Way::new(shortcut, peer.ip())
                .run(&mut observed, &stopping)
                .await
                == Next::Ended
        {
            return Ok(());
        }
        if observed.begins_http2(&stopping).await {
            let connection = http2_builder().serve_connection(TokioIo::new(observed), service);
            until_ended(connection, http2::Connection::graceful_shutdown, stopping).await
        } else {
            let mut builder = http1::Builder::new();
            builder.max_buf_size(HEAD_MAX);
            let connection = builder.serve_connection(TokioIo::new(observed), service);
            let finish = http1::UpgradeableConnection::graceful_shutdown;
            until_ended(connection.with_upgrades(), finish, stopping).await
        }
    };
    tokio::select! {
        ended = serving => {
            if let Err(cause) = ended {
                tracing::debug!("a connection broke off: {cause}");
            }
        }
        // Dropped as it is: whoever sends nothing and takes nothing is not told so either.
        () = pulse.given_up(patience) => tracing::debug!("a slow connection was dropped"),
    }
}

fn http2_builder() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEADERS_MAX)
        .keep_alive_interval(PING_EVERY);
    builder
}

/// Ready when a connection has ended. It is told to finish when the server stops.
async fn until_ended<C: Future<Output = hyper::Result<()>>>(
    connection: C,
    finish: impl FnOnce(Pin<&mut C>),
    mut stopping: watch::Receiver<bool>,
) -> hyper::Result<()> {
    // In a box, so that HTTP/1.1 keeps no room for the larger HTTP/2.
    let mut connection = Box::pin(connection);
    tokio::select! {
        ended = &mut connection => return ended,
        _ = stopping.wait_for(|is_stopping| *is_stopping) => {}
    }
    finish(connection.as_mut());
    connection.await
}

/// A stream whose bytes are noticed.
pub(super) struct Observed {
    /// What was read before it was known who answers it.
    pub(super) beginning: Vec<u8>,
    stream: TcpStream,
    pub(super) pulse: Arc<Pulse>,
}

impl Observed {
    /// Reads until it is certain whether the client speaks HTTP/2. One that is gone does not, and
    /// neither does one that has said too little when the server stops.
    async fn begins_http2(&mut self, stopping: &watch::Receiver<bool>) -> bool {
        let mut stopping = stopping.clone();
        let mut bytes = [0; PREFACE.len()];
        while !self.beginning.starts_with(PREFACE) {
            if !PREFACE.starts_with(&self.beginning) {
                return false;
            }
            let missing = PREFACE.len() - self.beginning.len();
            let read = tokio::select! {
                read = self.stream.read(&mut bytes[..missing]) => read.unwrap_or(0),
                _ = stopping.wait_for(|is_stopping| *is_stopping) => 0,
            };
            if read == 0 {
                return false;
            }
            self.heard();
            self.beginning.extend_from_slice(&bytes[..read]);
        }
        true
    }

    /// Reads what comes next behind the beginning: 0 bytes from a client that is gone. Nothing is lost
    /// where the reading is given up.
    pub(super) async fn read_on(&mut self) -> usize {
        if self.beginning.capacity() - self.beginning.len() < READ_BYTES / 2 {
            self.beginning.reserve(READ_BYTES);
        }
        let read = self.stream.read_buf(&mut self.beginning).await.unwrap_or(0);
        if 0 < read {
            self.heard();
        }
        read
    }

    /// Waits for what is sent next, and reads on meanwhile; nothing for a client that is gone.
    pub(super) async fn unless_gone<T>(
        &mut self,
        mut coming: Pin<Box<impl Future<Output = T>>>,
    ) -> Option<T> {
        while self.beginning.len() < READ_BYTES {
            tokio::select! {
                biased;
                come = &mut coming => return Some(come),
                read = self.read_on() => if read == 0 {
                    return None;
                },
            }
        }
        Some(coming.await)
    }

    fn heard(&self) {
        let mut beat = self.pulse.beat();
        if beat.under_way == 0 && beat.head_since.is_none() {
            beat.head_since = Some(Instant::now());
        }
    }

    fn wrote(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        let mut beat = self.pulse.beat();
        beat.stalled_since = match written {
            Poll::Pending => beat.stalled_since.or_else(|| Some(Instant::now())),
            Poll::Ready(_) => None,
        };
        written
    }
}

impl AsyncRead for Observed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.beginning.is_empty() {
            // With what has come behind it: hyper takes a larger buffer for a head in two pieces, and
            // keeps it.
            let taken = self.beginning.len().min(buffer.remaining());
            buffer.put_slice(&self.beginning[..taken]);
            self.beginning.drain(..taken);
            if self.beginning.is_empty() {
                self.beginning = Vec::new();
            }
            return match Pin::new(&mut self.stream).poll_read(context, buffer) {
                Poll::Ready(more) => Poll::Ready(more),
                Poll::Pending => Poll::Ready(Ok(())),
            };
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if before < buffer.filled().len() {
            self.heard();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Observed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.wrote(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
