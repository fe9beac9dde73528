//! Media types: what a request is written in, and how its answer is to be.

use poem::http::{HeaderMap, header};

use super::refusal::Refusal;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the status says whether the document was executed.
    Response,
    /// `application/json`: the status is 200 for every well-formed request.
    Json,
}

impl Media {
    /// The header's value.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Response => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// What the client likes best of what we can write; without a wish, JSON.
    pub(super) fn wanted(headers: &HeaderMap) -> Result<Self, Refusal> {
        let accepted = headers.get_all(header::ACCEPT).iter();
        Self::best(accepted.map(|value| value.to_str().unwrap_or_default()))
    }

    /// The same of the headers' values.
    pub(super) fn best<'a>(accept: impl Iterator<Item = &'a str>) -> Result<Self, Refusal> {
        let mut best = None;
        let mut is_said = false;
        for value in accept {
            is_said = true;
            for range in value.split(',') {
                let Some((media, quality)) = accepted(range) else {
                    continue;
                };
                if best.is_none_or(|(_, likes)| likes < quality) {
                    best = Some((media, quality));
                }
            }
        }
        match best {
            Some((media, _)) => Ok(media),
            None if is_said => Err(Refusal::Accept),
            None => Ok(Self::Json),
        }
    }
}

/// What a media range of an `Accept` header lets us write, and how much it is liked, 1 to 1000.
fn accepted(range: &str) -> Option<(Media, u16)> {
    let mut parts = range.split(';').map(str::trim);
    let media = match parts.next()?.to_ascii_lowercase().as_str() {
        "application/graphql-response+json" => Media::Response,
        "application/json" | "application/*" | "*/*" => Media::Json,
        _ => return None,
    };
    let mut quality = 1000;
    for parameter in parts {
        let (name, value) = parameter.split_once('=')?;
        match name.trim().to_ascii_lowercase().as_str() {
            "q" => quality = thousandths(value.trim())?,
            "charset" if !is_utf8(value) => return None,
            _ => {}
        }
    }
    (0 < quality).then_some((media, quality))
}

/// Whether a media range of an `Accept` header names this very type.
pub(super) fn accepts(range: &str, media: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let is_it = parts
        .next()
        .is_some_and(|name| name.eq_ignore_ascii_case(media));
    let is_refused = |parameter: &str| {
        let quality = parameter.strip_prefix("q=");
        quality.is_some_and(|quality| thousandths(quality).is_none_or(|quality| quality == 0))
    };
    is_it && !parts.any(is_refused)
}

/// `0.8` → 800.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if 3 < fraction.len() || !matches!(whole, "0" | "1") {
        return None;
    }
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    Some(if whole == "1" { 1000 } else { fraction })
}

fn is_utf8(charset: &str) -> bool {
    let charset = charset.trim().trim_matches('"');
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

/// Refuses every body that is not plain JSON: only such a request cannot come from another site's
/// form without the browser asking first.
pub(super) fn require_json(headers: &HeaderMap) -> Result<(), Refusal> {
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Refusal::MediaType);
    }
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let mut parts = value.ok_or(Refusal::MediaType)?.split(';').map(str::trim);
    let is_json = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let is_utf8 = parts.all(|parameter| {
        let Some((name, value)) = parameter.split_once('=') else {
            return parameter.is_empty();
        };
        !name.trim().eq_ignore_ascii_case("charset") || is_utf8(value)
    });
    if is_json && is_utf8 {
        Ok(())
    } else {
        Err(Refusal::MediaType)
    }
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        let value = HeaderValue::from_str(value).expect("a header");
        HeaderMap::from_iter([(name, value)])
    }

    #[test]
    fn the_client_chooses_how_the_answer_is_written() {
        for (accept, wanted) in [
            ("application/graphql-response+json", Ok(Media::Response)),
            ("application/json", Ok(Media::Json)),
            ("*/*", Ok(Media::Json)),
            (
                "application/json;q=0.5, application/graphql-response+json",
                Ok(Media::Response),
            ),
            (
                "application/graphql-response+json;q=0.9, application/json;q=0.91",
                Ok(Media::Json),
            ),
            ("application/json; charset=utf-8", Ok(Media::Json)),
            ("application/json; charset=latin1", Err(Refusal::Accept)),
            ("text/html, image/*", Err(Refusal::Accept)),
            ("application/json;q=0", Err(Refusal::Accept)),
        ] {
            assert_eq!(
                Media::wanted(&headers(header::ACCEPT, accept)),
                wanted,
                "{accept}"
            );
        }
        assert_eq!(Media::wanted(&HeaderMap::new()), Ok(Media::Json));
    }

    #[test]
    fn a_body_is_json_in_utf8_or_it_is_refused() {
        for accepted in ["application/json", "Application/JSON; Charset=\"UTF-8\""] {
            assert_eq!(
                require_json(&headers(header::CONTENT_TYPE, accepted)),
                Ok(())
            );
        }
        for refused in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
            "application/graphql",
            "",
        ] {
            let headers = headers(header::CONTENT_TYPE, refused);
            assert_eq!(require_json(&headers), Err(Refusal::MediaType), "{refused}");
        }
        assert_eq!(require_json(&HeaderMap::new()), Err(Refusal::MediaType));
        let mut compressed = headers(header::CONTENT_TYPE, "application/json");
        compressed.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert_eq!(require_json(&compressed), Err(Refusal::MediaType));
    }
}
