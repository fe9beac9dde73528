use std::fs;
use std::path::{Path, PathBuf};

/// Folders, wherever they lie, of what was fetched or built.
const NOT_OURS: [&str; 4] = [".git", "target", "node_modules", "built"];

/// A text file of the repository.
pub(super) struct SourceFile {
    /// From the repository's root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

impl SourceFile {
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    pub(super) fn is_rust(&self) -> bool {
        self.has_extension("rs")
    }

    pub(super) fn is_markdown(&self) -> bool {
        self.has_extension("md")
    }

    /// A manifest or a script of ours.
    pub(super) fn is_setting(&self) -> bool {
        self.has_extension("toml") || self.has_extension("yaml") || self.text.starts_with("#!/")
    }

    /// The module of `api/src` that the file belongs to, with its inner modules: `["store",
    /// "period"]`. Nothing for files elsewhere, and for `main.rs` and `lib.rs`.
    pub(super) fn module_path(&self) -> Option<Vec<&str>> {
        let inner = self.path.strip_prefix("api/src/")?.strip_suffix(".rs")?;
        let mut parts: Vec<&str> = inner.split('/').collect();
        if parts.last() == Some(&"mod") {
            parts.pop();
        }
        (parts != ["main"] && parts != ["lib"]).then_some(parts)
    }

    /// The text with everything but code made blank; lines stay where they are.
    pub(super) fn code(&self) -> String {
        blank_out(&self.text)
    }

    fn has_extension(&self, wanted: &str) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|found| found == wanted)
    }
}

/// The repository's root.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Whether `.gitignore` keeps this name at the top out of the repository.
pub(super) fn is_ignored(name: &str) -> bool {
    let ignored = fs::read_to_string(root().join(".gitignore")).expect(".gitignore can be read");
    ignored.lines().any(|line| line.trim_matches('/') == name)
}

/// Every text file that is or may become part of the repository, sorted by path.
pub(super) fn list_files() -> Vec<SourceFile> {
    let mut files = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a folder can be listed") {
            let entry = entry.expect("an entry can be read");
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_ours = !NOT_OURS.contains(&name.as_str());
            if !is_ours || (folder.is_empty() && is_ignored(&name)) {
                continue;
            }
            let path = if folder.is_empty() {
                name
            } else {
                format!("{folder}/{name}")
            };
            if entry.file_type().expect("an entry has a type").is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(entry.path()) {
                files.push(SourceFile { path, text });
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

/// A word, a `::` or one other character, and the line it stands on, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) line: usize,
    pub(super) text: &'a str,
}

impl Token<'_> {
    pub(super) fn is_word(&self) -> bool {
        self.text.starts_with(is_word_char)
    }
}

pub(super) fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    for (index, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let end = if is_word_char(first) {
                rest.find(|c| !is_word_char(c)).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            found.push(Token {
                line: index + 1,
                text: &rest[..end],
            });
            rest = rest[end..].trim_start();
        }
    }
    found
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Makes comments, strings and character literals blank and keeps every line break.
fn blank_out(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_word = false;
    while let Some(first) = rest.chars().next() {
        let length = if in_word { 0 } else { literal_length(rest) };
        let length = if length == 0 {
            comment_length(rest)
        } else {
            length
        };
        let length = if length == 0 {
            quoted_length(rest)
        } else {
            length
        };
        if length == 0 {
            code.push(first);
            in_word = is_word_char(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.extend(
                rest[..length]
                    .chars()
                    .map(|c| if c == '\n' { '\n' } else { ' ' }),
            );
            in_word = false;
            rest = &rest[length..];
        }
    }
    code
}

/// The bytes of the comment that the text begins with, 0 if it begins with none.
fn comment_length(text: &str) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if !text.starts_with("/*") {
        return 0;
    }
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The bytes of the raw string that the text begins with, 0 if it begins with none.
fn literal_length(text: &str) -> usize {
    let Some(prefix) = ["br", "cr", "r"]
        .into_iter()
        .find(|prefix| text.starts_with(prefix))
    else {
        return 0;
    };
    let after = &text[prefix.len()..];
    let hashes = after.len() - after.trim_start_matches('#').len();
    if !after[hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let start = prefix.len() + hashes + 1;
    text[start..]
        .find(&end)
        .map_or(text.len(), |inner| start + inner + end.len())
}

/// The bytes of the string or character that the text begins with, 0 for anything else, also for a
/// lifetime.
fn quoted_length(text: &str) -> usize {
    let mut chars = text.char_indices();
    let Some((_, quote @ ('"' | '\''))) = chars.next() else {
        return 0;
    };
    let is_character = text[1..].starts_with('\\') || text.chars().nth(2) == Some('\'');
    if quote == '\'' && !is_character {
        return 0;
    }
    let mut is_escaped = false;
    for (at, c) in chars {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if c == quote {
            return at + 1;
        }
    }
    text.len()
}
