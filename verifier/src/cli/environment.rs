//! The only place where the command asks what surrounds it, and for chance.

use std::{
    io::{self, IsTerminal as _},
    path::PathBuf,
};

use fairplate_verifier::{
    language::Language,
    report::{Marks, Style},
};

use super::Refusal;

/// The language of the terminal's locale.
pub(super) fn language() -> Language {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(find_variable);
    locale.map_or(Language::English, |locale| Language::of_locale(&locale))
}

/// How to write a report to standard output: in words, and on a terminal with signs, which have
/// colours unless `NO_COLOR` says that nobody wants any.
pub(super) fn style(language: Language) -> Style {
    let wants_colours = find_variable("NO_COLOR").is_none();
    let marks = marks(io::stdout().is_terminal(), wants_colours);
    Style { language, marks }
}

fn marks(terminal: bool, wants_colours: bool) -> Marks {
    match (terminal, wants_colours) {
        (false, _) => Marks::Words,
        (true, false) => Marks::Signs,
        (true, true) => Marks::Colours,
    }
}

/// Where a program keeps what it remembers; none when the machine does not say.
pub(super) fn find_state_folder() -> Option<PathBuf> {
    let state = find_variable("XDG_STATE_HOME").map(PathBuf::from);
    let home = || Some(PathBuf::from(find_variable("HOME")?).join(".local/state"));
    Some(state.or_else(home)?.join("fairplate-verifier"))
}

/// 32 bytes of chance from the operating system.
#[expect(
    clippy::disallowed_methods,
    reason = "a contributor's secret is made by the contributor's own program"
)]
pub(super) fn random_secret() -> Result<[u8; 32], Refusal> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)
        .map_err(|error| Refusal::new("random bytes from the operating system", error))?;
    Ok(secret)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a command's language and memory are those of whoever runs it"
)]
fn find_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_a_terminal_whose_reader_wants_them() {
        assert_eq!(marks(true, true), Marks::Colours);
        assert_eq!(marks(true, false), Marks::Signs);
        assert_eq!(marks(false, true), Marks::Words);
        assert_eq!(marks(false, false), Marks::Words);
    }
}
