//! A round carried in by hand, where the city's machine has no way to the network.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::task::spawn_blocking;

use super::{Attempt, Beacon, BeaconError, Fault, Fetch, check_due, round};
use crate::clock::Clock;

/// The largest file read, in bytes; a round has some 300.
const LIMIT_BYTES: u64 = 64 * 1024;

/// Reads a file that holds what a relay would have answered.
pub struct Carried {
    path: PathBuf,
    clock: Arc<dyn Clock>,
}

impl Carried {
    /// The round in this file.
    #[must_use]
    pub fn new(path: PathBuf, clock: Arc<dyn Clock>) -> Self {
        Self { path, clock }
    }
}

impl Beacon for Carried {
    fn fetch<'a>(&'a self, chain: &'a verifier::beacon::Chain, round: u64) -> Fetch<'a> {
        Box::pin(async move {
            check_due(chain, round, self.clock.as_ref())?;
            let path = self.path.clone();
            let bytes = spawn_blocking(move || read(&path))
                .await
                .unwrap_or_else(|error| Err(io::Error::other(error)))
                .map_err(|error| Fault::Unreadable {
                    cause: error.to_string(),
                });
            bytes
                .and_then(|bytes| round::read(&bytes, chain, round))
                .map_err(|fault| BeaconError::Failed {
                    round,
                    attempts: vec![Attempt {
                        source: self.path.display().to_string(),
                        fault,
                    }],
                })
        })
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(LIMIT_BYTES)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
