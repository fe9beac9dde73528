//! One result as plain JSON, for whoever wants one answer and no schema.

use poem::{
    Endpoint, Response,
    http::{Method, StatusCode, header},
};
use serde::Serialize;

use super::{
    endpoint::GET_CACHED,
    limits::Meters,
    look_ups::{Asked, LookUps},
    ready::{Ready, Reply},
    refusal::errors,
    validators,
};
use crate::{
    app::App,
    error::{Code, Error},
    graphql::error::ApiError,
    service::results::{Answer, Named},
};

/// How long others may keep an answer that never changes: a year, as long as anything is kept.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Answers `GET /result/<period>/<code>` and `GET /draw/<draw>/result/<code>`.
pub(super) struct ResultEndpoint {
    pub(super) app: App,
    /// What the address names: a period, or a draw.
    pub(super) is_of_draw: bool,
    pub(super) meters: Meters,
    pub(super) look_ups: LookUps,
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
        let asked = self.asked(&request);
        let reply = match asked.find_near(&self.app) {
            Some(answer) => reply(asked, Ok(answer)),
            // What asks the database is large, and is passed on in a box.
            None => match Box::pin(self.look_ups.find(asked)).await {
                Ok(found) => reply(asked, found),
                Err(refusal) => refusal.into(),
            },
        };
        Ok(reply.response(request.headers()))
    }
}

impl ResultEndpoint {
    /// What an address asks for.
    fn asked<'a>(&self, request: &'a poem::Request) -> Asked<'a> {
        let parameter = |name| request.raw_path_param(name).unwrap_or_default();
        Asked {
            named: if self.is_of_draw {
                Named::Draw(parameter("draw"))
            } else {
                Named::Period(parameter("period"))
            },
            code: parameter("code"),
        }
    }
}

/// What is sent of what was found.
pub(super) fn reply(asked: Asked<'_>, found: crate::Result<Answer>) -> Reply {
    match found.and_then(|answer| shown(asked, &answer).map_err(Error::internal)) {
        Ok(ready) => ready.into(),
        Err(error) => Reply::Other(refused(error)),
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
fn shown(Asked { named, code }: Asked<'_>, answer: &Answer) -> serde_json::Result<Ready> {
    let (outcome, entered, placed) = match answer {
        Answer::Won(placed) => ("WON", Some(&placed.entered), Some(placed)),
        Answer::Reserve(placed) => ("RESERVE", Some(&placed.entered), Some(placed)),
        Answer::NotSelected(entered) => ("NOT_SELECTED", Some(entered), None),
        Answer::NotInPool => ("NOT_IN_POOL", None, None),
        Answer::NotPublished => ("NOT_PUBLISHED", None, None),
    };
    let (period, draw) = match named {
        Named::Period(number) => (Some(number), entered.map(|entered| entered.draw.as_str())),
        Named::Draw(draw) => (None, Some(draw)),
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
    let keeping = match (named, answer) {
        (Named::Draw(_), answer) if *answer != Answer::NotPublished => FOR_EVER,
        _ => GET_CACHED,
    };
    let body = serde_json::to_vec(&body)?;
    Ok(Ready {
        tag: Some(validators::tag_of(&body, None)),
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
