//! Why a request was not executed, and with which status.

use poem::{
    Body, Response,
    http::{HeaderValue, StatusCode, header},
};
use serde_json::json;

use crate::graphql::allowance::RATE_LIMITED;

/// What is wrong with a request before its document is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The body or the query string cannot be read as a GraphQL request.
    Malformed(&'static str),
    /// A mutation over GET.
    MutationOverGet,
    /// Another method than GET, HEAD or POST.
    Method,
    /// None of the media types that the client accepts.
    Accept,
    /// The body did not come in time.
    Slow,
    /// The body is too long.
    TooLong,
    /// The body is not JSON in UTF-8, or is compressed.
    MediaType,
    /// The client has used up what it may have.
    RateLimited {
        /// Seconds until asking again can succeed.
        wait_secs: u64,
    },
    /// A query took too long and was given up.
    TimedOut,
    /// So many follow subscriptions that there is no place for another.
    Full,
    /// More is asked than the database answers in time.
    Overloaded,
    /// A change has not come to its end in time, and may still.
    Unknown,
}

/// Longest body, bytes.
pub(super) const BODY_MAX: usize = 64 * 1024;

/// When what took too long, or a connection that found no place, may be tried again.
const RETRY_SECS: u64 = 5;

/// When somebody may try again for whom there was no place just now.
const SOON_SECS: u64 = 1;

impl Refusal {
    /// One of each, for the documents.
    pub(super) const ALL: [Self; 12] = [
        Self::Malformed(""),
        Self::MutationOverGet,
        Self::Method,
        Self::Accept,
        Self::Slow,
        Self::TooLong,
        Self::MediaType,
        Self::RateLimited { wait_secs: 1 },
        Self::TimedOut,
        Self::Full,
        Self::Overloaded,
        Self::Unknown,
    ];

    /// The one table of statuses of refused requests.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::MutationOverGet | Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Accept => StatusCode::NOT_ACCEPTABLE,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::TimedOut | Self::Full | Self::Overloaded | Self::Unknown => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    /// The code in `extensions.code`.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Malformed(_) => "BAD_REQUEST",
            Self::MutationOverGet | Self::Method => "METHOD_NOT_ALLOWED",
            Self::Accept => "NOT_ACCEPTABLE",
            Self::Slow => "REQUEST_TIMEOUT",
            Self::TooLong => "BODY_TOO_LONG",
            Self::MediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::RateLimited { .. } => RATE_LIMITED,
            Self::TimedOut => "TIMED_OUT",
            Self::Full => "TOO_MANY_CONNECTIONS",
            Self::Overloaded => "OVERLOADED",
            Self::Unknown => "OUTCOME_UNKNOWN",
        }
    }

    /// What was expected, and what to do.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::Malformed(sentence) => sentence,
            Self::MutationOverGet => "a mutation is sent as POST; GET asks queries alone",
            Self::Method => "this address answers GET and POST",
            Self::Accept => {
                "accept application/graphql-response+json or application/json, or text/event-stream for a subscription"
            }
            Self::Slow => "the body did not come in time; send it again",
            Self::TooLong => "a body has at most 65,536 bytes; ask in several requests",
            Self::MediaType => "send application/json in UTF-8, not compressed",
            Self::RateLimited { .. } => {
                "too much was asked from here; wait as long as Retry-After says"
            }
            Self::TimedOut => "the query took too long and was given up; ask for less, or later",
            Self::Full => {
                "too many subscriptions are followed from there or here; try again in a few seconds"
            }
            Self::Overloaded => {
                "more is asked than can be answered now, and nothing was done; try again as Retry-After says"
            }
            Self::Unknown => {
                "this was not done in time and may still be done; ask again with the same idempotencyKey, or look whether it was done"
            }
        }
    }

    /// The whole response.
    pub(super) fn response(self) -> Response {
        let mut response = errors(self.status(), self.code(), self.sentence());
        let added = match self {
            Self::MutationOverGet => Some((header::ALLOW, HeaderValue::from_static("POST"))),
            Self::Method => Some((header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"))),
            Self::RateLimited { wait_secs } => Some((header::RETRY_AFTER, wait_secs.into())),
            Self::TimedOut | Self::Full | Self::Unknown => {
                Some((header::RETRY_AFTER, RETRY_SECS.into()))
            }
            Self::Overloaded => Some((header::RETRY_AFTER, SOON_SECS.into())),
            _ => None,
        };
        response.headers_mut().extend(added);
        response
    }
}

/// A response with one error and nothing else.
pub(super) fn errors(status: StatusCode, code: &str, sentence: &str) -> Response {
    Response::builder()
        .status(status)
        .content_type("application/json; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-store")
        .body(Body::from_string(body(code, sentence)))
}

/// The body of such a response.
pub(super) fn body(code: &str, sentence: &str) -> String {
    json!({ "errors": [{ "message": sentence, "extensions": { "code": code } }] }).to_string()
}
