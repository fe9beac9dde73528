//! Digits that are read from far away, five lines high.

/// Lines of a digit.
pub(super) const HEIGHT: usize = 5;

const SHAPES: [(char, [&str; HEIGHT]); 12] = [
    ('0', ["█████", "█   █", "█   █", "█   █", "█████"]),
    ('1', ["  █  ", " ██  ", "  █  ", "  █  ", " ███ "]),
    ('2', ["█████", "    █", "█████", "█    ", "█████"]),
    ('3', ["█████", "    █", " ████", "    █", "█████"]),
    ('4', ["█   █", "█   █", "█████", "    █", "    █"]),
    ('5', ["█████", "█    ", "█████", "    █", "█████"]),
    ('6', ["█████", "█    ", "█████", "█   █", "█████"]),
    ('7', ["█████", "    █", "   █ ", "  █  ", "  █  "]),
    ('8', ["█████", "█   █", "█████", "█   █", "█████"]),
    ('9', ["█████", "█   █", "█████", "    █", "█████"]),
    (':', ["     ", "  █  ", "     ", "  █  ", "     "]),
    (' ', ["     ", "     ", "     ", "     ", "     "]),
];

/// A text in large digits; a text with other characters stays as it is.
pub(super) fn large(text: &str) -> Vec<String> {
    let shape = |wanted: char| {
        let found = SHAPES.iter().find(|(digit, _)| *digit == wanted);
        found.map(|(_, shape)| shape)
    };
    let shapes: Option<Vec<_>> = text.chars().map(shape).collect();
    let Some(shapes) = shapes else {
        return vec![text.to_owned()];
    };
    (0..HEIGHT)
        .map(|line| {
            let parts: Vec<&str> = shapes.iter().map(|shape| shape[line]).collect();
            parts.join(" ").trim_end().to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_in_large_digits_fits_a_terminal_and_letters_stay_as_they_are() {
        let code = large("0486106556963");
        assert_eq!(code.len(), HEIGHT);
        assert!(code.iter().all(|line| line.chars().count() <= 78));
        assert_eq!(large("A1"), ["A1"]);
        assert_eq!(large("1:")[1], " ██     █");
    }
}
