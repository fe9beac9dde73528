//! PostgreSQL servers of one test: one that is stopped and started again, or a primary with its standby.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::settings;

/// How long a server may take to come to a state.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often it is looked whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A free port is looked for, and somebody else may be faster.
const PORTS: u32 = 5;

/// A server that ends with the test.
pub struct PostgresServer {
    /// The folder of `postgres` and its tools.
    programs: PathBuf,
    /// Cluster and log. It belongs to whom the server runs as.
    folder: TempDir,
    port: u16,
}

impl PostgresServer {
    /// Starts an empty server on a free port, with these settings beside the usual ones, each as
    /// `name=value`; nothing where tests have no PostgreSQL.
    #[must_use]
    pub fn start(settings: &[&str]) -> Option<Self> {
        settings::find_postgres()?;
        let mut server = Self::in_an_empty_folder();
        let made = [
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ];
        server.done("initdb", &made);
        server.start_on_a_free_port(settings);
        Some(server)
    }

    /// Starts a standby that follows this server, and makes the server wait for it: what is
    /// acknowledged from now on is on both.
    #[must_use]
    pub fn start_standby(&self) -> Self {
        let mut standby = Self::in_an_empty_folder();
        let port = self.port.to_string();
        let copied = [
            "--host=127.0.0.1",
            "--username=postgres",
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--no-sync",
            "--port",
            &port,
        ];
        standby.done("pg_basebackup", &copied);
        standby.start_on_a_free_port(&[]);
        self.ask("ALTER SYSTEM SET synchronous_standby_names = '*'");
        self.ask("SELECT pg_reload_conf()");
        let state = "SELECT sync_state FROM pg_stat_replication";
        self.wait_until(state, |state| state == "sync");
        standby
    }

    fn in_an_empty_folder() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        if is_root(folder.path()) {
            let given = Command::new("chown")
                .arg(user())
                .arg(folder.path())
                .status();
            assert!(given.expect("chown runs").success());
        }
        Self {
            programs: programs(),
            folder,
            port: 0,
        }
    }

    fn start_on_a_free_port(&mut self, settings: &[&str]) {
        for _ in 0..PORTS {
            let found = TcpListener::bind("127.0.0.1:0").expect("a port");
            self.port = found.local_addr().expect("an address").port();
            drop(found);
            // What a crash of the machine would lose is thrown away with the test.
            let mut options = format!(
                "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off \
                 -c shared_buffers=16MB -c max_connections=100 -c timezone=UTC",
                self.port
            );
            for setting in settings {
                options.push_str(" -c ");
                options.push_str(setting);
            }
            fs::write(self.options(), options).expect("written");
            if self.try_to_start().status.success() {
                return;
            }
        }
        panic!("PostgreSQL does not start: {}", self.log());
    }

    fn try_to_start(&self) -> Output {
        let options = fs::read_to_string(self.options()).expect("options");
        let log = self.folder.path().join("log");
        let log = format!("--log={}", log.display());
        self.run(
            "pg_ctl",
            &["start", "--silent", "--wait", &log, "-o", &options],
        )
    }

    /// Starts it again where it was, after it was killed.
    pub fn start_again(&self) {
        let started = self.try_to_start();
        assert!(started.status.success(), "{started:?}: {}", self.log());
    }

    /// The URL of its first database.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres", self.address())
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The first column of the first row of an answer, as text.
    #[must_use]
    pub fn answer(&self, sql: &str) -> String {
        let output = Command::new(self.programs.join("psql"))
            .args(["--no-psqlrc", "--tuples-only", "--no-align", "--dbname"])
            .args([&self.url(), "--command", sql])
            .output();
        let output = output.expect("psql runs");
        assert!(output.status.success(), "{sql}: {output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The same, where the answer says nothing.
    pub fn ask(&self, sql: &str) {
        drop(self.answer(sql));
    }

    /// Asks until the answer is right.
    pub fn wait_until(&self, sql: &str, is_right: impl Fn(&str) -> bool) {
        let began = Instant::now();
        while !is_right(&self.answer(sql)) {
            assert!(began.elapsed() < PATIENCE, "{sql}: {}", self.answer(sql));
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Makes a standby the server that takes changes.
    pub fn promote(&self) {
        assert_eq!(self.answer("SELECT pg_promote()"), "t", "{}", self.log());
    }

    /// Starts it again, in an orderly way: connections are broken off.
    pub fn restart(&self) {
        self.done("pg_ctl", &["restart", "--silent", "--wait", "--mode=fast"]);
    }

    /// Kills all of it, as the loss of its machine would.
    pub fn kill(&self) {
        // No process of it may go on and acknowledge something.
        self.signal("-STOP");
        self.signal("-KILL");
        fs::remove_file(self.cluster().join("postmaster.pid")).expect("nobody runs there");
    }

    /// Lets it stand still: whoever asks hears nothing.
    pub fn stand_still(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    /// Signals the server, and then every process that it has started.
    fn signal(&self, name: &str) {
        let Ok(file) = fs::read_to_string(self.cluster().join("postmaster.pid")) else {
            return;
        };
        let server = file.lines().next().unwrap_or_default().to_owned();
        let children = || {
            let listed = Command::new("ps")
                .args(["-o", "pid=", "--ppid", &server])
                .output();
            let listed = String::from_utf8_lossy(&listed.expect("ps runs").stdout).into_owned();
            listed.split_whitespace().map(str::to_owned).collect()
        };
        let before: Vec<String> = children();
        let mut signalled = vec![server.clone()];
        signalled.extend(before);
        let send = |processes: &[String]| {
            // Some have ended by themselves meanwhile.
            drop(Command::new("kill").arg(name).args(processes).output());
        };
        send(&signalled);
        // Those that were started while it was looked.
        send(&children());
    }

    fn cluster(&self) -> PathBuf {
        self.folder.path().join("cluster")
    }

    fn options(&self) -> PathBuf {
        self.folder.path().join("options")
    }

    /// Runs a program of PostgreSQL on this cluster, which has to succeed.
    fn done(&self, program: &str, words: &[&str]) {
        let output = self.run(program, words);
        assert!(
            output.status.success(),
            "{program}: {output:?} {}",
            self.log()
        );
    }

    /// PostgreSQL refuses to run as root.
    fn run(&self, program: &str, words: &[&str]) -> Output {
        let program = self.programs.join(program);
        let mut command = if is_root(Path::new("/proc/self")) {
            let mut command = Command::new("runuser");
            command.args(["-u", user(), "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let pgdata = format!("--pgdata={}", self.cluster().display());
        // What is started goes on behind a pipe that nobody reads.
        command
            .current_dir("/")
            .arg(words[0])
            .arg(pgdata)
            .args(&words[1..])
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null());
        let errors = tempfile::tempfile().expect("a file");
        let mut read = errors.try_clone().expect("a file");
        let status = command
            .stderr(errors)
            .status()
            .expect("a program of PostgreSQL");
        let mut stderr = Vec::new();
        std::io::Seek::rewind(&mut read).expect("a file");
        std::io::Read::read_to_end(&mut read, &mut stderr).expect("bytes");
        Output {
            status,
            stdout: Vec::new(),
            stderr,
        }
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.signal("-CONT");
        drop(self.run(
            "pg_ctl",
            &["stop", "--silent", "--mode=immediate", "--wait"],
        ));
    }
}

/// Whether a file of ours is root's, and so are we.
fn is_root(own: &Path) -> bool {
    fs::metadata(own).is_ok_and(|file| file.uid() == 0)
}

/// Somebody without rights.
fn user() -> &'static str {
    let known = Command::new("id").arg("postgres").output();
    if known.is_ok_and(|known| known.status.success()) {
        "postgres"
    } else {
        "nobody"
    }
}

/// The newest PostgreSQL of this machine.
fn programs() -> PathBuf {
    let found = Command::new("bash")
        .args([
            "-c",
            "printf '%s\\n' $(command -v pg_config >/dev/null && pg_config --bindir) \
             $(printf '%s\\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort -rV) \
             $(command -v initdb >/dev/null && dirname \"$(command -v initdb)\")",
        ])
        .output();
    let found = String::from_utf8(found.expect("bash runs").stdout).expect("paths");
    let found = found.lines().map(PathBuf::from);
    let mut found = found.filter(|folder| folder.join("initdb").exists());
    found
        .next()
        .expect("the programs of PostgreSQL: install postgresql")
}
