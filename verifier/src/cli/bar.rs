//! How far a verification has come: a line that appears after a second, on a terminal only.

use std::{
    io::{self, IsTerminal as _, Write},
    time::{Duration, Instant},
};

use fairplate_verifier::{Progress, language::Language};

/// How many cells the bar has.
const CELLS: usize = 24;

/// The line, and where it stands.
pub(super) struct Bar<W = io::Stderr> {
    out: W,
    terminal: bool,
    begun: Instant,
    language: Language,
    /// What it shows: the percentage.
    shown: Option<u64>,
}

impl Bar {
    pub(super) fn new(language: Language) -> Self {
        Self {
            out: io::stderr(),
            terminal: io::stderr().is_terminal(),
            begun: Instant::now(),
            language,
            shown: None,
        }
    }
}

impl<W: Write> Bar<W> {
    /// Shows how far a verification has come.
    pub(super) fn show(&mut self, progress: Progress) {
        let title = progress.step.title_in(self.language);
        self.show_share(progress.done, progress.total, title);
    }

    /// Shows how much of the whole is done.
    pub(super) fn show_share(&mut self, done: u64, total: u64, title: &str) {
        let percent = done.saturating_mul(100).checked_div(total);
        let Some(percent) = percent.filter(|percent| self.is_due(*percent)) else {
            return;
        };
        if self.terminal {
            self.shown = Some(percent);
            // A progress line that cannot be shown is no reason to stop.
            drop(write!(self.out, "\r\u{1b}[K{}", line(percent, title)));
        }
    }

    /// Whether there is something new to show, and the wait is long enough to be noticed.
    fn is_due(&self, percent: u64) -> bool {
        self.shown != Some(percent) && self.begun.elapsed() >= Duration::from_secs(1)
    }

    /// Takes the line away.
    pub(super) fn clear(&mut self) {
        if self.shown.is_some() {
            drop(write!(self.out, "\r\u{1b}[K"));
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
    use fairplate_verifier::steps::Step;

    use super::*;

    #[test]
    fn the_bar_fills_from_the_left() {
        assert_eq!(line(0, "t"), "░░░░░░░░░░░░░░░░░░░░░░░░   0 % t");
        assert_eq!(line(50, "t"), "████████████░░░░░░░░░░░░  50 % t");
        assert_eq!(line(250, "t"), "████████████████████████ 100 % t");
    }

    /// A bar that has waited for so many seconds.
    fn bar(terminal: bool, waited_secs: u64) -> Bar<Vec<u8>> {
        let begun = Instant::now().checked_sub(Duration::from_secs(waited_secs));
        Bar {
            out: Vec::new(),
            terminal,
            begun: begun.expect("a clock that has run for a while"),
            language: Language::English,
            shown: None,
        }
    }

    #[test]
    fn the_bar_waits_a_second_and_then_shows_what_is_new() {
        let mut waiting = bar(true, 0);
        waiting.begun += Duration::from_hours(1);
        assert!(!waiting.is_due(1));
        let mut bar = bar(true, 1);
        assert!(bar.is_due(0));
        bar.shown = Some(1);
        assert!(!bar.is_due(1));
        assert!(bar.is_due(2));
    }

    #[test]
    fn the_bar_is_drawn_over_and_taken_away_on_a_terminal_only() {
        let half = Progress {
            step: Step::Pools,
            done: 1,
            total: 2,
        };
        for (terminal, expected) in [
            (
                true,
                format!(
                    "\r\u{1b}[K{}\r\u{1b}[K{}\r\u{1b}[K",
                    line(50, "the pools are the announced ones"),
                    line(75, "every seed")
                ),
            ),
            (false, String::new()),
        ] {
            let mut bar = bar(terminal, 1);
            bar.show(half);
            bar.show(half);
            bar.show_share(3, 4, "every seed");
            bar.show_share(3, 0, "nothing to do");
            bar.clear();
            assert_eq!(String::from_utf8(bar.out), Ok(expected));
        }
        let mut unused = bar(true, 1);
        unused.clear();
        assert!(unused.out.is_empty());
    }
}
