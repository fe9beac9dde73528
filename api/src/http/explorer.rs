//! The page to try queries on (GraphiQL), from our own copy.

use std::sync::LazyLock;

use poem::{
    Endpoint, Response,
    http::{Method, StatusCode, header},
};

use crate::graphql::trusted;

/// The page may load its own parts and ask this server, and nobody else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     font-src 'self' data:; img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

const PAGE: &[u8] = include_bytes!("../../assets/graphiql/index.html");

/// Name, media type and content of the page's parts.
const PARTS: [(&str, &str, &[u8]); 6] = [
    (
        "graphiql.min.css",
        "text/css; charset=utf-8",
        include_bytes!("../../assets/graphiql/graphiql.min.css"),
    ),
    (
        "start.css",
        "text/css; charset=utf-8",
        include_bytes!("../../assets/graphiql/start.css"),
    ),
    (
        "react.production.min.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../assets/graphiql/react.production.min.js"),
    ),
    (
        "react-dom.production.min.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../assets/graphiql/react-dom.production.min.js"),
    ),
    (
        "graphiql.min.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../assets/graphiql/graphiql.min.js"),
    ),
    (
        "start.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../assets/graphiql/start.js"),
    ),
];

/// The documents that the page opens a tab for at first, and what it puts into their variables.
const EXAMPLES: &str = include_str!("../../assets/graphiql/examples.json");

/// The documents of the house and the examples as a script.
static DOCUMENTS: LazyLock<String> = LazyLock::new(|| {
    let documents = trusted::OURS.iter().copied().collect::<serde_json::Value>();
    format!("'use strict';\nconst documents = {documents};\nconst examples = {EXAMPLES};\n")
});

/// Where the page finds it.
const DOCUMENTS_PATH: &str = "/graphiql/documents.js";

/// Answers `/`, `/graphiql` and `/graphiql/<part>`.
pub(super) struct Explorer;

impl Endpoint for Explorer {
    type Output = Response;

    async fn call(&self, request: poem::Request) -> poem::Result<Response> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let refused = Response::builder().status(StatusCode::METHOD_NOT_ALLOWED);
            return Ok(refused.header(header::ALLOW, "GET, HEAD").finish());
        }
        Ok(find(request.uri().path()))
    }
}

fn find(path: &str) -> Response {
    let (media, content) = match path {
        "/" | "/graphiql" | "/graphiql/" => ("text/html; charset=utf-8", PAGE),
        DOCUMENTS_PATH => ("text/javascript; charset=utf-8", DOCUMENTS.as_bytes()),
        _ => {
            let name = path.strip_prefix("/graphiql/").unwrap_or_default();
            match PARTS.iter().find(|(part, ..)| *part == name) {
                Some((_, media, content)) => (*media, *content),
                None => return Response::builder().status(StatusCode::NOT_FOUND).finish(),
            }
        }
    };
    Response::builder()
        .content_type(media)
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::REFERRER_POLICY, "no-referrer")
        .header(header::CACHE_CONTROL, "public, max-age=300")
        .body(content)
}

#[cfg(test)]
mod tests {
    use async_graphql::{Request, Variables};

    use super::*;
    use crate::{domain::code::ApplicationCode, graphql::document::Document};

    #[test]
    fn every_part_that_the_page_names_is_served_and_it_names_no_other_site() {
        let page = std::str::from_utf8(PAGE).expect("text");
        let mut parts = 0;
        for piece in page.split('"') {
            assert!(!piece.contains("//"), "{piece}");
            if piece.starts_with("/graphiql/") {
                parts += 1;
                assert_eq!(find(piece).status(), StatusCode::OK, "{piece}");
            }
        }
        assert_eq!(parts, PARTS.len() + 1);
        assert_eq!(
            find("/graphiql/../../Cargo.toml").status(),
            StatusCode::NOT_FOUND
        );
    }

    #[tokio::test]
    async fn the_page_offers_every_document_of_the_house() {
        let script = find(DOCUMENTS_PATH).into_body().into_string().await;
        let script = script.expect("text");
        let list = script.split_once("const documents = ").expect("a list").1;
        let list = list.split_once(";\nconst examples = ").expect("its end").0;
        let offered: std::collections::BTreeMap<String, String> =
            serde_json::from_str(list).expect("JSON");
        let ours = trusted::OURS.iter();
        let ours: std::collections::BTreeMap<_, _> = ours
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect();
        assert_eq!(offered, ours);
    }

    #[test]
    fn every_example_gives_its_document_the_variables_that_it_has() {
        let examples: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(EXAMPLES).expect("JSON");
        assert!(examples.len() > 3);
        for (name, variables) in &examples {
            let ours = trusted::OURS.iter().find(|(ours, _)| ours == name);
            let (_, text) = ours.expect(name);
            let document = Document::read(text).expect(name);
            let given = Variables::from_json(variables.clone());
            let prepared = document.prepare(&mut Request::new(*text).variables(given));
            prepared.expect(name);
            for variable in variables.as_object().expect(name).keys() {
                assert!(
                    text.contains(&format!("${variable}: ")),
                    "{name}: {variable}"
                );
            }
        }
        let code = examples["Result"]["code"].as_str().expect("a code");
        code.parse::<ApplicationCode>().expect("a code");
    }

    #[test]
    fn the_browser_is_told_to_ask_nobody_else() {
        let page = find("/");
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'"));
        assert!(!policy.contains("http") && !policy.contains('*'));
    }
}
