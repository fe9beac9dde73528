//! What a client has already: strong entity tags (RFC 9110, 8.8.3), and answers that need no body.

use poem::{
    Response,
    http::{HeaderMap, HeaderValue, StatusCode, header},
};
use sha2::{Digest as _, Sha256};

/// Bytes of a digest that tell one answer from another; nobody gains from making two alike.
const TAG_BYTES: usize = 16;

/// The tag of these bytes, in this coding of the content.
pub(super) fn tag_of(bytes: &[u8], coding: Option<&str>) -> String {
    let digest = Sha256::digest(bytes);
    let mut tag =
        String::with_capacity(2 + 2 * TAG_BYTES + coding.map_or(0, |coding| 1 + coding.len()));
    tag.push('"');
    for byte in &digest[..TAG_BYTES] {
        for half in [byte >> 4, byte & 15] {
            tag.push(char::from_digit(half.into(), 16).unwrap_or('0'));
        }
    }
    if let Some(coding) = coding {
        tag.extend(["-", coding]);
    }
    tag.push('"');
    tag
}

/// Whether the client has what this tag is of.
pub(super) fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let mut values = headers.get_all(header::IF_NONE_MATCH).iter();
    values.any(|value: &HeaderValue| {
        let mut tags = value.to_str().unwrap_or_default().split(',').map(str::trim);
        tags.any(|known| known == "*" || known.trim_start_matches("W/") == tag)
    })
}

/// The same response without its body, for whoever has that already.
pub(super) fn not_modified(response: &Response) -> Response {
    const KEPT: [header::HeaderName; 4] = [
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        header::CACHE_CONTROL,
        header::ETAG,
        header::VARY,
    ];
    let mut short = Response::builder()
        .status(StatusCode::NOT_MODIFIED)
        .finish();
    for name in KEPT {
        if let Some(value) = response.headers().get(&name) {
            short.headers_mut().insert(name, value.clone());
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_of_bytes_and_their_coding() {
        let tag = tag_of(b"one", None);
        assert_eq!(tag.len(), 34);
        assert_eq!(tag, tag_of(b"one", None));
        assert_ne!(tag, tag_of(b"two", None));
        assert_ne!(tag, tag_of(b"one", Some("gzip")));
    }

    #[test]
    fn a_client_says_what_it_has() {
        for (said, knows_it) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", \"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("a", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, said.parse().expect("a value"));
            assert_eq!(knows(&headers, "\"a\""), knows_it, "{said}");
        }
    }
}
