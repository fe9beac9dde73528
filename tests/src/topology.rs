//! A city on two nodes behind nginx, as `docs/guide/operator/several-nodes` starts it.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{operator::Operator, operator::PASSPHRASE, programs};

/// How long a test waits for something that has to come.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running topology; everything of it stops when it is dropped.
pub struct Topology {
    folder: TempDir,
    script: Child,
    address: String,
}

impl Topology {
    /// Starts two nodes of the operator's city, and nginx before them.
    #[must_use]
    pub fn start(operator: &Operator) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut script = script();
        script.arg("up").arg(folder.path()).arg(operator.path());
        if let Some(url) = &operator.url {
            script.env("FAIRPLATE_DATABASE_URL", url);
        }
        let started = script.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut script = started.expect("bash runs");
        let mut screen = BufReader::new(script.stdout.take().expect("a screen"));
        let mut line = String::new();
        screen.read_line(&mut line).expect("a line");
        let Some(address) = line.strip_prefix("ready at ") else {
            let mut complaints = String::new();
            let errors = script.stderr.take();
            errors
                .expect("errors")
                .read_to_string(&mut complaints)
                .expect("a text");
            panic!("the topology does not start: {line}{complaints}");
        };
        let address = address.split(',').next().expect("an address").to_owned();
        Self {
            folder,
            script,
            address,
        }
    }

    /// Where nginx listens, with its scheme.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Where a node listens itself.
    #[must_use]
    pub fn node(&self, node: u8) -> String {
        self.read(&format!("node-{node}.address"))
    }

    /// Kills a node as a power cut would.
    pub fn kill(&self, node: u8) {
        let process = self.read(&format!("node-{node}.pid"));
        signal("-KILL", &process);
    }

    /// Starts a node again, and returns when it is ready.
    pub fn start_again(&self, node: u8) {
        call(&["start", &self.path(), &node.to_string()]);
    }

    /// Starts both nodes again, one after the other.
    pub fn roll(&self) {
        call(&["roll", &self.path()]);
    }

    /// How many look-ups of the plain kind a node has answered since it started.
    #[must_use]
    pub fn answered(&self, node: u8) -> u64 {
        let address = self.read(&format!("node-{node}.metrics"));
        let page = ureq::get(format!("http://{address}/metrics")).call();
        let mut page = page.expect("a page");
        let page = page.body_mut().read_to_string().expect("a text");
        let sample = "fairplate_requests_total{route=\"result\",status=\"2xx\"} ";
        let count = page.lines().find_map(|line| line.strip_prefix(sample));
        count.expect("a sample").parse().expect("a count")
    }

    fn path(&self) -> String {
        self.folder.path().display().to_string()
    }

    fn read(&self, name: &str) -> String {
        let text = std::fs::read_to_string(self.folder.path().join(name));
        text.expect("a file of the topology").trim().to_owned()
    }
}

fn call(words: &[&str]) {
    let mut script = script();
    let output = script
        .args(words)
        .stdout(Stdio::null())
        .stdin(Stdio::null())
        .output();
    let output = output.expect("bash runs");
    assert!(output.status.success(), "{words:?}: {output:?}");
}

impl Drop for Topology {
    fn drop(&mut self) {
        signal("-TERM", &self.script.id().to_string());
        let ended = self.script.wait().expect("an end");
        assert!(
            ended.code() == Some(143) || std::thread::panicking(),
            "the topology has ended by itself: {ended}"
        );
    }
}

fn signal(name: &str, process: &str) {
    let sent = Command::new("kill").args([name, process]).status();
    assert!(sent.expect("told").success(), "{name} {process}");
}

fn script() -> Command {
    let mut command = Command::new(guide().join("several-nodes"));
    let program = programs::fairplate().get_program().to_owned();
    command
        .env("FAIRPLATE", program)
        .env("FAIRPLATE_PASSPHRASE", PASSPHRASE);
    for name in ["FAIRPLATE_DATABASE_URL", "FAIRPLATE_REDIS_URL"] {
        command.env_remove(name);
    }
    command
}

/// The folder of what an operator starts from.
#[must_use]
pub fn guide() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide/operator")
}

/// Asks until something is so, at most two minutes.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        if let Some(answer) = ask() {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{what}: not within two minutes");
}
