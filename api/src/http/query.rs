//! Requests of the GraphQL endpoint, before they are believed.

use async_graphql::{Request, Variables};
use serde_json::{Map, Value};
use verifier::text::Digest;

use super::refusal::Refusal;

/// A request, and how it names its document.
#[derive(Debug)]
pub(super) struct Asked {
    /// The request; its text is empty where only a hash was sent.
    pub(super) request: Request,
    /// SHA-256 of the document, where the client named it.
    pub(super) sha256: Option<Digest>,
}

/// The request in a POST body.
pub(super) fn from_body(bytes: &[u8]) -> Result<Asked, Refusal> {
    let fields = match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => fields,
        Ok(Value::Array(_)) => {
            return Err(Refusal::Malformed(
                "requests come one by one; a list of them is not taken",
            ));
        }
        Ok(_) | Err(_) => {
            return Err(Refusal::Malformed(
                "expected a JSON object with a query or a documentId",
            ));
        }
    };
    from_fields(fields)
}

/// The request in a query string, its `variables` and `extensions` written as JSON.
pub(super) fn from_pairs(pairs: Vec<(String, String)>) -> Result<Asked, Refusal> {
    let mut fields = Map::new();
    for (name, text) in pairs {
        let value = match name.as_str() {
            "query" | "operationName" | "documentId" => Value::String(text),
            "variables" | "extensions" if text.is_empty() => Value::Null,
            "variables" | "extensions" => serde_json::from_str(&text)
                .map_err(|_| Refusal::Malformed("variables and extensions are JSON objects"))?,
            _ => continue,
        };
        if fields.insert(name, value).is_some() {
            return Err(Refusal::Malformed("each parameter comes once"));
        }
    }
    from_fields(fields)
}

/// The request in the fields of a JSON object.
pub(super) fn from_fields(mut fields: Map<String, Value>) -> Result<Asked, Refusal> {
    let sha256 = named(&fields)?;
    let text = match fields.remove("query") {
        Some(Value::String(text)) => text,
        None | Some(Value::Null) if sha256.is_some() => String::new(),
        _ => return Err(Refusal::Malformed("expected a text as query")),
    };
    let mut request = Request::new(text);
    match fields.remove("operationName") {
        None | Some(Value::Null) => {}
        Some(Value::String(name)) if name.is_empty() => {}
        Some(Value::String(name)) => request = request.operation_name(name),
        Some(_) => {
            return Err(Refusal::Malformed(
                "expected a text or null as operationName",
            ));
        }
    }
    match fields.remove("variables") {
        None | Some(Value::Null) => {}
        Some(variables @ Value::Object(_)) => {
            request = request.variables(Variables::from_json(variables));
        }
        Some(_) => {
            return Err(Refusal::Malformed(
                "expected an object or null as variables",
            ));
        }
    }
    Ok(Asked { request, sha256 })
}

/// The hash by which a document is named: as `documentId` (the appendix on persisted documents of
/// GraphQL over HTTP), or in `extensions.persistedQuery` (the protocol of Apollo's clients).
fn named(fields: &Map<String, Value>) -> Result<Option<Digest>, Refusal> {
    let by_id = match fields.get("documentId") {
        None | Some(Value::Null) => None,
        Some(id) => Some(
            id.as_str()
                .and_then(|id| id.strip_prefix("sha256:")?.parse().ok())
                .ok_or(Refusal::Malformed(
                    "expected sha256: and 64 lowercase hex digits as documentId",
                ))?,
        ),
    };
    let extensions = match fields.get("extensions") {
        None | Some(Value::Null) => return Ok(by_id),
        Some(Value::Object(extensions)) => extensions,
        Some(_) => {
            return Err(Refusal::Malformed(
                "expected an object or null as extensions",
            ));
        }
    };
    let persisted = match extensions.get("persistedQuery") {
        None | Some(Value::Null) => return Ok(by_id),
        Some(persisted) => persisted,
    };
    let sha256 = persisted.get("sha256Hash").and_then(Value::as_str);
    let by_hash = sha256.and_then(|text| text.parse().ok());
    let is_first_version = persisted.get("version").and_then(Value::as_u64) == Some(1);
    let by_hash = by_hash
        .filter(|_| is_first_version)
        .ok_or(Refusal::Malformed(
            "expected version 1 and 64 lowercase hex digits as sha256Hash in persistedQuery",
        ))?;
    if by_id.is_some_and(|by_id| by_id != by_hash) {
        return Err(Refusal::Malformed(
            "documentId and persistedQuery name two documents",
        ));
    }
    Ok(Some(by_hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_parameters_of_the_right_kinds() {
        let whole = r#"{"query":"{a}","operationName":"A","variables":{"x":1},"extensions":{}}"#;
        let request = from_body(whole.as_bytes()).expect("a request").request;
        assert_eq!(
            (request.query.as_str(), request.operation_name.as_deref()),
            ("{a}", Some("A"))
        );
        assert_eq!(request.variables.len(), 1);
        let bare = r#"{"query":"{a}","operationName":null,"variables":null,"extensions":null}"#;
        assert!(from_body(bare.as_bytes()).is_ok());
        for wrong in [
            "",
            "7",
            "{",
            "[]",
            "{}",
            r#"[{"query":"{a}"}]"#,
            r#"{"query":7}"#,
            r#"{"query":null}"#,
            r#"{"query":"{a}","variables":"{}"}"#,
            r#"{"query":"{a}","variables":[]}"#,
            r#"{"query":"{a}","operationName":{}}"#,
            r#"{"query":"{a}","extensions":0}"#,
        ] {
            assert!(
                matches!(from_body(wrong.as_bytes()), Err(Refusal::Malformed(_))),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_query_string_carries_its_operation_name_and_its_variables() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let request = from_pairs(vec![
            pair("query", "{a}"),
            pair("operationName", "A"),
            pair("variables", r#"{"x":1}"#),
            pair("utm", "ignored"),
        ]);
        let request = request.expect("a request").request;
        assert_eq!(
            (request.operation_name.as_deref(), request.variables.len()),
            (Some("A"), 1)
        );
        for wrong in [
            vec![pair("variables", "{}")],
            vec![pair("query", "{a}"), pair("query", "{b}")],
            vec![pair("query", "{a}"), pair("variables", "x")],
        ] {
            assert!(matches!(from_pairs(wrong), Err(Refusal::Malformed(_))));
        }
    }

    #[test]
    fn a_document_is_named_by_its_hash_in_either_way() {
        let hash = "0".repeat(63) + "a";
        let id = format!(r#""documentId":"sha256:{hash}""#);
        let extension =
            format!(r#""extensions":{{"persistedQuery":{{"version":1,"sha256Hash":"{hash}"}}}}"#);
        for body in [
            format!("{{{id}}}"),
            format!("{{{extension}}}"),
            format!("{{{id},{extension}}}"),
            format!(r#"{{"query":null,{id}}}"#),
        ] {
            let asked = from_body(body.as_bytes()).expect("a request");
            assert_eq!(asked.sha256, hash.parse().ok(), "{body}");
            assert_eq!(asked.request.query, "");
        }
        let pairs = vec![("documentId".to_owned(), format!("sha256:{hash}"))];
        assert_eq!(
            from_pairs(pairs).expect("a request").sha256,
            hash.parse().ok()
        );
        for wrong in [
            format!(r#"{{"documentId":"{hash}"}}"#),
            r#"{"documentId":7}"#.to_owned(),
            extension.replace(":1", ":2"),
            extension.replace('a', "A"),
            format!(
                r#"{{"documentId":"sha256:{}",{extension}}}"#,
                "1".repeat(64)
            ),
            r#"{"query":"{a}","extensions":{"persistedQuery":7}}"#.to_owned(),
        ] {
            let body = if wrong.starts_with('{') {
                wrong
            } else {
                format!("{{{wrong}}}")
            };
            let refused = from_body(body.as_bytes());
            assert!(matches!(refused, Err(Refusal::Malformed(_))), "{body}");
        }
    }
}
