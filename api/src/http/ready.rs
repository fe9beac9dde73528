//! An answer to a look-up, before it is known who carries it.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use poem::{
    Body, Response,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
};

use super::{refusal::Refusal, validators};

/// A good answer that others may keep, or nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ready {
    pub(super) body: Bytes,
    /// What tells it from another one; none where nobody keeps it.
    pub(super) tag: Option<String>,
    /// Headers that say the same of all answers of a kind, their names in lower case.
    pub(super) fixed: [(&'static str, &'static str); 4],
}

impl Ready {
    /// The response for a client that sent these headers.
    pub(super) fn response(self, asked: &HeaderMap) -> Response {
        let mut response = Response::default();
        let headers = response.headers_mut();
        for (name, value) in self.fixed {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        if let Some(tag) = self.tag {
            let is_known = validators::knows(asked, &tag);
            if let Ok(tag) = HeaderValue::try_from(tag) {
                headers.insert(header::ETAG, tag);
            }
            if is_known {
                return validators::not_modified(&response);
            }
        }
        response.set_body(Body::from_bytes(self.body));
        response
    }

    /// The same as it stands on the wire, for a client that has no other answer.
    pub(super) fn write(&self, epoch: Option<i64>, date: &Date, into: &mut Vec<u8>) {
        put(into, &[b"HTTP/1.1 200 OK\r\n"]);
        for (name, value) in &self.fixed {
            put(into, &[name.as_bytes(), b": ", value.as_bytes(), b"\r\n"]);
        }
        if let Some(tag) = &self.tag {
            put(into, &[b"etag: ", tag.as_bytes(), b"\r\n"]);
        }
        end(epoch, date, &self.body, into);
    }
}

/// What is sent to whoever looks something up.
pub(super) enum Reply {
    Ready(Ready),
    /// Not the answer: what is wrong, or when to ask again.
    Other(Response),
}

impl Reply {
    /// The response for a client that sent these headers.
    pub(super) fn response(self, asked: &HeaderMap) -> Response {
        match self {
            Self::Ready(ready) => ready.response(asked),
            Self::Other(response) => response,
        }
    }

    /// The same as it stands on the wire, for a client that has no other answer; with its status.
    pub(super) async fn write(
        self,
        epoch: Option<i64>,
        date: &Date,
        into: &mut Vec<u8>,
    ) -> StatusCode {
        match self {
            Self::Ready(ready) => {
                ready.write(epoch, date, into);
                StatusCode::OK
            }
            Self::Other(response) => {
                let (parts, body) = response.into_parts();
                // It was made of one text.
                let body = body.into_bytes().await.unwrap_or_default();
                let reason = parts.status.canonical_reason().unwrap_or_default();
                put(
                    into,
                    &[b"HTTP/1.1 ", parts.status.as_str().as_bytes(), b" "],
                );
                put(into, &[reason.as_bytes(), b"\r\n"]);
                for (name, value) in &parts.headers {
                    put(into, &[name.as_str().as_bytes(), b": ", value.as_bytes()]);
                    put(into, &[b"\r\n"]);
                }
                end(epoch, date, &body, into);
                parts.status
            }
        }
    }
}

impl From<Ready> for Reply {
    fn from(ready: Ready) -> Self {
        Self::Ready(ready)
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        Self::Other(refusal.response())
    }
}

fn put(into: &mut Vec<u8>, pieces: &[&[u8]]) {
    for piece in pieces {
        into.extend_from_slice(piece);
    }
}

/// The end of a head, which hyper writes in this order, and the body.
fn end(epoch: Option<i64>, date: &Date, body: &[u8], into: &mut Vec<u8>) {
    if let Some(epoch) = epoch {
        let epoch = epoch.to_string();
        put(into, &[b"x-fairplate-epoch: ", epoch.as_bytes(), b"\r\n"]);
    }
    let length = body.len().to_string();
    put(into, &[b"content-length: ", length.as_bytes()]);
    put(
        into,
        &[b"\r\ndate: ", date.text.as_bytes(), b"\r\n\r\n", body],
    );
}

/// The time as HTTP has it (RFC 9110, 5.6.7), written once a second.
#[derive(Debug, Default)]
pub(super) struct Date {
    unix_secs: Option<i64>,
    text: String,
}

impl Date {
    /// The same for this moment.
    pub(super) fn at(&mut self, now: DateTime<Utc>) -> &Self {
        let unix_secs = now.timestamp();
        if self.unix_secs != Some(unix_secs) {
            self.unix_secs = Some(unix_secs);
            self.text = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_as_rfc_9110_has_it() {
        let mut date = Date::default();
        for (secs, text) in [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (784_111_778, "Sun, 06 Nov 1994 08:49:38 GMT"),
        ] {
            let now = DateTime::from_timestamp(secs, 999_999_999).expect("a time");
            assert_eq!(date.at(now).text, text);
        }
    }
}
