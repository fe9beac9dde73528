//! Our own interface: JSON over HTTPS, signed with a secret that both sides know.
//!
//! ```text
//! POST <url>
//! Content-Type: application/json
//! Idempotency-Key: <id of the message>
//! Fairplate-Timestamp: <Unix seconds>
//! Fairplate-Signature: v1=<hex of HMAC-SHA256(secret, "<timestamp>.<body>")>
//! ```
//! Two receivers speak it: a gateway for short messages, and whatever system of the city wants to
//! know of events. 2xx means taken; 4xx that it will never be taken, except 401, 403, 404, 408, 425
//! and 429, which like 3xx, 5xx and silence mean: later.

use std::{fmt::Write as _, sync::Arc};

use chrono::SecondsFormat;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{
    Letter, Sending, Transport,
    http::{self, Request},
};
use crate::{beacon::Limits, clock::Clock};

/// Who is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Sends short messages to phones.
    Gateway,
    /// Is told of events.
    Webhook,
}

/// A receiver that speaks our interface.
pub struct Signed {
    kind: Kind,
    url: String,
    secret: Zeroizing<String>,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

impl Signed {
    /// A gateway for short messages.
    #[must_use]
    pub fn gateway(url: &str, secret: String, limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self::new(Kind::Gateway, url, secret, limits, clock)
    }

    /// A system of the city that is told of events.
    #[must_use]
    pub fn webhook(url: &str, secret: String, limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self::new(Kind::Webhook, url, secret, limits, clock)
    }

    fn new(kind: Kind, url: &str, secret: String, limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self {
            kind,
            url: url.to_owned(),
            secret: Zeroizing::new(secret),
            limits,
            clock,
        }
    }

    fn request(&self, letter: &Letter) -> Request {
        let body = match self.kind {
            Kind::Gateway => short_message(letter),
            Kind::Webhook => event(letter),
        }
        .to_string();
        let timestamp = self.clock.now().timestamp().to_string();
        let signature = signature(&self.secret, &timestamp, body.as_bytes());
        Request {
            url: self.url.clone(),
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("idempotency-key", letter.id.to_string()),
                ("fairplate-timestamp", timestamp),
                ("fairplate-signature", format!("v1={signature}")),
            ],
            body: body.into_bytes(),
        }
    }
}

impl Transport for Signed {
    fn describe(&self) -> String {
        format!("signed JSON to {}", self.url)
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        let request = self.request(letter);
        Box::pin(async move {
            let answer = http::post(request, self.limits).await?;
            http::judge(answer.status)
        })
    }
}

fn short_message(letter: &Letter) -> Value {
    json!({
        "id": letter.id,
        "to": letter.to,
        "purpose": letter.purpose,
        "template": letter.template,
        "values": letter.values,
        "text": letter.text,
        "locale": letter.locale,
        "writtenAt": letter.written_at.to_rfc3339_opts(SecondsFormat::Secs, true),
    })
}

fn event(letter: &Letter) -> Value {
    json!({
        "id": letter.id,
        "topic": letter.purpose,
        "subject": letter.subject,
        "facts": letter.values,
        "at": letter.written_at.to_rfc3339_opts(SecondsFormat::Secs, true),
    })
}

/// What the header carries behind `v1=`.
///
/// # Panics
/// Never: the code takes keys of any length.
#[must_use]
pub fn signature(secret: &str, timestamp: &str, body: &[u8]) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    hex(&mac.finalize().into_bytes())
}

/// Small hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_an_hmac_of_time_and_body() {
        // RFC 4231, test case 2: key "Jefe", text "what do ya want for nothing?".
        let mut mac = Hmac::<Sha256>::new_from_slice(b"Jefe").unwrap();
        mac.update(b"what do ya want for nothing?");
        let published = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex(&mac.finalize().into_bytes()), published);

        let signed = signature("s", "1780275600", b"{}");
        assert_eq!(signed.len(), 64);
        assert_ne!(signed, signature("t", "1780275600", b"{}"));
        assert_ne!(signed, signature("s", "1780275601", b"{}"));
        assert_ne!(signed, signature("s", "1780275600", b"{ }"));
    }
}
