//! The documents say what is true: bytes shown are a vector's bytes, commands shown print what is
//! shown under them, and a rule that is cited exists.
//!
//! A fence opened with `text file=NAME` holds the whole file NAME of the example draw. One opened
//! with `sh run` is run by bash in that draw's folder, and the next fence, `text output`, holds
//! what it prints; `needs=TOOL` skips it where that tool is missing. One opened with `text report`
//! is the verifier's report on the example, with the keys of its own folder; `text receipt=CODE` is
//! the receipt it makes of that code.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use verifier::{Options, Trust, bundle::Bundle, receipt, steps::Step, verify_folder};

/// Files of the example that a reader must find in full in the specifications.
const SHOWN: [&str; 12] = [
    "announce.note",
    "announce.tlog-proof",
    "chain.json",
    "close.note",
    "close.tlog-proof",
    "policy.toml",
    "pool-individual.csv",
    "records.vkey",
    "result-individual.csv",
    "result.note",
    "result.tlog-proof",
    "trust.policy",
];

/// A fenced block of a document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fence {
    /// Where it opens: the document's path and the line's number.
    pub(crate) place: String,
    /// What stands behind the backticks that open it.
    marks: Vec<String>,
    /// Its lines, each with its line end.
    pub(crate) body: String,
}

impl Fence {
    pub(crate) fn is(&self, language: &str, mark: &str) -> bool {
        self.marks.len() > 1 && self.marks[0] == language && self.marks[1] == mark
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.marks
            .iter()
            .find_map(|mark| mark.strip_prefix(key)?.strip_prefix('='))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn example() -> PathBuf {
    root().join("verifier/vectors/accept/example")
}

/// The README files and every document under `docs`, by path, in order.
fn documents() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root().join("docs")];
    let mut paths = vec![root().join("README.md"), root().join("README.zh-CN.md")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of documents") {
            let path = entry.expect("an entry of that folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "md") {
                paths.push(path);
            }
        }
    }
    for path in paths {
        let name = path.strip_prefix(root()).expect("a path below the root");
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        found.insert(name.display().to_string(), text);
    }
    found
}

/// The fences of a document, in order.
pub(crate) fn fences(name: &str, text: &str) -> Vec<Fence> {
    let mut found = Vec::new();
    let mut open: Option<Fence> = None;
    for (number, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(marks)) => {
                open = Some(Fence {
                    place: format!("{name}:{}", number + 1),
                    marks: marks.split_whitespace().map(str::to_owned).collect(),
                    body: String::new(),
                });
            }
            (Some(_), Some("")) => found.extend(open.take()),
            (Some(fence), _) => {
                fence.body.push_str(line);
                fence.body.push('\n');
            }
            (None, None) => {}
        }
    }
    assert_eq!(open, None, "a fence of {name} is never closed");
    found
}

fn all_fences() -> Vec<Fence> {
    documents()
        .iter()
        .flat_map(|(name, text)| fences(name, text))
        .collect()
}

fn is_installed(tool: &str) -> bool {
    let asked = Command::new(tool)
        .arg("version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    asked.is_ok()
}

/// The rules that a specification states: a paragraph that opens with a number in bold.
fn stated(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("**")?.split_once(".**"))
        .map(|(rule, _)| rule)
        .filter(|rule| is_rule(rule))
        .collect()
}

/// The rules that a text names, its own among them.
fn named(text: &str) -> BTreeSet<&str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| is_rule(word))
        .collect()
}

/// `D` (draw), `R` (records) or `V` (verification), then two or more digits, or one.
fn is_rule(word: &str) -> bool {
    let Some(number) = word.strip_prefix(['D', 'R', 'V']) else {
        return false;
    };
    !number.is_empty() && number.len() <= 3 && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[test]
fn the_worked_example_is_the_vector() {
    let mut shown = BTreeSet::new();
    for fence in all_fences() {
        let Some(file) = fence.value("file") else {
            continue;
        };
        let vector = fs::read_to_string(example().join(file))
            .unwrap_or_else(|error| panic!("{}: no vector {file}: {error}", fence.place));
        assert_eq!(fence.body, vector, "{}: this is not {file}", fence.place);
        shown.insert(file.to_owned());
    }
    let wanted = BTreeSet::from(SHOWN.map(str::to_owned));
    assert_eq!(shown, wanted, "files of the example shown in the documents");
}

#[test]
fn a_command_prints_what_stands_under_it() {
    let fences = all_fences();
    let mut count = 0;
    for (at, fence) in fences.iter().enumerate() {
        if !fence.is("sh", "run") {
            continue;
        }
        let output = fences.get(at + 1).filter(|next| next.is("text", "output"));
        let output = output.unwrap_or_else(|| panic!("{}: no output follows", fence.place));
        if let Some(tool) = fence.value("needs").filter(|tool| !is_installed(tool)) {
            eprintln!("{}: not run, {tool} is not installed", fence.place);
            continue;
        }
        let run = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &fence.body])
            .current_dir(example())
            .output()
            .expect("bash");
        let errors = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{}: {errors}", fence.place);
        let printed = String::from_utf8_lossy(&run.stdout);
        assert_eq!(printed, output.body, "{}", fence.place);
        count += 1;
    }
    assert!(count > 0, "no document shows a command that is run");
}

#[test]
fn the_report_shown_is_the_verifiers_own() {
    let folder = example();
    let read = |name: &str| fs::read(folder.join(name)).expect("a key file of the example");
    let trust = Trust::parse(&read("trust.policy"), &read("records.vkey")).expect("its keys");
    let report = verify_folder(&folder, &trust, &Options::default(), &mut |_| {});
    let mut count = 0;
    for fence in all_fences() {
        if fence.is("text", "report") {
            assert_eq!(fence.body, report.to_string(), "{}", fence.place);
            count += 1;
        }
    }
    assert!(count > 0, "no document shows a report");
}

#[test]
fn the_receipt_shown_is_the_verifiers_own() {
    let bundle = Bundle::open_folder(&example()).expect("the example");
    let mut count = 0;
    for fence in all_fences() {
        let Some(code) = fence.value("receipt") else {
            continue;
        };
        let code = code.parse().expect("a code");
        let receipt = receipt::make(&bundle, code).expect("a receipt of the example");
        assert_eq!(fence.body, receipt.to_string(), "{}", fence.place);
        count += 1;
    }
    assert!(count > 0, "no document shows a receipt");
}

#[test]
fn the_steps_described_are_the_verifiers_own() {
    let documents = documents();
    let text = &documents["docs/spec/verification.md"];
    let described: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("**V"))
        .filter_map(|line| line.split_once(".** `")?.1.split_once("`:"))
        .map(|(id, _)| id)
        .collect();
    let ids: Vec<&str> = Step::ALL.iter().map(|step| step.id()).collect();
    assert_eq!(described, ids, "steps in docs/spec/verification.md");
    for step in Step::ALL {
        let rule = format!("**V{}.** `{}`:", step.number(), step.id());
        assert!(text.contains(&rule), "no paragraph opens with {rule}");
    }
}

#[test]
fn a_rule_that_is_named_is_stated_once() {
    let documents = documents();
    let mut rules = BTreeMap::new();
    for (name, text) in &documents {
        for rule in stated(text) {
            let earlier = rules.insert(rule, name);
            assert_eq!(earlier, None, "{name} states {rule} again");
        }
    }
    for (name, text) in &documents {
        for rule in named(text) {
            assert!(
                rules.contains_key(rule),
                "{name} names {rule}, which no specification states"
            );
        }
    }
}

#[test]
fn the_architecture_fits_in_two_hundred_lines() {
    let text = &documents()["docs/ARCHITECTURE.md"];
    assert!(text.lines().count() <= 200, "docs/ARCHITECTURE.md grew");
}

/// The checker itself: a mark, a body, and a line that only looks like a fence.
#[test]
fn a_fence_is_read_with_its_marks() {
    let text = "a\n```text file=x.csv\n1,A\n\n```\nb\n```sh run needs=openssl\ntrue\n```\n";
    let found = fences("page.md", text);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].value("file"), Some("x.csv"));
    assert_eq!(found[0].body, "1,A\n\n");
    assert_eq!(found[0].place, "page.md:2");
    assert!(found[1].is("sh", "run") && !found[1].is("text", "output"));
    assert_eq!(found[1].value("needs"), Some("openssl"));
}

#[test]
fn rules_are_told_from_other_words() {
    let text = "**D10.** Text.\nSee R7, V3 and D10; not D, RFC8439, 10D or DD1.\n**Bold.** no\n";
    assert_eq!(stated(text), ["D10"]);
    assert_eq!(named(text), BTreeSet::from(["D10", "R7", "V3"]));
}
