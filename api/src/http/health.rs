//! Whether the server lives, and whether it can answer.

use std::time::Duration;

use poem::{
    Endpoint, Response,
    http::{StatusCode, header},
};

use crate::{app::App, service};

/// How long the database may take to say something before the server counts as not ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// Answers `/healthz`: the process runs.
pub(super) struct Live;

impl Endpoint for Live {
    type Output = Response;

    async fn call(&self, _: poem::Request) -> poem::Result<Response> {
        Ok(said(StatusCode::OK, "live\n"))
    }
}

/// Answers `/readyz`: the database answers, and the city is set up in it.
pub(super) struct Ready(pub(super) App);

impl Endpoint for Ready {
    type Output = Response;

    async fn call(&self, _: poem::Request) -> poem::Result<Response> {
        let asking = service::rules::is_set_up(&self.0);
        Ok(match tokio::time::timeout(PATIENCE, asking).await {
            Ok(Ok(true)) => said(StatusCode::OK, "ready\n"),
            Ok(Ok(false)) => said(StatusCode::SERVICE_UNAVAILABLE, "the city is not set up\n"),
            Ok(Err(_)) | Err(_) => said(
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer\n",
            ),
        })
    }
}

fn said(status: StatusCode, sentence: &'static str) -> Response {
    Response::builder()
        .status(status)
        .content_type("text/plain; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-store")
        .body(sentence)
}
