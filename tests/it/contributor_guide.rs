//! The guide for contributors: every command of it, in a folder of the contributor's own, against a
//! running city.

use std::{fs, path::Path, process::Command};

use fairplate_tests::{
    TestCity,
    ceremony::{self, Sealing, Terms},
    check_publication,
    keys::ORIGIN,
    on_both_databases, programs,
    stages::{CLOSE_AT, CLOSES_AT, FINISH_AT, PERIOD, officer, places, reveals, terms},
};
use verifier::contribution::Commitment;

use crate::docs::fences;

const GUIDE: &str = "docs/guide/contributor.md";

fn text(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_to_string(root.join(name)).expect("the guide")
}

/// The contributor's commands by their mark, in order, as this city needs them.
async fn commands(city: &TestCity) -> Vec<(String, String)> {
    let address = city.server().await.address().to_string();
    let fences = fences(GUIDE, &text(GUIDE)).into_iter();
    let steps = ["seal", "fetch", "open", "hand-in", "look"];
    let named = fences.filter_map(|fence| {
        let step = steps.iter().find(|step| fence.is("sh", step))?;
        let body = fence
            .body
            .replace("https://lottery.example", &format!("http://{address}"));
        let body = body
            .replace("hangzhou.example/draws", ORIGIN)
            .replace("202607", PERIOD);
        Some(((*step).to_owned(), body))
    });
    let named: Vec<_> = named.collect();
    let shown: Vec<_> = named.iter().map(|(step, _)| step.as_str()).collect();
    assert_eq!(shown, steps, "the steps that the guide shows");
    named
}

/// What a command prints where the contributor keeps their files.
fn run(folder: &Path, body: &str) -> String {
    let body = format!("PATH='{}':\"$PATH\"\n{body}", programs::folder().display());
    let mut shell = Command::new("bash");
    shell
        .args(["-euo", "pipefail", "-c", body.as_str()])
        .current_dir(folder)
        .env("LC_ALL", "C");
    let output = shell.output().expect("bash");
    assert!(output.status.success(), "{body}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn every_command_of_the_contributors_guide_does_what_it_says() {
    on_both_databases(async |city| {
        city.frozen(4, places(1, 1)).await;
        let folder = tempfile::tempdir().expect("a folder");
        let here = folder.path();
        let steps = commands(city).await;
        let step = |at: usize| run(here, &steps[at].1);

        step(0);
        let sealed = fs::read_to_string(here.join("mine.commitment")).expect("a commitment");
        let handed_in = Commitment::parse(&sealed).expect("a commitment");
        // The guide has the reader fetch this from elsewhere, beforehand.
        let records = city.app.layout.public().join("records.vkey");
        let mine = Sealing {
            name: handed_in.contributor.name.clone(),
            commitment: handed_in.commitment,
        };
        let mut agreed: Terms = terms(PERIOD);
        agreed.sealed.push(mine);
        ceremony::announce(&city.app, &officer(), PERIOD, agreed)
            .await
            .expect("announced");
        fs::copy(records, here.join("records.vkey")).expect("the record key");
        step(1);
        step(2);
        city.at(CLOSES_AT);
        for _ in 0..2 {
            let told = step(3);
            assert!(told.contains("ContributionRevealed"), "{told}");
        }
        city.at(CLOSE_AT);
        ceremony::close(&city.app, &officer(), PERIOD, reveals())
            .await
            .expect("closed");
        let secret = fs::read_to_string(here.join("mine.reveal")).expect("a reveal");
        let secret = &secret.lines().last().expect("a secret")["secret ".len()..];
        let seen = step(4);
        let line = format!("reveal {} {secret}\n", handed_in.contributor.name);
        assert_eq!(seen, line);
        city.at(FINISH_AT);
        ceremony::finish(&city.app, &officer(), PERIOD)
            .await
            .expect("finished");
        check_publication(city).await;
    });
}

#[test]
fn both_languages_of_the_contributors_guide_show_the_same_commands() {
    let bodies = |name: &str| -> Vec<String> {
        let shown = fences(name, &text(name)).into_iter();
        shown.map(|fence| fence.body).collect()
    };
    assert_eq!(bodies(GUIDE), bodies("docs/guide/contributor.zh-CN.md"));
}
