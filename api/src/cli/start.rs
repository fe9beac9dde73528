//! From the settings to a running city.

mod rehearsal;
mod witnesses;

use std::{path::Path, sync::Arc};

use ::entity::CityId;
use migration::Standing;
use verifier::beacon::Chain;

pub(super) use self::rehearsal::{is_rehearsal, require_real};
use self::witnesses::open_witnesses;
use super::{Global, progress::Tell, signers};
use crate::{
    app::{App, InForce, Observer, Unobserved},
    beacon::{self, Beacon, Carried, Limits, OwnChain, Relays},
    cache::{Cache, Shared},
    clock::{Clock, SystemClock},
    config::{self, BeaconConfig, Config},
    domain::WorkingDays,
    error::{Error, Result},
    layout::Layout,
    policy::{self, Policy},
    service::{personal_keys, rules},
    signer::{ChainKey, KeyError, Passphrase, PersonalKeys, RecordKeys},
    store,
    telemetry::{Telemetry, Traces},
};

/// What a command changes about the city it starts.
pub(super) struct Options {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) observer: Arc<dyn Observer>,
    /// Whether a city that the database does not have yet is set up, under the rules of the settings.
    pub(super) sets_up: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            observer: Arc::new(Unobserved),
            sets_up: false,
        }
    }
}

/// Opens the city of the data folder as the settings say, under the rules that it has adopted.
pub(super) async fn open(global: &Global) -> Result<App> {
    open_with(global, Options::default()).await
}

/// The same, and a new city is set up under the rules of the settings.
pub(super) async fn set_up(global: &Global) -> Result<App> {
    let options = Options {
        sets_up: true,
        ..Options::default()
    };
    open_with(global, options).await
}

/// The same as [`open`], and every effect of a ceremony is told as a line.
pub(super) async fn open_telling(global: &Global) -> Result<App> {
    let options = Options {
        observer: Arc::new(Tell::new()),
        ..Options::default()
    };
    open_with(global, options).await
}

/// Nobody is asked for the passphrase of keys that are not there.
fn require_keys(keys: &Path) -> Result<()> {
    if RecordKeys::exist(keys) {
        return Ok(());
    }
    Err(Error::NotSetUp(format!(
        "{} holds no city's keys; make them with `fairplate key new`, or try `fairplate demo`",
        keys.display()
    )))
}

/// The same, with another clock or an observer.
pub(super) async fn open_with(global: &Global, options: Options) -> Result<App> {
    let layout = global.layout();
    let config = Config::load(&layout)?;
    let offered = Arc::new(load_policy(&layout, &config.policy)?);
    let working_days = load_working_days(&layout, config.calendar.as_deref())?;
    let keys = layout.keys();
    require_keys(&keys)?;
    let passphrase = passphrase(global, &config)?;
    let signers = signers::open(&layout, &config, &passphrase)?;
    let data_key = PersonalKeys::open(&keys, &passphrase).map_err(key_error)?;
    let (beacon, chain) = open_beacon(&layout, &config, &passphrase, &options.clock)?;
    let (witnesses, trust) = open_witnesses(
        &layout,
        &config,
        &passphrase,
        signers.log.key(),
        &options.clock,
    )?;
    let shared = shared(
        &layout,
        config.redis_url_file.as_deref(),
        "cache",
        &data_key,
    )?;
    let telemetry = Arc::new(Telemetry::tracing_to(open_traces(&config)?));
    let mut db = store::connect(&database_url(global, &config)?).await?;
    store::watch(&mut db, &telemetry);
    let app = App {
        db,
        city: CityId(i32::try_from(offered.city.id).map_err(Error::internal)?),
        origin: origin(&config, &offered).into(),
        in_force: Arc::new(InForce::new(Arc::clone(&offered))),
        policy: offered,
        working_days: Arc::new(working_days),
        data_key: Arc::new(data_key),
        signers: Some(Arc::new(signers)),
        witnesses: witnesses.into(),
        trust: Arc::new(trust),
        beacon,
        chain: Arc::new(chain),
        results: Arc::default(),
        tier: config.results.tier,
        cache: Arc::new(Cache::new(shared)),
        transports: Arc::new(super::transports::open(&layout, &config, &options.clock)?),
        clock: options.clock,
        layout,
        bell: Arc::default(),
        standing: Arc::default(),
        telemetry,
        approval_time: config.ceremony.approval_time(),
        staff: Arc::new(config.staff),
        observer: options.observer,
    };
    begin(app, options.sets_up).await
}

/// The city of a current database, under the rules that it has adopted.
async fn begin(app: App, sets_up: bool) -> Result<App> {
    require_current(&app.db).await?;
    if sets_up {
        rules::set_up(&app).await?;
    }
    let app = rules::open(app).await?;
    personal_keys::learn(&app).await?;
    Ok(app)
}

/// The Redis whose address a file holds, with a MAC key for this use.
pub(super) fn shared(
    layout: &Layout,
    file: Option<&Path>,
    purpose: &str,
    data_key: &PersonalKeys,
) -> Result<Option<Shared>> {
    let Some(file) = file else { return Ok(None) };
    let url = Config::secret(layout, file)?;
    let shared = Shared::new(&url, data_key.blind_index(purpose, "mac"));
    let refused = |_| {
        Error::NotSetUp(format!(
            "the first line of {} is not the address of a Redis",
            file.display()
        ))
    };
    shared.map(Some).map_err(refused)
}

/// Where spans go, if anywhere.
fn open_traces(config: &Config) -> Result<Traces> {
    let Some(traces) = &config.traces else {
        return Ok(Traces::default());
    };
    Traces::to(&traces.collector, traces.sampled).map_err(|cause| {
        Error::NotSetUp(format!("the collector of [traces] cannot be used: {cause}"))
    })
}

/// The database, where there is one already.
pub(super) async fn find_database(
    global: &Global,
    config: &Config,
) -> Result<Option<store::Database>> {
    let url = database_url(global, config)?;
    if url.starts_with("sqlite:") && !global.layout().database().exists() {
        return Ok(None);
    }
    let db = store::connect(&url).await?;
    require_current(&db).await?;
    Ok(Some(db))
}

/// A database of another version is refused, with what to do.
async fn require_current(db: &store::Database) -> Result<()> {
    let why = match Standing::of(db).await? {
        Standing::Current => return Ok(()),
        Standing::Older(_) => {
            "the database is of an older version; back it up and run `fairplate migrate`".to_owned()
        }
        Standing::Newer(step) => of_a_newer_version(&step),
    };
    Err(Error::NotSetUp(why))
}

/// What is said of a database that a newer program has changed.
pub(super) fn of_a_newer_version(step: &str) -> String {
    format!(
        "a newer version of fairplate has taken the step {step} in this database, which this one does not know; start the newer one"
    )
}

/// Where the database is. A rehearsal's is in its folder, whatever the environment says of the city's.
pub(super) fn database_url(global: &Global, config: &Config) -> Result<String> {
    if is_rehearsal(&global.layout()) {
        return Ok(format!("sqlite://{}", global.layout().database().display()));
    }
    if let Some(url) = config::from_environment("FAIRPLATE_DATABASE_URL") {
        return Ok(url);
    }
    let layout = global.layout();
    match &config.database_url_file {
        Some(file) => Config::secret(&layout, file),
        None => Ok(format!("sqlite://{}", layout.database().display())),
    }
}

/// The origin of the settings, or one that follows from the city's name.
pub(super) fn origin(config: &Config, policy: &Policy) -> String {
    config
        .origin
        .clone()
        .unwrap_or_else(|| format!("{}.example/draws", policy.city.key))
}

/// A built-in policy, or a file's.
pub(super) fn load_policy(layout: &Layout, name: &str) -> Result<Policy> {
    let faults = |faults: Vec<policy::Fault>| {
        let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
        Error::NotSetUp(format!("the policy is refused:\n{}", lines.join("\n")))
    };
    if let Some(builtin) = policy::find_builtin(name) {
        return builtin.policy().map_err(faults);
    }
    if Path::new(name)
        .extension()
        .is_none_or(|extension| extension != "toml")
    {
        let keys: Vec<_> = policy::builtin()
            .iter()
            .map(|builtin| builtin.key)
            .collect();
        return Err(Error::NotSetUp(format!(
            "there is no policy {name}; choose {} or the path of a .toml file",
            keys.join(", ")
        )));
    }
    let path = layout.root().join(name);
    let text = std::fs::read_to_string(&path)
        .map_err(|cause| Error::NotSetUp(format!("{} cannot be read: {cause}", path.display())))?;
    Policy::parse(&path.display().to_string(), &text).map_err(faults)
}

/// The years of working days that come with the house, and those of a file.
pub(super) fn load_working_days(layout: &Layout, file: Option<&Path>) -> Result<WorkingDays> {
    let faults = |faults: Vec<policy::Fault>| {
        let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
        Error::NotSetUp(format!(
            "the calendar of working days is refused:\n{}",
            lines.join("\n")
        ))
    };
    let mut working_days = policy::working_days().map_err(faults)?;
    if let Some(file) = file {
        let path = layout.root().join(file);
        let text = std::fs::read_to_string(&path).map_err(|cause| {
            Error::NotSetUp(format!("{} cannot be read: {cause}", path.display()))
        })?;
        let name = path.display().to_string();
        working_days.add_all(policy::parse_working_days(&name, &text).map_err(faults)?);
    }
    Ok(working_days)
}

/// The passphrase: from the flag's file, the environment, the settings' file, or the prompt.
pub(super) fn passphrase(global: &Global, config: &Config) -> Result<Passphrase> {
    let layout = global.layout();
    let from_settings = config
        .passphrase_file
        .as_ref()
        .map(|file| layout.root().join(file));
    let from_environment = config::from_environment("FAIRPLATE_PASSPHRASE");
    let (from_flag, from_environment) = if is_rehearsal(&layout) {
        // What opens the city's keys is not tried on a rehearsal's.
        (None, None)
    } else {
        (global.passphrase_file.as_ref(), from_environment)
    };
    let given = match (from_flag, from_environment, from_settings) {
        (Some(file), _, _) => Passphrase::from_file(file),
        (None, Some(text), _) => Passphrase::new(text),
        (None, None, Some(file)) => Passphrase::from_file(&file),
        (None, None, None) => {
            let typed = rpassword::prompt_password("Passphrase of the keys: ").map_err(|_| {
                Error::NotSetUp(
                    "the keys need a passphrase, and there is no terminal to ask at; give --passphrase-file or FAIRPLATE_PASSPHRASE".to_owned(),
                )
            })?;
            Passphrase::new(typed)
        }
    };
    given.map_err(key_error)
}

/// The same call in another folder, such as that of a witness, and what opens the keys there.
pub(super) fn at(global: &Global, folder: &Path) -> Result<(Global, Passphrase)> {
    let mut at_home = global.clone();
    folder.clone_into(&mut at_home.data);
    let passphrase = passphrase(&at_home, &Config::load(&at_home.layout())?)?;
    Ok((at_home, passphrase))
}

fn open_beacon(
    layout: &Layout,
    config: &Config,
    passphrase: &Passphrase,
    clock: &Arc<dyn Clock>,
) -> Result<(Arc<dyn Beacon>, Chain)> {
    let chain_of = |file: &Option<std::path::PathBuf>| match file {
        None => Ok(beacon::quicknet()),
        Some(file) => read_chain(&layout.root().join(file)),
    };
    Ok(match &config.beacon {
        BeaconConfig::Relays { urls, chain } => (
            Arc::new(Relays::new(
                urls.clone(),
                Limits::default(),
                Arc::clone(clock),
            )),
            chain_of(chain)?,
        ),
        BeaconConfig::Carried { file, chain } => (
            Arc::new(Carried::new(layout.root().join(file), Arc::clone(clock))),
            chain_of(chain)?,
        ),
        BeaconConfig::Own { chain } => {
            let key = ChainKey::open(&layout.keys(), passphrase).map_err(key_error)?;
            let own = OwnChain::new(Arc::new(key), Arc::clone(clock));
            (Arc::new(own), read_chain(&layout.root().join(chain))?)
        }
    })
}

/// A `chain.json`.
pub(super) fn read_chain(path: &Path) -> Result<Chain> {
    let bytes = std::fs::read(path)
        .map_err(|cause| Error::NotSetUp(format!("{} cannot be read: {cause}", path.display())))?;
    Chain::parse(&bytes).map_err(|cause| Error::NotSetUp(format!("{}: {cause}", path.display())))
}

/// A key that cannot be used is for the operator to mend.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it stands where `map_err` gives the error away"
)]
pub(super) fn key_error(cause: KeyError) -> Error {
    Error::NotSetUp(cause.to_string())
}
