//! GraphQL over HTTP.
//!
//! POST takes JSON alone, so that no form of another site can send it; GET asks queries, and always
//! as nobody in particular, so that a link or an image cannot act for whoever is signed in.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_graphql::{
    PathSegment, Request, Response as Answer, ServerError, parser::types::OperationType,
};
use chrono::SecondsFormat;
use poem::{
    Body, Endpoint, Response,
    error::ReadBodyError,
    http::{HeaderValue, Method, StatusCode, header},
};
use serde::Serialize;

use super::{
    compression,
    documents::Documents,
    identity,
    limits::{self, Client, Meters},
    query::{self, Asked, Media},
    refusal::{self, BODY_MAX, Refusal},
};
use crate::{
    app::App,
    domain::actor::Actor,
    graphql::{Schema, allowance::Standing, error::ApiError},
};

/// How long others may keep the answer to an anonymous query.
const GET_CACHED: &str = "public, max-age=5, stale-while-revalidate=30";

/// Answers GraphQL requests.
pub(super) struct GraphqlEndpoint {
    pub(super) app: App,
    pub(super) schema: Schema,
    pub(super) documents: Documents,
    pub(super) meters: Meters,
    /// How long a body may take to arrive.
    pub(super) body_time: Duration,
    /// How long a query may take.
    pub(super) query_time: Duration,
}

/// How a request came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    ByPost,
    ByGet,
}

/// What became of a request.
struct Answered {
    answer: Answer,
    /// Whether it may be compressed. Answers to mutations are not: they carry tokens and codes, and
    /// how short a text becomes tells something of what is in it.
    may_be_packed: bool,
}

impl Answered {
    fn refused(answer: Answer) -> Self {
        Self {
            answer,
            may_be_packed: false,
        }
    }
}

impl Endpoint for GraphqlEndpoint {
    type Output = Response;

    async fn call(&self, request: poem::Request) -> poem::Result<Response> {
        let answered = match self.meters.let_in(&request) {
            Err(refusal) => Err(refusal),
            Ok(client) => match *request.method() {
                Method::POST => self.post(request, &client).await,
                Method::GET | Method::HEAD => self.get(&request, &client).await,
                _ => Err(Refusal::Method),
            },
        };
        Ok(answered.unwrap_or_else(Refusal::response))
    }
}

impl GraphqlEndpoint {
    async fn post(&self, mut request: poem::Request, client: &Client) -> Result<Response, Refusal> {
        let media = Media::wanted(request.headers())?;
        query::require_json(request.headers())?;
        let bytes = body(request.take_body(), self.body_time).await?;
        let identifying = identity::identify(&self.app, request.headers());
        let actor = match tokio::time::timeout(self.query_time, identifying).await {
            Ok(Ok(actor)) => actor,
            Ok(Err(error)) => return Ok(failed(error)),
            Err(_) => return Err(Refusal::TimedOut),
        };
        let asked = query::from_body(&bytes)?;
        let answered = self.answer(asked, actor, Sent::ByPost, client).await?;
        let packs = answered.may_be_packed && compression::takes_gzip(request.headers());
        Ok(written(media, &answered.answer, NOT_KEPT, packs))
    }

    async fn get(&self, request: &poem::Request, client: &Client) -> Result<Response, Refusal> {
        let media = Media::wanted(request.headers())?;
        if request
            .uri()
            .query()
            .is_some_and(|text| BODY_MAX < text.len())
        {
            return Err(Refusal::TooLong);
        }
        let pairs = request.params::<Vec<(String, String)>>();
        let pairs = pairs.map_err(|_| Refusal::Malformed("the query string cannot be read"))?;
        let asked = query::from_pairs(pairs)?;
        let answered = self
            .answer(asked, Actor::Anonymous, Sent::ByGet, client)
            .await?;
        let packs = answered.may_be_packed && compression::takes_gzip(request.headers());
        let answer = answered.answer;
        let keeping = if answer.errors.is_empty() {
            GET_CACHED
        } else {
            NOT_KEPT
        };
        Ok(written(media, &answer, keeping, packs))
    }

    /// The answer to a request, from its document to what became of it.
    async fn answer(
        &self,
        asked: Asked,
        actor: Actor,
        sent: Sent,
        client: &Client,
    ) -> Result<Answered, Refusal> {
        let found = match self.documents.find(&asked) {
            Ok(found) => found,
            Err(missing) => {
                client.spend_on_refused();
                return missing.answer().map(Answered::refused);
            }
        };
        let mut request = asked.request;
        let operation = match found.document.prepare(&mut request) {
            Ok(operation) => operation,
            Err(errors) => return Ok(Answered::refused(Answer::from_errors(errors))),
        };
        if sent == Sent::ByGet && operation.kind != OperationType::Query {
            return Err(Refusal::MutationOverGet);
        }
        client.ask(operation)?;
        let charge = client.charge(&actor, sent == Sent::ByPost);
        if let Some(charge) = &charge {
            request = request.data(Arc::clone(charge));
        }
        let mut answer = self.execute(request.data(actor), operation.kind).await?;
        if let Some(wait) = charge.as_ref().and_then(|charge| charge.wait()) {
            return Err(limits::rate_limited(wait));
        }
        if let Some(standing) = charge.and_then(|charge| charge.standing()) {
            let cost = shown(standing);
            answer.extensions.insert("cost".to_owned(), cost);
        }
        if is_request_error(&answer) {
            client.spend_on_refused();
        } else {
            self.documents.keep(&found);
        }
        Ok(Answered {
            answer,
            may_be_packed: operation.kind == OperationType::Query,
        })
    }

    async fn execute(&self, request: Request, kind: OperationType) -> Result<Answer, Refusal> {
        if kind != OperationType::Mutation {
            // A client that hangs up stops a query, and so does time.
            let executing = tokio::time::timeout(self.query_time, self.schema.execute(request));
            return executing.await.map_err(|_| Refusal::TimedOut);
        }
        // A mutation goes on to its end: between two effects of a ceremony is no place to be dropped.
        let schema = self.schema.clone();
        let executing = tokio::spawn(async move { schema.execute(request).await });
        Ok(executing.await.unwrap_or_else(|cause| {
            let (code, sentence) = ApiError::from(crate::Error::internal(cause)).shown();
            let mut error = ServerError::new(sentence, None);
            error
                .extensions
                .get_or_insert_default()
                .set("code", code.as_str());
            error.path = vec![PathSegment::Field("mutation".to_owned())];
            Answer::from_errors(vec![error])
        }))
    }
}

/// What is left, as `extensions.cost`.
fn shown(standing: Standing) -> async_graphql::Value {
    async_graphql::value!({
        "limit": standing.limit,
        "requested": standing.cost,
        "remaining": standing.remaining,
        "resetAt": standing.reset_at.to_rfc3339_opts(SecondsFormat::Secs, true),
    })
}

/// Answers to somebody, and answers that may change at any moment.
const NOT_KEPT: &str = "private, no-store";

async fn body(body: Body, time: Duration) -> Result<Vec<u8>, Refusal> {
    let reading = tokio::time::timeout(time, body.into_bytes_limit(BODY_MAX));
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

fn written(media: Media, answer: &Answer, keeping: &str, packs: bool) -> Response {
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
    let response = Response::builder()
        .status(status)
        .content_type(media.name())
        .header(header::CACHE_CONTROL, keeping)
        .header(header::VARY, "accept, accept-encoding")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    match packs.then(|| compression::pack(&body)).flatten() {
        Some(packed) => response
            .header(header::CONTENT_ENCODING, "gzip")
            .body(Body::from_vec(packed)),
        None => response.body(Body::from_vec(body)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::error::DocumentCode;

    async fn parts(response: Response) -> (StatusCode, String) {
        let (parts, body) = response.into_parts();
        (parts.status, body.into_string().await.expect("text"))
    }

    #[tokio::test]
    async fn a_refused_document_has_no_data_and_its_status_depends_on_the_media_type() {
        let refused = || Answer::from_errors(vec![DocumentCode::ParseFailed.error("no")]);
        let body = r#"{"errors":[{"message":"no","extensions":{"code":"GRAPHQL_PARSE_FAILED"}}]}"#;

        let strict = parts(written(Media::Response, &refused(), NOT_KEPT, false)).await;
        let lenient = parts(written(Media::Json, &refused(), NOT_KEPT, false)).await;

        assert_eq!(strict, (StatusCode::BAD_REQUEST, body.to_owned()));
        assert_eq!(lenient, (StatusCode::OK, body.to_owned()));
    }

    #[tokio::test]
    async fn fields_are_written_in_the_order_asked() {
        let data = async_graphql::value!({ "verdict": 1, "beacon": { "round": 2, "at": 3 } });

        let (_, body) = parts(written(Media::Json, &Answer::new(data), NOT_KEPT, false)).await;

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

        let (status, body) = parts(written(Media::Response, &answer, NOT_KEPT, false)).await;

        assert_eq!(status, StatusCode::OK);
        assert!(body.contains(r#""data":null"#), "{body}");
    }

    #[tokio::test]
    async fn a_body_that_is_too_long_is_not_read_to_its_end() {
        const TIME: Duration = Duration::from_secs(60);
        let refused = body(Body::from_vec(vec![b' '; BODY_MAX + 1]), TIME).await;
        assert_eq!(refused, Err(Refusal::TooLong));
        assert!(
            body(Body::from_vec(vec![b' '; BODY_MAX]), TIME)
                .await
                .is_ok()
        );
    }
}
