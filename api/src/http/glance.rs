//! A request as it is read where it lies.
//!
//! On result day nearly every request is the same few fields with another code in them. These are read
//! without a copy of anything. Whatever else a request says, or says in another way, is left to
//! [`super::query`], which also finds the words for what is wrong.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use verifier::text::Digest;

use crate::graphql::{Given, Variable};

/// A request whose variables are texts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Glance<'a> {
    /// SHA-256 of the document: as it was named, or of the text that was sent.
    pub(super) sha256: Digest,
    operation: Option<Cow<'a, str>>,
    variables: Texts<'a>,
}

impl<'a> Glance<'a> {
    /// The request in a POST body.
    pub(super) fn of_body(bytes: &'a [u8]) -> Option<Self> {
        let Wire {
            query,
            operation,
            variables,
            document,
            extensions,
        } = serde_json::from_slice(bytes).ok()?;
        let persisted = extensions.and_then(|all| all.persisted);
        let by_hash = match &persisted {
            None => None,
            Some(persisted) if persisted.version == 1 => Some(persisted.sha256.0.parse().ok()?),
            Some(_) => return None,
        };
        let sha256 = match (query, document, by_hash) {
            (None, Some(document), None) => id(&document.0)?,
            (None, None, Some(sha256)) => sha256,
            (Some(text), None, None) => Digest::of(text.0.as_bytes()),
            _ => return None,
        };
        Some(Self {
            sha256,
            operation: operation.map(|name| name.0),
            variables,
        })
    }

    /// The request in a query string that names its document.
    pub(super) fn of_query(query: &'a str) -> Option<Self> {
        let (mut sha256, mut variables) = (None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "documentId" if sha256.is_none() => sha256 = Some(id(&value)?),
                "variables" if variables.is_none() => {
                    variables = Some(serde_json::from_str::<Owned>(&value).ok()?.0);
                }
                _ => return None,
            }
        }
        Some(Self {
            sha256: sha256?,
            operation: None,
            variables: variables?,
        })
    }
}

impl Given for Glance<'_> {
    fn operation(&self) -> Option<&str> {
        self.operation.as_deref()
    }

    fn variable(&self, name: &str) -> Variable<'_> {
        let mut all = self.variables.0.iter();
        let found = all.find(|(known, _)| known == name);
        found.map_or(Variable::Absent, |(_, text)| Variable::Text(text))
    }
}

/// The hash in a `documentId`.
fn id(text: &str) -> Option<Digest> {
    text.strip_prefix("sha256:")?.parse().ok()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    #[serde(borrow)]
    query: Option<Text<'a>>,
    #[serde(borrow, rename = "operationName")]
    operation: Option<Text<'a>>,
    #[serde(borrow)]
    variables: Texts<'a>,
    #[serde(borrow, rename = "documentId")]
    document: Option<Text<'a>>,
    #[serde(borrow)]
    extensions: Option<Extensions<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Extensions<'a> {
    #[serde(borrow, rename = "persistedQuery")]
    persisted: Option<Persisted<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Persisted<'a> {
    version: u64,
    #[serde(borrow, rename = "sha256Hash")]
    sha256: Text<'a>,
}

/// A text, where it lies if nothing in it is escaped.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Texts by their names, each name once.
#[derive(Debug, PartialEq, Eq)]
struct Texts<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Texts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TextsVisitor)
    }
}

struct TextsVisitor;

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = Texts<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("texts by their names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut texts: Vec<(Cow<'de, str>, Cow<'de, str>)> = Vec::with_capacity(4);
        while let Some((name, value)) = map.next_entry::<Text<'de>, Text<'de>>()? {
            if texts.iter().any(|(known, _)| *known == name.0) {
                return Err(A::Error::custom("a name that comes twice"));
            }
            texts.push((name.0, value.0));
        }
        Ok(Texts(texts))
    }
}

/// The same, of a text that does not outlive the reading.
struct Owned(Texts<'static>);

impl<'de> Deserialize<'de> for Owned {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Texts(texts) = Texts::deserialize(deserializer)?;
        let owned = |text: Cow<'de, str>| Cow::Owned(text.into_owned());
        let texts = texts.into_iter();
        let texts = texts.map(|(name, value)| (owned(name), owned(value)));
        Ok(Self(Texts(texts.collect())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::query;

    /// What the slower reading makes of the same.
    fn assert_agrees(glance: &Glance<'_>, asked: &query::Asked) {
        let text = &asked.request.query;
        let sha256 = asked.sha256.unwrap_or_else(|| Digest::of(text.as_bytes()));
        assert_eq!(glance.sha256, sha256);
        assert_eq!(glance.operation(), asked.request.operation());
        for name in ["period", "code", "locale", "l\u{e4}ng", "none"] {
            assert_eq!(
                glance.variable(name),
                asked.request.variable(name),
                "{name}"
            );
        }
    }

    const HASH: &str = "9352fb2fa1db726bade5afa64cc432f4c7274dcf74bdcd252efed176d2b8b3eb";

    #[test]
    fn a_request_of_result_day_is_read_as_by_the_slower_reading() {
        let variables = r#""variables":{"period":"202612","code":"\u0030486106556556"}"#;
        let long = r#""variables":{"locale":"EN","l\u00e4ng":"\u6447\n\"号\""}"#;
        for body in [
            format!(r#"{{"query":"{{ a }}",{variables}}}"#),
            format!(r#"{{"query":"query A {{\n a \"b\" }}","operationName":"A",{long}}}"#),
            format!(r#"{{"documentId":"sha256:{HASH}",{variables}}}"#),
            format!(r#" {{ {variables} , "operationName" : null, "documentId":"sha256:{HASH}"}} "#),
            format!(
                r#"{{"extensions":{{"persistedQuery":{{"sha256Hash":"{HASH}","version":1}}}},{variables}}}"#
            ),
        ] {
            let glance = Glance::of_body(body.as_bytes()).expect(&body);
            assert_agrees(&glance, &query::from_body(body.as_bytes()).expect(&body));
        }
        let query = format!(
            "documentId=sha256%3A{HASH}&variables=%7B%22code%22%3A%220486106556556%22,\
             %22locale%22:+%22EN%22%7D"
        );
        let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
        let asked = query::from_pairs(pairs.collect()).expect("a request");
        assert_agrees(&Glance::of_query(&query).expect("read"), &asked);
    }

    #[test]
    fn what_is_said_in_another_way_is_left_to_the_slower_reading() {
        for body in [
            r#"{"query":"{ a }"}"#,
            r#"{"query":"{ a }","variables":null}"#,
            r#"{"query":"{ a }","variables":{"a":1}}"#,
            r#"{"query":"{ a }","variables":{"a":null}}"#,
            r#"{"query":"{ a }","variables":{"a":"b","a":"c"}}"#,
            r#"{"query":"{ a }","query":"{ b }","variables":{}}"#,
            r#"{"query":"{ a }","documentId":"sha256:00","variables":{}}"#,
            r#"{"documentId":"00","variables":{}}"#,
            r#"{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"00"}},"variables":{}}"#,
            r#"{"query":"{ a }","variables":{},"other":1}"#,
            r#"{"query":"{ a }","variables":{}} x"#,
            "[]",
            "",
        ] {
            assert_eq!(Glance::of_body(body.as_bytes()), None, "{body}");
        }
        let id = format!("documentId=sha256:{HASH}");
        for query in [
            "",
            "documentId=1",
            &id,
            &format!("{id}&variables="),
            &format!("{id}&variables={{}}&variables={{}}"),
            &format!("{id}&variables={{}}&{id}"),
            &format!("{id}&variables={{}}&utm=x"),
            &format!("{id}&variables=%7B%22a%22:1%7D"),
        ] {
            assert_eq!(Glance::of_query(query), None, "{query}");
        }
    }
}
