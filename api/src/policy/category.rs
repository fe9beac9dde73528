//! The categories people apply for.

use std::collections::BTreeSet;

use super::{Text, city, reader::Section, rule};
use crate::domain::PeriodKind;

/// One category: its own quota, its own pool file, its own result file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Name in records and file names, for example `individual`.
    pub key: String,
    /// In which periods it is drawn. A regular and a tier category may share a key.
    pub period_kind: PeriodKind,
    /// Name for people.
    pub name: Text,
    /// How winners are chosen; the name that the records use.
    pub method: String,
}

pub(super) fn read_all(sections: &[Section<'_>]) -> Option<Vec<Category>> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    let mut complete = true;
    for section in sections {
        match read(section) {
            Some(category) if seen.insert((category.key.clone(), category.period_kind)) => {
                all.push(category);
            }
            Some(category) => {
                section.fault(
                    "key",
                    format!("`{}` is there twice for the same periods", category.key),
                );
            }
            None => complete = false,
        }
    }
    complete.then_some(all)
}

fn read(section: &Section<'_>) -> Option<Category> {
    let key = city::key(section);
    let period_kind = section.choice(
        "periods",
        &[("normal", PeriodKind::Normal), ("tier", PeriodKind::Tier)],
    );
    let name = section.bilingual("name");
    let method = section.choice("method", &[("score-v1", "score-v1")]);
    rule::read(section);
    section.refuse_unknown_keys();
    Some(Category {
        key: key?,
        period_kind: period_kind?,
        name: name?,
        method: method?.to_owned(),
    })
}
