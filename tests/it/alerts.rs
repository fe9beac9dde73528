//! What an operator watches with: the rules are good and fire, and everything they and the dashboard ask
//! for is really told.

use std::{collections::BTreeSet, fs, process::Command, sync::Arc};

use fairplate::{
    domain::actor::Worker,
    jobs,
    service::{health, leases::Timing},
    telemetry,
};
use fairplate_tests::{on_both_databases, stages::places, topology};
use serde_json::Value;

fn text(name: &str) -> String {
    let path = topology::guide().join(name);
    fs::read_to_string(&path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}

fn promtool(words: &[&str]) {
    let mut command = Command::new("promtool");
    command.args(words).current_dir(topology::guide());
    let output = command.output();
    let output = output.expect("promtool of Debian's package prometheus; tests/run installs it");
    assert!(output.status.success(), "{words:?}: {output:?}");
}

/// The metrics that a text names.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let ours = words.filter(|word| word.starts_with("fairplate_"));
    ours.map(str::to_owned).collect()
}

/// The names of a page's samples.
fn told(page: &str) -> BTreeSet<String> {
    let samples = page.lines().filter(|line| !line.starts_with('#'));
    let name = |line: &str| line.split(['{', ' ']).next().map(str::to_owned);
    samples.filter_map(name).collect()
}

#[test]
fn the_rules_are_rules_and_each_of_them_fires_when_it_should_and_not_otherwise() {
    promtool(&["check", "rules", "alerts.yml"]);
    promtool(&["test", "rules", "alerts.test.yml"]);
}

#[test]
fn everything_that_is_watched_is_told_and_everything_that_is_told_is_explained() {
    on_both_databases(async |city| {
        city.finished(2, places(1, 1)).await;
        for outcome in jobs::run_all(&city.app, &Worker, Timing::AtOnce).await {
            outcome.result.expect("a job");
        }
        let facts = health::facts(&city.app).await;
        let page = telemetry::write(Arc::clone(&city.app.telemetry), facts).expect("a page");
        let told = told(&page);
        assert!(20 < told.len(), "{told:?}");

        for name in ["dashboard.json", "alerts.yml", "alerts.test.yml"] {
            let asked = named(&text(name));
            let missing: Vec<_> = asked.difference(&told).collect();
            assert!(
                !asked.is_empty() && missing.is_empty(),
                "{name} asks for {missing:?}"
            );
        }
        for name in ["watching.md", "watching.zh-CN.md"] {
            let explained = named(&text(name));
            let parts = ["_bucket", "_count", "_sum"];
            let whole = |sample: &String| {
                let part = parts.iter().find_map(|part| sample.strip_suffix(part));
                explained.contains(part.unwrap_or(sample))
            };
            let missing: Vec<_> = told.iter().filter(|sample| !whole(sample)).collect();
            assert!(missing.is_empty(), "{name} does not explain {missing:?}");
            let is_told = |metric: &&String| {
                told.contains(*metric) || told.contains(&format!("{metric}_bucket"))
            };
            let unknown: Vec<_> = explained.iter().filter(|metric| !is_told(metric)).collect();
            assert!(unknown.is_empty(), "{name} explains {unknown:?}");
        }
    });
}

#[test]
fn each_alert_says_what_to_do_in_both_languages() {
    let rules = text("alerts.yml");
    let alerts = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "));
    let alerts: BTreeSet<_> = alerts.collect();
    assert!(10 < alerts.len());
    for name in ["watching.md", "watching.zh-CN.md"] {
        let page = text(name);
        let rows = page
            .lines()
            .filter_map(|line| line.strip_prefix("| `Fairplate"));
        let rows = rows.filter_map(|row| row.split('`').next());
        let rows: BTreeSet<_> = rows.map(|row| format!("Fairplate{row}")).collect();
        let rows: BTreeSet<_> = rows.iter().map(String::as_str).collect();
        assert_eq!(rows, alerts, "{name}");
    }
}

#[test]
fn the_dashboard_is_one_and_asks_a_data_source_that_its_reader_chooses() {
    let dashboard: Value = serde_json::from_str(&text("dashboard.json")).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64()).collect();
    assert_eq!(ids.len(), panels.len());
    for panel in panels {
        assert_eq!(panel["datasource"]["uid"], "${prometheus}", "{panel}");
        assert_ne!(panel["targets"], Value::Array(Vec::new()), "{panel}");
    }
}
