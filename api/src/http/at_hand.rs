//! Answers that are at hand: of a result that is in memory, or found a moment ago for somebody else.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_graphql::parser::types::OperationType;
use bytes::Bytes;
use poem::{
    Response,
    http::{HeaderMap, StatusCode, header},
};
use sha2::{Digest as _, Sha256};
use verifier::text::Digest;

use super::{
    answer::{self, Written, written},
    endpoint::{GraphqlEndpoint, Prepared, Sent},
    execution::Charged,
    glance::Glance,
    limits::Client,
    look_ups::Asked,
    media::{self, Media},
    ready::Ready,
    refusal::{BODY_MAX, Refusal},
};
use crate::{
    cache::Key,
    domain::actor::Actor,
    graphql::{Given, LookUp, document::Document},
    service::results::{Answer, Named},
};

/// Bytes before a kept answer: what its document costs.
const COST_BYTES: usize = 8;

/// Why there is no answer that may be kept. Whoever asked for the same is told the same.
#[derive(Clone)]
enum NotKept {
    Refused(Refusal),
    /// An answer with errors.
    Answered(Written),
}

/// Longest answer to a look-up, bytes, as a rule.
const LOOK_UP_BYTES: usize = 512;

/// Who pays for a look-up, and how the request for it came.
#[derive(Clone, Copy)]
pub(super) struct Payer<'a> {
    pub(super) actor: &'a Actor,
    pub(super) sent: Sent,
    pub(super) client: &'a Client,
}

impl GraphqlEndpoint {
    /// The response to a request in a POST body, where it is nothing but a known look-up of a result
    /// that is in memory.
    pub(super) fn answer_body(
        &self,
        request: &poem::Request,
        bytes: &Result<Bytes, Refusal>,
        client: &Client,
    ) -> Result<Option<Response>, Refusal> {
        let headers = request.headers();
        let is_anonymous = !headers.contains_key(header::AUTHORIZATION);
        let glance = match bytes {
            Ok(bytes) if is_anonymous && media::require_json(headers).is_ok() => {
                Glance::of_body(bytes)
            }
            _ => None,
        };
        self.answer_glance(headers, glance, Sent::ByPost, client)
    }

    /// The same of a request in a query string.
    pub(super) fn answer_query(
        &self,
        request: &poem::Request,
        client: &Client,
    ) -> Result<Option<Response>, Refusal> {
        let query = request.uri().query();
        let glance = query
            .filter(|query| query.len() <= BODY_MAX)
            .and_then(Glance::of_query);
        self.answer_glance(request.headers(), glance, Sent::ByGet, client)
    }

    fn answer_glance(
        &self,
        headers: &HeaderMap,
        glance: Option<Glance<'_>>,
        sent: Sent,
        client: &Client,
    ) -> Result<Option<Response>, Refusal> {
        let document = glance
            .as_ref()
            .and_then(|glance| self.documents.find_known(&glance.sha256));
        let (Some(glance), Some(document), Ok(media)) = (glance, document, Media::wanted(headers))
        else {
            return Ok(None);
        };
        let payer = Payer {
            actor: &Actor::Anonymous,
            sent,
            client,
        };
        let Some(look_up) = document.look_up(&glance) else {
            return Ok(None);
        };
        let written = self.look_up_near(&look_up, payer)?;
        Ok(written.map(|written| ready(written, media, sent).response(headers)))
    }

    /// The answer to a known look-up of a published result; nothing where it is neither, or where
    /// there is no answer.
    pub(super) async fn look_up(
        &self,
        document: &Document,
        given: &impl Given,
        payer: Payer<'_>,
    ) -> Result<Option<Written>, Refusal> {
        let Some(look_up) = document.look_up(given) else {
            return Ok(None);
        };
        match self.look_up_near(&look_up, payer)? {
            None if asked(&look_up).is_elsewhere(&self.app) => {
                self.look_up_elsewhere(&look_up, payer).await
            }
            written => Ok(written),
        }
    }

    /// The answer where the result is in memory.
    fn look_up_near(
        &self,
        look_up: &LookUp<'_, impl Given>,
        payer: Payer<'_>,
    ) -> Result<Option<Written>, Refusal> {
        match asked(look_up).find_near(&self.app) {
            None => Ok(None),
            Some(answer) => write(look_up, &answer, payer),
        }
    }

    /// The answer where the result is published and not in memory.
    pub(super) async fn look_up_elsewhere(
        &self,
        look_up: &LookUp<'_, impl Given>,
        payer: Payer<'_>,
    ) -> Result<Option<Written>, Refusal> {
        match self.look_ups.find(asked(look_up)).await? {
            Ok(answer) => write(look_up, &answer, payer),
            // The executor finds the words for it.
            Err(_) => Ok(None),
        }
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
        digest.update(self.app.in_force.get().digest());
        let asked = Digest(digest.finalize().into());
        let epoch = self.app.results.epoch();
        Key::answer(self.app.city, &self.schema_digest, epoch, asked)
    }
}

/// What a look-up asks for.
pub(super) fn asked<'a>(look_up: &LookUp<'a, impl Given>) -> Asked<'a> {
    Asked {
        named: Named::Period(look_up.asked.period),
        code: look_up.asked.code,
    }
}

/// What is sent of an answer to a look-up.
pub(super) fn ready(written: Written, media: Media, sent: Sent) -> Ready {
    answer::ready(written.body, None, media, sent.keeping())
}

/// Writes the answer to a known look-up, once it is paid.
pub(super) fn write(
    look_up: &LookUp<'_, impl Given>,
    answer: &Answer,
    payer: Payer<'_>,
) -> Result<Option<Written>, Refusal> {
    let mut body = String::with_capacity(LOOK_UP_BYTES);
    body.push_str(r#"{"data":"#);
    if look_up.write(answer, &mut body).is_none() {
        return Ok(None);
    }
    let Payer {
        actor,
        sent,
        client,
    } = payer;
    client.look_up(look_up.look_ups)?;
    let left = client.pay(actor, look_up.cost)?;
    if let Some(standing) = left.filter(|_| sent == Sent::ByPost) {
        let cost = serde_json::to_string(&answer::cost(standing)).unwrap_or_default();
        body.extend([r#","extensions":{"cost":"#, &cost, "}"]);
    }
    body.push('}');
    Ok(Some(Written {
        status: StatusCode::OK,
        body: body.into(),
    }))
}
