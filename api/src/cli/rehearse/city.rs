//! The city that is rehearsed, as far as it is looked at: settings, rules, published files, and a
//! connection that cannot write.

use std::path::Path;

use ::entity::CityId;
use verifier::{Trust, beacon::Chain};

use super::published_trust;
use crate::{
    beacon,
    cli::{Global, start},
    config::{BeaconConfig, Config},
    error::{Error, Result},
    layout::Layout,
    service::rehearsal::{Reading, separation::Side},
    signer::LogSigner,
};

/// A city to be rehearsed.
pub(super) struct City {
    pub(super) layout: Layout,
    pub(super) config: Config,
    pub(super) id: CityId,
    pub(super) db: Reading,
}

impl City {
    /// Opens it for reading. No passphrase is asked for.
    pub(super) async fn open(global: &Global) -> Result<Self> {
        start::require_real(global, "name the city's own with --data")?;
        let layout = global.layout();
        let config = Config::load(&layout)?;
        let policy = start::load_policy(&layout, &config.policy)?;
        let db = Reading::open(&start::database_url(global, &config)?).await?;
        Ok(Self {
            layout,
            config,
            id: CityId(i32::try_from(policy.city.id).map_err(Error::internal)?),
            db,
        })
    }

    /// What the public sees of it.
    pub(super) fn side(&self, origin: &str) -> Result<Side> {
        Ok(Side {
            layout: self.layout.clone(),
            origin: origin.to_owned(),
            trust: self.trust()?,
            chain: self.chain()?,
        })
    }

    /// What the public pins, or will pin once something is published; none of a city without keys.
    fn trust(&self) -> Result<Option<Trust>> {
        if self.layout.public().join("trust.policy").exists() {
            return published_trust(&self.layout).map(Some);
        }
        let keys = self.layout.keys();
        let log = LogSigner::public_half(&keys).map_err(start::key_error)?;
        let read = |path: &Path| std::fs::read(path).ok();
        let (Some(log), Some(records)) = (read(&log), read(&keys.join("record.vkey"))) else {
            return Ok(None);
        };
        let policy = format!("log {}quorum none\n", String::from_utf8_lossy(&log));
        let trust = Trust::parse(policy.as_bytes(), &records);
        trust
            .map(Some)
            .map_err(|cause| Error::NotSetUp(format!("the city's public keys: {cause}")))
    }

    fn chain(&self) -> Result<Chain> {
        let file = match &self.config.beacon {
            BeaconConfig::Relays { chain, .. } | BeaconConfig::Carried { chain, .. } => {
                chain.as_ref()
            }
            BeaconConfig::Own { chain } => Some(chain),
        };
        match file {
            Some(file) => start::read_chain(&self.layout.root().join(file)),
            None => Ok(beacon::quicknet()),
        }
    }
}
