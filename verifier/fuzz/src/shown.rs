//! What people and programs are shown of a verification.

use fairplate_verifier::{
    Report,
    language::Language,
    report::{Marks, Status, Style},
};

/// Writes a report in every way and checks that no file's bytes reach a terminal as commands, and
/// that the verdict is what the steps say.
///
/// # Panics
/// When they do, or it is not.
pub fn check(report: &Report) {
    for language in [Language::English, Language::Chinese] {
        let style = Style {
            language,
            marks: Marks::Words,
        };
        let text = report.to_text(style);
        let turning = ['\u{61c}', '\u{200e}', '\u{200f}'];
        let strange = |letter: char| {
            (letter.is_control() && letter != '\n')
                || turning.contains(&letter)
                || ('\u{2028}'..='\u{202e}').contains(&letter)
                || ('\u{2066}'..='\u{2069}').contains(&letter)
        };
        assert!(!text.contains(strange), "{text:?}");
    }
    let json = report.to_json();
    assert_eq!(json["verdict"], report.verdict.to_string());
    assert_eq!(
        json["steps"].as_array().map(Vec::len),
        Some(report.steps.len())
    );
    for answer in &report.steps {
        let faultless = answer.failure.is_none();
        let good = matches!(answer.status, Status::Passed | Status::NotChecked);
        assert_eq!(faultless, good, "{report}");
        assert_eq!(
            answer.failed > 0,
            answer.status == Status::Failed,
            "{report}"
        );
        assert!(answer.failed <= answer.checked, "{report}");
    }
}
