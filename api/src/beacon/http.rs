//! One exchange over HTTP: blocking, without redirects, with limits of time and size.

use std::time::Duration;

use ureq::{
    Agent, Body, Timeout,
    http::{Response, Uri},
};

use super::Fault;

/// How long and how much a source may answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until the connection stands, TLS included.
    pub connect: Duration,
    /// Until the whole answer is there.
    pub overall: Duration,
    /// The largest body read.
    pub body_bytes: u64,
}

impl Default for Limits {
    /// 2 s, 5 s, 64 KiB.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            overall: Duration::from_secs(5),
            body_bytes: 64 * 1024,
        }
    }
}

/// A status and a whole body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// `GET`s an address.
pub(crate) fn get(url: &str, limits: Limits) -> Result<Answer, Fault> {
    let response = agent(url, limits).get(url).call();
    read(response, limits)
}

/// `POST`s a body to an address.
pub(crate) fn post(url: &str, body: &[u8], limits: Limits) -> Result<Answer, Fault> {
    let response = agent(url, limits).post(url).send(body);
    read(response, limits)
}

/// `POST`s a body to an address, with headers.
pub(crate) fn post_with(
    url: &str,
    headers: &[(&'static str, String)],
    body: &[u8],
    limits: Limits,
) -> Result<Answer, Fault> {
    let mut request = agent(url, limits).post(url);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    read(request.send(body), limits)
}

fn agent(url: &str, limits: Limits) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(limits.connect))
        .timeout_global(Some(limits.overall))
        .user_agent(concat!("fairplate/", env!("CARGO_PKG_VERSION")));
    // A proxy of the surroundings is used, but it cannot see what runs on this machine.
    let config = if is_loopback(url) {
        config.proxy(None)
    } else {
        config
    };
    config.build().new_agent()
}

fn is_loopback(url: &str) -> bool {
    let uri: Option<Uri> = url.parse().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

fn read(response: Result<Response<Body>, ureq::Error>, limits: Limits) -> Result<Answer, Fault> {
    let mut response = response.map_err(|error| match error {
        ureq::Error::Timeout(timeout) => stalled(timeout, limits),
        ureq::Error::Protocol(error) => Fault::BrokenOff {
            cause: error.to_string(),
        },
        error => Fault::Unreachable {
            cause: error.to_string(),
        },
    })?;
    let status = response.status().as_u16();
    let body = response
        .body_mut()
        .with_config()
        .limit(limits.body_bytes)
        .read_to_vec()
        .map_err(|error| match error {
            ureq::Error::Timeout(timeout) => stalled(timeout, limits),
            ureq::Error::BodyExceedsLimit(limit_bytes) => Fault::TooLarge { limit_bytes },
            error => Fault::BrokenOff {
                cause: error.to_string(),
            },
        })?;
    Ok(Answer { status, body })
}

fn stalled(timeout: Timeout, limits: Limits) -> Fault {
    let limit = match timeout {
        Timeout::Connect => limits.connect,
        _ => limits.overall,
    };
    Fault::Stalled { limit }
}
