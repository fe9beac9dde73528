//! A text as a QR code (ISO/IEC 18004), drawn as one path.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};
use verifier::note::Note;

/// Modules of white around the code; readers expect four.
const QUIET: i32 = 4;

/// A signed checkpoint as a code.
pub(super) struct Coded {
    code: QrCode,
    /// Whether all of the checkpoint's signatures are in it.
    pub(super) is_whole: bool,
}

/// Codes a signed checkpoint: with the lines of its witnesses, where they fit, and with as much
/// redundancy as leaves the modules large. What the log signed fits always.
pub(super) fn code(note: &Note, log: &str) -> Option<Coded> {
    let mut alone = note.clone();
    alone.signatures.retain(|line| line.name == log);
    for (text, is_whole) in [(note.to_string(), true), (alone.to_string(), false)] {
        for redundancy in [QrCodeEcc::Medium, QrCodeEcc::Low] {
            if let Ok(code) = QrCode::encode_binary(text.as_bytes(), redundancy) {
                return Some(Coded { code, is_whole });
            }
        }
    }
    None
}

impl Coded {
    /// The picture. Each dark run of a row is a rectangle, named by its column, row and length.
    pub(super) fn svg(&self) -> String {
        let (modules, paper) = (self.code.size(), self.millimetres());
        let side = modules + 2 * QUIET;
        let mut path = String::new();
        for y in 0..modules {
            let mut x = 0;
            while x < modules {
                let run = (x..modules)
                    .take_while(|x| self.code.get_module(*x, y))
                    .count();
                let run = i32::try_from(run).unwrap_or(modules);
                if 0 < run {
                    let (left, top) = (x + QUIET, y + QUIET);
                    // Writing to a text does not fail.
                    let _ = write!(path, "M{left},{top}h{run}v1h-{run}z");
                }
                x += run.max(1);
            }
        }
        format!(
            "<svg class=\"qr\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" \
             width=\"{paper}mm\" height=\"{paper}mm\" shape-rendering=\"crispEdges\" role=\"img\">\
             <path fill=\"#fff\" d=\"M0,0h{side}v{side}h-{side}z\"/>\
             <path class=\"dark\" d=\"{path}\"/></svg>"
        )
    }

    /// Millimetres of a side on paper: modules of at least half a millimetre are read by any telephone.
    fn millimetres(&self) -> i32 {
        ((self.code.size() + 2 * QUIET) * 6 / 10).clamp(40, 110)
    }
}

#[cfg(test)]
mod tests {
    use verifier::note::Signature;

    use super::*;

    const LOG: &str = "city.example/draws";

    /// A checkpoint with so many witnesses, whose names have so many letters.
    fn checkpoint(witnesses: usize, letters: usize) -> Note {
        let line = |name: String| Signature {
            name,
            key_id: 7,
            bytes: vec![9; 72],
        };
        let names = (0..witnesses).map(|number| format!("{number:0>letters$}"));
        let mut note = Note::new(format!("{LOG}\n3\nroot\n")).expect("a text");
        note.signatures = vec![line(LOG.to_owned())];
        note.signatures.extend(names.map(line));
        note
    }

    #[test]
    fn witnesses_are_left_out_only_where_no_code_holds_them() {
        for (witnesses, letters, is_whole) in [(0, 9, true), (3, 40, true), (15, 200, false)] {
            let coded = code(&checkpoint(witnesses, letters), LOG).expect("a code");
            assert_eq!(coded.is_whole, is_whole, "{witnesses}");
        }
    }

    #[test]
    fn the_picture_has_a_white_border_and_large_modules() {
        let coded = code(&checkpoint(1, 20), LOG).expect("a code");
        let side = coded.code.size() + 2 * QUIET;
        let svg = coded.svg();
        assert!(svg.contains(&format!("viewBox=\"0 0 {side} {side}\"")));
        assert!(
            svg.contains("d=\"M4,4h7v1h-7z"),
            "the corner that readers look for"
        );
        assert!(
            side <= 2 * coded.millimetres(),
            "half a millimetre a module"
        );
    }
}
