//! The guide for client developers: its example and every command of it, on a running server.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
};

use chrono::TimeDelta;
use fairplate_tests::{
    TestCity, node, on_both_databases,
    people::{Person, person},
    stages::{PERIOD, places},
};

use crate::docs::fences;

const GUIDE: &str = "docs/guide/client.md";

/// A child that is spoken with, line by line.
struct Conversation {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    heard: String,
}

impl Conversation {
    fn begin(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a child");
        let output = child.stdout.take().expect("its output");
        Self {
            child,
            lines: BufReader::new(output).lines(),
            heard: String::new(),
        }
    }

    /// The next line that holds this mark; nothing where it says nothing any more.
    fn hear(&mut self, mark: &str) -> Option<String> {
        for line in self.lines.by_ref() {
            let line = line.expect("a line");
            self.heard.push_str(&line);
            self.heard.push('\n');
            if line.contains(mark) {
                return Some(line);
            }
        }
        None
    }

    fn say(&mut self, text: &str) {
        let input = self.child.stdin.as_mut().expect("its input");
        writeln!(input, "{text}").expect("said");
    }

    /// Everything it said, once it has come to a good end.
    fn end(mut self) -> String {
        drop(self.child.stdin.take());
        assert_eq!(self.hear("\0"), None, "it has said everything");
        let status = self.child.wait().expect("an end");
        assert!(status.success(), "{}", self.heard);
        self.heard
    }
}

/// A day on which the later period takes applications and the story's result is public; gives a
/// winner's code.
async fn in_july(city: &TestCity) -> String {
    let citizens = city.finished(2, places(1, 1)).await;
    city.at("2026-07-02T01:00:00Z");
    citizens[0].code().to_owned()
}

/// The code that a phone is sent; a minute passes, so that another can be asked for.
async fn code_on(city: &TestCity, phone: &str) -> String {
    city.deliver().await;
    let now = fairplate::clock::Clock::now(&city.clock);
    city.clock.set(now + TimeDelta::minutes(2));
    city.code_of(phone).expect("a code")
}

#[test]
fn the_example_signs_in_applies_and_looks_a_result_up() {
    on_both_databases(async |city| {
        let code = in_july(city).await;
        let me: Person = person(60);
        let url = format!("http://{}/graphql", city.server().await.address());
        let mut example = node::script("example.mjs");
        example.args([url.as_str(), me.phone.as_str(), PERIOD, code.as_str()]);
        let mut example = Conversation::begin(example);
        while example.hear("code to ").is_some() {
            let typed = code_on(city, &me.phone).await;
            example.say(&typed);
        }
        let heard = example.end();
        for said in [
            "0 applications so far",
            "新申请",
            "1 applications now",
            "202606 PUBLISHED 2026-06-30",
            "2026-07-30 ",
        ] {
            assert!(heard.contains(said), "no {said:?} in {heard}");
        }
    });
}

#[test]
fn every_command_of_the_guide_does_what_it_says() {
    on_both_databases(async |city| {
        in_july(city).await;
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let text = fs::read_to_string(root.join(GUIDE)).expect("the guide");
        let address = city.server().await.address().to_string();
        let spool = city.app.layout.spool().display().to_string();
        let here = |body: &str| {
            body.replace("127.0.0.1:8080", &address)
                .replace("data/spool", &spool)
        };
        let mut shell = Command::new("bash");
        shell.args(["-euo", "pipefail"]).current_dir(&root);
        let mut shell = Conversation::begin(shell);
        let mut count = 0;
        for fence in fences(GUIDE, &text) {
            if !fence.is("sh", "client") {
                continue;
            }
            shell.say(&here(&fence.body));
            shell.say("echo '-- done'");
            let done = shell.hear("-- done");
            assert!(done.is_some(), "{}: {}", fence.place, shell.heard);
            city.deliver().await;
            count += 1;
        }
        let heard = shell.end();
        assert!(count >= 8, "the guide shows {count} commands");
        assert!(!heard.contains("INTERNAL"), "{heard}");
    });
}

#[test]
fn both_languages_of_the_guide_show_the_same_commands() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let bodies = |name: &str| -> Vec<String> {
        let text = fs::read_to_string(root.join(name)).expect("the guide");
        let shown = fences(name, &text).into_iter();
        shown.map(|fence| fence.body).collect()
    };
    assert_eq!(bodies(GUIDE), bodies("docs/guide/client.zh-CN.md"));
}
