//! Where spans go.

use serde::Deserialize;

/// Where spans go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TracesConfig {
    /// Base URL of a collector that takes OTLP over HTTP, for example `http://127.0.0.1:4318`.
    pub collector: String,
    /// The part of all requests that is traced, 0 to 1.
    #[serde(default = "one_in_a_hundred")]
    pub sampled: f64,
}

fn one_in_a_hundred() -> f64 {
    0.01
}
