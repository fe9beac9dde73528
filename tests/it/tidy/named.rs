//! Tests that a document or a table names as `file::test`, and whether they exist.

use std::fs;

use super::source::root;

/// Whether there is such a test: `races::a_test` of `tests/it/races.rs`, `approvals::crashes::a_test`
/// of a file below it, `verifier::vectors::a_test` of the verifier's own tests, and
/// `api::witness::tests::a_test` of a source of the server.
pub(crate) fn is_a_test(named: &str) -> bool {
    let Some((file, name)) = named.rsplit_once("::") else {
        return false;
    };
    let file = file.replace("::", "/");
    let path = match file.split_once('/') {
        Some(("verifier", inner)) => format!("verifier/tests/it/{inner}.rs"),
        Some(("api", inner)) => format!("api/src/{inner}.rs"),
        _ => format!("tests/it/{file}.rs"),
    };
    let text = fs::read_to_string(root().join(path)).unwrap_or_default();
    let head = format!("fn {name}(");
    let found = text.match_indices(&head).any(|(at, _)| {
        let above = text[..at]
            .lines()
            .rev()
            .skip_while(|line| !line.contains('#'));
        above.take(1).any(|line| line.contains("test]"))
    });
    found && !name.is_empty()
}

/// The tests that a text names between backquotes.
pub(super) fn list_named(text: &str) -> Vec<String> {
    let words = text.split('`').skip(1).step_by(2);
    let is_test = |word: &&str| {
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:".contains(c);
        word.contains("::") && word.chars().all(is_word) && word.matches('_').count() > 2
    };
    words.filter(is_test).map(str::to_owned).collect()
}

/// Rows of the table of attempts that no test shows, and tests that are named and do not exist.
pub(super) fn violations(page: &str, text: &str) -> Vec<String> {
    let named = list_named(text).into_iter();
    let mut found: Vec<String> = named
        .filter(|test| !is_a_test(test))
        .map(|test| format!("{page}: there is no test {test}"))
        .collect();
    let rows = text
        .lines()
        .skip_while(|line| !line.starts_with("| attempt"));
    for row in rows.skip(2).take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let is_shown = cells.len() == 4 && !list_named(cells[3]).is_empty();
        if !is_shown {
            found.push(format!("{page}: no test shows: {}", cells[0]));
        }
    }
    found
}
