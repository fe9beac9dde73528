//! What is secret in a story, and looking for it.

use serde_json::Value;

/// Fails where one of these words stands in a text.
pub(super) fn absent(place: &str, text: &[u8], words: &[String]) {
    for word in words {
        let is_code = word.len() == 7 && word.bytes().all(|byte| byte.is_ascii_digit());
        let mut found = text.windows(word.len()).enumerate();
        let is_there = found.any(|(at, window)| {
            window == word.as_bytes() && !(is_code && is_within_digits(text, at))
        });
        assert!(!is_there, "{word} stands in {place}");
    }
}

/// Whether the seven digits at a place belong to something longer: a number, a digest or a UUID holds
/// any seven digits sooner or later.
fn is_within_digits(text: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| text.get(before));
    let neighbours = [before, text.get(at + 7)];
    neighbours.into_iter().flatten().any(u8::is_ascii_hexdigit)
}

/// What nobody else may ever see.
#[derive(Default)]
pub(super) struct Secrets {
    /// Tokens of sessions and devices. Their owner is told them, once.
    pub(super) tokens: Vec<String>,
    /// Passwords and one-time codes, which are typed and never shown.
    pub(super) typed: Vec<String>,
}

impl Secrets {
    /// Keeps what a sign-in gave.
    pub(super) fn keep_tokens(&mut self, signed_in: &Value) {
        for name in ["token", "deviceToken"] {
            let token = signed_in[name].as_str();
            self.tokens.extend(token.map(str::to_owned));
        }
    }

    /// Keeps a code that somebody was sent, as mutations take it.
    pub(super) fn keep_code(&mut self, sent: &Value) {
        let code = sent["code"].as_str().expect("a code");
        self.typed.push(code.to_owned());
    }

    /// Words that are typed.
    pub(super) fn type_in(&mut self, password: &str) -> Value {
        self.typed.push(password.to_owned());
        password.into()
    }
}
