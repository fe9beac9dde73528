//! The operator's settings: `fairplate.toml` in the data folder, over defaults that need none.
//!
//! Secrets are never in it: it names the files that hold them. Paths are relative to the data
//! folder. A key that is not known is refused with its line.

mod ceremony;
mod http;
mod keys;
mod messages;
mod results;
mod staff;
mod traces;

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{
    error::{Error, Result},
    layout::Layout,
};

pub use ceremony::CeremonyConfig;
pub use http::{ClientAddress, HttpConfig, Limits, Rate};
pub use keys::{KeyPlace, KeysConfig, TokenConfig};
pub use messages::{EmailConfig, MailSecurity, SignedConfig, SmsConfig};
pub use results::{ResultsConfig, Tier};
pub use staff::{PasskeyPlace, StaffConfig};
pub use traces::TracesConfig;

/// The settings of one city.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// A built-in policy's key, or the path of a policy file.
    #[serde(default = "default_policy")]
    pub policy: String,
    /// Origin of the city's log, for example `hangzhou.example/draws`. It never changes.
    pub origin: Option<String>,
    /// A file with years of the calendar of working days, beside and in place of those that come
    /// with the house.
    pub calendar: Option<PathBuf>,
    /// File whose first line is the URL of a PostgreSQL database; the embedded one otherwise.
    pub database_url_file: Option<PathBuf>,
    /// File whose first line is the URL of a Redis; the process's own memory otherwise.
    pub redis_url_file: Option<PathBuf>,
    /// File whose first line is the URL of a Redis, or of a database of it, in which nodes count
    /// together who tries to enter; each node's own memory otherwise.
    pub limits_redis_url_file: Option<PathBuf>,
    /// File whose first line is the passphrase of the keys folder.
    pub passphrase_file: Option<PathBuf>,
    /// Where the keys that sign are.
    #[serde(default)]
    pub keys: KeysConfig,
    /// Where beacon rounds come from.
    #[serde(default)]
    pub beacon: BeaconConfig,
    /// Who cosigns the log. None means that nobody vouches for the time of a record.
    #[serde(default)]
    pub witness: Vec<WitnessConfig>,
    /// How many of the witnesses make the quorum; all of them where it is not said.
    pub quorum: Option<usize>,
    /// How the city's officers work together.
    #[serde(default)]
    pub ceremony: CeremonyConfig,
    /// How the people of the city sign in.
    #[serde(default)]
    pub staff: StaffConfig,
    /// Who does what the city does by itself.
    #[serde(default)]
    pub worker: WorkerConfig,
    /// How the server is reached, and how much of it one client may have.
    #[serde(default)]
    pub http: HttpConfig,
    /// How many may follow subscriptions.
    #[serde(default)]
    pub live: LiveConfig,
    /// Where published results are answered from.
    #[serde(default)]
    pub results: ResultsConfig,
    /// Where spans go; nowhere without it.
    pub traces: Option<TracesConfig>,
    /// Who sends short messages; without it they lie in the spool.
    pub sms: Option<SmsConfig>,
    /// Who sends mail; without it mail lies in the spool.
    pub email: Option<EmailConfig>,
    /// Which system of the city is told of events; none without it.
    pub webhook: Option<SignedConfig>,
}

/// Who does what the city does by itself.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerConfig {
    /// Whether `fairplate serve` does it beside serving; where not, run `fairplate work`.
    pub with_serve: bool,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self { with_serve: true }
    }
}

/// How many connections that stay open a node takes for subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LiveConfig {
    /// All together.
    pub connections: usize,
    /// From one address. Many people of a mobile network share one.
    pub connections_per_address: usize,
}

impl Default for LiveConfig {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_per_address: 500,
        }
    }
}

/// Where beacon rounds come from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, tag = "source", rename_all = "kebab-case")]
pub enum BeaconConfig {
    /// drand's relays, asked all at once, for its chain quicknet or the chain of a file.
    Relays {
        /// Base URLs.
        urls: Vec<String>,
        /// A `chain.json`; quicknet where none is named.
        chain: Option<PathBuf>,
    },
    /// A round that somebody carries in as a file.
    Carried {
        /// The JSON of the round, as a relay gives it.
        file: PathBuf,
        /// A `chain.json`; quicknet where none is named.
        chain: Option<PathBuf>,
    },
    /// A chain of the city's own, whose key lies in the keys folder.
    Own {
        /// Its `chain.json`.
        chain: PathBuf,
    },
}

/// One witness.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessConfig {
    /// Its name in the trust policy.
    pub name: String,
    /// Base URL of its add-checkpoint interface.
    pub url: Option<String>,
    /// Its public key, as a vkey.
    pub vkey: Option<String>,
    /// Folder of a witness inside this process, for trying out: it vouches for nothing.
    pub local: Option<PathBuf>,
}

impl Default for BeaconConfig {
    /// The public relays of drand's own documentation (<https://docs.drand.love>, read 2026-11-21).
    fn default() -> Self {
        let urls = ["https://api.drand.sh", "https://drand.cloudflare.com"];
        Self::Relays {
            urls: urls.map(str::to_owned).to_vec(),
            chain: None,
        }
    }
}

fn default_policy() -> String {
    "hangzhou-2018".to_owned()
}

/// A secret that the environment holds, if it does. The command line never takes one: other users
/// of a machine can read it there.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment's secrets"
)]
pub fn from_environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Config {
    /// Reads the settings of a data folder, or takes the defaults where it has none.
    pub fn load(layout: &Layout) -> Result<Self> {
        let path = layout.config();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(cause) => {
                return Err(Error::NotSetUp(format!(
                    "{} cannot be read: {cause}",
                    path.display()
                )));
            }
        };
        toml::from_str(&text).map_err(|fault| {
            let line = fault
                .span()
                .map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            Error::NotSetUp(format!("{}:{line}: {}", path.display(), fault.message()))
        })
    }

    /// The first line of a file that holds a secret, named relative to the data folder.
    pub fn secret(layout: &Layout, file: &Path) -> Result<String> {
        let path = layout.root().join(file);
        let text = std::fs::read_to_string(&path).map_err(|cause| {
            Error::NotSetUp(format!("{} cannot be read: {cause}", path.display()))
        })?;
        match text.lines().next() {
            Some(line) if !line.is_empty() => Ok(line.to_owned()),
            _ => Err(Error::NotSetUp(format!(
                "the first line of {} is empty",
                path.display()
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config> {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        std::fs::write(layout.config(), text).unwrap();
        Config::load(&layout)
    }

    #[test]
    fn a_folder_without_settings_is_an_embedded_city() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::load(&Layout::new(folder.path())).unwrap();
        assert_eq!(config.policy, "hangzhou-2018");
        assert!(config.database_url_file.is_none() && config.witness.is_empty());
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = load("policy = \"beijing-2016\"\nlisten_on = 80\n").unwrap_err();
        assert!(error.to_string().contains("fairplate.toml:2"), "{error}");
        assert!(error.to_string().contains("listen_on"), "{error}");
    }

    #[test]
    fn what_is_not_said_of_connections_stays_as_it_is() {
        let config = load("[live]\nconnections = 20000\n").unwrap();
        assert_eq!(config.live.connections, 20_000);
        let said = LiveConfig::default().connections_per_address;
        assert_eq!(config.live.connections_per_address, said);
    }

    #[test]
    fn a_proposal_waits_an_hour_unless_said_otherwise_and_neither_moments_nor_days() {
        let minutes = |text: &str| load(text).map(|config| config.ceremony.approval_minutes);
        assert_eq!(minutes("").unwrap(), 60);
        assert_eq!(minutes("[ceremony]\napproval_minutes = 15\n").unwrap(), 15);
        for wrong in [0, 4, 1_441] {
            let refused = minutes(&format!("[ceremony]\napproval_minutes = {wrong}\n"));
            let sentence = refused.unwrap_err().to_string();
            assert!(sentence.contains("expected 5 to 1440"), "{sentence}");
        }
    }

    #[test]
    fn keys_are_in_files_unless_a_token_is_named() {
        let config = load("").unwrap();
        assert_eq!((config.keys.record, config.keys.log), Default::default());
        assert!(config.keys.token.is_none());
        let said =
            "[keys]\nrecord = \"token\"\n\n[keys.token]\nmodule = \"/m.so\"\nlabel = \"city\"\n";
        let keys = load(said).unwrap().keys;
        assert_eq!((keys.record, keys.log), (KeyPlace::Token, KeyPlace::File));
        assert!(load(&format!("{said}pin = \"1234\"\n")).is_err());
        assert!(load("[keys]\nlog = \"safe\"\n").is_err());
    }

    #[test]
    fn results_are_answered_from_memory_and_redis_unless_said_otherwise() {
        assert_eq!(load("").unwrap().results.tier, Tier::LocalRedis);
        let only = load("[results]\ntier = \"redis\"\n").unwrap().results.tier;
        assert!(only.asks_redis() && !only.keeps_index());
        assert!(load("[results]\ntier = \"paper\"\n").is_err());
    }

    #[test]
    fn a_beacon_source_is_named() {
        let config = load("[beacon]\nsource = \"carried\"\nfile = \"round.json\"\n").unwrap();
        assert!(matches!(
            config.beacon,
            BeaconConfig::Carried { chain: None, .. }
        ));
        assert!(load("[beacon]\nsource = \"dice\"\n").is_err());
    }

    #[test]
    fn what_one_client_may_have_is_set_bucket_by_bucket() {
        let config = load(
            "[http]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1/128\"]\nclient_address = \"forwarded\"\n\
             [http.limits]\nlook_ups = { burst = 5, per_second = 1 }\n",
        )
        .unwrap()
        .http;
        assert_eq!(config.trusted_proxies.len(), 2);
        assert_eq!(config.client_address, ClientAddress::Forwarded);
        assert_eq!(config.limits.look_ups.burst, 5);
        assert_eq!(config.limits.address, Limits::default().address);
        assert!(load("[http]\ntrusted_proxies = [\"everybody\"]\n").is_err());
        assert!(load("[http.limits]\nlook_ups = { burst = 5 }\n").is_err());
    }

    #[test]
    fn nothing_is_counted_or_traced_anywhere_unless_it_is_said_where() {
        let silent = load("").unwrap();
        assert!(silent.http.metrics.is_none() && silent.traces.is_none());
        let said = "[http]\nmetrics = \"127.0.0.1:9464\"\n\n[traces]\ncollector = \"http://127.0.0.1:4318\"\n";
        let config = load(said).unwrap();
        assert_eq!(config.http.metrics, Some("127.0.0.1:9464".parse().unwrap()));
        assert!((config.traces.unwrap().sampled - 0.01).abs() < 1e-9);
        assert!(load("[http]\nmetrics = \"somewhere\"\n").is_err());
        assert!(load("[traces]\nsampled = 1\n").is_err());
    }
}
