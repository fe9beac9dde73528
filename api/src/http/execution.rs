//! Executing what was asked for, behind the gate and within its time.

use std::sync::Arc;

use async_graphql::{
    PathSegment, Request, Response as Answer, ServerError, parser::types::OperationType,
};

use super::{
    answer::{self, is_request_error},
    endpoint::{GraphqlEndpoint, Prepared, Sent},
    gate::Place,
    limits::{self, Client},
    refusal::Refusal,
};
use crate::{
    domain::actor::Actor,
    error::{Code, Error},
    graphql::error::ApiError,
    telemetry,
};

/// An answer, and what its document costs.
pub(super) struct Charged {
    pub(super) answer: Answer,
    pub(super) cost: u64,
}

impl GraphqlEndpoint {
    /// Executes an operation, behind the gate.
    pub(super) async fn execute(
        &self,
        prepared: Prepared,
        actor: Actor,
        sent: Sent,
        client: &Client,
    ) -> Result<Charged, Refusal> {
        let Prepared {
            mut request,
            operation,
            found,
        } = prepared;
        client.ask(operation).await?;
        let charge = client.charge(&actor, sent == Sent::ByPost);
        if let Some(charge) = &charge {
            request = request.data(Arc::clone(charge));
        }
        let mut request = request.data(actor);
        let place = self.gate.enter().await?;
        if let Some(app) = self.app.newer() {
            request = request.data(app);
        }
        let mut answer = match operation.kind {
            OperationType::Mutation => self.change(request, place).await?,
            _ => self.read(request, place).await?,
        };
        if let Some(wait) = charge.as_ref().and_then(|charge| charge.wait()) {
            return Err(limits::rate_limited(wait));
        }
        let cost = charge
            .as_ref()
            .and_then(|charge| charge.cost())
            .unwrap_or(0);
        if let Some(standing) = charge.and_then(|charge| charge.standing()) {
            let cost = answer::cost(standing);
            answer.extensions.insert("cost".to_owned(), cost);
        }
        if is_request_error(&answer) {
            client.spend_on_refused();
        } else {
            found.document.prove(cost);
            self.documents.keep(&found);
        }
        Ok(Charged { answer, cost })
    }

    /// Executes a query. A client that hangs up stops it, and so does time.
    async fn read(&self, request: Request, place: Place) -> Result<Answer, Refusal> {
        let executing = Box::pin(self.schema.execute(request));
        let executing = self.app.telemetry.traces.within("execute", executing);
        let executed = tokio::time::timeout(self.query_time, executing).await;
        place.note(executed.as_ref().is_ok_and(has_a_database));
        executed.map_err(|_| Refusal::TimedOut)
    }

    /// Executes a mutation, which goes on to its end whoever waits for it: between two effects of a
    /// ceremony is no place to be dropped. Its place is taken until then; whoever has waited long
    /// enough is told that nobody knows yet what becomes of it.
    async fn change(&self, request: Request, place: Place) -> Result<Answer, Refusal> {
        let (schema, bell) = (self.schema.clone(), Arc::clone(&self.app.bell));
        let executing = tokio::spawn(telemetry::carried(async move {
            let answer = schema.execute(request).await;
            bell.ring();
            place.note(has_a_database(&answer));
            answer
        }));
        let Ok(executed) = tokio::time::timeout(self.mutation_time, executing).await else {
            self.gate.unanswered();
            return Err(Refusal::Unknown);
        };
        Ok(executed.unwrap_or_else(|cause| {
            let (code, sentence) = ApiError::from(Error::internal(cause)).shown();
            let mut error = ServerError::new(sentence, None);
            error
                .extensions
                .get_or_insert_default()
                .set("code", code.as_str());
            error.path = vec![PathSegment::Field("mutation".to_owned())];
            Answer::from_errors(vec![error])
        }))
    }
}

/// Whether nothing in an answer says that the database was away.
fn has_a_database(answer: &Answer) -> bool {
    answer.errors.iter().all(|error| {
        let code = error.extensions.as_ref().and_then(|all| all.get("code"));
        code != Some(&async_graphql::Value::from(Code::Unavailable.as_str()))
    })
}
