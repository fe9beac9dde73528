//! A subscription that is followed for a connection.

use std::sync::Arc;

use async_graphql::{Response, ServerError, Value, parser::types::OperationType};
use futures_util::{FutureExt as _, StreamExt as _, stream, stream::BoxStream};
use serde::Serialize;

use super::super::{
    endpoint::{GraphqlEndpoint, Prepared, Unprepared},
    limits::Client,
    refusal::Refusal,
};
use crate::{
    app::App,
    domain::actor::Actor,
    error::{Error, Result},
    graphql::error::{ApiError, DocumentCode},
    service::sessions::{self, Ticket},
};

/// Whose connection it is.
#[derive(Clone)]
pub(in crate::http) struct Caller {
    actor: Actor,
    /// Looks the session up again; none for nobody in particular.
    ticket: Option<Ticket>,
}

impl Caller {
    /// Nobody in particular.
    pub(in crate::http) fn anonymous() -> Self {
        Self::known(Actor::Anonymous, None)
    }

    /// Somebody whose session was looked up already.
    pub(in crate::http) fn known(actor: Actor, ticket: Option<Ticket>) -> Self {
        Self { actor, ticket }
    }

    /// The same caller, looked up again: a connection may be old when a subscription begins.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`] once the session has ended.
    pub(super) async fn again(&self, app: &App) -> Result<Self> {
        let Some(ticket) = &self.ticket else {
            return Ok(self.clone());
        };
        let actor = sessions::recheck(app, ticket).await?;
        Ok(Self::known(actor, Some(ticket.clone())))
    }

    /// Whoever a token belongs to.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`] for a token without a session.
    pub(in crate::http) async fn of(app: &App, token: Option<&str>) -> Result<Self> {
        let Some(token) = token else {
            return Ok(Self::anonymous());
        };
        let actor = sessions::identify(app, token).await?;
        Ok(Self::known(actor, Some(Ticket::of(token))))
    }

    pub(in crate::http) fn actor(&self) -> &Actor {
        &self.actor
    }

    pub(in crate::http) fn into_actor(self) -> Actor {
        self.actor
    }
}

/// What a connection is to tell.
pub(super) enum Told {
    /// An event, as JSON.
    Event(String),
    /// The subscription has failed and ends here: its errors, as JSON.
    Failed(String),
    /// The session that it was followed with has ended.
    SignedOut,
}

/// Follows what a request asks for. The stream ends with the subscription, and after [`Told::Failed`]
/// and [`Told::SignedOut`].
///
/// The session is looked up before each event, once for those that were ready together.
pub(super) fn follow(
    endpoint: &GraphqlEndpoint,
    client: &Client,
    prepared: std::result::Result<Prepared, Unprepared>,
    caller: Caller,
) -> BoxStream<'static, Told> {
    let prepared = match require_subscription(client, prepared) {
        Ok(prepared) => prepared,
        Err(errors) => {
            let failed = async move { Told::Failed(json(&errors)) };
            return stream::once(failed).boxed();
        }
    };
    let mut request = prepared.request;
    if let Some(charge) = client.charge(&caller.actor, false) {
        request = request.data(Arc::clone(&charge));
    }
    if let Some(app) = endpoint.app.newer() {
        request = request.data(app);
    }
    request = request.data(caller.actor);
    if let Some(ticket) = &caller.ticket {
        request = request.data(ticket.clone());
    }
    let following = Following {
        app: endpoint.app.clone(),
        answers: endpoint.schema.execute_stream(request),
        ticket: caller.ticket,
        is_checked: false,
    };
    let told = stream::unfold(Some(following), |following| async {
        let mut following = following?;
        let told = following.next().await?;
        let goes_on = matches!(told, Told::Event(_));
        Some((told, goes_on.then_some(following)))
    });
    told.boxed()
}

struct Following {
    app: App,
    answers: BoxStream<'static, Response>,
    ticket: Option<Ticket>,
    /// Whether the session was looked up since somebody last waited.
    is_checked: bool,
}

impl Following {
    async fn next(&mut self) -> Option<Told> {
        let answer = if let Some(ready) = self.answers.next().now_or_never() {
            ready?
        } else {
            self.is_checked = false;
            self.answers.next().await?
        };
        if !self.is_checked
            && let Some(ticket) = &self.ticket
        {
            // In a box, so that who waits keeps no room for it.
            match Box::pin(sessions::recheck(&self.app, ticket)).await {
                Ok(_) => {}
                Err(Error::Unauthenticated) => return Some(Told::SignedOut),
                Err(error) => return Some(Told::Failed(json(&[server_error(error)]))),
            }
        }
        self.is_checked = true;
        Some(if answer.data == Value::Null {
            Told::Failed(json(&answer.errors))
        } else {
            Told::Event(json(&Event {
                data: &answer.data,
                errors: &answer.errors,
            }))
        })
    }
}

/// Refuses what is no subscription, or not one: the library would follow several fields at once, and
/// none that comes by way of a fragment.
fn require_subscription(
    client: &Client,
    prepared: std::result::Result<Prepared, Unprepared>,
) -> std::result::Result<Prepared, Vec<ServerError>> {
    let refused = |refusal: Refusal| vec![with_code(refusal.sentence(), refusal.code())];
    let prepared = prepared.map_err(|unprepared| match unprepared {
        Unprepared::Document(errors) => errors,
        Unprepared::Request(refusal) => refused(refusal),
    })?;
    if prepared.operation.kind != OperationType::Subscription {
        return Err(vec![DocumentCode::WrongTransport.error(
            "this connection carries subscriptions; send queries and mutations as POST",
        )]);
    }
    if !prepared.operation.is_single {
        return Err(vec![DocumentCode::ValidationFailed.error(
            "a subscription asks for one field, and names it in the operation and not in a fragment",
        )]);
    }
    client
        .look_up(prepared.operation.look_ups)
        .map_err(refused)?;
    Ok(prepared)
}

/// An event as it is written; its fields stay in the order in which they were asked for.
#[derive(Serialize)]
struct Event<'a> {
    data: &'a Value,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
}

fn json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_else(|cause| {
        let error = server_error(Error::internal(cause));
        serde_json::json!([error]).to_string()
    })
}

/// An error that no resolver made.
fn server_error(error: Error) -> ServerError {
    let (code, sentence) = ApiError::from(error).shown();
    with_code(&sentence, code.as_str())
}

fn with_code(sentence: &str, code: &str) -> ServerError {
    let mut error = ServerError::new(sentence, None);
    error.extensions.get_or_insert_default().set("code", code);
    error
}

/// The errors of a session that has ended, as JSON.
pub(super) fn signed_out() -> String {
    json(&[server_error(Error::Unauthenticated)])
}
