//! Redis servers of one test: a cluster, or a master with its replica and a sentinel.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
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
    child: Child,
    _folder: TempDir,
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
        let mut command = Command::new("redis-server");
        if settings.first() == Some(&"--sentinel") {
            // A sentinel writes down what it learns.
            let file = folder.path().join("sentinel.conf");
            std::fs::write(&file, "").expect("a file");
            command.arg(&file);
        }
        command
            .args(["--port", &port.to_string(), "--save", ""])
            .args(["--bind", "127.0.0.1", "--dir"])
            .arg(folder.path())
            .args(settings)
            .stdout(Stdio::null());
        let server = Self {
            port,
            child: command.spawn().expect("redis-server"),
            _folder: folder,
        };
        server.wait_until(&["PING"], |answer| {
            *answer == Value::SimpleString("PONG".to_owned())
        });
        Some(server)
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
    pub fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // One that was killed has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
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
