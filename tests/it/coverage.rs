//! The page that says what serves each row of Hangzhou's guide tells the truth: no row is empty,
//! every operation it names exists, and every test it names exists and runs on both databases.

use std::{collections::BTreeMap, fs, path::PathBuf};

use fairplate::graphql;

/// Rows of the guide.
const ROWS: u32 = 62;

/// Rows about the auction, which Fairplate does not hold: they may say so instead.
const AUCTION: [u32; 2] = [29, 59];

/// One row of the page.
struct Row {
    asks: String,
    operations: Vec<String>,
    tests: Vec<String>,
    is_later: bool,
}

fn read(path: &str) -> String {
    let full = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(path);
    fs::read_to_string(full).unwrap_or_else(|cause| panic!("{path}: {cause}"))
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<String> {
    let parts = cell.split('`').skip(1).step_by(2);
    parts.map(str::to_owned).collect()
}

fn rows() -> BTreeMap<u32, Row> {
    let page = read("docs/guide/coverage-hangzhou.md");
    let mut rows = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| H")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [number, asks, operations, tests] = cells[..] else {
            panic!("expected four cells: {line}");
        };
        let number = number[1..].parse().expect("a number behind the H");
        let row = Row {
            asks: asks.to_owned(),
            operations: quoted(operations),
            tests: quoted(tests),
            is_later: tests.contains("auction"),
        };
        assert!(
            rows.insert(number, row).is_none(),
            "H{number} stands there twice"
        );
    }
    rows
}

/// Whether the schema has a type's member, as in `Mutation.joinTier` or `ApplicationStatus.NEW`.
fn is_in_schema(sdl: &str, operation: &str) -> bool {
    let Some((kind, member)) = operation.split_once('.') else {
        return false;
    };
    let heads = ["type", "input", "enum", "interface"].map(|word| format!("\n{word} {kind} "));
    let Some(start) = heads.iter().find_map(|head| sdl.find(head)) else {
        return false;
    };
    let body = sdl[start..].split("\n}").next().unwrap_or_default();
    body.lines().any(|line| {
        line.strip_prefix('\t')
            .or_else(|| line.strip_prefix("  "))
            .is_some_and(|line| line.split(['(', ':', ' ']).next() == Some(member))
    })
}

fn exists(sdl: &str, policy: &str, operation: &str) -> bool {
    if let Some(job) = operation.strip_prefix("job ") {
        return !read(&format!("api/src/jobs/{job}.rs")).is_empty();
    }
    if let Some(table) = operation.strip_prefix("policy ") {
        return [format!("\n[{table}]"), format!("\n[[{table}]]")]
            .iter()
            .any(|head| policy.contains(head));
    }
    operation.starts_with("fairplate") || is_in_schema(sdl, operation)
}

#[test]
fn every_row_of_the_guide_stands_on_the_page() {
    let rows = rows();
    let numbers: Vec<_> = rows.keys().copied().collect();
    assert_eq!(numbers, (1..=ROWS).collect::<Vec<_>>());
    for (number, row) in rows {
        assert!(!row.asks.is_empty(), "H{number} says nothing");
        let may_wait = AUCTION.contains(&number) && row.is_later;
        assert!(
            may_wait || !(row.operations.is_empty() || row.tests.is_empty()),
            "H{number} has no operation or no test"
        );
    }
}

#[test]
fn every_operation_on_the_page_exists() {
    let (sdl, policy) = (
        format!("\n{}", graphql::sdl()),
        read("api/policies/hangzhou-2018.toml"),
    );
    for (number, row) in rows() {
        for operation in row.operations {
            assert!(
                exists(&sdl, &policy, &operation),
                "H{number}: there is no {operation}"
            );
        }
    }
}

#[test]
fn every_test_on_the_page_exists_and_runs_on_both_databases() {
    for (number, row) in rows() {
        for test in row.tests {
            let (file, name) = test.split_once("::").expect("a test as file::name");
            let source = read(&format!("tests/it/{file}.rs"));
            let (_, body) = source
                .split_once(&format!("#[test]\nfn {name}() {{"))
                .unwrap_or_else(|| panic!("H{number}: there is no test {test}"));
            let body = body.split("\n}").next().unwrap_or_default();
            assert!(
                body.contains("on_both_databases"),
                "H{number}: {test} runs on one database"
            );
        }
    }
}
