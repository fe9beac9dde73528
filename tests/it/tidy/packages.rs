use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::CRATES;
use super::source::root;

/// Dependencies between crates of ours that CRATES does not have, and crates that it does not know.
pub(super) fn violations() -> Vec<String> {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&metadata).expect("cargo metadata prints JSON");
    let packages = metadata["packages"]
        .as_array()
        .expect("cargo metadata lists packages");
    assert_eq!(
        packages.len(),
        CRATES.len(),
        "every crate of the workspace stands in CRATES"
    );
    packages
        .iter()
        .flat_map(|package| {
            let name = package["name"].as_str().expect("a package has a name");
            let dependencies = package["dependencies"].as_array().into_iter().flatten();
            let ours = dependencies
                .filter(|dependency| dependency["kind"] != "dev")
                .filter_map(|dependency| dependency["name"].as_str())
                .filter(|dependency| dependency.starts_with("fairplate"));
            undeclared(name, ours)
        })
        .collect()
}

/// What a crate of ours names beyond its row of CRATES.
pub(super) fn undeclared<'a>(name: &str, ours: impl Iterator<Item = &'a str>) -> Vec<String> {
    let Some((_, allowed)) = CRATES.iter().find(|(crate_name, _)| *crate_name == name) else {
        return vec![format!("{name}: not in CRATES")];
    };
    ours.filter(|dependency| !allowed.contains(dependency))
        .map(|dependency| format!("{name} names {dependency}"))
        .collect()
}

/// Every package that the given one stands on, itself included, once each, sorted.
pub(super) fn list_under(package: &str) -> Vec<String> {
    let tree = cargo(&[
        "tree",
        "--package",
        package,
        "--edges",
        "normal",
        "--prefix",
        "none",
    ]);
    let names: BTreeSet<String> = tree
        .lines()
        .map(|line| {
            line.split_whitespace()
                .take(2)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .filter(|name| !name.is_empty())
        .collect();
    names.into_iter().collect()
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--offline")
        .current_dir(root())
        .output()
        .expect("cargo can be started");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "cargo {} failed: {complaint}",
        arguments.join(" ")
    );
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}
