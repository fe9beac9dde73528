//! How spans are sent: by the HTTP client that is in the house, on the thread that collects them.

use std::{pin::Pin, time::Duration};

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};

/// How long a collector may take. Spans that it does not take are lost, and nothing waits for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Longest answer that is read, bytes.
const ANSWER_MAX: u64 = 64 * 1024;

#[derive(Debug)]
pub(super) struct Sender(ureq::Agent);

impl Sender {
    pub(super) fn new() -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .build();
        Self(agent.into())
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = self.0.run(request.map(|body| body.to_vec()))?;
        let (parts, mut body) = answer.into_parts();
        let bytes = body.with_config().limit(ANSWER_MAX).read_to_vec()?;
        Ok(Response::from_parts(parts, Bytes::from(bytes)))
    }
}

impl HttpClient for Sender {
    /// What `async fn` stands for in that trait. It blocks: the SDK calls it on a thread of its own.
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move { self.send(request) })
    }
}
