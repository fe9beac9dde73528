//! A beacon for rehearsals, in the form of drand's HTTP API v1: what a relay would answer, from a chain
//! of one's own, and marked as a rehearsal in every answer.

use poem::{
    Endpoint, Request, Response,
    endpoint::BoxEndpoint,
    http::{HeaderName, Method, StatusCode, header},
};
use serde_json::{Value, json};
use verifier::text::Digest;

use crate::beacon::{Beacon as _, BeaconError, Rehearsal};

/// The header that marks every answer.
const MARK: HeaderName = HeaderName::from_static("x-fairplate-rehearsal");

/// What it says: nothing that anybody should take for a public beacon's word.
const WORDS: &str = "one key holder knows every round in advance; not for a real draw";

/// Answers what drand's relays answer.
struct Rounds(Rehearsal);

impl Endpoint for Rounds {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if *request.method() != Method::GET {
            let refused = Response::builder().status(StatusCode::METHOD_NOT_ALLOWED);
            return Ok(refused.header(header::ALLOW, "GET").finish());
        }
        let hash = self.0.chain().hash.to_string();
        let path = request.uri().path();
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        Ok(match parts.as_slice() {
            ["chains"] => told(StatusCode::OK, &json!([hash])),
            [chain, rest @ ..] if *chain == hash => match rest {
                ["info"] => told(StatusCode::OK, &self.parameters()),
                ["public", "latest"] => self.round(self.0.latest_round()).await,
                ["public", round] => match round.parse() {
                    Ok(round) => self.round(Some(round)).await,
                    Err(_) => refuse(StatusCode::BAD_REQUEST, "a round is a whole number"),
                },
                _ => refuse(StatusCode::NOT_FOUND, "nothing is here"),
            },
            _ => refuse(StatusCode::NOT_FOUND, "this chain is not ours"),
        })
    }
}

impl Rounds {
    fn parameters(&self) -> Value {
        let chain = self.0.chain();
        let json: Value = serde_json::from_str(&chain.to_string()).unwrap_or_default();
        json!({
            "public_key": json["public_key"],
            "period": json["period"],
            "genesis_time": json["genesis_time"],
            "hash": chain.hash.to_string(),
            "groupHash": json["genesis_seed"],
            "schemeID": json["scheme"],
            "metadata": { "beaconID": chain.beacon_id },
            "rehearsal": WORDS,
        })
    }

    async fn round(&self, round: Option<u64>) -> Response {
        let Some(round) = round else {
            return refuse(StatusCode::NOT_FOUND, "the chain has no round yet");
        };
        match self.0.fetch(self.0.chain(), round).await {
            Ok(signature) => {
                let signature_text = signature
                    .iter()
                    .fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
                let answer = json!({
                    "round": round,
                    "randomness": Digest::of(&signature).to_string(),
                    "signature": signature_text,
                    "rehearsal": WORDS,
                });
                told(StatusCode::OK, &answer)
            }
            Err(early @ BeaconError::NotYet { .. }) => {
                refuse(StatusCode::NOT_FOUND, &early.to_string())
            }
            Err(cause) => refuse(StatusCode::BAD_REQUEST, &cause.to_string()),
        }
    }
}

fn refuse(status: StatusCode, why: &str) -> Response {
    told(status, &json!({ "error": why, "rehearsal": WORDS }))
}

fn told(status: StatusCode, answer: &Value) -> Response {
    Response::builder()
        .status(status)
        .content_type("application/json")
        .header(header::CACHE_CONTROL, "no-store")
        .header(MARK, WORDS)
        .body(format!("{answer}\n"))
}

/// Everything that a rehearsal's beacon answers.
pub(super) fn routes(rehearsal: Rehearsal) -> BoxEndpoint<'static> {
    poem::EndpointExt::boxed(Rounds(rehearsal))
}
