//! Answers as they are written.

use std::collections::BTreeMap;

use async_graphql::{Response as Answer, ServerError};
use bytes::Bytes;
use chrono::SecondsFormat;
use poem::{
    Response,
    http::{HeaderMap, HeaderValue, StatusCode, header},
};
use serde::Serialize;

use super::{compression, media::Media, ready::Ready, refusal, validators};
use crate::graphql::{allowance::Standing, error::ApiError};

/// Answers to somebody, and answers that may change at any moment.
pub(super) const NOT_KEPT: &str = "private, no-store";

/// What is left, as `extensions.cost`.
pub(super) fn cost(standing: Standing) -> async_graphql::Value {
    async_graphql::value!({
        "limit": standing.limit,
        "requested": standing.cost,
        "remaining": standing.remaining,
        "resetAt": standing.reset_at.to_rfc3339_opts(SecondsFormat::Secs, true),
    })
}

/// The response to a request that was not executed for an error of ours or a bad token.
pub(super) fn failed(error: crate::Error) -> Response {
    let status = match error {
        crate::Error::Unauthenticated => StatusCode::UNAUTHORIZED,
        crate::Error::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let (code, sentence) = ApiError::from(error).shown();
    let mut response = refusal::errors(status, code.as_str(), &sentence);
    if status == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}

/// Whether the document was refused as a whole: nothing was executed, and there are no data.
pub(super) fn is_request_error(answer: &Answer) -> bool {
    !answer.errors.is_empty()
        && answer.data == async_graphql::Value::Null
        && answer.errors.iter().all(|error| error.path.is_empty())
}

/// An answer as it is written; its fields stay in the order in which they were asked for.
#[derive(Serialize)]
struct Wire<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a async_graphql::Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, async_graphql::Value>,
}

/// An answer before it is sent.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// How an answer is sent.
#[derive(Clone, Copy)]
pub(super) struct Sending<'a> {
    pub(super) media: Media,
    /// How long others may keep it.
    pub(super) keeping: &'static str,
    /// Whether it may be packed, where the client takes that.
    pub(super) packs: bool,
    /// What the client says of itself.
    pub(super) headers: &'a HeaderMap,
}

/// Writes an answer.
pub(super) fn written(media: Media, answer: &Answer) -> Written {
    let is_refused = is_request_error(answer);
    let status = match media {
        Media::Response if is_refused => StatusCode::BAD_REQUEST,
        Media::Response | Media::Json => StatusCode::OK,
    };
    let wire = Wire {
        errors: &answer.errors,
        data: (!is_refused).then_some(&answer.data),
        extensions: &answer.extensions,
    };
    match serde_json::to_vec(&wire) {
        Ok(body) => Written {
            status,
            body: body.into(),
        },
        Err(cause) => {
            let (code, sentence) = ApiError::from(crate::Error::internal(cause)).shown();
            Written {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                body: refusal::body(code.as_str(), &sentence).into(),
            }
        }
    }
}

impl<'a> Sending<'a> {
    /// As JSON that nobody keeps, to a client that says this of itself.
    pub(super) fn to(headers: &'a HeaderMap) -> Self {
        Self {
            media: Media::Json,
            keeping: NOT_KEPT,
            packs: false,
            headers,
        }
    }

    /// The response to what was executed; others may keep it where nothing failed.
    pub(super) fn executed(mut self, answer: &Answer, keeping: &'static str) -> Response {
        if answer.errors.is_empty() {
            self.keeping = keeping;
        }
        self.response(written(self.media, answer))
    }

    /// The response to a document that is refused as a whole.
    pub(super) fn refused(self, errors: Vec<ServerError>) -> Response {
        self.response(written(self.media, &Answer::from_errors(errors)))
    }

    /// The response with this body; without it where the client has it already.
    pub(super) fn response(self, written: Written) -> Response {
        let packs = self.packs && compression::takes_gzip(self.headers);
        let packed = packs.then(|| compression::pack(&written.body)).flatten();
        let coding = packed.as_ref().map(|_| "gzip");
        let body = packed.map_or(written.body, Bytes::from);
        let mut response = ready(body, coding, self.media, self.keeping).response(self.headers);
        if response.status() != StatusCode::NOT_MODIFIED {
            response.set_status(written.status);
            if let Some(coding) = coding {
                let coding = HeaderValue::from_static(coding);
                response
                    .headers_mut()
                    .insert(header::CONTENT_ENCODING, coding);
            }
        }
        response
    }
}

/// What is sent of these bytes.
pub(super) fn ready(
    body: Bytes,
    coding: Option<&str>,
    media: Media,
    keeping: &'static str,
) -> Ready {
    let tag = || validators::tag_of(&body, coding);
    Ready {
        tag: (keeping != NOT_KEPT).then(tag),
        body,
        fixed: [
            ("content-type", media.name()),
            ("cache-control", keeping),
            ("vary", "accept, accept-encoding"),
            ("x-content-type-options", "nosniff"),
        ],
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::PathSegment;

    use super::*;
    use crate::graphql::error::DocumentCode;

    fn parts(media: Media, answer: &Answer) -> (StatusCode, String) {
        let written = written(media, answer);
        let body = String::from_utf8(written.body.to_vec()).expect("text");
        (written.status, body)
    }

    #[test]
    fn a_refused_document_has_no_data_and_its_status_depends_on_the_media_type() {
        let refused = || Answer::from_errors(vec![DocumentCode::ParseFailed.error("no")]);
        let body = r#"{"errors":[{"message":"no","extensions":{"code":"GRAPHQL_PARSE_FAILED"}}]}"#;

        let strict = parts(Media::Response, &refused());
        let lenient = parts(Media::Json, &refused());

        assert_eq!(strict, (StatusCode::BAD_REQUEST, body.to_owned()));
        assert_eq!(lenient, (StatusCode::OK, body.to_owned()));
    }

    #[test]
    fn fields_are_written_in_the_order_asked() {
        let data = async_graphql::value!({ "verdict": 1, "beacon": { "round": 2, "at": 3 } });

        let (_, body) = parts(Media::Json, &Answer::new(data));

        assert_eq!(
            body,
            r#"{"data":{"verdict":1,"beacon":{"round":2,"at":3}}}"#
        );
    }

    #[test]
    fn an_executed_document_has_data_even_where_a_field_failed() {
        let mut error = ServerError::new("no", None);
        error.path = vec![PathSegment::Field("draw".to_owned())];
        let mut answer = Answer::from_errors(vec![error]);
        answer.data = async_graphql::Value::Null;

        let (status, body) = parts(Media::Response, &answer);

        assert_eq!(status, StatusCode::OK);
        assert!(body.contains(r#""data":null"#), "{body}");
    }
}
