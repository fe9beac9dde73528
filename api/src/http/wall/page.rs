//! The wall's page: the same for every draw, which its script finds in the address.

use poem::{
    Endpoint, Request, Response, ResponseBuilder,
    http::{StatusCode, header},
};

use super::{is_reading, locale_of, not_allowed};
use crate::domain::Locale;

/// The page may load its own parts and ask this server, and nobody else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE: &str = include_str!("../../../assets/wall/index.html");

/// Where the page says its language.
const LANG: &str = "{lang}";

/// Name, media type and content of the page's parts.
const PARTS: [(&str, &str, &str); 4] = [
    (
        "wall.css",
        "text/css; charset=utf-8",
        include_str!("../../../assets/wall/wall.css"),
    ),
    (
        "words.js",
        "text/javascript; charset=utf-8",
        include_str!("../../../assets/wall/words.js"),
    ),
    (
        "parts.js",
        "text/javascript; charset=utf-8",
        include_str!("../../../assets/wall/parts.js"),
    ),
    (
        "wall.js",
        "text/javascript; charset=utf-8",
        include_str!("../../../assets/wall/wall.js"),
    ),
];

/// Answers `GET /draw/<draw>/wall`.
pub(in crate::http) struct Page;

/// Answers `GET /wall/<part>`.
pub(in crate::http) struct Parts;

impl Endpoint for Page {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if !is_reading(&request) {
            return Ok(not_allowed());
        }
        let locale = locale_of(&request);
        let response = builder("text/html; charset=utf-8")
            .header(header::CONTENT_LANGUAGE, locale.tag())
            .header(header::VARY, "accept-language");
        Ok(response.body(page(locale)))
    }
}

impl Endpoint for Parts {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if !is_reading(&request) {
            return Ok(not_allowed());
        }
        let name = request.raw_path_param("part").unwrap_or_default();
        let found = PARTS.iter().find(|(part, ..)| *part == name);
        Ok(match found {
            Some((_, media, content)) => builder(media).body(*content),
            None => Response::builder().status(StatusCode::NOT_FOUND).finish(),
        })
    }
}

fn page(locale: Locale) -> String {
    PAGE.replace(LANG, locale.tag())
}

fn builder(media: &str) -> ResponseBuilder {
    Response::builder()
        .content_type(media)
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::REFERRER_POLICY, "no-referrer")
        .header(header::CACHE_CONTROL, "public, max-age=300")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_that_the_page_names_is_there_and_nothing_names_another_site() {
        let page = page(Locale::En);
        let named = page.split('"').filter(|piece| piece.starts_with('/'));
        let named: Vec<_> = named
            .filter_map(|piece| piece.strip_prefix("/wall/"))
            .collect();
        let parts: Vec<_> = PARTS.iter().map(|(name, ..)| *name).collect();
        assert_eq!(named, parts);
        for text in PARTS.iter().map(|(.., text)| *text).chain([page.as_str()]) {
            for outside in ["://", "\"//", "'//", "url(", "@import"] {
                assert!(!text.contains(outside), "{outside}");
            }
        }
    }

    #[test]
    fn what_comes_from_records_is_never_put_in_as_markup() {
        for (name, _, text) in PARTS {
            for markup in [
                "innerHTML",
                "outerHTML",
                "insertAdjacent",
                "document.write",
                "eval(",
            ] {
                assert!(!text.contains(markup), "{name}: {markup}");
            }
        }
    }

    #[test]
    fn the_page_says_its_language_once() {
        assert!(page(Locale::ZhCn).contains("<html lang=\"zh-CN\">"));
        assert!(!page(Locale::En).contains(LANG));
        assert_eq!(PAGE.matches(LANG).count(), 1);
    }

    #[test]
    fn the_browser_is_told_to_ask_nobody_else() {
        assert!(POLICY.starts_with("default-src 'none'"));
        assert!(!POLICY.contains("http") && !POLICY.contains('*') && !POLICY.contains("unsafe"));
    }
}
