//! The scripts of `tests/clients`: tools of client developers, run by Node.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// The folder of the scripts.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

/// A script, not yet run; its packages have to be there.
#[must_use]
pub fn script(name: &str) -> Command {
    let folder = folder();
    assert!(
        folder.join("node_modules").is_dir(),
        "the packages of tests/clients are not installed; run `npm ci --prefix tests/clients`"
    );
    let mut command = Command::new("node");
    command.arg(folder.join(name)).current_dir(folder);
    command
}

/// Runs a script to its end, which has to be a good one.
pub fn run(name: &str, arguments: &[&str]) {
    let mut command = script(name);
    finish(name, command.args(arguments));
}

/// Sends at least so many generated operations to the city of a letter, the same ones every time.
pub fn generate(letter: &str, cases: u32) {
    let mut command = Command::new(folder().join("schemathesis"));
    command.args(["run", letter, &cases.to_string()]);
    finish("schemathesis", command.arg("--generation-deterministic"));
}

fn finish(name: &str, command: &mut Command) {
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
    let text = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {text}\n{complaints}");
    print!("{name}: {text}");
}

/// A file that tells a script of a city, in the city's folder.
#[must_use]
pub fn letter(folder: &Path, facts: &Value) -> String {
    let path = folder.join("city.json");
    std::fs::write(&path, facts.to_string()).expect("written");
    path.display().to_string()
}
