//! What the demo and a rehearsal have in common: a city in a folder of its own whose every part is
//! played by one process, so that it vouches for nothing.

pub(super) mod contributors;
pub(super) mod folder;
pub(super) mod officers;

use std::time::Instant;

/// Tells how long each stage takes.
pub(super) struct Stages {
    since: Instant,
}

impl Stages {
    pub(super) fn start() -> Self {
        Self {
            since: Instant::now(),
        }
    }

    /// A stage is done; gives the seconds that it took.
    pub(super) fn done(&mut self, what: &str) -> f64 {
        let took = self.since.elapsed().as_secs_f64();
        eprintln!("✓ {what} ({took:.1} s)");
        self.since = Instant::now();
        took
    }
}
