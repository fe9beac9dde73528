//! What is counted of every request, and which publication its answer follows.

use std::time::Instant;

use poem::{
    Endpoint, Response,
    http::{HeaderName, HeaderValue, Method, StatusCode},
};
use prometheus_client::metrics::gauge::Gauge;

use crate::{
    app::App,
    telemetry::{self, Route, StatusClass},
};

/// The newest publication that the node answered from, on answers to look-ups.
const EPOCH: HeaderName = HeaderName::from_static("x-fairplate-epoch");

/// Endpoints whose requests are counted.
pub(super) struct Measured<E> {
    pub(super) app: App,
    pub(super) routes: E,
}

impl<E: Endpoint> Endpoint for Measured<E> {
    type Output = Response;

    async fn call(&self, request: poem::Request) -> poem::Result<Response> {
        let telemetry = &self.app.telemetry;
        let (route, since) = (route_of(request.uri().path()), Instant::now());
        let _under_way = UnderWay::begin(&telemetry.metrics.in_flight);
        // Taken before the answer is made: the answer may be newer than the header says, never older.
        let epoch = is_look_up(route, request.method()).then(|| self.app.results.epoch());
        let method = name_of(request.method());
        let answering = async {
            telemetry::note("http.request.method", method);
            let response = self.routes.get_response(request).await;
            let status = i64::from(response.status().as_u16());
            telemetry::note("http.response.status_code", status);
            response
        };
        let mut response = telemetry.traces.root(span_of(route), true, answering).await;
        count(&self.app, route, response.status(), since);
        if let Some(epoch) = epoch {
            response
                .headers_mut()
                .insert(EPOCH, HeaderValue::from(epoch));
        }
        Ok(response)
    }
}

/// Counts a request that was answered.
pub(super) fn count(app: &App, route: Route, status: StatusCode, since: Instant) {
    let metrics = &app.telemetry.metrics;
    metrics.requests.get(route).get(class_of(status)).inc();
    metrics.request_time.get(route).observe(since.elapsed());
    if status == StatusCode::TOO_MANY_REQUESTS {
        metrics.rate_limited.inc();
    }
    if status == StatusCode::SERVICE_UNAVAILABLE && route != Route::Health {
        metrics.shed.inc();
    }
}

/// A request whose answer is not there yet; also whoever hangs up is counted out.
pub(super) struct UnderWay<'a>(&'a Gauge);

impl<'a> UnderWay<'a> {
    pub(super) fn begin(gauge: &'a Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

pub(super) fn route_of(path: &str) -> Route {
    match path {
        "/graphql" => Route::Graphql,
        "/calendar.ics" => Route::Calendar,
        "/livez" | "/healthz" | "/readyz" => Route::Health,
        "/" | "/graphiql" => Route::Explorer,
        _ if path.starts_with("/result/") => Route::Result,
        _ if path.starts_with("/public/") => Route::Public,
        _ if is_of_wall(path) => Route::Wall,
        _ if path.starts_with("/graphiql/") => Route::Explorer,
        _ => Route::Other,
    }
}

/// `/wall/<part>`, and of a draw `wall`, `wall.json` and `protocol`.
fn is_of_wall(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    match parts[..] {
        ["", "wall", _] => true,
        ["", "draw", _, last] => matches!(last, "wall" | "wall.json" | "protocol"),
        _ => false,
    }
}

fn span_of(route: Route) -> &'static str {
    match route {
        Route::Graphql => "/graphql",
        Route::Result => "/result/:period/:code",
        Route::Public => "/public/*path",
        Route::Wall => "/draw/:draw/wall",
        Route::Calendar => "/calendar.ics",
        Route::Health => "/readyz",
        Route::Explorer => "/graphiql",
        Route::Other => "*",
    }
}

pub(super) fn is_look_up(route: Route, method: &Method) -> bool {
    matches!(route, Route::Graphql | Route::Result) && matches!(*method, Method::GET | Method::HEAD)
}

/// A client may send any word as a method.
fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

fn class_of(status: StatusCode) -> StatusClass {
    match status.as_u16() {
        ..200 => StatusClass::Informational,
        200..300 => StatusClass::Success,
        300..400 => StatusClass::Redirection,
        400..500 => StatusClass::ClientError,
        500.. => StatusClass::ServerError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_counted_under_what_it_asks_for_and_never_as_it_is() {
        for (path, route) in [
            ("/graphql", Route::Graphql),
            ("/graphql/", Route::Other),
            ("/result/202606/0123456789012", Route::Result),
            ("/public/draws/202606.tar", Route::Public),
            ("/draw/202606/wall", Route::Wall),
            ("/draw/202606/protocol", Route::Wall),
            ("/draw/202606/walls", Route::Other),
            ("/wall/wall.css", Route::Wall),
            ("/livez", Route::Health),
            ("/readyz", Route::Health),
            ("/graphiql/app.js", Route::Explorer),
            ("/wp-admin", Route::Other),
        ] {
            assert_eq!(route_of(path), route, "{path}");
        }
    }
}
