//! Somebody who follows what happens, over a WebSocket or by server-sent events.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, client_async, connect_async,
    tungstenite::{
        self, Message,
        client::IntoClientRequest as _,
        handshake::client::Request,
        http::{HeaderValue, header::SEC_WEBSOCKET_PROTOCOL},
    },
};

use crate::{actors::Reply, server::Server};

/// The protocol that the server speaks.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// How long a test waits for something that has to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A WebSocket connection, word by word.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// A connection that speaks a protocol, or none; or the status with which it was refused.
    pub async fn connect(server: &Server, protocol: Option<&'static str>) -> Result<Self, u16> {
        Self::connect_to(server.address(), protocol).await
    }

    async fn connect_to(address: SocketAddr, protocol: Option<&'static str>) -> Result<Self, u16> {
        let request = request(address, protocol);
        match connect_async(request).await {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(cause) => panic!("no connection: {cause}"),
        }
    }

    /// A connection on which nothing was said yet.
    pub async fn open(server: &Server) -> Self {
        Self::connect(server, Some(PROTOCOL))
            .await
            .expect("a connection")
    }

    /// A connection that was let in.
    pub async fn let_in(server: &Server, token: Option<&str>) -> Self {
        Self::let_in_at(server.address(), token).await
    }

    /// The same at an address.
    pub async fn let_in_at(address: SocketAddr, token: Option<&str>) -> Self {
        let socket = Self::connect_to(address, Some(PROTOCOL)).await;
        let mut socket = socket.expect("a connection");
        socket.init(token).await;
        socket
    }

    async fn init(&mut self, token: Option<&str>) {
        let payload = token.map(|token| json!({ "authorization": format!("Bearer {token}") }));
        self.say(json!({ "type": "connection_init", "payload": payload }))
            .await;
        assert_eq!(self.hear().await, json!({ "type": "connection_ack" }));
    }

    /// A connection that was let in, of a client with hardly any room for what it has not read.
    pub async fn narrow(server: &Server) -> Self {
        let tcp = TcpSocket::new_v4().expect("a socket");
        tcp.set_recv_buffer_size(4_096).expect("a size");
        let tcp = tcp.connect(server.address()).await.expect("a connection");
        let request = request(server.address(), Some(PROTOCOL));
        let opened = client_async(request, MaybeTlsStream::Plain(tcp)).await;
        let (stream, _) = opened.expect("a connection");
        let mut socket = Self(stream);
        socket.init(None).await;
        socket
    }

    /// Sends a message.
    pub async fn say(&mut self, message: Value) {
        self.say_text(&message.to_string()).await;
    }

    /// Sends a text, whatever it is.
    pub async fn say_text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("sent");
    }

    /// Sends bytes.
    pub async fn say_bytes(&mut self, bytes: Vec<u8>) {
        self.0.send(Message::binary(bytes)).await.expect("sent");
    }

    /// Follows a document again and again, and reads nothing, until the server is gone.
    pub async fn floods_with(&mut self, document: &str) {
        for number in 0_u32.. {
            let message = json!({
                "id": number.to_string(),
                "type": "subscribe",
                "payload": { "query": document }
            });
            let sending = self.0.send(Message::text(message.to_string()));
            if !matches!(timeout(PATIENCE, sending).await, Ok(Ok(()))) {
                return;
            }
        }
    }

    /// Follows a subscription.
    pub async fn subscribe(&mut self, id: &str, document: &str) {
        let payload = json!({ "query": document });
        self.say(json!({ "id": id, "type": "subscribe", "payload": payload }))
            .await;
    }

    /// The next message.
    pub async fn hear(&mut self) -> Value {
        loop {
            match self.next().await {
                Some(Message::Text(text)) => return serde_json::from_str(&text).expect("JSON"),
                Some(Message::Ping(_)) => {}
                other => panic!("expected a message, found {other:?}"),
            }
        }
    }

    /// What the next event of a subscription holds for its one field.
    pub async fn event(&mut self) -> Value {
        let mut message = self.hear().await;
        assert_eq!(message["type"], "next", "{message}");
        let data = message["payload"]["data"].take();
        let Value::Object(fields) = data else {
            panic!("no data in {message}")
        };
        let (_, value) = fields.into_iter().next().expect("one field");
        value
    }

    /// The code with which the server closes; what it says before is left out.
    pub async fn closed(&mut self) -> u16 {
        loop {
            match self.next().await {
                Some(Message::Close(Some(frame))) => return frame.code.into(),
                Some(Message::Close(None)) | None => panic!("it broke off without a code"),
                Some(_) => {}
            }
        }
    }

    /// Reads on, and answers whether it is there, until the connection ends.
    pub async fn stay(&mut self) {
        while let Some(Ok(_)) = self.0.next().await {}
    }

    /// Reads to the end; says whether the server said goodbye.
    pub async fn reads_a_goodbye(&mut self) -> bool {
        loop {
            match self.next().await {
                Some(Message::Close(_)) => return true,
                None => return false,
                Some(_) => {}
            }
        }
    }

    async fn next(&mut self) -> Option<Message> {
        let next = timeout(PATIENCE, self.0.next()).await;
        next.expect("something within half a minute")?.ok()
    }
}

fn request(address: SocketAddr, protocol: Option<&'static str>) -> Request {
    let url = format!("ws://{address}/graphql");
    let mut request = url.into_client_request().expect("a request");
    if let Some(protocol) = protocol {
        let protocol = HeaderValue::from_static(protocol);
        request
            .headers_mut()
            .insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    request
}

/// What came as server-sent events.
pub struct Events {
    /// Status of the answer.
    pub status: u16,
    /// Its media type.
    pub media: String,
    /// What the `next` events carried.
    pub next: Vec<Value>,
    /// Whether it was said that nothing more comes.
    pub is_complete: bool,
}

impl Server {
    /// Reads the events of a document, at most so many.
    pub async fn events(&self, token: Option<&str>, document: &str, most: usize) -> Events {
        let mut request = self
            .client()
            .post(format!("http://{}/graphql", self.address()))
            .header("content-type", "application/json")
            .header("accept", "text/event-stream");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = json!({ "query": document }).to_string();
        let read = tokio::task::spawn_blocking(move || {
            let mut response = request.send(body).expect("an answer");
            let media = response.headers().get("content-type");
            let media = media.and_then(|media| media.to_str().ok());
            let mut events = Events {
                status: response.status().as_u16(),
                media: media.unwrap_or_default().to_owned(),
                next: Vec::new(),
                is_complete: false,
            };
            let mut event = String::new();
            for line in BufReader::new(response.body_mut().as_reader()).lines() {
                let line = line.expect("a line");
                if let Some(name) = line.strip_prefix("event: ") {
                    name.clone_into(&mut event);
                } else if let Some(text) = line.strip_prefix("data: ") {
                    if event == "complete" {
                        events.is_complete = true;
                        break;
                    }
                    events.next.push(serde_json::from_str(text).expect("JSON"));
                    if events.next.len() == most {
                        break;
                    }
                }
            }
            events
        });
        read.await.expect("events")
    }

    /// The first event of a subscription, as an answer.
    pub async fn first_event(&self, token: Option<&str>, document: &str) -> Reply {
        let mut events = self.events(token, document, 1).await;
        assert_eq!(events.status, 200, "{document}");
        Reply::new(events.status, events.next.remove(0))
    }
}
