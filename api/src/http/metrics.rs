//! What a node counts, for whoever watches it. It is served at an address of its own, and never where
//! the public asks.

use std::sync::Arc;

use poem::{
    Endpoint, Response, Route,
    endpoint::BoxEndpoint,
    http::{Method, StatusCode, header},
};

use crate::{
    app::App,
    service::health,
    telemetry::{self, CONTENT_TYPE},
};

/// Answers `GET /metrics`.
struct Metrics(App);

impl Endpoint for Metrics {
    type Output = Response;

    async fn call(&self, request: poem::Request) -> poem::Result<Response> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let refused = Response::builder().status(StatusCode::METHOD_NOT_ALLOWED);
            return Ok(refused.header(header::ALLOW, "GET, HEAD").finish());
        }
        let facts = health::facts(&self.0).await;
        let page = telemetry::write(Arc::clone(&self.0.telemetry), facts);
        Ok(match page {
            Ok(page) => Response::builder()
                .content_type(CONTENT_TYPE)
                .header(header::CACHE_CONTROL, "no-store")
                .body(page),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into(),
        })
    }
}

/// Everything that is answered to whoever watches the node.
pub(super) fn routes(app: App) -> BoxEndpoint<'static> {
    poem::EndpointExt::boxed(Route::new().at("/metrics", Metrics(app)))
}
