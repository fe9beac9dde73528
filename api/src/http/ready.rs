//! An answer from memory, before it is known who carries it.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use poem::{
    Body, Response,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};

use super::validators;

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
        let mut put = |pieces: &[&[u8]]| {
            for piece in pieces {
                into.extend_from_slice(piece);
            }
        };
        put(&[b"HTTP/1.1 200 OK\r\n"]);
        for (name, value) in &self.fixed {
            put(&[name.as_bytes(), b": ", value.as_bytes(), b"\r\n"]);
        }
        if let Some(tag) = &self.tag {
            put(&[b"etag: ", tag.as_bytes(), b"\r\n"]);
        }
        if let Some(epoch) = epoch {
            let epoch = epoch.to_string();
            put(&[b"x-fairplate-epoch: ", epoch.as_bytes(), b"\r\n"]);
        }
        let length = self.body.len().to_string();
        put(&[b"content-length: ", length.as_bytes(), b"\r\ndate: "]);
        put(&[date.text.as_bytes(), b"\r\n\r\n", &self.body]);
    }
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
