//! A city of its own for one test.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use entity::CityId;
use fairplate::{
    App,
    app::{InForce, Observer, Signers, Unobserved},
    beacon::{Beacon, OwnChain},
    cache::{Cache, Shared},
    clock::{Clock, StoppedClock},
    config::{CeremonyConfig, Tier},
    layout::Layout,
    notify::Transports,
    policy,
    service::rules,
    signer::{Access, Cosigner, LogSigner, PersonalKeys, RecordKeys},
    witness::{LocalWitness, Witness},
};
use tempfile::TempDir;
use tokio::{runtime::Builder, sync::OnceCell};
use verifier::{beacon::Chain, text::Time, trust::TrustPolicy};

use crate::{
    database::{Kind, TestDatabase},
    keys, neighbour,
    publication::{Seen, files_under},
    server::Server,
    settings, staff, token,
};

/// A city with a database, a folder and a clock of its own.
pub struct TestCity {
    /// The city as the server knows it.
    pub app: App,
    /// Its clock; it stands at 2026-06-01, nine in the morning, until it is told to move.
    pub clock: StoppedClock,
    /// What of its public files was seen by the last check.
    pub(crate) seen: Seen,
    pub(crate) server: OnceCell<Server>,
    database: TestDatabase,
    folder: TempDir,
}

/// The same on the thread of the test alone, as a log of one thread needs it.
pub fn run_on_this_thread<T>(work: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

/// What is left of a city when no process serves it.
pub struct Remains {
    /// Key of its policy.
    pub policy: String,
    /// Its database.
    pub database: TestDatabase,
    /// Its data folder.
    pub folder: TempDir,
}

impl Remains {
    /// The same once more, in another place.
    pub async fn copy(&self) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in files_under(self.folder.path()).keys() {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            // With its mode: a key that others may read is refused.
            fs::copy(self.folder.path().join(name), path).expect("copied");
        }
        let database = TestDatabase::copy(&self.database, folder.path()).await;
        Self {
            policy: self.policy.clone(),
            database,
            folder,
        }
    }

    /// A process that serves it again.
    pub async fn open(self) -> TestCity {
        TestCity::open(&self.policy, self.database, self.folder).await
    }
}

/// Both databases, where both are there.
#[must_use]
pub fn databases() -> Vec<Kind> {
    let postgres = settings::find_postgres().map(Kind::Postgres);
    [Some(Kind::Sqlite), postgres]
        .into_iter()
        .flatten()
        .collect()
}

/// Runs a story in Hangzhou on each database.
pub fn on_both_databases(story: impl AsyncFn(&TestCity)) {
    on_both_databases_in("hangzhou-2018", story);
}

/// Runs a story in the city of a policy on each database.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a story is a closure, not a reference to one"
)]
pub fn on_both_databases_in(policy: &str, story: impl AsyncFn(&TestCity)) {
    for kind in databases() {
        run(async {
            let city = TestCity::create(policy, &kind).await;
            story(&city).await;
        });
    }
}

/// Runs a story on each database, in a city [with a new key](TestCity::with_a_new_key).
#[expect(
    clippy::needless_pass_by_value,
    reason = "a story is written where it is run"
)]
pub fn on_both_databases_with_a_new_key(story: impl AsyncFn(&TestCity)) {
    for kind in databases() {
        run(async {
            let city = TestCity::with_a_new_key(&kind).await;
            story(&city).await;
        });
    }
}

/// Runs to its end whatever a test has to wait for.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(work)
}

impl TestCity {
    /// A city that has adopted its rules and confirmed nothing, with a neighbour in its database.
    pub async fn create(policy: &str, kind: &Kind) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = TestDatabase::create(kind, folder.path()).await;
        let city = Self::open(policy, database, folder).await;
        rules::set_up(&city.app).await.expect("a city");
        neighbour::settle(&city.app).await;
        city
    }

    /// Hangzhou, whose node holds a record key that waits to take the place of the one that signs.
    pub async fn with_a_new_key(kind: &Kind) -> Self {
        let mut city = Self::create("hangzhou-2018", kind).await;
        keys::with_a_second_record_key(&city.app.layout.keys());
        city.app = city.another_node(None).await;
        city
    }

    /// The city of a folder and a database that are there already.
    pub async fn open(policy: &str, database: TestDatabase, folder: TempDir) -> Self {
        let clock = StoppedClock::at(moment("2026-06-01T01:00:00Z"));
        let app = open(
            folder.path(),
            database.url(),
            policy,
            Arc::new(clock.clone()),
            Arc::new(Unobserved),
        );
        let app = app.await;
        Self {
            app,
            clock,
            seen: Seen::default(),
            server: OnceCell::new(),
            database,
            folder,
        }
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its database.
    #[must_use]
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// The city's server; it starts when it is asked for.
    pub async fn server(&self) -> &Server {
        self.server.get_or_init(|| Server::start(&self.app)).await
    }

    /// Puts the clock at a moment, as in `2026-06-30T07:00:00Z`.
    pub fn at(&self, time: &str) {
        self.clock.set(moment(time));
    }

    /// The same city in later years, whose holidays nobody has announced yet: only weekends are off.
    #[must_use]
    pub fn in_later_years(&self) -> App {
        let mut days = (*self.app.working_days).clone();
        for year in 2027..2040 {
            days.add_year(year, BTreeSet::new(), BTreeSet::new());
        }
        App {
            working_days: Arc::new(days),
            ..self.app.clone()
        }
    }

    /// Where its database is.
    #[must_use]
    pub fn database_url(&self) -> &str {
        self.database.url()
    }

    /// Whether that is one of PostgreSQL.
    #[must_use]
    pub fn is_on_postgres(&self) -> bool {
        self.database.is_postgres()
    }

    /// A second node of the same city: another process's connections and memory.
    pub async fn another_node(&self, shared: Option<Shared>) -> App {
        let mut app = open(
            self.folder(),
            self.database.url(),
            &self.app.policy.key,
            Arc::new(self.clock.clone()),
            Arc::new(Unobserved),
        )
        .await;
        app.cache = Arc::new(Cache::new(shared));
        app
    }

    /// Gives the city up, and keeps what it left behind.
    pub async fn into_remains(self) -> Remains {
        let Self {
            app,
            database,
            folder,
            server,
            ..
        } = self;
        drop(server);
        app.db.close().await.expect("closed");
        Remains {
            policy: app.policy.key.clone(),
            database,
            folder,
        }
    }
}

/// A moment as records write it.
#[must_use]
pub fn moment(time: &str) -> DateTime<Utc> {
    time.parse().expect("a moment like 2026-06-30T07:00:00Z")
}

/// The beacon chain of test cities: a round every three seconds since 2026-06-01.
#[must_use]
pub fn own_chain() -> Chain {
    let genesis = Time(moment("2026-06-01T00:00:00Z").timestamp());
    keys::chain_key().chain(3, genesis, "tests")
}

/// Where a key of the city is: a folder of its own where it has changed or is in a token, else that of the
/// tests.
fn key_place(folder: &Path, name: &str) -> PathBuf {
    let own = Layout::new(folder).keys();
    let is_own = own.join(name).exists();
    if is_own {
        own
    } else {
        keys::folder().to_owned()
    }
}

fn open_signers(folder: &Path) -> Signers {
    let (passphrase, token) = (keys::passphrase(), token::find_in(folder));
    let access = Access {
        passphrase: &passphrase,
        token: token.as_ref(),
    };
    let [records, log] = ["record.vkey", "log.vkey"].map(|name| key_place(folder, name));
    Signers {
        records: RecordKeys::open(&records, access).expect("record keys"),
        log: LogSigner::open(&log, access).expect("a log key"),
    }
}

/// Puts a city together as the command line does, with the keys of the tests.
pub async fn open(
    folder: &Path,
    url: &str,
    policy: &str,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn Observer>,
) -> App {
    let policy = policy::find_builtin(policy)
        .expect("a built-in policy")
        .policy();
    let policy = Arc::new(policy.expect("a good policy"));
    let (keys, passphrase) = (keys::folder(), keys::passphrase());
    let signers = open_signers(folder);
    let cosigner = Cosigner::open(&key_place(folder, "witness.vkey"), &passphrase);
    let cosigner = cosigner.expect("a witness key");
    let trust = trust_in(&signers, &cosigner);
    // Each witness remembers by itself.
    let memory = folder.join(match cosigner.key().name() {
        keys::WITNESS => "witness",
        _ => "another-witness",
    });
    let witness: Arc<dyn Witness> = Arc::new(LocalWitness::new(
        cosigner,
        signers.log.key().clone(),
        memory,
        Arc::clone(&clock),
    ));
    let beacon: Arc<dyn Beacon> = Arc::new(OwnChain::new(keys::chain_key(), Arc::clone(&clock)));
    let telemetry = Arc::default();
    let mut db = fairplate::store::connect(url).await.expect("a database");
    fairplate::store::watch(&mut db, &telemetry);
    let app = App {
        db,
        clock,
        city: CityId(i32::try_from(policy.city.id).expect("a division code")),
        origin: keys::ORIGIN.into(),
        in_force: Arc::new(InForce::new(Arc::clone(&policy))),
        policy,
        results: Arc::default(),
        tier: Tier::default(),
        working_days: Arc::new(policy::working_days().expect("the calendar of the house")),
        data_key: Arc::new(PersonalKeys::open(keys, &passphrase).expect("a personal key")),
        signers: Some(Arc::new(signers)),
        witnesses: [witness].into(),
        trust: Arc::new(trust),
        beacon,
        chain: Arc::new(own_chain()),
        cache: Arc::new(Cache::new(None)),
        transports: Arc::new(Transports::spooled(&Layout::new(folder).spool())),
        layout: Layout::new(folder),
        bell: Arc::default(),
        standing: Arc::default(),
        telemetry,
        approval_time: CeremonyConfig::default().approval_time(),
        staff: Arc::new(staff::with_passkeys()),
        observer,
    };
    under_its_rules(app).await
}

fn trust_in(signers: &Signers, cosigner: &Cosigner) -> TrustPolicy {
    let (log, witness) = (signers.log.key(), cosigner.key());
    let text = format!("log {log}\nwitness w1 {witness}\nquorum w1\n");
    text.parse().expect("a trust policy")
}

/// Whoever serves a city that is there already serves it under what it has adopted.
async fn under_its_rules(app: App) -> App {
    let adopted = rules::find_adopted(&app.db, app.city).await;
    if let Some(adopted) = adopted.expect("a database") {
        app.in_force.set(Arc::new(adopted));
    }
    app.newer().unwrap_or(app)
}
