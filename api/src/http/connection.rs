//! One connection, from its first byte to its last.
//!
//! HTTP/1.1 and, where the client begins with it, HTTP/2 without TLS. What a client may take its time
//! for is bounded: to finish a request's head, to ask again, and to take what it asked for.

use std::{
    convert::Infallible,
    io::{self, IoSlice},
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use hyper::{
    Request, Version,
    body::{Body, Frame, Incoming, SizeHint},
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use poem::{
    Endpoint, Response,
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

/// How HTTP/2 begins (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Requests that one connection may have under way (HTTP/2).
const STREAMS_MAX: u32 = 100;

/// Longest head of a request, bytes: a query string of 64 KiB fits.
const HEAD_MAX: usize = 96 * 1024;

/// Longest list of headers (HTTP/2), bytes.
const HEADERS_MAX: u32 = 96 * 1024;

/// How often a client of HTTP/2 is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(30);

/// How long clients may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From a request's first byte to the end of its head.
    pub head: Duration,
    /// For the body of a request to arrive.
    pub body: Duration,
    /// Between requests. Longer than the minute after which common proxies give a connection up
    /// themselves: who closes last is never asked on a closed one.
    pub idle: Duration,
    /// Without taking a single byte of an answer.
    pub stall: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            stall: Duration::from_mins(1),
        }
    }
}

/// Serves a connection to its end; once the server is `stopping`, to the end of what is under way.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    routes: Arc<BoxEndpoint<'static>>,
    patience: Patience,
    stopping: watch::Receiver<bool>,
) {
    let Ok(local) = stream.local_addr() else {
        return;
    };
    let pulse = Arc::new(Pulse::default());
    let answering = Arc::clone(&pulse);
    let service = service_fn(move |request: Request<Incoming>| {
        let under_way = UnderWay::begin(&answering, request.version());
        let routes = Arc::clone(&routes);
        // A box of its own: hyper keeps the room of the answering while the answer is sent, and until
        // the next request, which is for ever where somebody follows something.
        Box::pin(async move {
            let (local, peer) = (LocalAddr(local.into()), RemoteAddr(peer.into()));
            let response = routes
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
        if observed.begins_http2(&stopping).await {
            let mut builder = http2::Builder::new(TokioExecutor::new());
            builder
                .timer(TokioTimer::new())
                .max_concurrent_streams(STREAMS_MAX)
                .max_header_list_size(HEADERS_MAX)
                .keep_alive_interval(PING_EVERY);
            let connection = builder.serve_connection(TokioIo::new(observed), service);
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

/// What is going on in a connection.
struct Pulse(Mutex<Beat>);

struct Beat {
    /// Requests whose head has come and whose answer is not sent.
    under_way: usize,
    /// Since when there are none.
    idle_since: Instant,
    /// When the first byte of the next request came.
    head_since: Option<Instant>,
    /// Since when the client takes nothing of what is to be sent.
    stalled_since: Option<Instant>,
    /// Whether bytes between requests need not belong to one.
    is_http2: bool,
}

impl Default for Pulse {
    fn default() -> Self {
        Self(Mutex::new(Beat {
            under_way: 0,
            idle_since: Instant::now(),
            head_since: None,
            stalled_since: None,
            is_http2: false,
        }))
    }
}

impl Pulse {
    fn beat(&self) -> MutexGuard<'_, Beat> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ready when the client has taken longer than it may. Looks now and then instead of at each
    /// change, so that a request costs no timer.
    async fn given_up(&self, patience: Patience) {
        let shortest = patience.head.min(patience.idle).min(patience.stall);
        loop {
            tokio::time::sleep(shortest / 2).await;
            if self.beat().has_ended(patience) {
                return;
            }
        }
    }
}

impl Beat {
    fn has_ended(&self, patience: Patience) -> bool {
        let over = |since: Option<Instant>, most| since.is_some_and(|since| most < since.elapsed());
        if over(self.stalled_since, patience.stall) {
            return true;
        }
        if 0 < self.under_way {
            return false;
        }
        let head_since = self.head_since.filter(|_| !self.is_http2);
        over(head_since, patience.head) || over(Some(self.idle_since), patience.idle)
    }
}

/// A request under way, until its answer is sent or given up.
struct UnderWay(Arc<Pulse>);

impl UnderWay {
    fn begin(pulse: &Arc<Pulse>, version: Version) -> Self {
        let mut beat = pulse.beat();
        beat.under_way += 1;
        beat.head_since = None;
        beat.is_http2 = version == Version::HTTP_2;
        drop(beat);
        Self(Arc::clone(pulse))
    }

    fn until_sent(
        self,
        response: Response,
    ) -> hyper::Response<impl Body<Data = hyper::body::Bytes, Error = io::Error>> {
        let response: hyper::Response<_> = response.into();
        response.map(|body| Sending {
            body,
            _under_way: self,
        })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut beat = self.0.beat();
        beat.under_way = beat.under_way.saturating_sub(1);
        beat.idle_since = Instant::now();
    }
}

/// The body of an answer; dropped when it is sent.
struct Sending<B> {
    body: B,
    _under_way: UnderWay,
}

impl<B: Body + Unpin> Body for Sending<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream whose bytes are noticed.
struct Observed {
    /// What was read to find the protocol out.
    beginning: Vec<u8>,
    stream: TcpStream,
    pulse: Arc<Pulse>,
}

impl Observed {
    /// Reads until it is certain whether the client speaks HTTP/2. One that is gone does not, and
    /// neither does one that has said too little when the server stops.
    async fn begins_http2(&mut self, stopping: &watch::Receiver<bool>) -> bool {
        let mut stopping = stopping.clone();
        let mut bytes = [0; PREFACE.len()];
        while PREFACE.starts_with(&self.beginning) {
            let missing = PREFACE.len() - self.beginning.len();
            if missing == 0 {
                return true;
            }
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
        false
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
