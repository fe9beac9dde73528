//! The shape of the house: layout, layers, sizes, names. Each rule is one row of a table here; the
//! reasons stand in `docs/ARCHITECTURE.md` and `CONTRIBUTING.md`. When a rule stops being right,
//! change the row and the document in one commit.

/// The repository as files, and Rust text as tokens.
mod source;

/// Which module may name which.
mod layers;

/// Lengths, names and words of one Rust file.
mod shape;

/// Links between documents.
mod links;

/// Files that others wrote and our binary serves.
mod copies;

/// Packages and what they depend on.
mod packages;

/// Tests that documents and tables name.
pub(crate) mod named;

/// Every rule refuses a planted violation.
mod planted;

use source::{SourceFile, is_ignored, list_files, root};

/// The modules of `api/src`, callers above callees: a module names only modules on its own line or
/// below. `main.rs` and `lib.rs` stand outside.
const LAYERS: &[&[&str]] = &[
    &["cli"],
    &["http"],
    &["graphql", "jobs"],
    &["service"],
    &["app", "config", "layout"],
    &[
        "store", "index", "cache", "notify", "signer", "beacon", "witness",
    ],
    &["policy", "domain"],
    &["error", "clock", "ids", "telemetry"],
];

/// Modules of `api/src`, and words that their code never contains.
const ABSENT: &[(&[&str], &[&str])] = &[
    // Pure: the same values in give the same answer out.
    (
        &["domain", "policy"],
        &[
            "async", "await", "tokio", "sea_orm", "sqlx", "redis", "clock",
        ],
    ),
    // Nothing above `service` touches the database.
    (&["cli", "http", "graphql", "jobs"], &["sea_orm", "sqlx"]),
    // The command line opens the database for the city that it starts; the others never see it.
    (&["http", "graphql", "jobs"], &["store"]),
];

/// Words that only the named module of `api/src` may contain: private keys have one home, and so have the
/// tokens that keep them.
const RESERVED: &[(&str, &[&str])] = &[("signer", &["SigningKey", "SecretKey", "cryptoki"])];

/// Crates of ours, and crates of ours that each may name (without tests).
const CRATES: &[(&str, &[&str])] = &[
    ("fairplate-verifier", &[]),
    ("fairplate-migration", &[]),
    ("fairplate-entity", &[]),
    (
        "fairplate",
        &[
            "fairplate-entity",
            "fairplate-migration",
            "fairplate-verifier",
        ],
    ),
    (
        "fairplate-tests",
        &[
            "fairplate",
            "fairplate-entity",
            "fairplate-migration",
            "fairplate-verifier",
        ],
    ),
];

/// A stranger can look through everything under the verifier on one page: `cargo tree`, each package
/// counted once.
const VERIFIER_PACKAGES: usize = 67;

const FILE_LINES: usize = 400;

/// Lines that hold code, from `fn` to the closing brace.
const FUNCTION_LINES: usize = 60;

/// What must stand at the top of the repository.
const TOP_LEVEL: &[&str] = &[
    ".cargo",
    ".ci",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "api",
    "clippy.toml",
    "compose.yaml",
    "deny.toml",
    "docs",
    "entity",
    "migration",
    "rustfmt.toml",
    "tests",
    "verifier",
];

/// What may also stand there, because a tool or a reader looks for it there.
const TOP_LEVEL_ALLOWED: &[&str] = &[".cargo", ".gitattributes", "README.zh-CN.md"];

/// Words of a definition's name that say nothing about the city.
const EMPTY_WORDS: &[&str] = &[
    "manager",
    "helper",
    "helpers",
    "util",
    "utils",
    "handler",
    "handlers",
    "processor",
    "data",
    "info",
    "item",
    "impl",
];

/// Names that others give, word for word: Relay's connections, and what the GraphQL library calls the
/// way in which a type registers itself.
const STANDARD_NAMES: &[&str] = &["PageInfo", "create_type_info"];

/// The web framework's own word.
const HANDLER_HOME: &str = "api/src/http";

/// Beginnings of function names that hide the verb.
const EMPTY_VERBS: &[&str] = &["do_", "process_", "handle_"];

/// Marks of unfinished or silenced work. Written in halves, so that this table passes its own test.
const UNFINISHED: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("todo", "!("),
    concat!("dbg", "!("),
    concat!("unimplemented", "!("),
    concat!("#[", "allow("),
    concat!("#![", "allow("),
];

/// Where machines keep people's and workplaces' files.
const MACHINE_PATHS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
];

/// Fails with one line a violation.
fn refuse(rule: &str, violations: &[String]) {
    assert!(
        violations.is_empty(),
        "{rule}:\n  {}\n({} in all; the rules are the tables of tests/it/tidy.rs)",
        violations.join("\n  "),
        violations.len()
    );
}

fn list_rust() -> Vec<SourceFile> {
    let files: Vec<_> = list_files()
        .into_iter()
        .filter(SourceFile::is_rust)
        .collect();
    assert!(
        files.len() > 5,
        "expected the Rust files of five crates, found {}",
        files.len()
    );
    files
}

#[test]
fn a_module_names_only_modules_on_its_own_line_or_below() {
    let violations: Vec<_> = list_rust().iter().flat_map(layers::violations).collect();
    refuse(
        "a module of api/src names only modules on its own line of LAYERS or below",
        &violations,
    );
}

#[test]
fn pure_modules_stay_pure_and_the_database_stays_below_service() {
    let violations: Vec<_> = list_rust().iter().flat_map(layers::absent_words).collect();
    refuse(
        "a module of api/src does without the words of ABSENT",
        &violations,
    );
}

#[test]
fn only_the_signer_touches_a_private_key() {
    let violations: Vec<_> = list_rust()
        .iter()
        .flat_map(layers::reserved_words)
        .collect();
    refuse("a word of RESERVED stays in its module", &violations);
}

#[test]
fn a_crate_names_only_the_crates_it_may() {
    refuse(
        "a crate of ours names only the crates of CRATES",
        &packages::violations(),
    );
}

#[test]
fn everything_under_the_verifier_fits_on_a_page() {
    let names = packages::list_under("fairplate-verifier");
    assert!(
        names.len() <= VERIFIER_PACKAGES,
        "expected at most {VERIFIER_PACKAGES} packages under the verifier, found {}; drop a dependency \
         or a feature:\n{}",
        names.len(),
        names.join("\n")
    );
}

#[test]
fn files_and_functions_are_short() {
    let violations: Vec<_> = list_rust()
        .iter()
        .flat_map(|file| {
            shape::long_file(file)
                .into_iter()
                .chain(shape::long_functions(file))
        })
        .collect();
    refuse(
        "a file has at most 400 lines and a function 60; split it at its next noun",
        &violations,
    );
}

#[test]
fn names_say_what_they_mean() {
    let violations: Vec<_> = list_rust().iter().flat_map(shape::empty_names).collect();
    refuse(
        "a name says what the thing is in the city (docs/GLOSSARY.md)",
        &violations,
    );
}

#[test]
fn nothing_is_left_unfinished_or_silenced() {
    let violations: Vec<_> = list_files()
        .iter()
        .filter(|file| file.is_rust() || file.is_setting())
        .flat_map(|file| shape::lines_with(file, UNFINISHED))
        .collect();
    refuse(
        "unfinished work is an issue, and a lint is expected with a reason",
        &violations,
    );
}

#[test]
fn no_file_names_a_path_of_somebodys_machine() {
    let violations: Vec<_> = list_files()
        .iter()
        .flat_map(|file| shape::lines_with(file, MACHINE_PATHS))
        .collect();
    refuse("a file means the same on every machine", &violations);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let violations: Vec<_> = list_files().iter().flat_map(links::broken).collect();
    refuse(
        "a link between files of the repository points to a file of the repository",
        &violations,
    );
}

#[test]
fn every_threat_is_answered_by_a_test_that_exists() {
    let page = "docs/THREATS.md";
    let text = std::fs::read_to_string(root().join(page)).expect("the page of threats");
    let violations = named::violations(page, &text);
    refuse(
        "a row of THREATS.md names the tests that show it",
        &violations,
    );
    let planted = text.replacen("`refusals::", "`refusals::no_such_", 1);
    assert_eq!(named::violations(page, &planted).len(), 1);
    let alone =
        "| attempt | what stops it | rule | shown by |\n|---|---|---|---|\n| try | it | R1 | — |\n";
    assert_eq!(named::violations(page, alone).len(), 1);
    assert!(40 < named::list_named(&text).len());
}

#[test]
fn the_served_copies_are_the_files_that_their_table_names() {
    refuse(
        "a copied file has the SHA-256 of its row",
        &copies::violations(),
    );
    refuse(
        "our page asks no other server for anything",
        &copies::outside_requests(),
    );
}

#[test]
fn the_top_of_the_repository_is_the_table_of_contents() {
    let entries = std::fs::read_dir(root()).expect("the repository can be listed");
    let found: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry can be read")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name != ".git" && !is_ignored(name))
        .collect();
    refuse(
        "the top of the repository is exactly TOP_LEVEL",
        &top_level_violations(&found),
    );
}

fn top_level_violations(found: &[String]) -> Vec<String> {
    let strangers = found
        .iter()
        .filter(|name| !TOP_LEVEL.contains(&name.as_str()))
        .filter(|name| !TOP_LEVEL_ALLOWED.contains(&name.as_str()))
        .map(|name| format!("{name}: not in the table; put it under a folder of its subject"));
    let missing = TOP_LEVEL
        .iter()
        .filter(|name| !found.iter().any(|other| other == *name))
        .map(|name| format!("{name}: in the table, but not there"));
    strangers.chain(missing).collect()
}
