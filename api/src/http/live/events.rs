//! Server-sent events: GraphQL over SSE, each subscription a request of its own
//! (<https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>, "distinct connections mode",
//! read 2026-11-28).

use std::{io, time::Duration};

use futures_util::{Stream, StreamExt as _, stream, stream::BoxStream};
use poem::{
    Body, Response,
    http::{HeaderMap, header},
};
use tokio::time::{Instant, Interval, interval_at};

use super::{
    super::{
        endpoint::{GraphqlEndpoint, Prepared, Unprepared},
        limits::Client,
        media,
        refusal::Refusal,
    },
    operation::{self, Caller, Told},
    places::{Closing, Place},
};

/// What a client accepts that reads events.
const MEDIA: &str = "text/event-stream";

/// How often something is sent, so that proxies keep the connection and a dead reader is noticed.
const BEAT: Duration = Duration::from_secs(15);

/// A comment; readers skip it.
const COMMENT: &str = ":\n\n";

const COMPLETE: &str = "event: complete\ndata: \n\n";

/// Whether a client reads events.
pub(in crate::http) fn is_wanted(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|range| media::accepts(range, MEDIA))
}

/// Answers with the events of what a request asks for.
pub(in crate::http) fn answer(
    endpoint: &GraphqlEndpoint,
    client: &Client,
    prepared: Result<Prepared, Unprepared>,
    caller: Caller,
) -> Result<Response, Refusal> {
    let place = endpoint.places.take(client.address());
    let place = place.ok_or(Refusal::Full)?;
    let told = operation::follow(endpoint, client, prepared, caller);
    Ok(Response::builder()
        .content_type(MEDIA)
        // Not compressed and not collected by a proxy: an event is worth something at once.
        .header(header::CACHE_CONTROL, "no-store, no-transform")
        .header("x-accel-buffering", "no")
        .header(header::VARY, "accept")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(Body::from_bytes_stream(pieces(told, place))))
}

/// A reader on the other side.
struct Reading {
    told: BoxStream<'static, Told>,
    closing: Closing,
    beat: Interval,
    _place: Place,
}

fn pieces(
    told: BoxStream<'static, Told>,
    place: Place,
) -> impl Stream<Item = io::Result<String>> + Send + 'static {
    let reading = Reading {
        told,
        closing: place.closing(),
        beat: interval_at(Instant::now() + BEAT, BEAT),
        _place: place,
    };
    // A comment first: the head of the answer leaves with it, before there is an event.
    let first = stream::once(async { COMMENT.to_owned() });
    let rest = stream::unfold(Some(reading), |reading| async {
        let mut reading = reading?;
        let (piece, goes_on) = reading.next().await?;
        Some((piece, goes_on.then_some(reading)))
    });
    first.chain(rest).map(Ok)
}

impl Reading {
    /// The next piece, and whether another comes. A server that stops breaks off without `complete`,
    /// so that the client connects again.
    async fn next(&mut self) -> Option<(String, bool)> {
        tokio::select! {
            () = self.closing.begun() => None,
            told = self.told.next() => Some(match told {
                Some(Told::Event(payload)) => (next(&payload), true),
                Some(Told::Failed(errors)) => (last(&errors), false),
                Some(Told::SignedOut) => (last(&operation::signed_out()), false),
                None => (COMPLETE.to_owned(), false),
            }),
            _ = self.beat.tick() => Some((COMMENT.to_owned(), true)),
        }
    }
}

fn next(payload: &str) -> String {
    format!("event: next\ndata: {payload}\n\n")
}

fn last(errors: &str) -> String {
    let event = next(&format!(r#"{{"errors":{errors}}}"#));
    event + COMPLETE
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;
    use prometheus_client::metrics::gauge::Gauge;

    use super::{super::places::Places, *};
    use crate::config::LiveConfig;

    const HERE: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn events_are_sent_to_whoever_accepts_them_by_name() {
        let wanted = |accept: &'static str| {
            let accept = HeaderValue::from_static(accept);
            is_wanted(&HeaderMap::from_iter([(header::ACCEPT, accept)]))
        };
        assert!(wanted("text/event-stream"));
        assert!(wanted("application/json, Text/Event-Stream; charset=utf-8"));
        for accept in ["*/*", "text/*", "application/json", "text/event-stream;q=0"] {
            assert!(!wanted(accept), "{accept}");
        }
    }

    async fn text(told: Vec<Told>) -> String {
        let place = Places::new(LiveConfig::default(), Gauge::default())
            .take(HERE)
            .expect("a place");
        let pieces = pieces(stream::iter(told).boxed(), place);
        let pieces: Vec<_> = pieces.map(|piece| piece.expect("a piece")).collect().await;
        pieces.concat()
    }

    #[tokio::test]
    async fn events_end_with_complete() {
        let told = vec![Told::Event(r#"{"data":{}}"#.to_owned())];
        let expected = ":\n\nevent: next\ndata: {\"data\":{}}\n\nevent: complete\ndata: \n\n";
        assert_eq!(text(told).await, expected);
    }

    #[tokio::test]
    async fn a_failed_subscription_tells_its_errors_and_ends() {
        let told = vec![Told::Failed("[]".to_owned()), Told::Event(String::new())];
        let expected = ":\n\nevent: next\ndata: {\"errors\":[]}\n\nevent: complete\ndata: \n\n";
        assert_eq!(text(told).await, expected);
        let ended = text(vec![Told::SignedOut]).await;
        assert!(ended.contains("UNAUTHENTICATED"), "{ended}");
    }

    #[tokio::test]
    async fn a_server_that_stops_breaks_off() {
        let places = Places::new(LiveConfig::default(), Gauge::default());
        let place = places.take(HERE).expect("a place");
        let pieces = pieces(stream::pending().boxed(), place);
        places.close();
        let pieces: Vec<_> = pieces.map(|piece| piece.expect("a piece")).collect().await;
        assert_eq!(pieces, [COMMENT]);
        places.emptied().await;
    }
}
