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

#[cfg(test)]
mod tests {
    use crate::policy::{Confidence, Policy, Scope, find_builtin, refusals::text_of};

    #[test]
    fn weak_rules_are_those_of_confidence_l_and_nothing_else() {
        let paths = |key: &str| {
            let policy = find_builtin(key)
                .expect("built in")
                .policy()
                .expect("valid");
            let weak = policy.unconfirmed();
            let low = policy
                .rules()
                .iter()
                .filter(|it| it.confidence == Confidence::Low);
            assert_eq!(weak.len(), low.count());
            for rule in &weak {
                let line = text_of(key).lines().nth(rule.line - 1).expect("the line");
                assert_eq!(
                    line,
                    format!("[{}]", rule.path),
                    "the line of the rule's table"
                );
            }
            let shown = weak.into_iter().map(|rule| (rule.path, rule.scope));
            shown.collect::<Vec<_>>()
        };
        let named = |path: &str, scope| (path.to_owned(), scope);

        assert_eq!(
            paths("hangzhou-2018"),
            [
                named("participation.reset", Scope::EveryPeriod),
                named("tier.count", Scope::TierPeriods),
                named("tier.weights", Scope::TierPeriods),
            ]
        );
        assert_eq!(
            paths("beijing-2016"),
            [
                named("calendar.apply", Scope::EveryPeriod),
                named("calendar.review", Scope::EveryPeriod),
                named("calendar.draw", Scope::EveryPeriod),
                named("certificate.forfeit", Scope::EveryPeriod),
            ]
        );
    }

    #[test]
    fn rules_come_in_the_order_of_the_file() {
        for key in ["hangzhou-2018", "beijing-2016"] {
            let policy = find_builtin(key)
                .expect("built in")
                .policy()
                .expect("valid");
            assert!(policy.rules().is_sorted_by_key(|rule| rule.line));
            let sources = text_of(key)
                .lines()
                .filter(|line| line.starts_with("source = "));
            assert_eq!(policy.rules().len(), sources.count());
        }
    }

    /// Where the weights are those of every period's pool, every period waits for them.
    #[test]
    fn a_weak_weight_table_holds_up_every_period_of_one_pool() {
        let beijing = text_of("beijing-2016");
        let table = beijing.find("[tier.weights]").expect("the table");
        let (before, after) = beijing.split_at(table);
        let weak = "confidence = \"L\"\nconfirm = { zh = \"是\", en = \"yes\" }";
        let after = after.replacen("confidence = \"H\"", weak, 1);

        let policy = Policy::parse("city.toml", &format!("{before}{after}")).expect("valid");

        let rules = policy.unconfirmed();
        let table = rules.iter().find(|rule| rule.path == "tier.weights");
        assert_eq!(table.expect("the weak table").scope, Scope::EveryPeriod);
    }
}
