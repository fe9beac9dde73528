use std::fs;

use verifier::text::Digest;

use super::source::root;

const FOLDER: &str = "api/assets/graphiql";

/// Files of the folder that we wrote ourselves.
const OURS: &[&str] = &[
    "README.md",
    "examples.json",
    "index.html",
    "start.css",
    "start.js",
];

/// Copied files that are not what the folder's README says, and files that it does not name.
pub(super) fn violations() -> Vec<String> {
    let table = fs::read_to_string(root().join(FOLDER).join("README.md")).expect("it can be read");
    let entries = fs::read_dir(root().join(FOLDER)).expect("the folder can be listed");
    let names = entries.map(|entry| {
        entry
            .expect("an entry can be read")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    names
        .filter(|name| !OURS.contains(&name.as_str()))
        .filter(|name| {
            let bytes = fs::read(root().join(FOLDER).join(name)).expect("a file can be read");
            !is_listed(&table, name, &bytes)
        })
        .map(|name| format!("{FOLDER}/{name}: the table of README.md does not have these bytes"))
        .collect()
}

/// Whether a row of the table begins with the name and ends with the bytes' SHA-256.
pub(super) fn is_listed(table: &str, name: &str, bytes: &[u8]) -> bool {
    let (first, last) = (
        format!("| `{name}` |"),
        format!("| `{}` |", Digest::of(bytes)),
    );
    table
        .lines()
        .any(|row| row.starts_with(&first) && row.ends_with(&last))
}

/// Lines of our own page that would ask another server for something.
pub(super) fn outside_requests() -> Vec<String> {
    let pages = OURS.iter().filter(|name| **name != "README.md");
    pages
        .flat_map(|name| {
            let text = fs::read_to_string(root().join(FOLDER).join(name)).expect("it can be read");
            let lines = text.lines().enumerate();
            let outside = lines.filter(|(_, line)| line.contains("://") || line.contains("\"//"));
            outside
                .map(|(index, _)| format!("{FOLDER}/{name}:{}", index + 1))
                .collect::<Vec<_>>()
        })
        .collect()
}
