//! The notes and logs of Go, which nobody of this house wrote: the program of `tests/clients/go`.

use std::{path::Path, process::Command};

/// Where Debian's `golang-golang-x-mod-dev` lies; nothing is fetched.
const PACKAGES: &str = "/usr/share/gocode";

/// Runs the program to its end, which has to be a good one; gives what it said.
#[must_use]
pub fn interop(arguments: &[&str]) -> String {
    run(arguments).unwrap_or_else(|complaint| panic!("Go refuses {arguments:?}: {complaint}"))
}

/// Runs the program, which has to refuse; gives what it complained of.
#[must_use]
pub fn refusal(arguments: &[&str]) -> String {
    match run(arguments) {
        Err(complaint) => complaint,
        Ok(told) => panic!("Go accepts {arguments:?}: {told}"),
    }
}

fn run(arguments: &[&str]) -> Result<String, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(
        Path::new(PACKAGES)
            .join("src/golang.org/x/mod/sumdb/tlog")
            .is_dir(),
        "golang.org/x/mod is not in {PACKAGES}; install golang-go and golang-golang-x-mod-dev"
    );
    let output = Command::new("go")
        .args(["run", "."])
        .args(arguments)
        .current_dir(here.join("clients/go"))
        .env("GO111MODULE", "off")
        .env("GOPATH", PACKAGES)
        .env("GOFLAGS", "")
        .env("GOCACHE", here.join("../target/tools/go"))
        .output();
    let output = output.unwrap_or_else(|error| {
        panic!("go cannot be started: {error}; install golang-go and golang-golang-x-mod-dev")
    });
    let told = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if output.status.success() {
        Ok(told)
    } else {
        Err(complaint)
    }
}
