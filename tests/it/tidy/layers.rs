use super::source::{SourceFile, Token, tokens};
use super::{ABSENT, LAYERS, RESERVED};

/// Names of modules above the file's own, and modules that no layer knows.
pub(super) fn violations(file: &SourceFile) -> Vec<String> {
    let Some(own_path) = file.module_path() else {
        return Vec::new();
    };
    let own = own_path[0];
    let Some(own_layer) = layer_of(own) else {
        return vec![format!(
            "{}: module {own} stands on no line of LAYERS; give it one",
            file.path
        )];
    };
    let code = file.code();
    modules_named(&own_path, &tokens(&code))
        .into_iter()
        .filter(|named| layer_of(named.text).is_some_and(|layer| layer < own_layer))
        .map(|named| {
            format!(
                "{}:{}: {own} names {}, which stands above it",
                file.path, named.line, named.text
            )
        })
        .collect()
}

/// Words that the file's module does without.
pub(super) fn absent_words(file: &SourceFile) -> Vec<String> {
    let Some(own_path) = file.module_path() else {
        return Vec::new();
    };
    let code = file.code();
    let found = tokens(&code);
    ABSENT
        .iter()
        .filter(|(modules, _)| modules.contains(&own_path[0]))
        .flat_map(|(_, words)| words_of(file, &found, words))
        .map(|place| format!("{place} does not belong in {}", own_path[0]))
        .collect()
}

/// Words that have a home elsewhere.
pub(super) fn reserved_words(file: &SourceFile) -> Vec<String> {
    if !file.path.starts_with("api/src/") {
        return Vec::new();
    }
    let code = file.code();
    let found = tokens(&code);
    let own_path = file.module_path().unwrap_or_default();
    RESERVED
        .iter()
        .filter(|(home, _)| own_path.first() != Some(home))
        .flat_map(|(home, words)| {
            words_of(file, &found, words)
                .into_iter()
                .map(move |place| format!("{place} belongs in {home} alone"))
        })
        .collect()
}

fn words_of(file: &SourceFile, found: &[Token<'_>], words: &[&str]) -> Vec<String> {
    found
        .iter()
        .filter(|token| words.contains(&token.text))
        .map(|token| format!("{}:{}: {}", file.path, token.line, token.text))
        .collect()
}

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The top-level names that paths from `crate` or from enough `super`s lead to.
fn modules_named<'a>(own_path: &[&str], found: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut named = Vec::new();
    let mut at = 0;
    while at < found.len() {
        let ups = count_ups(&found[at..]);
        if found[at].text == "crate" && text_at(found, at + 1) == "::" {
            named.extend(heads(&found[at + 2..]));
        } else if ups > 0 && ups >= own_path.len() {
            named.extend(heads(&found[at + 2 * ups..]));
        }
        at += (2 * ups).max(1);
    }
    named
}

/// How many `super::` follow each other.
fn count_ups(found: &[Token<'_>]) -> usize {
    found
        .chunks_exact(2)
        .take_while(|pair| pair[0].text == "super" && pair[1].text == "::")
        .count()
}

/// The first names of a path: one, or those of a `{ … }` group.
fn heads<'a>(found: &[Token<'a>]) -> Vec<Token<'a>> {
    let Some(first) = found.first() else {
        return Vec::new();
    };
    if first.is_word() {
        return vec![*first];
    }
    if first.text != "{" {
        return Vec::new();
    }
    let mut named = Vec::new();
    let mut depth = 0_usize;
    let mut is_head = true;
    for token in found {
        match token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," => is_head |= depth == 1,
            _ if depth == 1 && is_head && token.is_word() => {
                named.push(*token);
                is_head = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    named
}

fn text_at<'a>(found: &[Token<'a>], at: usize) -> &'a str {
    found.get(at).map_or("", |token| token.text)
}
