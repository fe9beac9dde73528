//! GraphQL over HTTP.
//!
//! POST takes JSON alone, so that no form of another site can send it; GET asks queries, and always
//! as nobody in particular, so that a link or an image cannot act for whoever is signed in.
//! Subscriptions are answered as a stream of events, or over a WebSocket.

use std::{sync::Arc, time::Duration};

use async_graphql::{Request, ServerError, parser::types::OperationType};
use bytes::Bytes;
use poem::{
    Body, Endpoint, Response,
    error::ReadBodyError,
    http::{HeaderMap, Method, header},
};

use super::{
    answer::{NOT_KEPT, Sending, failed},
    at_hand::Payer,
    documents::{Documents, Found, Missing},
    gate::Gate,
    identity,
    limits::{Client, Meters},
    live::{Caller, Places, Rhythm, events, socket},
    look_ups::LookUps,
    media::{self, Media},
    query::{self, Asked},
    refusal::{BODY_MAX, Refusal},
};
use crate::{
    app::App,
    domain::actor::Actor,
    graphql::{Schema, document::Operation, error::DocumentCode},
};

/// How long others may keep the answer to an anonymous query. While nobody answers they may go on
/// telling it: what is public was public then, too.
pub(super) const GET_CACHED: &str =
    "public, max-age=5, stale-while-revalidate=30, stale-if-error=600";

/// Answers GraphQL requests.
#[derive(Clone)]
pub(super) struct GraphqlEndpoint {
    pub(super) app: App,
    pub(super) schema: Schema,
    pub(super) documents: Arc<Documents>,
    pub(super) meters: Meters,
    pub(super) places: Arc<Places>,
    pub(super) rhythm: Rhythm,
    /// How long a body may take to arrive.
    pub(super) body_time: Duration,
    /// How long a query may take.
    pub(super) query_time: Duration,
    /// How long whoever asks for a change waits for its answer.
    pub(super) mutation_time: Duration,
    /// How long an answer to an anonymous query is kept for others who ask the same.
    pub(super) kept_for: Duration,
    /// Which schema it is: answers of another one are not told.
    pub(super) schema_digest: Arc<str>,
    pub(super) gate: Gate,
    pub(super) look_ups: LookUps,
}

/// How a request came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    ByPost,
    ByGet,
}

/// A request whose document was found and is within its limits.
pub(super) struct Prepared {
    pub(super) request: Request,
    pub(super) operation: Operation,
    pub(super) found: Found,
}

/// Why there is nothing to execute.
pub(super) enum Unprepared {
    /// The request itself is refused.
    Request(Refusal),
    /// Its document is.
    Document(Vec<ServerError>),
}

impl Endpoint for GraphqlEndpoint {
    type Output = Response;

    async fn call(&self, mut request: poem::Request) -> poem::Result<Response> {
        let answered = match self.meters.let_in(&request) {
            Err(refusal) => {
                self.take_unread(&mut request).await;
                Err(refusal)
            }
            // What executes anything is large, and is passed on in a box: whoever looks up what is in
            // memory moves none of it.
            Ok(client) => match *request.method() {
                Method::GET if socket::is_wanted(request.headers()) => {
                    Box::pin(socket::open(self, &request, client)).await
                }
                Method::POST => {
                    // Whoever still sends when the connection is given up never reads why: the body is
                    // taken first, as it is, also where it is not looked at.
                    let bytes = body(request.take_body(), self.body_time).await;
                    match self.answer_body(&request, &bytes, &client).transpose() {
                        Some(answered) => answered,
                        None => Box::pin(self.post(request, bytes, &client)).await,
                    }
                }
                Method::GET | Method::HEAD => {
                    match self.answer_query(&request, &client).transpose() {
                        Some(answered) => answered,
                        None => Box::pin(self.get(&request, &client)).await,
                    }
                }
                _ => {
                    self.take_unread(&mut request).await;
                    Err(Refusal::Method)
                }
            },
        };
        Ok(answered.unwrap_or_else(Refusal::response))
    }
}

impl GraphqlEndpoint {
    /// Takes the body of a request that is refused whatever is in it. A connection with a body that
    /// nobody has taken is closed, which its client notices when it asks again.
    async fn take_unread(&self, request: &mut poem::Request) {
        drop(body(request.take_body(), self.body_time).await);
    }

    async fn post(
        &self,
        request: poem::Request,
        bytes: Result<Bytes, Refusal>,
        client: &Client,
    ) -> Result<Response, Refusal> {
        require_acceptable(&request)?;
        media::require_json(request.headers())?;
        let bytes = bytes?;
        let actor = match self.identify(request.headers()).await? {
            Ok(actor) => actor,
            Err(error) => return Ok(failed(error)),
        };
        let caller = Caller::known(actor, identity::ticket(request.headers()));
        let asked = query::from_body(&bytes)?;
        self.answer(&request, asked, caller, Sent::ByPost, client)
            .await
    }

    async fn get(&self, request: &poem::Request, client: &Client) -> Result<Response, Refusal> {
        require_acceptable(request)?;
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
        self.answer(request, asked, Caller::anonymous(), Sent::ByGet, client)
            .await
    }

    /// Finds out who sent a request, behind the gate: a session stands in the database. Whoever says
    /// nothing of it is nobody in particular, and waits for nobody.
    async fn identify(&self, headers: &HeaderMap) -> Result<crate::Result<Actor>, Refusal> {
        let identifying = identity::identify(&self.app, headers);
        if !headers.contains_key(header::AUTHORIZATION) {
            return Ok(identifying.await);
        }
        self.gate.ask(self.query_time, identifying).await
    }

    /// Answers a request, as events or as one answer.
    async fn answer(
        &self,
        request: &poem::Request,
        asked: Asked,
        caller: Caller,
        sent: Sent,
        client: &Client,
    ) -> Result<Response, Refusal> {
        let media = Media::wanted(request.headers());
        let found = self.find(&asked, client);
        let mut sending = Sending::to(request.headers());
        if let (Ok(media), Ok(found)) = (media, &found) {
            let actor = caller.actor();
            let payer = Payer {
                actor,
                sent,
                client,
            };
            let looking = self.look_up(&found.document, &asked.request, payer);
            if let Some(written) = looking.await? {
                (sending.media, sending.keeping) = (media, sent.keeping());
                return Ok(sending.response(written));
            }
        }
        let prepared = found.and_then(|found| prepare(found, asked.request));
        let kind = prepared.as_ref().ok().map(|it| it.operation.kind);
        if let Ok(prepared) = &prepared {
            prepared.found.note();
        }
        let is_followed = kind == Some(OperationType::Subscription);
        if events::is_wanted(request.headers()) && (media.is_err() || is_followed) {
            return events::answer(self, client, prepared, caller);
        }
        sending.media = media?;
        let refused = |errors| Ok(sending.refused(errors));
        let prepared = match prepared {
            Ok(_) if is_followed => return refused(vec![no_stream()]),
            Ok(prepared) => prepared,
            Err(Unprepared::Document(errors)) => return refused(errors),
            Err(Unprepared::Request(refusal)) => return Err(refusal),
        };
        if sent == Sent::ByGet && kind != Some(OperationType::Query) {
            return Err(Refusal::MutationOverGet);
        }
        // Answers to mutations are not packed: they carry tokens and codes, and how short a text
        // becomes tells something of what is in it.
        sending.packs = kind == Some(OperationType::Query);
        if self.may_keep(&prepared, sent) {
            let written = self.kept(prepared, sending.media, client).await?;
            let is_whole = !written.body.starts_with(br#"{"errors""#);
            sending.keeping = if is_whole { sent.keeping() } else { NOT_KEPT };
            return Ok(sending.response(written));
        }
        let executed = self.execute(prepared, caller.into_actor(), sent, client);
        Ok(sending.executed(&executed.await?.answer, sent.keeping()))
    }

    /// Finds a request's document and chooses its operation; nothing is executed yet.
    pub(super) fn prepare(&self, asked: Asked, client: &Client) -> Result<Prepared, Unprepared> {
        prepare(self.find(&asked, client)?, asked.request)
    }

    /// Finds a request's document.
    fn find(&self, asked: &Asked, client: &Client) -> Result<Found, Unprepared> {
        self.documents.find(asked).map_err(|missing| {
            client.spend_on_refused();
            match missing {
                Missing::Request(refusal) => Unprepared::Request(refusal),
                Missing::Document(error) => Unprepared::Document(vec![error]),
            }
        })
    }
}

impl Sent {
    /// How long others may keep a good answer.
    pub(super) fn keeping(self) -> &'static str {
        match self {
            Self::ByGet => GET_CACHED,
            Self::ByPost => NOT_KEPT,
        }
    }
}

/// Chooses the operation of a document.
fn prepare(found: Found, mut request: Request) -> Result<Prepared, Unprepared> {
    let operation = found
        .document
        .prepare(&mut request)
        .map_err(Unprepared::Document)?;
    Ok(Prepared {
        request,
        operation,
        found,
    })
}

/// Refuses, before anything is read, what is to be answered in no way that there is.
fn require_acceptable(request: &poem::Request) -> Result<(), Refusal> {
    if events::is_wanted(request.headers()) {
        return Ok(());
    }
    Media::wanted(request.headers()).map(drop)
}

/// The error of a subscription whose client reads no events.
fn no_stream() -> ServerError {
    DocumentCode::WrongTransport.error(
        "a subscription is followed over graphql-transport-ws, or with Accept: text/event-stream",
    )
}

async fn body(body: Body, time: Duration) -> Result<Bytes, Refusal> {
    let reading = tokio::time::timeout(time, body.into_bytes_limit(BODY_MAX));
    match reading.await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(ReadBodyError::PayloadTooLarge)) => Err(Refusal::TooLong),
        Ok(Err(_)) => Err(Refusal::Malformed("the body broke off")),
        Err(_) => Err(Refusal::Slow),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_that_is_too_long_is_not_read_to_its_end() {
        const TIME: Duration = Duration::from_mins(1);
        let refused = body(Body::from_vec(vec![b' '; BODY_MAX + 1]), TIME).await;
        assert_eq!(refused, Err(Refusal::TooLong));
        assert!(
            body(Body::from_vec(vec![b' '; BODY_MAX]), TIME)
                .await
                .is_ok()
        );
    }
}
