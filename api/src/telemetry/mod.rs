//! What a process tells of itself: logs, numbers and spans.
//!
//! None of them names a person, a code, an address or a token. Numbers are told by labels whose values
//! are all known when the program is built; spans carry only what is named here.

/// Lines for people and collectors.
mod logs;
/// What is counted.
mod metrics;
/// The page of numbers.
mod page;
/// Where time went.
mod traces;
/// How spans are sent.
mod sender;

use std::time::Duration;

pub use logs::{LogFormat, start};
pub use metrics::{
    By, CacheReads, Durations, Label, Metrics, Outcome, Route, StatementOutcome, StatusClass, Tier,
};
pub use page::{CONTENT_TYPE, Facts, Job, Outbox, Pool, write};
pub use traces::{Traces, carried, note};

/// What a node counts, and where its spans go.
#[derive(Debug, Default)]
pub struct Telemetry {
    /// What is counted.
    pub metrics: Metrics,
    /// Where time went; nothing is kept of it where no collector is named.
    pub traces: Traces,
}

impl Telemetry {
    /// Counts, and sends spans.
    #[must_use]
    pub fn tracing_to(traces: Traces) -> Self {
        Self {
            metrics: Metrics::default(),
            traces,
        }
    }

    /// Takes down a statement that has run: what it does (`SELECT`), and never what it says.
    pub fn statement(&self, sql: &str, took: Duration, failed: bool) {
        let outcome = if failed {
            StatementOutcome::Failed
        } else {
            StatementOutcome::Done
        };
        self.metrics.statements.get(outcome).inc();
        self.metrics.statement_time.observe(took);
        self.traces
            .past("database", "db.operation.name", verb(sql), took);
    }
}

/// The first word of a statement, where it is one of those that there are.
fn verb(sql: &str) -> &'static str {
    let first = sql.split_whitespace().next().unwrap_or_default();
    let verbs = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];
    let known = verbs
        .into_iter()
        .find(|verb| verb.eq_ignore_ascii_case(first));
    known.unwrap_or("OTHER")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_told_by_its_verb_alone() {
        assert_eq!(verb("SELECT * FROM \"applicant\""), "SELECT");
        assert_eq!(verb("  update \"draw\" SET"), "UPDATE");
        assert_eq!(verb("张三"), "OTHER");
        assert_eq!(verb(""), "OTHER");
    }
}
