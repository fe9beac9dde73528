//! How long and how deep a text is, counted without parsing it.

use async_graphql::ServerError;

use super::{NESTING_MAX, TOKENS_MAX};
use crate::graphql::error::DocumentCode;

/// Counts tokens and open brackets, and stops at the first too many; the number of tokens.
pub(super) fn require_small(text: &str) -> Result<usize, ServerError> {
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut open) = (0, 0, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii_whitespace() || byte == b',' {
            at += 1;
            continue;
        }
        if byte == b'#' {
            at += length_until(&bytes[at..], |byte| byte == b'\n' || byte == b'\r');
            continue;
        }
        tokens += 1;
        match byte {
            b'{' | b'[' | b'(' => open += 1,
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            _ => {}
        }
        if TOKENS_MAX < tokens {
            let sentence = format!("expected at most {TOKENS_MAX} tokens; ask in several requests");
            return Err(DocumentCode::TooCostly.error(sentence));
        }
        if NESTING_MAX < open {
            let sentence = format!("expected at most {NESTING_MAX} open brackets; nest less");
            return Err(DocumentCode::TooCostly.error(sentence));
        }
        at += token_length(&bytes[at..]);
    }
    Ok(tokens)
}

/// Length of the token that these bytes begin with; at least one.
fn token_length(bytes: &[u8]) -> usize {
    match bytes[0] {
        b'"' if bytes.starts_with(b"\"\"\"") => {
            let mut at = 3;
            while at < bytes.len() {
                if bytes[at..].starts_with(b"\\\"\"\"") {
                    at += 4;
                } else if bytes[at..].starts_with(b"\"\"\"") {
                    return at + 3;
                } else {
                    at += 1;
                }
            }
            at
        }
        b'"' => {
            let mut at = 1;
            while at < bytes.len() && bytes[at] != b'"' && bytes[at] != b'\n' {
                at += if bytes[at] == b'\\' { 2 } else { 1 };
            }
            at + 1
        }
        b'.' if bytes.starts_with(b"...") => 3,
        first if first.is_ascii_alphanumeric() || first == b'_' || first == b'-' => {
            let part = |byte: u8| byte.is_ascii_alphanumeric() || b"_.+-".contains(&byte);
            length_until(bytes, |byte| !part(byte))
        }
        _ => 1,
    }
}

fn length_until(bytes: &[u8], ends: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .skip(1)
        .position(|byte| ends(*byte))
        .map_or(bytes.len(), |length| length + 1)
}
