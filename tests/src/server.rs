//! The city behind an address of the loopback interface.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use fairplate::{
    App,
    http::{Bound, Options},
};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use ureq::http::{HeaderMap, Request};

use crate::actors::Reply;

/// A running server; it stops when it is dropped.
pub struct Server {
    address: SocketAddr,
    client: ureq::Agent,
    _stop: oneshot::Sender<()>,
}

/// An answer as it came.
#[derive(Debug)]
pub struct Sent {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

impl Sent {
    /// The value of a header; empty where it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("a text"))
    }

    /// The body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The code of the first error; empty where there is none.
    #[must_use]
    pub fn code(&self) -> String {
        let body = self.json();
        let code = body.pointer("/errors/0/extensions/code");
        code.and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// A client to whom every status is an answer.
fn client() -> ureq::Agent {
    let client = ureq::Agent::config_builder();
    client.http_status_as_error(false).build().into()
}

impl Server {
    /// Starts to serve a city on a free port, to whoever asks however much: a story's clock stands
    /// still, and nothing that was spent would come back. Nor is an answer kept for a moment, which a
    /// story does not wait for.
    pub async fn start(app: &App) -> Self {
        let options = Options {
            limits: None,
            kept_for: Duration::ZERO,
            ..Options::default()
        };
        Self::start_with(app, options).await
    }

    /// The same, with options.
    pub async fn start_with(app: &App, options: Options) -> Self {
        let bound = Bound::to(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .await
            .expect("a port");
        let address = bound.address();
        let (stop, stopped) = oneshot::channel();
        let app = app.clone();
        tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            bound.serve(app, options, stopped).await.expect("served");
        });
        Self {
            address,
            client: client(),
            _stop: stop,
        }
    }

    /// Tells on a free port what a city's node counts, and serves nothing else.
    pub async fn start_telling(app: &App) -> Self {
        let bound = Bound::to(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .await
            .expect("a port");
        let address = bound.address();
        let (stop, stopped) = oneshot::channel();
        let app = app.clone();
        tokio::spawn(async move { bound.tell(app, async { drop(stopped.await) }).await });
        Self {
            address,
            client: client(),
            _stop: stop,
        }
    }

    pub(crate) fn client(&self) -> &ureq::Agent {
        &self.client
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends a document as the owner of a token, or as nobody.
    pub async fn post(&self, token: Option<&str>, document: &str, variables: Value) -> Reply {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let mut request = self
            .client
            .post(format!("http://{}/graphql", self.address))
            .header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let sent = tokio::task::spawn_blocking(move || {
            let mut response = request.send(body).expect("an answer");
            let text = response.body_mut().read_to_string().expect("a text");
            (response.status().as_u16(), text)
        });
        let (status, text) = sent.await.expect("an answer");
        Reply::new(status, serde_json::from_str(&text).expect("JSON"))
    }

    /// Sends a request as it is: method, path, headers and body.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Sent {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).expect("a request");
        let client = self.client.clone();
        let sent = tokio::task::spawn_blocking(move || {
            let mut response = client.run(request).expect("an answer");
            Sent {
                status: response.status().as_u16(),
                headers: response.headers().clone(),
                body: response.body_mut().read_to_vec().expect("bytes"),
            }
        });
        sent.await.expect("an answer")
    }

    /// Fetches a path: the status and the bytes.
    pub async fn get(&self, path: &str) -> (u16, Vec<u8>) {
        let request = self.client.get(format!("http://{}{path}", self.address));
        let sent = tokio::task::spawn_blocking(move || {
            let mut response = request.call().expect("an answer");
            (
                response.status().as_u16(),
                response.body_mut().read_to_vec().expect("bytes"),
            )
        });
        sent.await.expect("an answer")
    }
}
