//! A witness for others, over HTTP (C2SP tlog-witness).

use std::{sync::Arc, time::Duration};

use poem::{
    Body, Endpoint, Request, Response, Route,
    endpoint::BoxEndpoint,
    http::{Method, StatusCode, header},
};
use tokio::task::spawn_blocking;

use crate::witness::{Declined, MAX_BYTES, Office, Submission};

/// The content type of the size that a conflict is answered with.
const SIZE: &str = "text/x.tlog.size";

const TEXT: &str = "text/plain; charset=utf-8";

/// Answers `POST /add-checkpoint`.
struct AddCheckpoint {
    office: Arc<Office>,
    /// How long a body may take to arrive.
    patience: Duration,
}

impl Endpoint for AddCheckpoint {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        if *request.method() != Method::POST {
            let refused = Response::builder().status(StatusCode::METHOD_NOT_ALLOWED);
            return Ok(refused.header(header::ALLOW, "POST").finish());
        }
        let body = match read(request.take_body(), self.patience).await {
            Ok(body) => body,
            Err(status) => return Ok(status.into()),
        };
        let submission = match Submission::parse(&body) {
            Ok(submission) => submission,
            Err(why) => return Ok(answer(StatusCode::BAD_REQUEST, TEXT, why)),
        };
        let office = Arc::clone(&self.office);
        // Files are written and flushed: not where everybody's requests are read.
        let cosigned = spawn_blocking(move || office.cosign(&submission)).await;
        Ok(match cosigned {
            Ok(Ok(line)) => answer(StatusCode::OK, TEXT, line.to_string()),
            Ok(Err(declined)) => decline(&declined),
            Err(cause) => {
                tracing::error!("a checkpoint was not looked at: {cause}");
                StatusCode::INTERNAL_SERVER_ERROR.into()
            }
        })
    }
}

/// A body that is no longer than any submission and comes in time.
async fn read(body: Body, patience: Duration) -> Result<Vec<u8>, StatusCode> {
    let reading = body.into_bytes_limit(MAX_BYTES);
    match tokio::time::timeout(patience, reading).await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        Ok(Err(poem::error::ReadBodyError::PayloadTooLarge)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Err(_)) => Err(StatusCode::BAD_REQUEST),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

fn decline(declined: &Declined) -> Response {
    let text = declined.to_string();
    match declined {
        Declined::Malformed(_) => answer(StatusCode::BAD_REQUEST, TEXT, text),
        Declined::UnknownLog(_) => answer(StatusCode::NOT_FOUND, TEXT, text),
        Declined::NotSigned(_) => answer(StatusCode::FORBIDDEN, TEXT, text),
        Declined::Conflict { size } => answer(StatusCode::CONFLICT, SIZE, size.to_string()),
        Declined::Unproven { .. } => answer(StatusCode::UNPROCESSABLE_ENTITY, TEXT, text),
        Declined::Taken(_) | Declined::Memory { .. } => {
            // Where its files are is nothing for whoever asks.
            tracing::error!("{text}");
            StatusCode::INTERNAL_SERVER_ERROR.into()
        }
    }
}

fn answer(status: StatusCode, content: &str, text: String) -> Response {
    Response::builder()
        .status(status)
        .content_type(content)
        .header(header::CACHE_CONTROL, "no-store")
        .body(text + "\n")
}

/// Everything that a witness answers.
pub(super) fn routes(office: Arc<Office>, patience: Duration) -> BoxEndpoint<'static> {
    let endpoint = AddCheckpoint { office, patience };
    poem::EndpointExt::boxed(Route::new().at("/add-checkpoint", endpoint))
}
