//! Runs every file of `vectors/`. A file says in its head what must come of it and which step says
//! so, and in its body how its draw departs from the one in `city`; a new case is a new file.
//!
//! Head: `verdict`, and for a reject `step`, and `file` and `line`, the first that step names. Body, an
//! instruction a line, with `\n`, `\r` and `\u{…}` as in Rust and `$FLIP` for the next hex digit
//! changed:
//!
//! - `edit <file> <old> => <new>` before a record is signed or another file is hashed; `tamper`
//!   the same afterwards; `drop <file>`; `cut <file> <line>`; `swap <file> <other>`
//! - `pool <category> <bytes>`, `rows <n>`, `quota <category> <quota> <reserve>`
//! - `contributor <name>`: one more, who reveals
//! - `announced-at`, `closed-at`, `void-at <time>`, `unwitnessed`, `signature-of <round>`
//! - `checkpoint-origin <origin>`; `rotate <successor> <record> <record> <signers>`: a change of
//!   keys before the first record, whose successor signs from the second on
//! - `vouch <witness>`: the change of keys above it puts this witness in the place of the one before;
//!   `log-key <origin>`: another key of the log; `ignore`: both of before go on all the same; `pin both|later`: trust policies beside or in the place of the
//!   first one
//! - `log-again <record> before|after <record> [<old> => <new>]`, `amend <lines>`
//! - `sign <note> <n>`, `repeat-signature`, `non-canonical-signature <note>`, `grow <note> <bytes>`

use std::{collections::BTreeMap, fs, path::Path};

use fairplate_verifier::{
    Options,
    language::Language,
    note::{KeyKind, Note, Signature},
    trust::Trust,
};

use crate::{
    city::{Files, Pair, Rotation, Scenario, pool, time},
    verify::verify_files,
};

struct Vector {
    name: String,
    head: BTreeMap<String, String>,
    body: String,
}

fn load(kind: &str) -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("vectors")
        .join(kind);
    let mut vectors = Vec::new();
    for file in fs::read_dir(folder).expect("the vectors") {
        let path = file.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("text");
        let (head, body) = text.split_once("\n\n").expect("a head and a body");
        let head = head
            .lines()
            .map(|line| line.split_once(": ").expect("key: value"));
        vectors.push(Vector {
            name: path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned(),
            head: head
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
            body: body.to_owned(),
        });
    }
    assert!(vectors.len() > 10, "no {kind} vectors: wrong folder?");
    vectors.sort_by(|one, other| one.name.cmp(&other.name));
    vectors
}

#[test]
fn accepted_vectors_are_verified() {
    for vector in load("accept") {
        let report = vector.run();
        let verdict = &vector.head["verdict"];
        assert_eq!(
            report.verdict.to_string(),
            *verdict,
            "{}: {report}",
            vector.name
        );
    }
}

#[test]
fn rejected_vectors_are_caught_by_the_step_they_name() {
    for vector in load("reject") {
        let report = vector.run();
        let name = &vector.name;
        assert_eq!(
            report.verdict.to_string(),
            vector.head["verdict"],
            "{name}: {report}"
        );
        let first = report.first_failure().expect("a failure");
        assert_eq!(first.id(), vector.head["step"], "{name}: {report}");
        let file = first.failure.as_ref().map(|failure| failure.file.as_str());
        assert_eq!(file, Some(vector.head["file"].as_str()), "{name}: {report}");
        let line = first.failure.as_ref().and_then(|failure| failure.line);
        let line = line.map(|line| line.to_string());
        assert_eq!(line.as_ref(), vector.head.get("line"), "{name}: {report}");
    }
}

/// Whether a fragment speaks English: three words of it stand in a row, outside of what a file's
/// spelling is quoted as.
fn is_english(fragment: &str) -> bool {
    let quoted = fragment.split('`').step_by(2);
    quoted.into_iter().any(|text| {
        let words: Vec<&str> = text.split(' ').collect();
        let word =
            |word: &&str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
        words.windows(3).any(|three| three.iter().all(word))
    })
}

#[test]
fn every_finding_is_said_in_chinese_too() {
    for vector in load("reject") {
        let report = vector.run();
        for failure in report.steps.iter().filter_map(|step| step.failure.as_ref()) {
            for fragment in [&failure.expected, &failure.found] {
                let chinese = Language::Chinese.phrase(fragment);
                assert!(!is_english(&chinese), "{}: {chinese}", vector.name);
            }
            let sentence = failure.sentence(Language::Chinese);
            let expected = Language::Chinese.phrase(&failure.expected);
            assert!(sentence.contains(&expected), "{sentence}");
        }
        // Programs read the same whatever the reader's language is.
        let json = report.to_json().to_string();
        assert!(!json.contains("应为"), "{json}");
    }
}

impl Vector {
    fn run(&self) -> fairplate_verifier::Report {
        let mut scenario = Scenario::new();
        for line in self.body.lines() {
            bend(&mut scenario, line);
        }
        let mut files = scenario.files();
        for line in self.body.lines() {
            break_files(&mut files, line);
        }
        verify_files(&files, &self.trust(&scenario), &Options::default())
    }

    /// What the reader has pinned.
    fn trust(&self, scenario: &Scenario) -> Trust {
        let first = scenario.trust();
        let mut changes = scenario.rotations.iter().rev();
        let later = changes.find_map(|it| scenario.policy_by(it));
        let Some(later) = later.map(String::into_bytes) else {
            return first;
        };
        let pins = |which: &str| self.body.lines().any(|line| line == format!("pin {which}"));
        if pins("both") {
            first.and(&later).expect("the same log")
        } else if pins("later") {
            let records = format!("{}\n", scenario.records.key);
            Trust::parse(&later, records.as_bytes()).expect("trust")
        } else {
            first
        }
    }
}

/// Instructions that are followed before anything is signed.
fn bend(scenario: &mut Scenario, line: &str) {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    match verb {
        "edit" => scenario.edits.push(change(rest)),
        "tamper" => scenario.tampers.push(change(rest)),
        "pool" => {
            let (category, bytes) = rest.split_once(' ').expect("category and bytes");
            find_pool(scenario, category).bytes = unescaped(bytes).into_bytes();
        }
        "rows" => scenario.pools[0].bytes = pool(rest.parse().expect("a number")),
        "quota" => {
            let words: Vec<&str> = rest.split(' ').collect();
            let pool = find_pool(scenario, words[0]);
            pool.quota = words[1].parse().expect("a number");
            pool.reserve = words[2].parse().expect("a number");
        }
        "contributor" => scenario.more_contributors.push(rest.to_owned()),
        "announced-at" => scenario.announced = time(rest),
        "closed-at" => scenario.closed = time(rest),
        "void-at" => scenario.void = Some(time(rest)),
        "checkpoint-origin" => rest.clone_into(&mut scenario.checkpoint_origin),
        "rotate" | "vouch" | "ignore" | "log-key" => bend_keys(scenario, verb, rest),
        "unwitnessed" => scenario.witnessed = false,
        "signature-of" => scenario.signature_of = Some(rest.parse().expect("a number")),
        "log-again" => log_again(scenario, rest),
        "amend" => {
            let text = format!(
                "fairplate/v1 amend\norigin linan.example/draws\ndraw 202607\nresult $RESULT\n\
                 issued 2026-08-01T00:00:00Z\n{}",
                unescaped(rest)
            );
            let witnessed = time("2026-08-01T00:00:10Z");
            scenario.more.push(("amend-1".to_owned(), text, witnessed));
        }
        "sign" => {
            let (note, count) = rest.split_once(' ').expect("note and number");
            let stem = note.strip_suffix(".note").expect("a note").to_owned();
            scenario.more_signatures = Some((stem, count.parse().expect("a number")));
        }
        _ => {}
    }
}

/// The instructions about changes of keys.
fn bend_keys(scenario: &mut Scenario, verb: &str, rest: &str) {
    match verb {
        "rotate" => {
            let words: Vec<&str> = rest.split(' ').collect();
            let pair = |name: &str| Pair::new(name, KeyKind::Ed25519);
            scenario.rotations.push(Rotation {
                successor: pair(words[0]),
                before: words[1].to_owned(),
                signs_from: words[2].to_owned(),
                signers: words[3].split(',').map(pair).collect(),
                witness: None,
                log: None,
                is_ignored: false,
            });
        }
        "vouch" => {
            let change = last_change(scenario);
            change.witness = Some(Pair::new(rest, KeyKind::CosignatureV1));
        }
        "ignore" => {
            let change = last_change(scenario);
            change.is_ignored = true;
        }
        "log-key" => {
            let change = last_change(scenario);
            change.log = Some(Pair::seeded("another", rest, KeyKind::Ed25519));
        }
        other => panic!("no such instruction: {other}"),
    }
}

fn last_change(scenario: &mut Scenario) -> &mut Rotation {
    scenario.rotations.last_mut().expect("a change of keys")
}

fn find_pool<'a>(scenario: &'a mut Scenario, category: &str) -> &'a mut crate::city::Pool {
    let mut pools = scenario.pools.iter_mut();
    pools
        .find(|pool| pool.category == category)
        .expect("a category")
}

fn log_again(scenario: &mut Scenario, rest: &str) {
    let mut words = rest.splitn(4, ' ');
    let mut next = || words.next().expect("a word");
    let (stem, side, place) = (next(), next(), next());
    let mut plain = Scenario::new();
    plain.void = (stem == "void").then(|| time("2026-07-26T06:05:00Z"));
    let note = Note::parse(&plain.files()[&format!("{stem}.note")]).expect("a note");
    let text = match words.next() {
        Some(edit) => {
            let (_, old, new) = change(&format!("- {edit}"));
            note.text.replace(&old, &new)
        }
        None => note.text,
    };
    let before = if side == "before" { place } else { "end" };
    scenario.hidden.push((before.to_owned(), text));
}

/// Instructions that are followed once everything is published.
fn break_files(files: &mut Files, line: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    let bytes = words.get(1).and_then(|name| files.get(*name)).cloned();
    let text = || String::from_utf8(bytes.clone().expect("a file")).expect("text");
    let changed = match words[0] {
        "drop" => {
            files.remove(words[1]).expect("a file");
            return;
        }
        "cut" => {
            let at: usize = words[2].parse().expect("a number");
            let text = text();
            let lines = text.split_inclusive('\n').enumerate();
            lines
                .filter(|(line, _)| *line != at)
                .map(|(_, line)| line)
                .collect()
        }
        "swap" => String::from_utf8(files[words[2]].clone()).expect("text"),
        "repeat-signature" => {
            let text = text();
            let last = text.lines().last().expect("a line").to_owned();
            text + &last + "\n"
        }
        "non-canonical-signature" => non_canonical(&text()),
        "grow" => {
            let size: usize = words[2].parse().expect("a number");
            let text = text();
            " ".repeat(size - text.len()) + &text
        }
        _ => return,
    };
    files.insert(words[1].to_owned(), changed.into_bytes());
}

/// Adds the group's order to S, which a careless verifier would accept as another signature.
fn non_canonical(text: &str) -> String {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut note = Note::parse(text.as_bytes()).expect("a note");
    let Signature { bytes, .. } = &mut note.signatures[0];
    let mut carry = 0;
    for (byte, order) in bytes[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = u8::try_from(sum & 0xff).expect("eight bits");
        carry = sum >> 8;
    }
    note.to_string()
}

/// `<file> <old> => <new>`.
fn change(text: &str) -> (String, String, String) {
    let (file, rest) = text.split_once(' ').expect("a file");
    let (old, new) = rest.split_once(" => ").expect("old => new");
    (file.to_owned(), unescaped(old), unescaped(new))
}

fn unescaped(text: &str) -> String {
    text.replace("\\n", "\n")
        .replace("\\r", "\r")
        .replace("\\u{feff}", "\u{feff}")
}
