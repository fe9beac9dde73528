//! The terminal that is drawn on; whatever was on it comes back afterwards.

use std::io::{Stdout, Write as _, stdout};

/// Another screen of the terminal, without a cursor.
const OPEN: &str = "\x1b[?1049h\x1b[?25l";

/// Back to the first one.
const SHUT: &str = "\x1b[?25h\x1b[?1049l";

/// Lines and columns where the terminal does not say.
const USUAL: (usize, usize) = (24, 80);

/// The terminal, until it is dropped.
pub(super) struct Screen(Stdout);

impl Screen {
    pub(super) fn open() -> Self {
        let mut screen = Self(stdout());
        screen.write(OPEN);
        screen
    }

    /// Draws these lines over the last ones, as far as there is room.
    pub(super) fn draw(&mut self, lines: &[String]) {
        let (rows, columns) = self.size();
        let mut text = "\x1b[H".to_owned();
        for (row, line) in lines.iter().take(rows).enumerate() {
            if 0 < row {
                text.push_str("\r\n");
            }
            text.push_str(&cut(line, columns));
            text.push_str("\x1b[0m\x1b[K");
        }
        text.push_str("\x1b[J");
        self.write(&text);
    }

    /// A terminal that has gone away is nobody's to tell.
    fn write(&mut self, text: &str) {
        drop(
            self.0
                .write_all(text.as_bytes())
                .and_then(|()| self.0.flush()),
        );
    }

    #[cfg(unix)]
    fn size(&self) -> (usize, usize) {
        let size = rustix::termios::tcgetwinsize(&self.0);
        let size = size.map(|size| (usize::from(size.ws_row), usize::from(size.ws_col)));
        size.ok()
            .filter(|(rows, columns)| 0 < *rows && 0 < *columns)
            .unwrap_or(USUAL)
    }

    #[cfg(not(unix))]
    fn size(&self) -> (usize, usize) {
        USUAL
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.write(SHUT);
    }
}

/// As much of a line as so many columns hold. Chinese characters take two; what switches the terminal's
/// letters takes none.
fn cut(line: &str, columns: usize) -> String {
    let mut kept = String::new();
    let mut taken = 0;
    let mut is_switch = false;
    for c in line.chars() {
        let width = match c {
            '\x1b' => {
                is_switch = true;
                0
            }
            _ if is_switch => {
                is_switch = c != 'm';
                0
            }
            '\u{1100}'..='\u{115f}'
            | '\u{2e80}'..='\u{a4cf}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe6f}'
            | '\u{ff00}'..='\u{ff60}' => 2,
            _ => 1,
        };
        if columns < taken + width {
            break;
        }
        taken += width;
        kept.push(c);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_at_the_last_column_and_switches_take_none() {
        assert_eq!(cut("abcdef", 4), "abcd");
        assert_eq!(cut("摇号ab", 5), "摇号a");
        assert_eq!(cut("摇号", 3), "摇");
        assert_eq!(cut("\x1b[1mab\x1b[0mcd", 3), "\x1b[1mab\x1b[0mc");
    }
}
