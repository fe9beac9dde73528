//! The page on which the people of the city sign in, since a passkey needs a browser.

use std::{collections::BTreeMap, sync::LazyLock};

use poem::{
    Endpoint, Response,
    http::{Method, StatusCode, header},
};

use crate::graphql::trusted;

/// The page may load its own parts and ask this server, and nobody else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The documents that the page sends, word for word, so that a server of trusted documents takes them.
const NAMES: [&str; 8] = [
    "ConfirmStaffPassword",
    "FinishPasskeyRegistration",
    "FinishPasskeySignIn",
    "SetStaffPassword",
    "SignInStaff",
    "SignOut",
    "StartPasskeyRegistration",
    "StartPasskeySignIn",
];

static DOCUMENTS: LazyLock<String> = LazyLock::new(|| {
    let ours = trusted::OURS.iter().copied();
    let sent: BTreeMap<_, _> = ours.filter(|(name, _)| NAMES.contains(name)).collect();
    let sent = serde_json::json!(sent);
    format!("'use strict';\nconst documents = {sent};\n")
});

/// Answers `/staff` and `/staff/<part>`.
pub(super) struct StaffPage;

impl Endpoint for StaffPage {
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
        "/staff" | "/staff/" => ("text/html; charset=utf-8", PAGE),
        "/staff/staff.css" => ("text/css; charset=utf-8", STYLE),
        "/staff/staff.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "/staff/documents.js" => ("text/javascript; charset=utf-8", DOCUMENTS.as_str()),
        _ => return Response::builder().status(StatusCode::NOT_FOUND).finish(),
    };
    Response::builder()
        .content_type(media)
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::REFERRER_POLICY, "no-referrer")
        .header(header::CACHE_CONTROL, "public, max-age=300")
        .body(content)
}

const PAGE: &str = include_str!("../../assets/staff/index.html");
const STYLE: &str = include_str!("../../assets/staff/staff.css");
const SCRIPT: &str = include_str!("../../assets/staff/staff.js");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_that_the_page_names_is_served_and_it_names_no_other_site() {
        let mut parts = 0;
        for piece in PAGE.split('"') {
            assert!(!piece.contains("//"), "{piece}");
            if piece.starts_with("/staff/") {
                parts += 1;
                assert_eq!(find(piece).status(), StatusCode::OK, "{piece}");
            }
        }
        assert_eq!(parts, 3);
        assert!(!SCRIPT.contains("://") && !STYLE.contains("url("));
        assert_eq!(find("/staff/other").status(), StatusCode::NOT_FOUND);
        let page = find("/staff");
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
        assert!(!PAGE.contains("style=") && !PAGE.contains("onclick"));
    }

    #[test]
    fn the_page_has_every_text_in_both_languages_and_every_document_that_it_sends() {
        let (_, texts) = SCRIPT.split_once("zh: {").expect("texts");
        let (zh, rest) = texts.split_once("en: {").expect("English ones");
        let (en, code) = rest.split_once("\n};").expect("their end");
        let shown = PAGE.split("data-text=\"").skip(1);
        let mut names: Vec<_> = shown.filter_map(|piece| piece.split('"').next()).collect();
        let said = code.split("TEXTS[language].").skip(1);
        names.extend(said.filter_map(|piece| piece.split(|c: char| !c.is_alphanumeric()).next()));
        for name in names {
            for language in [zh, en] {
                assert!(language.contains(&format!("{name}: '")), "{name}");
            }
        }
        for name in NAMES {
            assert!(SCRIPT.contains(&format!("ask('{name}'")), "{name}");
            assert!(DOCUMENTS.contains(&format!("\"{name}\":")), "{name}");
        }
        assert_eq!(SCRIPT.matches("ask('").count(), NAMES.len());
    }
}
