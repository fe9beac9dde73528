//! How far a verification has come: a line that appears after a second, on a terminal only.

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

use fairplate_verifier::{Progress, language::Language};

/// How many cells the bar has.
const CELLS: usize = 24;

/// The line.
pub(super) struct Bar {
    begun: Instant,
    language: Language,
    /// What it shows: the percentage.
    shown: Option<u64>,
}

impl Bar {
    pub(super) fn new(language: Language) -> Self {
        Self {
            begun: Instant::now(),
            language,
            shown: None,
        }
    }

    /// Shows the progress, when it has changed and the wait is long enough to be noticed.
    pub(super) fn show(&mut self, progress: Progress) {
        let done = progress.done.saturating_mul(100);
        let percent = done.checked_div(progress.total);
        let patient = self.begun.elapsed() < Duration::from_secs(1);
        if patient || percent.is_none() || percent == self.shown || !io::stderr().is_terminal() {
            return;
        }
        self.shown = percent;
        let line = line(
            percent.unwrap_or_default(),
            progress.step.title_in(self.language),
        );
        // A progress line that cannot be shown is no reason to stop.
        drop(write!(io::stderr(), "\r\u{1b}[K{line}"));
    }

    /// Takes the line away.
    pub(super) fn clear(&self) {
        if self.shown.is_some() {
            drop(write!(io::stderr(), "\r\u{1b}[K"));
        }
    }
}

fn line(percent: u64, title: &str) -> String {
    let percent = percent.min(100);
    let full = usize::try_from(percent).unwrap_or_default() * CELLS / 100;
    let (full, rest) = ("█".repeat(full), "░".repeat(CELLS - full));
    format!("{full}{rest} {percent:>3} % {title}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills_from_the_left() {
        assert_eq!(line(0, "t"), "░░░░░░░░░░░░░░░░░░░░░░░░   0 % t");
        assert_eq!(line(50, "t"), "████████████░░░░░░░░░░░░  50 % t");
        assert_eq!(line(250, "t"), "████████████████████████ 100 % t");
    }
}
