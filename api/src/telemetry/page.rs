//! The page of numbers, in the text that Prometheus reads (`OpenMetrics` 1.0).

use std::{fmt, sync::Arc};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeGaugeValue, MetricEncoder, NoLabelSet, text},
    metrics::{MetricType, counter::Counter},
    registry::{Registry, Unit},
};

use super::{
    Telemetry,
    metrics::{By, CacheReads, Durations, Label, Tier},
};

/// What the page is written in.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is not counted but looked at when somebody asks. A fact that the database did not give in time
/// is not there.
#[derive(Debug, Default)]
pub struct Facts {
    /// Whether the node can answer look-ups.
    pub is_ready: bool,
    /// The newest publication that the node answers for; 0 before the first.
    pub epoch: i64,
    /// The newest publication that the node knows of.
    pub published_epoch: i64,
    /// Bytes of result indexes in memory.
    pub index_bytes: usize,
    /// Whether the database answers.
    pub has_database: bool,
    /// Connections to the database.
    pub pool: Pool,
    /// The city's own jobs that have ever come to their end.
    pub jobs: Vec<Job>,
    /// Letters that have not been handed over.
    pub outbox: Option<Outbox>,
    /// What the cache counts.
    pub cache: Arc<CacheReads>,
}

/// Connections to the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// Connections at work.
    pub busy: u64,
    /// Connections that wait for work.
    pub idle: u64,
    /// How many there may be; whoever finds all of them busy waits.
    pub most: u64,
}

/// One of the city's own jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// When it came to its end last, on whichever node, Unix seconds.
    pub succeeded_at: i64,
}

/// Letters that have not been handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outbox {
    /// Letters that wait.
    pub waiting: u64,
    /// Letters that were given up.
    pub dead: u64,
}

/// Writes the page.
///
/// # Errors
///
/// Never for a text in memory; the library has no other way to say so.
pub fn write(telemetry: Arc<Telemetry>, facts: Facts) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("fairplate");
    registry.register_collector(Box::new(Page { telemetry, facts }));
    let mut page = String::with_capacity(8 * 1024);
    text::encode(&mut page, &registry)?;
    Ok(page)
}

#[derive(Debug)]
struct Page {
    telemetry: Arc<Telemetry>,
    facts: Facts,
}

impl Collector for Page {
    fn encode(&self, mut out: DescriptorEncoder<'_>) -> fmt::Result {
        self.requests(&mut out)?;
        self.look_ups(&mut out)?;
        self.results(&mut out)?;
        self.database(&mut out)?;
        self.worker(&mut out)
    }
}

impl Page {
    fn requests(&self, out: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let metrics = &self.telemetry.metrics;
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        let about = "The program that runs here.";
        out.encode_descriptor("build", about, None, MetricType::Info)?
            .encode_info(&version)?;
        let about = "Requests answered, by what they asked for and the class of the status.";
        let mut family = out.encode_descriptor("requests", about, None, MetricType::Counter)?;
        for (route, classes) in metrics.requests.iter() {
            for (class, counter) in classes.iter() {
                let labels = [("route", route.value()), (labelled(class), class.value())];
                counted(&mut family.encode_family(&labels)?, counter)?;
            }
        }
        let about = "From the head of a request to the head of its answer.";
        let seconds = Some(&Unit::Seconds);
        let mut family =
            out.encode_descriptor("request_duration", about, seconds, MetricType::Histogram)?;
        for (route, durations) in metrics.request_time.iter() {
            let labels = [("route", route.value())];
            observed(&mut family.encode_family(&labels)?, durations)?;
        }
        let about = "Requests whose answer is not there yet.";
        gauge(out, "requests_in_flight", about, &metrics.in_flight.get())?;
        let about = "Requests refused because their client has used up what it may have.";
        counter(out, "requests_rate_limited", about, &metrics.rate_limited)?;
        let about = "Requests given up or refused because the node has no room for them.";
        counter(out, "requests_shed", about, &metrics.shed)?;
        let about = "Connections that follow something.";
        gauge(out, "followers", about, &metrics.followers.get())
    }

    fn look_ups(&self, out: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let (found, cache) = (&self.telemetry.metrics.look_ups, &self.facts.cache);
        let of = |tier| match tier {
            Tier::Local => found.get(tier).get() + cache.memory.get(),
            Tier::Redis | Tier::Database => found.get(tier).get(),
        };
        let about = "Look-ups of a result answered, by where the answer was found.";
        let mut family = out.encode_descriptor("look_ups", about, None, MetricType::Counter)?;
        for tier in Tier::ALL {
            let labels = [(Tier::NAME, tier.value())];
            let mut place = family.encode_family(&labels)?;
            place.encode_counter::<NoLabelSet, u64, u64>(&of(*tier), None)?;
        }
        let about = "What came of asking the Redis that nodes share.";
        counters(out, "cache_reads", about, &cache.shared)
    }

    fn results(&self, out: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let facts = &self.facts;
        let about = "Whether the node can answer look-ups.";
        gauge(out, "ready", about, &u32::from(facts.is_ready))?;
        let about = "The newest publication that the node answers for.";
        gauge(out, "epoch_loaded", about, &facts.epoch)?;
        let about = "The newest publication that the node knows of.";
        gauge(out, "epoch_published", about, &facts.published_epoch)?;
        let about = "Result indexes in memory.";
        let bytes = Some(&Unit::Bytes);
        out.encode_descriptor("index", about, bytes, MetricType::Gauge)?
            .encode_gauge(&facts.index_bytes)
    }

    fn database(&self, out: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let (facts, metrics) = (&self.facts, &self.telemetry.metrics);
        let about = "Whether the database answers.";
        gauge(out, "database_up", about, &u32::from(facts.has_database))?;
        let about = "Connections to the database.";
        let mut family =
            out.encode_descriptor("database_connections", about, None, MetricType::Gauge)?;
        for (state, count) in [("busy", facts.pool.busy), ("idle", facts.pool.idle)] {
            let labels = [("state", state)];
            family.encode_family(&labels)?.encode_gauge(&count)?;
        }
        let about = "Connections to the database that there may be.";
        gauge(out, "database_connections_limit", about, &facts.pool.most)?;
        let about = "Statements that ran, by what came of them.";
        counters(out, "database_statements", about, &metrics.statements)?;
        let about = "How long a statement took, once it had a connection.";
        let (name, seconds) = ("database_statement_duration", Some(&Unit::Seconds));
        let mut place = out.encode_descriptor(name, about, seconds, MetricType::Histogram)?;
        observed(&mut place, &metrics.statement_time)
    }

    fn worker(&self, out: &mut DescriptorEncoder<'_>) -> fmt::Result {
        if !self.facts.jobs.is_empty() {
            let about = "When one of the city's own jobs came to its end last, on any node.";
            let (name, seconds) = ("job_last_success_timestamp", Some(&Unit::Seconds));
            let mut family = out.encode_descriptor(name, about, seconds, MetricType::Gauge)?;
            for job in &self.facts.jobs {
                let labels = [("name", job.name.as_str())];
                family
                    .encode_family(&labels)?
                    .encode_gauge(&job.succeeded_at)?;
            }
        }
        if let Some(outbox) = self.facts.outbox {
            let about = "Letters that have not been handed over.";
            let mut family =
                out.encode_descriptor("outbox_letters", about, None, MetricType::Gauge)?;
            for (state, count) in [("waiting", outbox.waiting), ("dead", outbox.dead)] {
                let labels = [("state", state)];
                family.encode_family(&labels)?.encode_gauge(&count)?;
            }
        }
        Ok(())
    }
}

/// The name of the label that a value belongs to.
fn labelled<L: Label>(_: L) -> &'static str {
    L::NAME
}

fn gauge(
    out: &mut DescriptorEncoder<'_>,
    name: &str,
    about: &str,
    value: &impl EncodeGaugeValue,
) -> fmt::Result {
    out.encode_descriptor(name, about, None, MetricType::Gauge)?
        .encode_gauge(value)
}

fn counter(
    out: &mut DescriptorEncoder<'_>,
    name: &str,
    about: &str,
    counter: &Counter,
) -> fmt::Result {
    counted(
        &mut out.encode_descriptor(name, about, None, MetricType::Counter)?,
        counter,
    )
}

fn counters<L: Label>(
    out: &mut DescriptorEncoder<'_>,
    name: &str,
    about: &str,
    each: &By<L, Counter>,
) -> fmt::Result {
    let mut family = out.encode_descriptor(name, about, None, MetricType::Counter)?;
    for (label, counter) in each.iter() {
        let labels = [(L::NAME, label.value())];
        counted(&mut family.encode_family(&labels)?, counter)?;
    }
    Ok(())
}

fn counted(place: &mut MetricEncoder<'_>, counter: &Counter) -> fmt::Result {
    place.encode_counter::<NoLabelSet, u64, u64>(&counter.get(), None)
}

fn observed(place: &mut MetricEncoder<'_>, durations: &Durations) -> fmt::Result {
    let buckets = durations.buckets();
    let count = buckets.iter().map(|(_, count)| count).sum();
    place.encode_histogram::<NoLabelSet>(durations.sum(), count, &buckets, None)
}
