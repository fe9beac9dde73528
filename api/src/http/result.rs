//! One result as plain JSON, for whoever wants one answer and no schema.

use std::time::Duration;

use poem::{
    Body, Endpoint, Response,
    http::{Method, StatusCode, header},
};
use serde_json::json;

use super::{
    limits::Meters,
    refusal::{Refusal, errors},
};
use crate::{
    app::App,
    error::{Code, Error},
    graphql::error::ApiError,
    service::results::{self, Answer},
};

/// Answers `GET /result/<period>/<code>`.
pub(super) struct ResultEndpoint {
    pub(super) app: App,
    pub(super) meters: Meters,
    /// How long a look-up may take.
    pub(super) query_time: Duration,
}

impl Endpoint for ResultEndpoint {
    type Output = Response;

    async fn call(&self, request: poem::Request) -> poem::Result<Response> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let refused = Response::builder().status(StatusCode::METHOD_NOT_ALLOWED);
            return Ok(refused.header(header::ALLOW, "GET, HEAD").finish());
        }
        let counted = self.meters.let_in(&request);
        if let Err(refusal) = counted.and_then(|client| client.look_up(1)) {
            return Ok(refusal.response());
        }
        let (period, code) = (parameter(&request, "period"), parameter(&request, "code"));
        let finding = results::find(&self.app, period, code);
        let finding = self.app.telemetry.traces.within("results.find", finding);
        Ok(match tokio::time::timeout(self.query_time, finding).await {
            Ok(Ok(answer)) => shown(period, code, &answer),
            Ok(Err(error)) => refused(error),
            Err(_) => Refusal::TimedOut.response(),
        })
    }
}

fn parameter<'a>(request: &'a poem::Request, name: &str) -> &'a str {
    request.raw_path_param(name).unwrap_or_default()
}

fn shown(period: &str, code: &str, answer: &Answer) -> Response {
    let (outcome, entered, placed) = match answer {
        Answer::Won(placed) => ("WON", Some(&placed.entered), Some(placed)),
        Answer::Reserve(placed) => ("RESERVE", Some(&placed.entered), Some(placed)),
        Answer::NotSelected(entered) => ("NOT_SELECTED", Some(entered), None),
        Answer::NotInPool => ("NOT_IN_POOL", None, None),
        Answer::NotPublished => ("NOT_PUBLISHED", None, None),
    };
    let mut body = json!({ "period": period, "code": code, "outcome": outcome });
    if let Some(entered) = entered {
        body["draw"] = json!(entered.draw);
        body["category"] = json!(entered.category);
        body["weight"] = json!(entered.weight);
    }
    if let Some(placed) = placed {
        // Decimal strings, as in the schema.
        body["rank"] = json!(placed.rank.to_string());
        body["serial"] = json!(placed.serial.to_string());
        body["score"] = json!(placed.score);
    }
    Response::builder()
        .content_type("application/json")
        .header(
            header::CACHE_CONTROL,
            "public, max-age=5, stale-while-revalidate=30",
        )
        .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(Body::from_string(body.to_string()))
}

fn refused(error: Error) -> Response {
    let (code, sentence) = ApiError::from(error).shown();
    let status = match code {
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::InvalidInput => StatusCode::BAD_REQUEST,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    errors(status, code.as_str(), &sentence)
}
