//! One exchange with a receiver over HTTP. Faults are told without the address, whose query may name
//! a phone.

use tokio::task::spawn_blocking;

use super::SendError;
use crate::beacon::{
    Fault, Limits,
    http::{self, Answer},
};

/// One request.
pub(super) struct Request {
    pub(super) url: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

/// Posts a request and gives status and body of the answer.
pub(super) async fn post(request: Request, limits: Limits) -> Result<Answer, SendError> {
    let Request { url, headers, body } = request;
    let sent = spawn_blocking(move || http::post_with(&url, &headers, &body, limits)).await;
    match sent {
        Ok(answer) => answer.map_err(|fault| SendError::not_now(sentence(&fault))),
        Err(_) => Err(SendError::not_now("the request was broken off on our side")),
    }
}

fn sentence(fault: &Fault) -> String {
    match fault {
        Fault::Unreachable { .. } => "the receiver could not be reached".to_owned(),
        Fault::BrokenOff { .. } => "the receiver broke off its answer".to_owned(),
        other => format!("the receiver {other}"),
    }
}

/// What a status means where the body says nothing: whether the letter was taken, may be taken
/// later, or never will be.
pub(super) fn judge(status: u16) -> Result<(), SendError> {
    let answered = format!("the receiver answered {status}");
    match status {
        200..=299 => Ok(()),
        // A redirect, a wrong secret or a missing page is for the operator to mend, and the letter
        // is as good as before.
        300..=399 | 401 | 403 | 404 | 408 | 425 | 429 | 500..=599 => {
            Err(SendError::not_now(answered))
        }
        _ => Err(SendError::refused(answered)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whether_to_come_again() {
        for status in [200, 202, 204] {
            assert_eq!(judge(status), Ok(()), "{status}");
        }
        for status in [301, 401, 403, 404, 408, 425, 429, 500, 503] {
            assert!(
                matches!(judge(status), Err(SendError::NotNow { .. })),
                "{status}"
            );
        }
        for status in [400, 410, 413, 422] {
            assert!(
                matches!(judge(status), Err(SendError::Refused { .. })),
                "{status}"
            );
        }
    }
}
