//! Documents that need not be sent, or read, again.

use std::{collections::HashMap, sync::Arc};

use async_graphql::ServerError;
use moka::sync::Cache;
use verifier::text::Digest;

use super::{query::Asked, refusal::Refusal};
use crate::{
    graphql::{document::Document, error::DocumentCode, trusted::Trusted},
    telemetry,
};

/// Bytes of documents that are kept beside the trusted ones.
const KEPT_BYTES: u64 = 32 * 1024 * 1024;

/// What Apollo's clients look for before they send the document itself.
const NOT_FOUND: &str = "PersistedQueryNotFound";

/// All documents that this node knows, by their hash.
pub(super) struct Documents {
    trusted: HashMap<Digest, (Arc<Document>, Arc<str>)>,
    kept: Cache<Digest, Arc<Document>>,
    /// Whether nothing but trusted documents is executed.
    trusted_only: bool,
}

/// The document of a request.
pub(super) struct Found {
    pub(super) document: Arc<Document>,
    pub(super) sha256: Digest,
    is_known: bool,
    /// What the document is called, where it is a trusted one.
    name: Option<Arc<str>>,
}

impl Found {
    /// Says in the trace under way which trusted document is asked. What else a client sends may hold
    /// anything, in names as well.
    pub(super) fn note(&self) {
        if let Some(name) = &self.name {
            telemetry::note("graphql.operation.name", Arc::clone(name));
            telemetry::note("graphql.document.hash", self.sha256.to_string());
        }
    }
}

/// Why there is none.
#[derive(Debug)]
pub(super) enum Missing {
    /// The request contradicts itself.
    Request(Refusal),
    /// The document is refused, or not known.
    Document(ServerError),
}

impl Documents {
    pub(super) fn new(trusted: Vec<Trusted>, trusted_only: bool) -> Self {
        let weigh = |_: &Digest, document: &Arc<Document>| {
            u32::try_from(document.bytes()).unwrap_or(u32::MAX)
        };
        Self {
            trusted: trusted
                .into_iter()
                .map(|trusted| (trusted.sha256, (Arc::new(trusted.document), trusted.name)))
                .collect(),
            kept: Cache::builder()
                .max_capacity(KEPT_BYTES)
                .weigher(weigh)
                .build(),
            trusted_only,
        }
    }

    /// The document that a request names or brings.
    pub(super) fn find(&self, asked: &Asked) -> Result<Found, Missing> {
        let text = asked.request.query.as_str();
        let is_hash_alone = text.is_empty() && asked.sha256.is_some();
        let sha256 = match asked.sha256 {
            Some(sha256) if is_hash_alone => sha256,
            named => {
                let sha256 = Digest::of(text.as_bytes());
                if named.is_some_and(|named| named != sha256) {
                    return Err(Missing::Request(Refusal::Malformed(
                        "the hash is not that of the query; take SHA-256 of its UTF-8 bytes",
                    )));
                }
                sha256
            }
        };
        if let Some((document, name)) = self.known(&sha256) {
            return Ok(Found {
                document,
                sha256,
                is_known: true,
                name,
            });
        }
        if self.trusted_only {
            let sentence = "only trusted documents are executed here; name one by its hash";
            return Err(Missing::Document(DocumentCode::NotTrusted.error(sentence)));
        }
        if is_hash_alone {
            let error = DocumentCode::PersistedQueryNotFound.error(NOT_FOUND);
            return Err(Missing::Document(error));
        }
        let document = Document::read(text).map_err(Missing::Document)?;
        Ok(Found {
            document: Arc::new(document),
            sha256,
            is_known: false,
            name: None,
        })
    }

    /// A document that this node knows.
    pub(super) fn find_known(&self, sha256: &Digest) -> Option<Arc<Document>> {
        self.known(sha256).map(|(document, _)| document)
    }

    fn known(&self, sha256: &Digest) -> Option<(Arc<Document>, Option<Arc<str>>)> {
        match self.trusted.get(sha256) {
            Some((document, name)) => Some((Arc::clone(document), Some(Arc::clone(name)))),
            None => Some((self.kept.get(sha256)?, None)),
        }
    }

    /// Keeps a document that was executed; what the schema refuses is not worth the memory.
    pub(super) fn keep(&self, found: &Found) {
        if !found.is_known {
            self.kept.insert(found.sha256, Arc::clone(&found.document));
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::Request;

    use super::*;

    fn asked(text: &str, sha256: Option<Digest>) -> Asked {
        Asked {
            request: Request::new(text),
            sha256,
        }
    }

    fn code(found: Result<Found, Missing>) -> String {
        match found {
            Ok(_) => "found".to_owned(),
            Err(Missing::Request(refusal)) => refusal.code().to_owned(),
            Err(Missing::Document(error)) => {
                let code = error.extensions.and_then(|all| all.get("code").cloned());
                code.expect("a code")
                    .to_string()
                    .trim_matches('"')
                    .to_owned()
            }
        }
    }

    fn trusted(text: &str) -> Trusted {
        Trusted {
            sha256: Digest::of(text.as_bytes()),
            name: "A".into(),
            document: Document::read(text).expect("a document"),
        }
    }

    #[test]
    fn a_document_is_known_by_its_hash_after_it_was_kept_and_not_before() {
        let documents = Documents::new(Vec::new(), false);
        let hash = Digest::of(b"{ a }");
        assert_eq!(
            code(documents.find(&asked("", Some(hash)))),
            "PERSISTED_QUERY_NOT_FOUND"
        );
        let found = documents.find(&asked("{ a }", Some(hash))).expect("read");
        assert_eq!(
            code(documents.find(&asked("", Some(hash)))),
            "PERSISTED_QUERY_NOT_FOUND"
        );

        documents.keep(&found);

        assert_eq!(code(documents.find(&asked("", Some(hash)))), "found");
        let other = Some(Digest::of(b"{ b }"));
        assert_eq!(
            code(documents.find(&asked("", other))),
            "PERSISTED_QUERY_NOT_FOUND"
        );
        assert_eq!(code(documents.find(&asked("{ a }", other))), "BAD_REQUEST");
    }

    #[test]
    fn a_node_that_trusts_some_executes_no_other() {
        let documents = Documents::new(vec![trusted("query A { a }")], true);
        let hash = |text: &str| Some(Digest::of(text.as_bytes()));
        assert_eq!(
            code(documents.find(&asked("", hash("query A { a }")))),
            "found"
        );
        assert_eq!(code(documents.find(&asked("query A { a }", None))), "found");
        for (text, sha256) in [
            ("query A { a  }", None),
            ("", hash("{ b }")),
            ("{ b }", hash("{ b }")),
        ] {
            assert_eq!(
                code(documents.find(&asked(text, sha256))),
                "DOCUMENT_NOT_TRUSTED"
            );
        }
    }

    #[test]
    fn what_is_kept_stays_below_its_bound() {
        let documents = Documents::new(Vec::new(), false);
        // Half a MiB each: what a parsed document takes is counted by its tokens.
        let long = "1 ".repeat(1_900);
        for number in 0..80 {
            let text = format!("{{ a(b: [{long}{number}]) }}");
            let found = documents.find(&asked(&text, None)).expect("a document");
            assert!(found.document.bytes() > 480_000);
            documents.keep(&found);
        }
        documents.kept.run_pending_tasks();
        assert!(documents.kept.weighted_size() <= KEPT_BYTES);
    }
}
