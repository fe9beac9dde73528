//! WebSocket connections.

use std::{task::Poll, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _, future::poll_fn, stream::BoxStream};
use poem::{
    FromRequest as _, IntoResponse, Response,
    http::{HeaderMap, header},
    web::websocket::{CloseCode, Message, WebSocket, WebSocketConfig, WebSocketStream},
};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};

use super::{
    super::{endpoint::GraphqlEndpoint, identity, limits::Client, refusal::Refusal},
    operation::{self, Caller, Told},
    places::Place,
    protocol::{self, Act, Closing, Conversation, MESSAGE_MAX},
};
use crate::{error::Error, graphql::error::ApiError};

/// How long a client may take to answer that the connection is closed.
const CLOSE_TIME: Duration = Duration::from_secs(5);

/// Bytes read at once; five thousand connections that wait have a buffer each.
const READ_BUFFER: usize = 2 * 1024;

/// Whether a request asks to speak over a WebSocket.
pub(in crate::http) fn is_wanted(headers: &HeaderMap) -> bool {
    let upgrade = headers.get(header::UPGRADE);
    upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Answers such a request.
pub(in crate::http) async fn open(
    endpoint: &GraphqlEndpoint,
    request: &poem::Request,
    client: Client,
) -> Result<Response, Refusal> {
    let websocket = WebSocket::from_request_without_body(request)
        .await
        .map_err(|_| Refusal::Malformed("expected a WebSocket handshake of version 13"))?;
    let place = endpoint.places.take(client.address());
    let place = place.ok_or(Refusal::Full)?;
    let speaks = speaks_the_protocol(request.headers());
    let endpoint = endpoint.clone();
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(2 * MESSAGE_MAX))
        .max_frame_size(Some(2 * MESSAGE_MAX));
    let upgraded = websocket
        .config(config)
        .protocols([protocol::NAME])
        .on_upgrade(move |socket| {
            Box::new(Connection::new(endpoint, client, socket, place)).run(speaks)
        });
    Ok(upgraded.into_response())
}

fn speaks_the_protocol(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|name| name.trim() == protocol::NAME)
}

/// A client on the other side.
struct Connection {
    endpoint: GraphqlEndpoint,
    client: Client,
    socket: WebSocketStream,
    place: Place,
    conversation: Conversation,
    caller: Caller,
    running: Vec<Running>,
}

/// A subscription of the connection.
struct Running {
    id: String,
    told: BoxStream<'static, Told>,
}

/// Why a connection comes to its end.
enum End {
    /// The server closes it.
    Close(Closing),
    /// The client closes it, and waits for the answer to that.
    Left,
    /// The client is gone.
    Gone,
}

impl Connection {
    fn new(
        endpoint: GraphqlEndpoint,
        client: Client,
        socket: WebSocketStream,
        place: Place,
    ) -> Self {
        Self {
            endpoint,
            client,
            socket,
            place,
            conversation: Conversation::new(),
            caller: Caller::anonymous(),
            running: Vec::new(),
        }
    }

    async fn run(mut self: Box<Self>, speaks: bool) {
        let end = if speaks {
            self.converse().await
        } else {
            Err(End::Close(Closing::new(4406, "Subprotocol not acceptable")))
        };
        self.running.clear();
        let is_told = match end {
            Err(End::Close(closing)) => {
                let close = Message::Close(Some((CloseCode::from(closing.code), closing.reason)));
                let sending = timeout(self.endpoint.rhythm.send, self.socket.send(close));
                sending.await.is_ok()
            }
            Err(End::Left) => true,
            Err(End::Gone) | Ok(()) => false,
        };
        if is_told {
            // The frame that answers a client's own is sent while the stream is read to its end.
            let answered = async { while let Some(Ok(_)) = self.socket.next().await {} };
            drop(timeout(CLOSE_TIME, answered).await);
        }
    }

    async fn converse(&mut self) -> Result<(), End> {
        let rhythm = self.endpoint.rhythm;
        let mut closing = self.place.closing();
        let mut beat = interval_at(Instant::now() + rhythm.beat, rhythm.beat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let init = sleep(rhythm.init);
        tokio::pin!(init);
        let mut is_alive = true;
        loop {
            tokio::select! {
                () = closing.begun() => {
                    return Err(End::Close(Closing::new(1001, "Going away")));
                }
                () = &mut init, if !self.conversation.is_initialised() => {
                    return Err(End::Close(Closing::new(4408, "Connection initialisation timeout")));
                }
                heard = self.socket.next() => {
                    is_alive = true;
                    // In a box: most of the time there is nothing to hear, and no room to keep for it.
                    Box::pin(self.hear(heard)).await?;
                }
                (index, told) = next_of(&mut self.running), if !self.running.is_empty() => {
                    self.tell(index, told).await?;
                }
                _ = beat.tick() => {
                    if !std::mem::take(&mut is_alive) {
                        return Err(End::Gone);
                    }
                    self.conversation.beat();
                    self.send(Message::Ping(Vec::new())).await?;
                }
            }
        }
    }

    async fn hear(&mut self, heard: Option<std::io::Result<Message>>) -> Result<(), End> {
        let text = match heard {
            Some(Ok(Message::Text(text))) if text.len() <= MESSAGE_MAX => text,
            Some(Ok(Message::Text(_))) => {
                let reason = "A message has at most 65,536 bytes";
                return Err(End::Close(Closing::new(1009, reason)));
            }
            Some(Ok(Message::Binary(_))) => {
                return Err(End::Close(Closing::bad("Expected text")));
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Close(_))) => return Err(End::Left),
            Some(Err(_)) | None => return Err(End::Gone),
        };
        let act = self.conversation.hear(&text);
        if matches!(act, Some(Act::Start { .. })) {
            let caller = self.caller.again(&self.endpoint.app).await;
            self.caller = caller.map_err(refused)?;
        }
        match act {
            None => Ok(()),
            Some(Act::Close(closing)) => Err(End::Close(closing)),
            Some(Act::Say(text)) => self.send(Message::Text(text)).await,
            Some(Act::Identify(given)) => self.identify(given.as_deref()).await,
            Some(Act::Start { id, asked }) => {
                let prepared = self.endpoint.prepare(*asked, &self.client);
                let caller = self.caller.clone();
                let told = operation::follow(&self.endpoint, &self.client, prepared, caller);
                self.running.push(Running { id, told });
                Ok(())
            }
            Some(Act::Stop(id)) => {
                self.running.retain(|running| running.id != id);
                Ok(())
            }
        }
    }

    async fn identify(&mut self, given: Option<&str>) -> Result<(), End> {
        let token = given.map(identity::bearer).transpose();
        let caller = match token {
            Ok(token) => Caller::of(&self.endpoint.app, token).await,
            Err(error) => Err(error),
        };
        self.caller = caller.map_err(refused)?;
        let acknowledged = self.conversation.acknowledge();
        self.send(Message::Text(acknowledged)).await
    }

    async fn tell(&mut self, index: usize, told: Option<Told>) -> Result<(), End> {
        let running = self.running.remove(index);
        if let Some(Told::Event(payload)) = told {
            let text = protocol::next(&running.id, &payload);
            // The others come first now.
            self.running.push(running);
            return self.send(Message::Text(text)).await;
        }
        let Running { id, .. } = running;
        self.conversation.end(&id);
        let text = match told {
            Some(Told::SignedOut) => {
                return Err(End::Close(Closing::new(4403, "The session has ended")));
            }
            Some(Told::Failed(errors)) => protocol::error(&id, &errors),
            _ => protocol::complete(&id),
        };
        self.send(Message::Text(text)).await
    }

    /// Who does not take a message in time is dropped; what they missed is behind their cursor.
    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(self.endpoint.rhythm.send, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(End::Gone),
        }
    }
}

/// Why somebody is not let in, or not any more.
fn refused(error: Error) -> End {
    End::Close(match error {
        Error::Unauthenticated => Closing::new(4403, "Forbidden"),
        other => Closing::new(4500, ApiError::from(other).shown().1),
    })
}

/// What the first of the subscriptions that has something has to tell, with its index.
async fn next_of(running: &mut [Running]) -> (usize, Option<Told>) {
    poll_fn(|cx| {
        for (index, running) in running.iter_mut().enumerate() {
            if let Poll::Ready(told) = running.told.poll_next_unpin(cx) {
                return Poll::Ready((index, told));
            }
        }
        Poll::Pending
    })
    .await
}
