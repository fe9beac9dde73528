//! Where time went: spans, for a collector that the operator names.
//!
//! A span has one of the names and attributes that are written in this program. What a client sends
//! gets into none of them: no variables, no codes, no paths, no addresses; and the trace that a client
//! claims to belong to is not continued, since that would let it decide what is kept.

use std::{fmt, time::Duration};

use opentelemetry::{
    Context, KeyValue, SpanId, TraceId, Value,
    context::FutureExt as _,
    trace::{Span as _, SpanKind, TraceContextExt as _, Tracer as _, TracerProvider as _},
};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{IdGenerator, Sampler, SdkTracer, SdkTracerProvider},
};

use super::sender::Sender;
use crate::ids;

/// Where the OTLP of traces is received, below the collector's address.
const PATH: &str = "/v1/traces";

/// Takes down what takes how long, where there is a collector.
#[derive(Default)]
pub struct Traces(Option<Open>);

struct Open {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Traces {
    /// Spans for a collector at this base URL, of this part of all requests (0 to 1).
    ///
    /// # Errors
    ///
    /// What is wrong with the address.
    pub fn to(collector: &str, part: f64) -> Result<Self, String> {
        if !collector.starts_with("http://") && !collector.starts_with("https://") {
            return Err(format!("expected http:// or https://, found {collector}"));
        }
        let address = format!("{}{PATH}", collector.trim_end_matches('/'));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new())
            .with_endpoint(address)
            .build()
            .map_err(|cause| cause.to_string())?;
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(part)));
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        // Empty: what the environment and the machine are called is nobody's business.
        let resource = Resource::builder_empty()
            .with_service_name("fairplate")
            .with_attribute(version);
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(sampler)
            .with_id_generator(Ids)
            .with_resource(resource.build())
            .build();
        let tracer = provider.tracer("fairplate");
        Ok(Self(Some(Open { provider, tracer })))
    }

    /// Whether anything is followed.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// A span that belongs to no other, around a request or a job.
    pub async fn root<F: Future>(
        &self,
        name: &'static str,
        is_request: bool,
        work: F,
    ) -> F::Output {
        let Some(open) = &self.0 else {
            return work.await;
        };
        let kind = if is_request {
            SpanKind::Server
        } else {
            SpanKind::Internal
        };
        let builder = open.tracer.span_builder(name).with_kind(kind);
        let span = builder.start_with_context(&open.tracer, &Context::new());
        work.with_context(Context::new().with_span(span)).await
    }

    /// A span within the one under way; none where there is none.
    pub async fn within<F: Future>(&self, name: &'static str, work: F) -> F::Output {
        let around = Context::current();
        let Some(open) = self.0.as_ref().filter(|_| around.span().is_recording()) else {
            return work.await;
        };
        let span = open.tracer.start_with_context(name, &around);
        work.with_context(around.with_span(span)).await
    }

    /// A span, within the one under way, for something that has just ended.
    pub(super) fn past(
        &self,
        name: &'static str,
        key: &'static str,
        value: &'static str,
        took: Duration,
    ) {
        let around = Context::current();
        let Some(open) = self.0.as_ref().filter(|_| around.span().is_recording()) else {
            return;
        };
        let end = opentelemetry::time::now();
        let builder = open
            .tracer
            .span_builder(name)
            .with_kind(SpanKind::Client)
            .with_start_time(end - took)
            .with_attributes([KeyValue::new(key, value)]);
        let mut span = builder.start_with_context(&open.tracer, &around);
        span.end_with_timestamp(end);
    }

    /// Sends what has not been sent, and takes nothing down any more. Blocks for some seconds at most.
    pub fn close(&self) {
        if let Some(open) = &self.0
            && let Err(cause) = open.provider.shutdown()
        {
            tracing::warn!("the last spans were not sent: {cause}");
        }
    }
}

impl fmt::Debug for Traces {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Traces")
            .field(&self.0.is_some())
            .finish()
    }
}

/// Takes the span under way along to wherever the work is done.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    work.with_current_context()
}

/// Says something of the span under way. The value is one of ours, and never a client's.
pub fn note(key: &'static str, value: impl Into<Value>) {
    Context::map_current(|context| {
        let span = context.span();
        if span.is_recording() {
            span.set_attribute(KeyValue::new(key, value));
        }
    });
}

/// Identifiers come from where all of them come from.
#[derive(Debug)]
struct Ids;

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        TraceId::from_bytes(ids::random())
    }

    fn new_span_id(&self) -> SpanId {
        SpanId::from_bytes(ids::random())
    }
}
