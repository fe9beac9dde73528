//! The only place where the command asks what surrounds it.

use std::path::PathBuf;

use fairplate_verifier::language::Language;

/// The language of the terminal's locale.
pub(super) fn language() -> Language {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(find_variable);
    locale.map_or(Language::English, |locale| Language::of_locale(&locale))
}

/// Where a program keeps what it remembers; none when the machine does not say.
pub(super) fn find_state_folder() -> Option<PathBuf> {
    let state = find_variable("XDG_STATE_HOME").map(PathBuf::from);
    let home = || Some(PathBuf::from(find_variable("HOME")?).join(".local/state"));
    Some(state.or_else(home)?.join("fairplate-verifier"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a command's language and memory are those of whoever runs it"
)]
fn find_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
