//! Whether the server lives, and whether it can answer.

use poem::{
    Endpoint, Response,
    http::{StatusCode, header},
};
use serde_json::json;

use crate::{
    app::App,
    service::health::{self, Health, Readiness},
};

/// Answers `/livez`: the process runs. `/healthz` is its older name.
pub(super) struct Live;

impl Endpoint for Live {
    type Output = Response;

    async fn call(&self, _: poem::Request) -> poem::Result<Response> {
        Ok(said(StatusCode::OK, TEXT, "live\n".to_owned()))
    }
}

/// Answers `/readyz`: whether look-ups may be sent here.
pub(super) struct Ready(pub(super) App);

impl Endpoint for Ready {
    type Output = Response;

    async fn call(&self, request: poem::Request) -> poem::Result<Response> {
        let health = health::examine(&self.0).await;
        let status = if health.readiness.is_ready() {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        Ok(if wants_json(&request) {
            said(status, "application/json", as_json(&health))
        } else {
            said(status, TEXT, as_text(&health))
        })
    }
}

const TEXT: &str = "text/plain; charset=utf-8";

fn wants_json(request: &poem::Request) -> bool {
    let accepted = request.header(header::ACCEPT).unwrap_or_default();
    let mut ranges = accepted.split(',').map(|range| range.split(';').next());
    ranges.any(|range| range.map(str::trim) == Some("application/json"))
}

fn as_text(health: &Health) -> String {
    let Health {
        epoch,
        published_epoch,
        ..
    } = health;
    let sentence = sentence(health.readiness);
    format!("{sentence}\nepoch {epoch} of {published_epoch}\n")
}

fn as_json(health: &Health) -> String {
    json!({
        "ready": health.readiness.is_ready(),
        "reason": sentence(health.readiness),
        "database": health.has_database,
        "epoch": health.epoch,
        "publishedEpoch": health.published_epoch,
    })
    .to_string()
}

fn sentence(readiness: Readiness) -> &'static str {
    match readiness {
        Readiness::Ready => "ready",
        Readiness::WithoutDatabase => "ready, without its database",
        Readiness::NotSetUp => "the city is not set up",
        Readiness::CatchingUp => "the newest result is being read",
        Readiness::Empty => "the database does not answer, and no result is held",
    }
}

fn said(status: StatusCode, media: &'static str, body: String) -> Response {
    Response::builder()
        .status(status)
        .content_type(media)
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::VARY, "accept")
        .body(body)
}
