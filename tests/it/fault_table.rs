//! The page for operators that says what breaks on result day tells the truth: no row is missing, and
//! every test that a row names exists.

use std::{collections::BTreeSet, fs, path::PathBuf};

/// Rows of the table.
const ROWS: usize = 24;

/// Both languages.
const PAGES: [&str; 2] = [
    "docs/guide/operator/faults.md",
    "docs/guide/operator/faults.zh-CN.md",
];

struct Row {
    number: usize,
    cells: Vec<String>,
    tests: Vec<String>,
}

fn read(path: &str) -> String {
    let full = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(path);
    fs::read_to_string(full).unwrap_or_else(|cause| panic!("{path}: {cause}"))
}

fn rows(page: &str) -> Vec<Row> {
    let text = read(page);
    let lines = text.lines().filter(|line| line.starts_with("| F"));
    let row = |line: &str| {
        let cells = line.trim_matches('|').split(" | ").map(str::trim);
        let cells: Vec<_> = cells.map(str::to_owned).collect();
        let tests = cells.last().expect("cells");
        let tests = tests.split('`').skip(1).step_by(2).map(str::to_owned);
        Row {
            number: cells[0][1..].parse().expect("a number behind the F"),
            tests: tests.collect(),
            cells,
        }
    };
    lines.map(row).collect()
}

#[test]
fn every_fault_stands_in_the_table_in_both_languages_with_the_same_tests() {
    let [english, chinese] = PAGES.map(rows);
    let numbers = |rows: &[Row]| rows.iter().map(|row| row.number).collect::<Vec<_>>();
    assert_eq!(numbers(&english), (1..=ROWS).collect::<Vec<_>>());
    assert_eq!(numbers(&chinese), numbers(&english));
    for (row, other) in english.iter().zip(&chinese) {
        assert_eq!(row.tests, other.tests, "F{}", row.number);
        for row in [row, other] {
            assert_eq!(row.cells.len(), 6, "F{}: {:?}", row.number, row.cells);
            let empty = row.cells.iter().any(String::is_empty);
            assert!(!empty, "F{}: {:?}", row.number, row.cells);
        }
    }
}

#[test]
fn every_test_in_the_table_of_faults_exists() {
    let mut named = BTreeSet::new();
    for row in rows(PAGES[0]) {
        assert!(!row.tests.is_empty(), "F{} is shown by no test", row.number);
        for test in row.tests {
            let (file, name) = test.split_once("::").expect("a test as file::name");
            let source = read(&format!("tests/it/{file}.rs"));
            assert!(
                source.contains(&format!("#[test]\nfn {name}() {{")),
                "F{}: there is no test {test}",
                row.number
            );
            named.insert(test);
        }
    }
    assert!(ROWS / 2 < named.len());
}
