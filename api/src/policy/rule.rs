//! Where a rule comes from, and how sure we are.

use chrono::NaiveDate;

use super::{Text, reader::Section};

/// How sure we are that a rule is the city's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The primary text, or two independent sources, or one and arithmetic that checks.
    High,
    /// One decent source.
    Medium,
    /// Weak: an operator must confirm it before a real period runs under it.
    Low,
}

/// A rule of the file with its authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Path of the rule's table, for example `tier.threshold`.
    pub path: String,
    /// Line of the table, from 1.
    pub line: usize,
    /// The document or article, and who cites it.
    pub source: String,
    /// When the source was read.
    pub accessed: NaiveDate,
    /// How sure we are.
    pub confidence: Confidence,
    /// What an operator has to confirm; there exactly when the confidence is low.
    pub confirm: Option<Text>,
}

/// Which periods wait for an operator's confirmation of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every period.
    EveryPeriod,
    /// Tier periods alone.
    TierPeriods,
}

/// A rule that an operator must confirm before a real period opens under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeakRule {
    /// Path of the rule's table; a confirmation names it.
    pub path: String,
    /// Line of the table, from 1.
    pub line: usize,
    /// What is to be confirmed.
    pub what: Text,
    /// What the value rests on so far.
    pub source: String,
    /// Which periods wait for it.
    pub scope: Scope,
}

/// Reads `source`, `accessed`, `confidence` and `confirm` of a rule's table, notes the rule, and
/// gives its source.
pub(super) fn read(section: &Section<'_>) -> Option<String> {
    let source = section.text("source");
    let accessed = section.date("accessed");
    let confidence = section.choice(
        "confidence",
        &[
            ("H", Confidence::High),
            ("M", Confidence::Medium),
            ("L", Confidence::Low),
        ],
    );
    let is_weak = confidence == Some(Confidence::Low);
    let confirm = if is_weak || section.has("confirm") {
        section.bilingual("confirm")
    } else {
        None
    };
    if confidence.is_some() && !is_weak && section.has("confirm") {
        section.fault(
            "confirm",
            "only a rule of confidence L asks for a confirmation: remove this, or lower the confidence",
        );
    }
    let source = source?;
    section.note_rule(Rule {
        path: section.path().to_owned(),
        line: section.line(),
        source: source.clone(),
        accessed: accessed?,
        confidence: confidence?,
        confirm,
    });
    Some(source)
}
