//! One result as plain JSON, for whoever wants one answer and no schema.

use std::time::Duration;

use poem::{
    Endpoint, Response,
    http::{Method, StatusCode, header},
};
use serde::Serialize;

use super::{
    endpoint::GET_CACHED,
    gate::Gate,
    limits::Meters,
    ready::Ready,
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
        Ok(match self.find_near(&request) {
            Some(response) => response,
            // What asks the database is large, and is passed on in a box.
            None => match Box::pin(self.find(&request)).await {
                Ok(response) => response,
                Err(refusal) => refusal.response(),
            },
        })
    }
}

impl ResultEndpoint {
    /// The answer that this node has in memory.
    fn find_near(&self, request: &poem::Request) -> Option<Response> {
        let (named, code) = self.asked(request);
        let answer = match self.address {
            Address::Period => results::find_near(&self.app, named, code),
            Address::Draw => results::find_near_of_draw(&self.app, named, code),
        };
        Some(self.response(request, Ok(answer?)))
    }

    fn response(&self, request: &poem::Request, found: crate::Result<Answer>) -> Response {
        let (named, code) = self.asked(request);
        let ready = found.and_then(|answer| {
            let shown = shown(self.address, named, code, &answer);
            shown.map_err(Error::internal)
        });
        match ready {
            Ok(ready) => ready.response(request.headers()),
            Err(error) => refused(error),
        }
    }

    async fn find(&self, request: &poem::Request) -> Result<Response, Refusal> {
        let (named, code) = self.asked(request);
        let found = match self.address {
            Address::Period => {
                let finding = results::find(&self.app, named, code);
                self.within_time(finding).await?
            }
            Address::Draw => {
                let finding = results::find_of_draw(&self.app, named, code);
                self.within_time(finding).await?
            }
        };
        Ok(self.response(request, found))
    }

    /// The period or draw, and the code, of an address.
    fn asked<'a>(&self, request: &'a poem::Request) -> (&'a str, &'a str) {
        let parameter = |name| request.raw_path_param(name).unwrap_or_default();
        let named = match self.address {
            Address::Period => "period",
            Address::Draw => "draw",
        };
        (parameter(named), parameter("code"))
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

/// An answer, and under which name it was asked for; in the order of the names.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'a str>,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    draw: Option<&'a str>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<&'a str>,
    /// A decimal string, as in the schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<&'a str>,
    /// A decimal string, as in the schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<i32>,
}

/// An answer as it is sent.
pub(super) fn shown(
    address: Address,
    named: &str,
    code: &str,
    answer: &Answer,
) -> serde_json::Result<Ready> {
    let (outcome, entered, placed) = match answer {
        Answer::Won(placed) => ("WON", Some(&placed.entered), Some(placed)),
        Answer::Reserve(placed) => ("RESERVE", Some(&placed.entered), Some(placed)),
        Answer::NotSelected(entered) => ("NOT_SELECTED", Some(entered), None),
        Answer::NotInPool => ("NOT_IN_POOL", None, None),
        Answer::NotPublished => ("NOT_PUBLISHED", None, None),
    };
    let (period, draw) = match address {
        Address::Period => (Some(named), entered.map(|entered| entered.draw.as_str())),
        Address::Draw => (None, Some(named)),
    };
    let body = Shown {
        category: entered.map(|entered| entered.category.as_str()),
        code,
        draw,
        outcome,
        period,
        rank: placed.map(|placed| placed.rank.to_string()),
        score: placed.map(|placed| placed.score.as_str()),
        serial: placed.map(|placed| placed.serial.to_string()),
        weight: entered.map(|entered| entered.weight),
    };
    let keeping = match (address, answer) {
        (Address::Draw, answer) if *answer != Answer::NotPublished => FOR_EVER,
        _ => GET_CACHED,
    };
    let body = serde_json::to_vec(&body)?;
    Ok(Ready {
        tag: Some(validators::tag_of(&body, "")),
        body: body.into(),
        fixed: [
            ("content-type", "application/json"),
            ("cache-control", keeping),
            ("access-control-allow-origin", "*"),
            ("x-content-type-options", "nosniff"),
        ],
    })
}

/// A failure as a status and a sentence.
pub(super) fn refused(error: Error) -> Response {
    let (code, sentence) = ApiError::from(error).shown();
    let status = match code {
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::InvalidInput => StatusCode::BAD_REQUEST,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    errors(status, code.as_str(), &sentence)
}
