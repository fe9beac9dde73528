//! One result as plain JSON, for whoever wants one answer and no schema.

use std::time::Duration;

use poem::{
    Body, Endpoint, Response,
    http::{Method, StatusCode, header},
};
use serde_json::json;

use super::{
    endpoint::GET_CACHED,
    gate::Gate,
    limits::Meters,
    refusal::{Refusal, errors},
    validators,
};
use crate::{
    app::App,
    error::{Code, Error},
    graphql::error::ApiError,
    service::results::{self, Answer},
};

/// How long others may keep an answer that never changes: a year, as long as anything is kept.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// What an address names beside the code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Address {
    /// A period: the answer may still come.
    Period,
    /// A draw: the answer stays.
    Draw,
}

/// Answers `GET /result/<period>/<code>` and `GET /draw/<draw>/result/<code>`.
pub(super) struct ResultEndpoint {
    pub(super) app: App,
    pub(super) address: Address,
    pub(super) meters: Meters,
    /// How long a look-up may take.
    pub(super) query_time: Duration,
    pub(super) gate: Gate,
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
        let response = match self.find(&request).await {
            Ok(response) => response,
            Err(refusal) => refusal.response(),
        };
        let tag = response.headers().get(header::ETAG);
        let tag = tag.and_then(|tag| tag.to_str().ok());
        Ok(match tag {
            Some(tag) if validators::knows(request.headers(), tag) => {
                validators::not_modified(&response)
            }
            _ => response,
        })
    }
}

impl ResultEndpoint {
    async fn find(&self, request: &poem::Request) -> Result<Response, Refusal> {
        let code = parameter(request, "code");
        if self.address == Address::Period {
            let period = parameter(request, "period");
            if let Some(answer) = results::find_near(&self.app, period, code) {
                return Ok(shown(("period", period), code, &answer, GET_CACHED));
            }
            let finding = results::find(&self.app, period, code);
            let found = self.within_time(finding).await?;
            return Ok(match found {
                Ok(answer) => shown(("period", period), code, &answer, GET_CACHED),
                Err(error) => refused(error),
            });
        }
        let draw = parameter(request, "draw");
        let finding = results::find_of_draw(&self.app, draw, code);
        Ok(match self.within_time(finding).await? {
            Ok(answer) => {
                let keeping = match answer {
                    Answer::NotPublished => GET_CACHED,
                    _ => FOR_EVER,
                };
                shown(("draw", draw), code, &answer, keeping)
            }
            Err(error) => refused(error),
        })
    }

    /// What the database has to be asked for waits for its turn, and not for long.
    async fn within_time(
        &self,
        finding: impl Future<Output = crate::Result<Answer>>,
    ) -> Result<crate::Result<Answer>, Refusal> {
        let place = self.gate.enter().await?;
        let finding = self.app.telemetry.traces.within("results.find", finding);
        let found = tokio::time::timeout(self.query_time, finding).await;
        match &found {
            Err(_) | Ok(Err(Error::Unavailable { .. })) => place.unanswered(),
            Ok(_) => place.answered(),
        }
        found.map_err(|_| Refusal::TimedOut)
    }
}

fn parameter<'a>(request: &'a poem::Request, name: &str) -> &'a str {
    request.raw_path_param(name).unwrap_or_default()
}

/// The answer, and under which name it was asked for.
fn shown(
    (name, value): (&str, &str),
    code: &str,
    answer: &Answer,
    keeping: &'static str,
) -> Response {
    let (outcome, entered, placed) = match answer {
        Answer::Won(placed) => ("WON", Some(&placed.entered), Some(placed)),
        Answer::Reserve(placed) => ("RESERVE", Some(&placed.entered), Some(placed)),
        Answer::NotSelected(entered) => ("NOT_SELECTED", Some(entered), None),
        Answer::NotInPool => ("NOT_IN_POOL", None, None),
        Answer::NotPublished => ("NOT_PUBLISHED", None, None),
    };
    let mut body = json!({ name: value, "code": code, "outcome": outcome });
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
    let body = body.to_string();
    Response::builder()
        .content_type("application/json")
        .header(header::CACHE_CONTROL, keeping)
        .header(header::ETAG, validators::tag_of(body.as_bytes(), ""))
        .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(Body::from_string(body))
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
