//! Why a request was not executed, and with which status.

use poem::{
    Body, Response,
    http::{StatusCode, header},
};
use serde_json::json;

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
    /// So many follow subscriptions that there is no place for another.
    Full,
}

/// Longest body, bytes.
pub(super) const BODY_MAX: usize = 64 * 1024;

impl Refusal {
    /// One of each, for the documents.
    pub(super) const ALL: [Self; 8] = [
        Self::Malformed(""),
        Self::MutationOverGet,
        Self::Method,
        Self::Accept,
        Self::Slow,
        Self::TooLong,
        Self::MediaType,
        Self::Full,
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
            Self::Full => StatusCode::SERVICE_UNAVAILABLE,
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
            Self::Full => "TOO_MANY_CONNECTIONS",
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
            Self::Slow => "the body did not come within ten seconds; send it again",
            Self::TooLong => "a body has at most 65,536 bytes; ask in several requests",
            Self::MediaType => "send application/json in UTF-8, not compressed",
            Self::Full => {
                "too many subscriptions are followed from there or here; try again in a few seconds"
            }
        }
    }

    /// The whole response.
    pub(super) fn response(self) -> Response {
        let mut response = errors(self.status(), self.code(), self.sentence());
        let allowed = match self {
            Self::MutationOverGet => Some("POST"),
            Self::Method => Some("GET, HEAD, POST"),
            _ => None,
        };
        if let Some(allowed) = allowed {
            response
                .headers_mut()
                .insert(header::ALLOW, header::HeaderValue::from_static(allowed));
        }
        if self == Self::Full {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
        }
        response
    }
}

/// A response with one error and nothing else.
pub(super) fn errors(status: StatusCode, code: &str, sentence: &str) -> Response {
    let body = json!({ "errors": [{ "message": sentence, "extensions": { "code": code } }] });
    Response::builder()
        .status(status)
        .content_type("application/json; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-store")
        .body(Body::from_string(body.to_string()))
}
