//! GraphQL over HTTP.
//!
//! POST takes JSON alone, so that no form of another site can send it; GET asks queries, and always
//! as nobody in particular, so that a link or an image cannot act for whoever is signed in.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_graphql::{
    PathSegment, Request, Response as Answer, ServerError, parser::types::OperationType,
};
use poem::{
    Body, Endpoint, Response,
    error::ReadBodyError,
    http::{HeaderValue, Method, StatusCode, header},
};
use serde::Serialize;

use super::{
    identity,
    live::{Caller, Places, Rhythm, events, socket},
    query::{self, Media},
    refusal::{self, BODY_MAX, Refusal},
};
use crate::{
    app::App,
    domain::actor::Actor,
    graphql::{
        Schema, document,
        error::{ApiError, DocumentCode},
    },
};

/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);

/// How long others may keep the answer to an anonymous query.
const GET_CACHED: &str = "public, max-age=5, stale-while-revalidate=30";

/// Answers GraphQL requests.
#[derive(Clone)]
pub(super) struct GraphqlEndpoint {
    pub(super) app: App,
    pub(super) schema: Schema,
    pub(super) places: Arc<Places>,
    pub(super) rhythm: Rhythm,
}

impl Endpoint for GraphqlEndpoint {
    type Output = Response;

    async fn call(&self, request: poem::Request) -> poem::Result<Response> {
        let answered = match *request.method() {
            Method::GET if socket::is_wanted(request.headers()) => {
                socket::open(self, &request).await
            }
            Method::POST => self.post(request).await,
            Method::GET | Method::HEAD => self.get(&request).await,
            _ => Err(Refusal::Method),
        };
        Ok(answered.unwrap_or_else(Refusal::response))
    }
}

impl GraphqlEndpoint {
    async fn post(&self, mut request: poem::Request) -> Result<Response, Refusal> {
        let reads_events = events::is_wanted(request.headers());
        let media = Media::wanted(request.headers());
        if !reads_events {
            media?;
        }
        query::require_json(request.headers())?;
        let bytes = body(request.take_body()).await?;
        let actor = match identity::identify(&self.app, request.headers()).await {
            Ok(actor) => actor,
            Err(error) => return Ok(failed(error)),
        };
        let mut asked = query::from_body(&bytes)?;
        let kind = document::read(&mut asked);
        if reads_events && (media.is_err() || kind == Ok(OperationType::Subscription)) {
            let caller = Caller::known(actor, identity::ticket(request.headers()));
            return events::answer(self, identity::address(&request), asked, caller);
        }
        let media = media?;
        let kind = match kind {
            Ok(OperationType::Subscription) => return Ok(written(media, &no_stream(), NOT_KEPT)),
            Ok(kind) => kind,
            Err(errors) => return Ok(written(media, &Answer::from_errors(errors), NOT_KEPT)),
        };
        let answer = self.execute(asked, kind, actor).await;
        Ok(written(media, &answer, NOT_KEPT))
    }

    async fn get(&self, request: &poem::Request) -> Result<Response, Refusal> {
        let reads_events = events::is_wanted(request.headers());
        let media = Media::wanted(request.headers());
        if !reads_events {
            media?;
        }
        if request
            .uri()
            .query()
            .is_some_and(|text| BODY_MAX < text.len())
        {
            return Err(Refusal::TooLong);
        }
        let pairs = request.params::<Vec<(String, String)>>();
        let pairs = pairs.map_err(|_| Refusal::Malformed("the query string cannot be read"))?;
        let mut asked = query::from_pairs(pairs)?;
        let kind = document::read(&mut asked);
        if reads_events && (media.is_err() || kind == Ok(OperationType::Subscription)) {
            let from = identity::address(request);
            return events::answer(self, from, asked, Caller::anonymous());
        }
        let media = media?;
        let kind = match kind {
            Ok(OperationType::Subscription) => return Ok(written(media, &no_stream(), NOT_KEPT)),
            Ok(kind) => kind,
            Err(errors) => return Ok(written(media, &Answer::from_errors(errors), NOT_KEPT)),
        };
        if kind != OperationType::Query {
            return Err(Refusal::MutationOverGet);
        }
        let answer = self.execute(asked, kind, Actor::Anonymous).await;
        let keeping = if answer.errors.is_empty() {
            GET_CACHED
        } else {
            NOT_KEPT
        };
        Ok(written(media, &answer, keeping))
    }

    async fn execute(&self, asked: Request, kind: OperationType, actor: Actor) -> Answer {
        let asked = asked.data(actor);
        if kind != OperationType::Mutation {
            return self.schema.execute(asked).await;
        }
        // A client that hangs up stops a query. A mutation goes on to its end: between two effects
        // of a ceremony is no place to be dropped.
        let (schema, bell) = (self.schema.clone(), Arc::clone(&self.app.bell));
        let executing = tokio::spawn(async move {
            let answer = schema.execute(asked).await;
            bell.ring();
            answer
        });
        executing.await.unwrap_or_else(|cause| {
            let (code, sentence) = ApiError::from(crate::Error::internal(cause)).shown();
            let mut error = ServerError::new(sentence, None);
            error
                .extensions
                .get_or_insert_default()
                .set("code", code.as_str());
            error.path = vec![PathSegment::Field("mutation".to_owned())];
            Answer::from_errors(vec![error])
        })
    }
}

/// Answers to somebody, and answers that may change at any moment.
const NOT_KEPT: &str = "private, no-store";

/// The answer to a subscription of a client that reads no events.
fn no_stream() -> Answer {
    Answer::from_errors(vec![DocumentCode::WrongTransport.error(
        "a subscription is followed over graphql-transport-ws, or with Accept: text/event-stream",
    )])
}

async fn body(body: Body) -> Result<Vec<u8>, Refusal> {
    let reading = tokio::time::timeout(BODY_TIME, body.into_bytes_limit(BODY_MAX));
    match reading.await {
        Ok(Ok(bytes)) => Ok(bytes.to_vec()),
        Ok(Err(ReadBodyError::PayloadTooLarge)) => Err(Refusal::TooLong),
        Ok(Err(_)) => Err(Refusal::Malformed("the body broke off")),
        Err(_) => Err(Refusal::Slow),
    }
}

/// The response to a request that was not executed for an error of ours or a bad token.
fn failed(error: crate::Error) -> Response {
    let status = match error {
        crate::Error::Unauthenticated => StatusCode::UNAUTHORIZED,
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
fn is_request_error(answer: &Answer) -> bool {
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

fn written(media: Media, answer: &Answer, keeping: &str) -> Response {
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
    let body = match serde_json::to_vec(&wire) {
        Ok(body) => body,
        Err(cause) => return failed(crate::Error::internal(cause)),
    };
    Response::builder()
        .status(status)
        .content_type(media.name())
        .header(header::CACHE_CONTROL, keeping)
        .header(header::VARY, "accept")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(Body::from_vec(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn parts(response: Response) -> (StatusCode, String) {
        let (parts, body) = response.into_parts();
        (parts.status, body.into_string().await.expect("text"))
    }

    #[tokio::test]
    async fn a_refused_document_has_no_data_and_its_status_depends_on_the_media_type() {
        let refused = || Answer::from_errors(vec![DocumentCode::ParseFailed.error("no")]);
        let body = r#"{"errors":[{"message":"no","extensions":{"code":"GRAPHQL_PARSE_FAILED"}}]}"#;

        let strict = parts(written(Media::Response, &refused(), NOT_KEPT)).await;
        let lenient = parts(written(Media::Json, &refused(), NOT_KEPT)).await;

        assert_eq!(strict, (StatusCode::BAD_REQUEST, body.to_owned()));
        assert_eq!(lenient, (StatusCode::OK, body.to_owned()));
    }

    #[tokio::test]
    async fn fields_are_written_in_the_order_asked() {
        let data = async_graphql::value!({ "verdict": 1, "beacon": { "round": 2, "at": 3 } });

        let (_, body) = parts(written(Media::Json, &Answer::new(data), NOT_KEPT)).await;

        assert_eq!(
            body,
            r#"{"data":{"verdict":1,"beacon":{"round":2,"at":3}}}"#
        );
    }

    #[tokio::test]
    async fn an_executed_document_has_data_even_where_a_field_failed() {
        let mut error = ServerError::new("no", None);
        error.path = vec![PathSegment::Field("draw".to_owned())];
        let mut answer = Answer::from_errors(vec![error]);
        answer.data = async_graphql::Value::Null;

        let (status, body) = parts(written(Media::Response, &answer, NOT_KEPT)).await;

        assert_eq!(status, StatusCode::OK);
        assert!(body.contains(r#""data":null"#), "{body}");
    }

    #[tokio::test]
    async fn a_body_that_is_too_long_is_not_read_to_its_end() {
        let refused = body(Body::from_vec(vec![b' '; BODY_MAX + 1])).await;
        assert_eq!(refused, Err(Refusal::TooLong));
        assert!(body(Body::from_vec(vec![b' '; BODY_MAX])).await.is_ok());
    }
}
