//! The head of a request, as far as the short cut goes.

use httparse::{EMPTY_HEADER, Request, Status};
use poem::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Headers that a request of the short cut has at most.
const HEADERS_MAX: usize = 32;

/// A request that may be answered on the short cut.
#[derive(Debug)]
pub(super) struct Head<'a> {
    /// What it asks for, as it was sent.
    pub(super) target: &'a str,
    /// A body follows the head, of JSON in UTF-8.
    pub(super) body: Option<&'a [u8]>,
    /// What the client accepts, one header each.
    pub(super) accept: Vec<&'a str>,
    /// What proxies say of their clients.
    pub(super) forwarded: HeaderMap,
    /// Bytes of the whole request.
    pub(super) length: usize,
}

/// What the bytes of a connection begin with.
#[derive(Debug)]
pub(super) enum Beginning<'a> {
    /// The head has not ended.
    Part,
    /// A request that may be answered here.
    Whole(Head<'a>),
    /// Anything else.
    Other,
}

impl<'a> Beginning<'a> {
    /// Reads as strictly as can be: what is in doubt is something else, and is left to hyper, which
    /// has seen more of the world.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let mut headers = [EMPTY_HEADER; HEADERS_MAX];
        let mut request = Request::new(&mut headers);
        let head = match request.parse(bytes) {
            Ok(Status::Complete(length)) => length,
            Ok(Status::Partial) if begins_well(bytes) => return Self::Part,
            Ok(Status::Partial) | Err(_) => return Self::Other,
        };
        let (Some(method), Some(target), Some(1)) = (request.method, request.path, request.version)
        else {
            return Self::Other;
        };
        let Some(said) = Said::of(request.headers) else {
            return Self::Other;
        };
        let body = match (method, said.length, said.is_json) {
            ("GET", None, false) => None,
            ("POST", Some(length), true) => match bytes.get(head..head.saturating_add(length)) {
                Some(body) => Some(body),
                None => return Self::Other,
            },
            _ => return Self::Other,
        };
        Self::Whole(Head {
            target,
            body,
            accept: said.accept,
            forwarded: said.forwarded,
            length: head + body.map_or(0, <[u8]>::len),
        })
    }
}

/// Whether the bytes may become a request of the short cut.
fn begins_well(bytes: &[u8]) -> bool {
    ["GET /", "POST /"].iter().any(|word| {
        let both = word.len().min(bytes.len());
        word.as_bytes()[..both] == bytes[..both]
    })
}

/// What the headers say.
#[derive(Default)]
struct Said<'a> {
    length: Option<usize>,
    is_json: bool,
    accept: Vec<&'a str>,
    forwarded: HeaderMap,
}

impl<'a> Said<'a> {
    /// Nothing where a header wants more than the short cut can do, or says a thing twice.
    fn of(headers: &[httparse::Header<'a>]) -> Option<Self> {
        let mut said = Self::default();
        for header in headers {
            let name = HeaderName::from_bytes(header.name.as_bytes()).ok()?;
            match name {
                header::ACCEPT => said.accept.push(text(header.value)?),
                header::CONNECTION if header.value.eq_ignore_ascii_case(b"keep-alive") => {}
                header::CONTENT_LENGTH if said.length.is_none() => {
                    said.length = Some(decimal(header.value)?);
                }
                header::CONTENT_TYPE if !said.is_json => said.is_json = is_json(header.value),
                header::FORWARDED => said.pass_on(name, header.value)?,
                header::AUTHORIZATION
                | header::CONNECTION
                | header::CONTENT_ENCODING
                | header::CONTENT_LENGTH
                | header::CONTENT_TYPE
                | header::EXPECT
                | header::IF_MATCH
                | header::IF_MODIFIED_SINCE
                | header::IF_NONE_MATCH
                | header::IF_UNMODIFIED_SINCE
                | header::RANGE
                | header::TE
                | header::TRAILER
                | header::TRANSFER_ENCODING
                | header::UPGRADE => return None,
                name if name == "x-forwarded-for" => said.pass_on(name, header.value)?,
                name if name == "http2-settings" => return None,
                _ => {}
            }
        }
        Some(said)
    }

    fn pass_on(&mut self, name: HeaderName, value: &[u8]) -> Option<()> {
        let value = HeaderValue::from_bytes(value).ok()?;
        self.forwarded.append(name, value);
        Some(())
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn decimal(bytes: &[u8]) -> Option<usize> {
    let digits = bytes.iter().all(u8::is_ascii_digit);
    digits.then(|| text(bytes)?.parse().ok()).flatten()
}

/// The two ways in which nearly all clients say it.
fn is_json(value: &[u8]) -> bool {
    let said = |known: &str| value.eq_ignore_ascii_case(known.as_bytes());
    said("application/json") || said("application/json; charset=utf-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(bytes: &str) -> Option<(String, Option<String>, usize)> {
        match Beginning::of(bytes.as_bytes()) {
            Beginning::Whole(head) => {
                let body = head
                    .body
                    .map(|body| String::from_utf8_lossy(body).into_owned());
                Some((head.target.to_owned(), body, head.length))
            }
            Beginning::Part | Beginning::Other => None,
        }
    }

    #[test]
    fn a_request_ends_where_it_says() {
        let get = "GET /result/202606/1 HTTP/1.1\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n";
        let next = format!("{get}GET /other HTTP/1.1\r\n\r\n");
        let found = Some(("/result/202606/1".to_owned(), None, get.len()));
        assert_eq!((whole(get), whole(&next)), (found.clone(), found));
        let post =
            "POST /graphql HTTP/1.1\r\ncontent-type: Application/JSON\r\nContent-Length: 2\r\n\r\n";
        let found = ("/graphql".to_owned(), Some("{}".to_owned()), post.len() + 2);
        assert_eq!(whole(&format!("{post}{{}}POST")), Some(found));
    }

    #[test]
    fn a_head_that_has_not_ended_is_waited_for() {
        let get = "GET /result/202606/1 HTTP/1.1\r\nHost: a\r\n\r\n";
        for end in 1..get.len() {
            let part = Beginning::of(&get.as_bytes()[..end]);
            assert!(matches!(part, Beginning::Part), "{}", &get[..end]);
        }
    }

    #[test]
    fn what_is_in_doubt_is_something_else() {
        let get = |headers: &str| format!("GET / HTTP/1.1\r\n{headers}\r\n");
        let post = |headers: &str| {
            format!("POST / HTTP/1.1\r\nContent-Type: application/json\r\n{headers}\r\n{{}}")
        };
        assert!(whole(&get("Cookie: a=b\r\n")).is_some());
        assert!(whole(&post("Content-Length: 2\r\n")).is_some());
        for other in [
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
            "PRI * HT".to_owned(),
            "GET / HTTP/1.0\r\n\r\n".to_owned(),
            "HEAD / HTTP/1.1\r\n\r\n".to_owned(),
            "GET  / HTTP/1.1\r\n\r\n".to_owned(),
            get("Content-Length: 0\r\n"),
            get("Transfer-Encoding: chunked\r\n"),
            get("transfer-encoding : chunked\r\n"),
            get("Connection: close\r\n"),
            get("Connection: keep-alive, upgrade\r\n"),
            get("Connection: keep-alive\r\nConnection: close\r\n"),
            get("Upgrade: websocket\r\n"),
            get("Expect: 100-continue\r\n"),
            get("Authorization: Bearer x\r\n"),
            get("If-None-Match: *\r\n"),
            get("Content-Type: application/json\r\n"),
            get("X: a\r\n folded\r\n"),
            post(""),
            post("Content-Length: 3\r\n"),
            post("Content-Length: +2\r\n"),
            post("Content-Length: 2, 2\r\n"),
            post("Content-Length: 2\r\nContent-Length: 2\r\n"),
            post("Content-Length: 18446744073709551616\r\n"),
            post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"),
            post("Content-Length: 2\r\nContent-Type: text/plain\r\n"),
            post("Content-Length: 2\r\nContent-Encoding: gzip\r\n"),
            "POST / HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}".to_owned(),
            "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}".to_owned(),
            get(&"X: a\r\n".repeat(HEADERS_MAX + 1)),
        ] {
            let beginning = Beginning::of(other.as_bytes());
            assert!(matches!(beginning, Beginning::Other), "{other}");
        }
    }
}
