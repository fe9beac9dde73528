//! Redis servers of one test: a cluster, or a master with its replica and a sentinel.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Mutex,
    time::{Duration, Instant},
};

use redis::{Client, Value, cmd};
use tempfile::TempDir;

use crate::settings;

/// How long servers may take to find one another.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is looked whether they have.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A server that is killed with the test.
pub struct RedisServer {
    port: u16,
    settings: Vec<String>,
    child: Mutex<Child>,
    folder: TempDir,
}

impl RedisServer {
    /// Starts a server on a free port with these settings beside the usual ones; nothing where tests
    /// have no Redis.
    #[must_use]
    pub fn start(settings: &[&str]) -> Option<Self> {
        settings::find_redis()?;
        let found = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = found.local_addr().expect("an address").port();
        drop(found);
        let folder = tempfile::tempdir().expect("a folder");
        let settings: Vec<_> = settings.iter().map(|word| (*word).to_owned()).collect();
        let server = Self {
            port,
            child: Mutex::new(launch(port, folder.path(), &settings)),
            settings,
            folder,
        };
        server.wait_until_it_answers();
        Some(server)
    }

    fn wait_until_it_answers(&self) {
        self.wait_until(&["PING"], |answer| {
            *answer == Value::SimpleString("PONG".to_owned())
        });
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Asks it something.
    ///
    /// # Errors
    ///
    /// What it says against that.
    pub fn ask(&self, words: &[&str]) -> redis::RedisResult<Value> {
        let client = Client::open(format!("redis://{}", self.address()))?;
        let mut connection = client.get_connection_with_timeout(PATIENCE)?;
        let mut asking = cmd(words[0]);
        for word in &words[1..] {
            asking.arg(*word);
        }
        asking.query(&mut connection)
    }

    /// Asks until the answer is right.
    pub fn wait_until(&self, words: &[&str], is_right: impl Fn(&Value) -> bool) {
        let began = Instant::now();
        while !self.ask(words).is_ok_and(|answer| is_right(&answer)) {
            assert!(
                began.elapsed() < PATIENCE,
                "{words:?}: {:?}",
                self.ask(words)
            );
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Kills it, as a power cut would.
    pub fn kill(&self) {
        let mut child = self.child.lock().expect("no panic");
        child.kill().expect("killed");
        child.wait().expect("ended");
    }

    /// Starts it again where it was, without what was in it.
    pub fn start_again(&self) {
        let child = launch(self.port, self.folder.path(), &self.settings);
        *self.child.lock().expect("no panic") = child;
        self.wait_until_it_answers();
    }

    /// Lets it stand still: whoever asks hears nothing.
    pub fn stand_still(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, name: &str) {
        let process = self.child.lock().expect("no panic").id().to_string();
        let sent = Command::new("kill").args([name, &process]).status();
        assert!(sent.expect("told").success(), "{name}");
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let mut child = self.child.lock().expect("no panic");
        // One that was killed has ended already.
        drop(child.kill());
        drop(child.wait());
    }
}

fn launch(port: u16, folder: &Path, settings: &[String]) -> Child {
    let mut command = Command::new("redis-server");
    if settings.first().is_some_and(|first| first == "--sentinel") {
        // A sentinel writes down what it learns.
        let file = folder.join("sentinel.conf");
        std::fs::write(&file, "").expect("a file");
        command.arg(&file);
    }
    command
        .args(["--port", &port.to_string(), "--save", ""])
        .args(["--bind", "127.0.0.1", "--dir"])
        .arg(folder)
        .args(settings)
        .stdout(Stdio::null());
    command.spawn().expect("redis-server")
}

/// Three masters that share the keys.
#[must_use]
pub fn cluster() -> Option<Vec<RedisServer>> {
    let settings = [
        "--cluster-enabled",
        "yes",
        "--cluster-require-full-coverage",
        "no",
    ];
    let servers: Vec<_> = (0..3)
        .map(|_| RedisServer::start(&settings))
        .collect::<Option<_>>()?;
    for (server, (first, last)) in
        servers
            .iter()
            .zip([(0, 5_460), (5_461, 10_922), (10_923, 16_383)])
    {
        let (first, last) = (first.to_string(), last.to_string());
        let given = server.ask(&["CLUSTER", "ADDSLOTSRANGE", &first, &last]);
        given.expect("slots");
        let port = servers[0].port().to_string();
        server
            .ask(&["CLUSTER", "MEET", "127.0.0.1", &port])
            .expect("met");
    }
    for server in &servers {
        server.wait_until(&["CLUSTER", "INFO"], |info| {
            let info = format!("{info:?}");
            info.contains("cluster_state:ok") && info.contains("cluster_slots_ok:16384")
        });
    }
    Some(servers)
}
