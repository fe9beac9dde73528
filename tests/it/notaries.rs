//! The witness that a notary runs, as whoever asks it sees it.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use fairplate::{
    beacon::Limits,
    clock::{Clock, SystemClock},
    witness::{HttpWitness, Witness as _, WitnessError},
};
use fairplate_tests::{
    notary::{Log, Notary},
    programs,
    publication::files_under,
};
use verifier::{note::VerifierKey, text::Digest};

use crate::docs::fences;

/// Status, content type and body of what a notary answers.
fn post(address: SocketAddr, body: &[u8]) -> (u16, String, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let sent = agent
        .post(format!("http://{address}/add-checkpoint"))
        .send(body);
    let mut answer = sent.expect("an answer");
    let content = answer.headers().get("content-type");
    let content = content
        .map_or("", |it| it.to_str().expect("text"))
        .to_owned();
    let text = answer.body_mut().read_to_string().expect("text");
    (answer.status().as_u16(), content, text)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_the_service_is_that_of_the_specification() {
    let (log, other) = (Log::new("a.example/log"), Log::new("b.example/log"));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let notary = Notary::open("notary.example/w1", log.signer.key(), clock).await;
    let address = notary.address;
    let asked = move |body: String| tokio::task::block_in_place(|| post(address, body.as_bytes()));
    let status = |body: String| asked(body).0;

    let first = log.submission(&["a"], 0);
    let (code, _, line) = asked(first.to_string());
    assert_eq!(code, 200);
    assert!(
        line.starts_with("— notary.example/w1 ") && line.ends_with('\n'),
        "{line}"
    );
    let size = "text/x.tlog.size".to_owned();
    let late = log.submission(&["a", "b"], 0).to_string();
    assert_eq!(asked(late), (409, size.clone(), "1\n".to_owned()));
    let fork = log.submission(&["x"], 1).to_string();
    assert_eq!(asked(fork), (409, size, "1\n".to_owned()));
    assert_eq!(notary.kept("fork-").len(), 3);

    let mut unproven = log.submission(&["a", "b"], 1);
    unproven.proof = vec![Digest::ZERO];
    assert_eq!(status(unproven.to_string()), 422);
    assert_eq!(status(other.submission(&["a"], 0).to_string()), 404);
    let stranger = Log::new("a.example/log");
    assert_eq!(status(stranger.submission(&["a"], 1).to_string()), 403);
    let mut backward = log.submission(&["a"], 1);
    backward.old_size = 2;
    assert_eq!(status(backward.to_string()), 400);
    assert_eq!(status("old one\n\n".to_owned()), 400);
    assert_eq!(status("x".repeat(70_000)), 413);
    let get = ureq::get(format!("http://{address}/add-checkpoint")).call();
    assert!(matches!(get, Err(ureq::Error::StatusCode(405))), "{get:?}");
    assert_eq!(notary.cosigned().len(), 1);
    assert_eq!(
        asked(log.submission(&["a"], 1).to_string()),
        (200, "text/plain; charset=utf-8".to_owned(), line)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_rivals_that_ask_at_the_same_moment_one_is_cosigned() {
    let log = Log::new("a.example/log");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let notary = Notary::open("notary.example/w1", log.signer.key(), clock).await;
    let witness = notary.witness();
    witness
        .cosign(&log.submission(&["a"], 0))
        .await
        .expect("cosigned");
    let mut asking = tokio::task::JoinSet::new();
    for rival in 0..12 {
        let submission = log.submission(&["a", &format!("rival {rival}")], 1);
        let witness = Arc::clone(&witness);
        asking.spawn(async move { witness.cosign(&submission).await });
    }
    let answers = asking.join_all().await;
    let signed = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(signed, 1, "{answers:?}");
    for refused in answers.into_iter().filter_map(Result::err) {
        assert!(
            matches!(refused, WitnessError::Ahead { size: 2 }),
            "{refused}"
        );
    }
    assert_eq!(notary.cosigned().len(), 2);
}

/// `fairplate witness serve`, as a process of its own.
struct Process {
    child: Child,
}

impl Drop for Process {
    fn drop(&mut self) {
        // Gone already where the test has stopped it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A step of the guide, in a folder of the test's own.
fn step(mark: &str, folder: &Path) -> String {
    let guide = "docs/guide/witness.md";
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = fs::read_to_string(root.join(guide)).expect("the guide");
    let mut shown = fences(guide, &text).into_iter();
    let shown = shown.find(|fence| fence.is("sh", mark)).expect("a step");
    shown
        .body
        .replace("/srv/notary", &folder.display().to_string())
}

/// A shell that finds our programs, and says what it is told to.
fn shell(folder: &Path, body: &str) -> Command {
    let programs = programs::folder().display();
    let mut command = Command::new("bash");
    command
        .args(["-euo", "pipefail", "-c"])
        .arg(format!("PATH='{programs}':\"$PATH\"\nexec {body}"))
        .current_dir(folder)
        .env("FAIRPLATE_PASSPHRASE", "seven words of a notary");
    command
}

fn serve(folder: &Path, address: SocketAddr) -> Process {
    let body = step("serve", folder).replace("127.0.0.1:8010", &address.to_string());
    let child = shell(folder, &body).stdout(Stdio::null()).spawn();
    let process = Process {
        child: child.expect("started"),
    };
    for _ in 0..600 {
        if TcpStream::connect(address).is_ok() {
            return process;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("nobody listens on {address}");
}

#[test]
fn both_languages_of_the_witness_guide_show_the_same_commands() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let bodies = |name: &str| -> Vec<String> {
        let text = fs::read_to_string(root.join(name)).expect("the guide");
        let shown = fences(name, &text).into_iter();
        shown.map(|fence| fence.body).collect()
    };
    assert_eq!(
        bodies("docs/guide/witness.md"),
        bodies("docs/guide/witness.zh-CN.md")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notary_makes_its_key_serves_and_remembers_when_its_machine_is_cut_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let made = shell(folder, &step("create", folder))
        .output()
        .expect("run");
    assert!(made.status.success(), "{made:?}");
    let key: VerifierKey = String::from_utf8(made.stdout)
        .expect("text")
        .trim_end()
        .parse()
        .expect("a key");
    let unset = shell(folder, &step("serve", folder)).output().expect("run");
    assert_eq!(unset.status.code(), Some(2));
    let told = String::from_utf8_lossy(&unset.stderr).into_owned();
    assert!(told.contains("logs.policy"), "{told}");
    let log = Log::new("a.example/log");
    let trust = format!("log {}\nquorum none\n", log.signer.key());
    fs::write(folder.join("trust.policy"), trust).expect("written");
    let taken = shell(folder, &step("logs", folder)).status();
    assert!(taken.expect("run").success());

    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let mut process = serve(folder, address);
    let witness = HttpWitness::new(&format!("http://{address}"), key, Limits::default());
    let first = log.submission(&["a", "b"], 0);
    let line = witness.cosign(&first).await.expect("cosigned");
    process.child.kill().expect("cut off");
    process.child.wait().expect("an end");

    let _again = serve(folder, address);
    let fork = log.submission(&["a", "x"], 2);
    let refused = witness.cosign(&fork).await.expect_err("a fork");
    assert!(
        matches!(refused, WitnessError::Refused { status: 409, .. }),
        "{refused}"
    );
    let same = log.submission(&["a", "b"], 2);
    assert_eq!(witness.cosign(&same).await.expect("the first line"), line);
    let kept = files_under(&folder.join("logs"));
    let bytes: Vec<_> = kept.values().collect();
    assert!(bytes.contains(&&fork.checkpoint.to_string().into_bytes()));
    assert!(bytes.contains(&&first.checkpoint.to_string().into_bytes()));
}
