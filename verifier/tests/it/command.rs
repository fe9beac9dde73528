//! The command as people and scripts use it.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use crate::city::{Files, Scenario, write_files};

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/accept/example")
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fairplate-verifier"));
    command
        .current_dir(folder)
        .env("XDG_STATE_HOME", folder.join("state"))
        .env("LC_ALL", "C");
    command
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

/// A city's public folder: keys, log, and one draw.
fn publish(scenario: &Scenario) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let draw = folder.path().join("public/draws/202607");
    let (log, files): (Files, Files) = scenario
        .files()
        .into_iter()
        .partition(|(name, _)| name.starts_with("log/"));
    write_files(&files, &draw);
    write_files(&log, &folder.path().join("public"));
    let trust = scenario.trust();
    let keys = Files::from([
        (
            "trust.policy".to_owned(),
            trust.policy.to_string().into_bytes(),
        ),
        (
            "records.vkey".to_owned(),
            format!("{}\n", trust.records).into_bytes(),
        ),
    ]);
    write_files(&keys, &folder.path().join("public"));
    (folder, draw)
}

/// A minimal ustar archive.
pub(crate) fn tar(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, bytes) in files {
        let mut header = [0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..108].copy_from_slice(b"0000644\0");
        header[124..136].copy_from_slice(format!("{:011o}\0", bytes.len()).as_bytes());
        header[148..156].copy_from_slice(b"        ");
        header[156] = b'0';
        header[257..263].copy_from_slice(b"ustar\0");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        archive.extend_from_slice(&header);
        archive.extend_from_slice(bytes);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1_024, 0);
    archive
}

fn example_tar() -> Vec<u8> {
    let files = std::fs::read_dir(example()).expect("the example");
    let files: Vec<(String, Vec<u8>)> = files
        .map(|file| {
            let path = file.expect("a file").path();
            let name = path.file_name().expect("a name").to_string_lossy();
            (
                format!("202606/{name}"),
                std::fs::read(&path).expect("a file"),
            )
        })
        .collect();
    let files: Vec<_> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.clone()))
        .collect();
    tar(&files)
}

#[test]
fn the_example_is_verified_with_keys_from_its_folder_only_when_told_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = command(folder.path())
        .arg("draw")
        .arg(example())
        .output()
        .expect("a run");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--trust-folder"));

    let mut told = command(folder.path());
    let output = told
        .arg("draw")
        .arg(example())
        .arg("--trust-folder")
        .output()
        .expect("a run");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("VERIFIED: "));
    assert!(text(&output.stdout).contains("pinned from this folder"));
}

#[test]
fn the_report_is_also_in_chinese() {
    let folder = tempfile::tempdir().expect("a folder");
    for (lang, locale) in [(Some("zh-CN"), "C"), (None, "zh_CN.UTF-8")] {
        let mut run = command(folder.path());
        run.arg("draw")
            .arg(example())
            .arg("--trust-folder")
            .env("LC_ALL", locale);
        if let Some(lang) = lang {
            run.args(["--lang", lang]);
        }
        let output = run.output().expect("a run");
        assert!(
            text(&output.stdout).contains("全部核验无误"),
            "{}",
            text(&output.stdout)
        );
    }
}

fn run_with_input(run: &mut Command, input: &[u8]) -> Output {
    let mut child = run
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a run");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input).expect("a pipe");
    drop(stdin);
    child.wait_with_output().expect("a run")
}

#[test]
fn an_archive_is_read_from_a_file_and_from_a_pipe() {
    let folder = tempfile::tempdir().expect("a folder");
    let archive = example_tar();
    let file = folder.path().join("draw.tar");
    std::fs::write(&file, &archive).expect("a file");
    let mut from_file = command(folder.path());
    let output = from_file
        .args(["draw", "draw.tar", "--trust-folder"])
        .output()
        .expect("a run");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));

    let mut piped = command(folder.path());
    let output = run_with_input(
        piped.args(["draw", "-", "--trust-folder", "--json"]),
        &archive,
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["schema"], "fairplate-verifier/report/1");
    assert_eq!(report["verdict"], "VERIFIED");
    assert_eq!(report["trust"], "pinned-from-this-folder");

    let mut cut = command(folder.path());
    let output = run_with_input(cut.args(["draw", "-", "--trust-folder"]), &archive[..5_000]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("cut short"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn a_citys_folder_is_verified_with_its_log_and_remembered() {
    let scenario = Scenario::new();
    let (folder, draw) = publish(&scenario);
    for _ in 0..2 {
        let output = command(folder.path())
            .arg("draw")
            .arg(&draw)
            .output()
            .expect("a run");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
        assert!(
            text(&output.stdout).contains(" 6 uniqueness    ok"),
            "{}",
            text(&output.stdout)
        );
    }
    let remembered = std::fs::read_dir(folder.path().join("state/fairplate-verifier"));
    assert_eq!(remembered.expect("a state folder").count(), 1);

    // The same log with another past.
    let mut other = Scenario::new();
    other.closed = other.closed.plus(1);
    other.edits.push((
        "close.note".to_owned(),
        "026498".to_owned(),
        "026499".to_owned(),
    ));
    let (other_folder, draw) = publish(&other);
    let mut run = command(folder.path());
    let output = run.arg("draw").arg(&draw).output().expect("a run");
    drop(other_folder);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    let evidence = folder.path().join("fairplate-evidence-202607");
    for name in [
        "checkpoint-seen.note",
        "checkpoint-found.note",
        "report.json",
        "records.vkey",
    ] {
        assert!(evidence.join(name).is_file(), "{name}");
    }
}

#[test]
fn a_refuted_draw_leaves_the_contradicting_files() {
    let mut scenario = Scenario::new();
    let tamper = ("result-electric.csv", "1,1204100000013", "1,1204100000014");
    let tamper = (
        tamper.0.to_owned(),
        tamper.1.to_owned(),
        tamper.2.to_owned(),
    );
    scenario.tampers.push(tamper);
    let (folder, draw) = publish(&scenario);
    let output = command(folder.path())
        .arg("draw")
        .arg(&draw)
        .output()
        .expect("a run");
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stdout);
    assert!(
        shown.contains("result-electric.csv, line 1: expected 1,1204100000013,-,-"),
        "{shown}"
    );
    let evidence = folder.path().join("fairplate-evidence-202607");
    for name in [
        "result.note",
        "result-electric.csv",
        "pool-electric.csv",
        "report.json",
    ] {
        assert!(evidence.join(name).is_file(), "{name}");
    }
}

#[test]
fn an_exit_code_says_what_a_script_needs_to_know() {
    let edit = |file: &str, old: &str, new: &str| (file.to_owned(), old.to_owned(), new.to_owned());
    let mut unwitnessed = Scenario::new();
    unwitnessed.witnessed = false;
    let mut later = Scenario::new();
    later
        .edits
        .push(edit("announce.note", "fairplate/v1", "fairplate/v2"));
    let mut refuted = Scenario::new();
    refuted.tampers.push(edit("policy.toml", "linan", "lingan"));
    for (scenario, verdict, plain, lenient) in [
        (Scenario::new(), "VERIFIED", 0, 0),
        (unwitnessed, "VERIFIED-UNWITNESSED", 2, 0),
        (later, "UNSUPPORTED", 2, 2),
        (refuted, "FALSE", 1, 1),
    ] {
        let (folder, draw) = publish(&scenario);
        for (flags, code) in [(&[][..], plain), (&["--allow-unwitnessed"], lenient)] {
            let mut run = command(folder.path());
            run.arg("draw")
                .arg(&draw)
                .args(["--json", "--no-state", "--no-evidence"]);
            let output = run.args(flags).output().expect("a run");
            assert_eq!(output.status.code(), Some(code), "{verdict} {flags:?}");
            let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            assert_eq!(report["verdict"], verdict);
            assert_eq!(report["steps"].as_array().map(Vec::len), Some(15));
        }
        assert!(!folder.path().join("state").exists());
        assert!(!folder.path().join("fairplate-evidence-202607").exists());
    }
}
