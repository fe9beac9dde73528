//! What is going on in a connection, and how long it may go on.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use hyper::{
    Version,
    body::{Body, Frame, SizeHint},
};
use poem::Response;
use tokio::time::Instant;

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

/// What is going on in a connection.
pub(in crate::http) struct Pulse(Mutex<Beat>);

pub(super) struct Beat {
    /// Requests whose head has come and whose answer is not sent.
    pub(super) under_way: usize,
    /// Since when there are none.
    pub(super) idle_since: Instant,
    /// When the first byte of the next request came.
    pub(super) head_since: Option<Instant>,
    /// Since when the client takes nothing of what is to be sent.
    pub(super) stalled_since: Option<Instant>,
    /// Whether bytes between requests need not belong to one.
    pub(super) is_http2: bool,
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
    pub(super) fn beat(&self) -> MutexGuard<'_, Beat> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ready when the client has taken longer than it may. Looks now and then instead of at each
    /// change, so that a request costs no timer.
    pub(super) async fn given_up(&self, patience: Patience) {
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
pub(in crate::http) struct UnderWay(Arc<Pulse>);

impl UnderWay {
    pub(in crate::http) fn begin(pulse: &Arc<Pulse>, version: Version) -> Self {
        let mut beat = pulse.beat();
        beat.under_way += 1;
        beat.head_since = None;
        beat.is_http2 = version == Version::HTTP_2;
        drop(beat);
        Self(Arc::clone(pulse))
    }

    pub(super) fn until_sent(
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
