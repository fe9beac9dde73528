use super::source::{SourceFile, Token, tokens};
use super::{EMPTY_VERBS, EMPTY_WORDS, FILE_LINES, FUNCTION_LINES, HANDLER_HOME, STANDARD_NAMES};

pub(super) fn long_file(file: &SourceFile) -> Option<String> {
    let lines = file.text.lines().count();
    (lines > FILE_LINES).then(|| format!("{}: {lines} lines", file.path))
}

/// Functions with too many lines of code. Blank lines, comments and lines inside a string are free:
/// they do not have to be held in mind.
pub(super) fn long_functions(file: &SourceFile) -> Vec<String> {
    let code = file.code();
    let found = tokens(&code);
    let mut long = Vec::new();
    for (at, pair) in found.windows(2).enumerate() {
        if pair[0].text != "fn" || !pair[1].is_word() {
            continue;
        }
        let Some(last) = closing_line(&found[at..]) else {
            continue;
        };
        let first = pair[0].line;
        let body = code.lines().skip(first - 1).take(last - first + 1);
        let lines = body.filter(|line| !line.trim().is_empty()).count();
        if lines > FUNCTION_LINES {
            long.push(format!(
                "{}:{first}: fn {} has {lines} lines",
                file.path, pair[1].text
            ));
        }
    }
    long
}

/// The line of the brace that closes the first body; nothing for a declaration without one.
fn closing_line(found: &[Token<'_>]) -> Option<usize> {
    let mut brackets = 0_usize;
    let mut braces = 0_usize;
    for token in found {
        match token.text {
            "(" | "[" => brackets += 1,
            ")" | "]" => brackets = brackets.saturating_sub(1),
            "{" if brackets == 0 || braces > 0 => braces += 1,
            "}" if braces == 1 => return Some(token.line),
            "}" => braces = braces.saturating_sub(1),
            ";" if brackets == 0 && braces == 0 => return None,
            _ => {}
        }
    }
    None
}

/// Definitions whose name holds a word that says nothing.
pub(super) fn empty_names(file: &SourceFile) -> Vec<String> {
    let code = file.code();
    let found = tokens(&code);
    let mut empty = Vec::new();
    for (at, pair) in found.windows(2).enumerate() {
        let (keyword, name) = (pair[0].text, pair[1].text);
        let is_definition = ["struct", "enum", "trait", "fn", "mod"].contains(&keyword);
        let is_free = STANDARD_NAMES.contains(&name) || is_test(&found[..at]);
        if !is_definition || !pair[1].is_word() || is_free {
            continue;
        }
        let place = format!("{}:{}: {keyword} {name}", file.path, pair[1].line);
        let verb = EMPTY_VERBS
            .iter()
            .find(|verb| keyword == "fn" && name.starts_with(**verb));
        empty.extend(verb.map(|verb| format!("{place}: {verb} hides the verb")));
        let words = name_words(name);
        let word = words.iter().find(|word| is_empty_word(file, word));
        empty.extend(word.map(|word| format!("{place}: the word {word:?} says nothing")));
    }
    empty
}

/// Whether the definition after these tokens is a test: its name is a sentence, in any words.
fn is_test(before: &[Token<'_>]) -> bool {
    let attributes = before
        .iter()
        .rev()
        .take_while(|token| !"{};".contains(token.text));
    attributes.into_iter().any(|token| token.text == "test")
}

fn is_empty_word(file: &SourceFile, word: &str) -> bool {
    let is_frameworks = word.starts_with("handler") && file.path.starts_with(HANDLER_HOME);
    EMPTY_WORDS.contains(&word) && !is_frameworks
}

/// `PoolFile`, `pool_file` → `pool`, `file`.
fn name_words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if (c == '_' || c.is_uppercase()) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c != '_') {
            word.extend(c.to_lowercase());
        }
    }
    words
}

/// Lines of the whole text, comments included, that contain one of the marks. A mark made of letters
/// counts only as a whole word.
pub(super) fn lines_with(file: &SourceFile, marks: &[&str]) -> Vec<String> {
    let lines = file.text.lines().enumerate();
    lines
        .filter_map(|(index, line)| {
            let mark = marks.iter().find(|mark| has_mark(line, mark))?;
            Some(format!("{}:{}: {mark}", file.path, index + 1))
        })
        .collect()
}

fn has_mark(line: &str, mark: &str) -> bool {
    let is_whole = |at: usize| {
        let before = line[..at].chars().next_back();
        let after = line[at + mark.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    };
    let is_word = mark.chars().all(char::is_alphanumeric);
    line.match_indices(mark)
        .any(|(at, _)| !is_word || is_whole(at))
}
