//! Answers that are at hand: of a result that is in memory, or found a moment ago for somebody else.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_graphql::{Request, parser::types::OperationType};
use poem::http::StatusCode;
use sha2::{Digest as _, Sha256};
use verifier::text::Digest;

use super::{
    answer::{self, Written, written},
    documents::Found,
    endpoint::{GraphqlEndpoint, Prepared, Sent},
    execution::Charged,
    limits::Client,
    media::Media,
    refusal::Refusal,
};
use crate::{cache::Key, domain::actor::Actor, service::results};

/// Bytes before a kept answer: what its document costs.
const COST_BYTES: usize = 8;

/// Why there is no answer that may be kept. Whoever asked for the same is told the same.
#[derive(Clone)]
enum NotKept {
    Refused(Refusal),
    /// An answer with errors.
    Answered(Written),
}

impl GraphqlEndpoint {
    /// The answer to a known look-up of a result that is in memory; nothing where it is neither.
    pub(super) fn look_up(
        &self,
        found: &Found,
        request: &Request,
        actor: &Actor,
        sent: Sent,
        client: &Client,
    ) -> Result<Option<Written>, Refusal> {
        let Some((compiled, operation, cost)) = found.document.look_up() else {
            return Ok(None);
        };
        let find = |period: &str, code: &str| results::find_near(&self.app, period, code);
        let Some(data) = compiled.write(request, find) else {
            return Ok(None);
        };
        client.look_up(operation.look_ups)?;
        let left = client.pay(actor, cost)?;
        let extensions = match left.filter(|_| sent == Sent::ByPost) {
            None => String::new(),
            Some(standing) => {
                let cost = serde_json::to_string(&answer::cost(standing)).unwrap_or_default();
                format!(r#","extensions":{{"cost":{cost}}}"#)
            }
        };
        Ok(Some(Written {
            status: StatusCode::OK,
            body: format!(r#"{{"data":{data}{extensions}}}"#).into(),
        }))
    }

    /// The answer to a query that anybody may ask and that others may keep: one that was found a
    /// moment ago, or the one that is found now. Of many who ask for the same at once one executes it.
    pub(super) async fn kept(
        &self,
        prepared: Prepared,
        media: Media,
        client: &Client,
    ) -> Result<Written, Refusal> {
        let key = self.key_of(&prepared);
        let actor = Actor::Anonymous;
        let is_found_here = AtomicBool::new(false);
        // What executes a query is large, and is passed on through several hands here.
        let find = Box::pin(async {
            is_found_here.fetch_or(true, Ordering::Relaxed);
            let executed = self.execute(prepared, Actor::Anonymous, Sent::ByGet, client);
            let Charged { answer, cost } = executed.await.map_err(NotKept::Refused)?;
            let written = written(media, &answer);
            if !answer.errors.is_empty() {
                return Err(NotKept::Answered(written));
            }
            let mut bytes = cost.to_be_bytes().to_vec();
            bytes.extend_from_slice(&written.body);
            Ok(bytes)
        });
        match self.app.cache.answers.get(&key, self.kept_for, find).await {
            Ok(bytes) => {
                let (cost, _) = bytes.split_first_chunk::<COST_BYTES>().unzip();
                if !is_found_here.into_inner() {
                    client.pay(&actor, cost.map_or(0, |cost| u64::from_be_bytes(*cost)))?;
                }
                Ok(Written {
                    status: StatusCode::OK,
                    body: bytes.slice(COST_BYTES.min(bytes.len())..),
                })
            }
            Err(NotKept::Refused(refusal)) => Err(refusal),
            Err(NotKept::Answered(written)) => Ok(written),
        }
    }

    /// Whether the answer to a query may be kept here for others who ask the same.
    pub(super) fn may_keep(&self, prepared: &Prepared, sent: Sent) -> bool {
        sent == Sent::ByGet
            && self.kept_for != Duration::ZERO
            && prepared.operation.kind == OperationType::Query
            // Everybody looks something else up.
            && prepared.operation.look_ups == 0
    }

    fn key_of(&self, prepared: &Prepared) -> Key {
        let request = &prepared.request;
        let mut digest = Sha256::new();
        digest.update(prepared.found.sha256.0);
        digest.update(request.operation_name.as_deref().unwrap_or_default());
        digest.update([0]);
        digest.update(serde_json::to_vec(&request.variables).unwrap_or_default());
        let asked = Digest(digest.finalize().into());
        let epoch = self.app.results.epoch();
        Key::answer(self.app.city, &self.schema_digest, epoch, asked)
    }
}
