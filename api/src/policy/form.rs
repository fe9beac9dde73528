//! The application form, field by field.

use std::collections::BTreeSet;

use super::{Text, reader::Section, rule};
use crate::domain::{LicenceClass, draft::FieldKey};

/// A field of the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Which.
    pub key: FieldKey,
    /// What stands beside it.
    pub label: Text,
    /// What helps to fill it in, where the label alone does not.
    pub hint: Option<Text>,
    /// Whether it has to be filled in.
    pub is_required: bool,
    /// Keys of the identity types it is asked of; all of them when there is no list.
    pub identity_types: Option<Vec<String>>,
}

impl Field {
    /// Whether it is asked of applicants of this identity type.
    #[must_use]
    pub fn applies_to(&self, identity_type: &str) -> bool {
        self.identity_types
            .as_ref()
            .is_none_or(|keys| keys.iter().any(|key| key == identity_type))
    }
}

/// Fields without which nobody can be told from anybody else.
const INDISPENSABLE: [FieldKey; 2] = [FieldKey::Name, FieldKey::IdNumber];

/// Reads title and fields. `has_joining` says whether the city has a tier that people join, unless that
/// is not known; the form asks about it then and only then.
pub(super) fn read_all(
    section: &Section<'_>,
    identity_types: Option<&BTreeSet<&str>>,
    has_joining: Option<bool>,
) -> Option<(Text, Vec<Field>)> {
    let title = section.bilingual("title");
    let fields = section.sections("field");
    rule::read(section);
    section.refuse_unknown_keys();
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    let mut complete = true;
    for section in fields? {
        match read(&section, identity_types) {
            Some(field) if seen.insert(field.key) => all.push(field),
            Some(field) => section.fault("key", format!("`{}` is there twice", field.key)),
            None => complete = false,
        }
    }
    if !complete {
        return None;
    }
    for key in INDISPENSABLE {
        let is_asked = all.iter().any(|field: &Field| {
            field.key == key && field.is_required && field.identity_types.is_none()
        });
        if !is_asked {
            section.fault(
                "field",
                format!("expected `{key}` to be asked of everybody"),
            );
        }
    }
    if has_joining.is_some_and(|has| has != seen.contains(&FieldKey::JoinsTier)) {
        section.fault(
            "field",
            "expected `joins_tier` exactly where the city has a tier that people join",
        );
    }
    Some((title?, all))
}

fn read(section: &Section<'_>, known_types: Option<&BTreeSet<&str>>) -> Option<Field> {
    let words = FieldKey::ALL.map(|key| (key.name(), key));
    let key = section.choice("key", &words);
    let label = section.bilingual("label");
    let hint = section.has("hint").then(|| section.bilingual("hint"));
    let is_required = section.flag("is_required");
    let identity_types = identity_types(section, known_types);
    section.refuse_unknown_keys();
    Some(Field {
        key: key?,
        label: label?,
        hint: match hint {
            None => None,
            Some(hint) => Some(hint?),
        },
        is_required: is_required?,
        identity_types: identity_types?,
    })
}

/// An optional list of identity types of the file: nothing at fault, none there, or the list.
#[expect(
    clippy::option_option,
    reason = "a list that could not be read is not the same as none"
)]
pub(super) fn identity_types(
    section: &Section<'_>,
    known_types: Option<&BTreeSet<&str>>,
) -> Option<Option<Vec<String>>> {
    if !section.has("identity_types") {
        return Some(None);
    }
    let keys = section.texts("identity_types")?;
    for key in &keys {
        if known_types.is_some_and(|known| !known.contains(key.as_str())) {
            section.fault(
                "identity_types",
                format!("`{key}` is not an identity type of this file"),
            );
        }
    }
    Some(Some(keys))
}

/// Reads the names of the licence classes, in the order of the form.
pub(super) fn read_licence_classes(section: &Section<'_>) -> Option<Vec<(LicenceClass, Text)>> {
    let labels = LicenceClass::ALL.map(|class| (class, section.bilingual(class.code())));
    rule::read(section);
    section.refuse_unknown_keys();
    labels
        .into_iter()
        .map(|(class, label)| Some((class, label?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::policy::{Policy, find_builtin, refusals::text_of};

    /// What a changed file is refused for.
    fn refusals(key: &str, from: &str, to: &str) -> Vec<String> {
        let text = text_of(key);
        assert!(text.contains(from), "{from}");
        let faults = Policy::parse("city.toml", &text.replacen(from, to, 1));
        let faults = faults.expect_err("a faulty file");
        faults
            .into_iter()
            .map(|fault| format!("{}: {}", fault.field, fault.message))
            .collect()
    }

    #[test]
    fn the_form_asks_about_the_tier_exactly_where_there_is_one_to_join() {
        let asks = |key: &str| {
            let policy = find_builtin(key)
                .expect("built in")
                .policy()
                .expect("valid");
            policy
                .fields_of("local-household")
                .any(|field| field.key.name() == "joins_tier")
        };
        assert!(asks("hangzhou-2018"));
        assert!(!asks("beijing-2016"));
        let (owns, joins) = ("key = \"owns_local_car\"", "key = \"joins_tier\"");
        let sentence =
            "form.field: expected `joins_tier` exactly where the city has a tier that people join";
        assert_eq!(refusals("beijing-2016", owns, joins), [sentence]);
        let faults = refusals("hangzhou-2018", joins, owns);
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults.contains(&sentence.to_owned()));
    }

    #[test]
    fn nobody_can_be_registered_without_name_and_number() {
        let asked = refusals(
            "hangzhou-2018",
            "key = \"id_number\"",
            "identity_types = [\"local-household\"]\nkey = \"id_number\"",
        );
        assert_eq!(
            asked,
            ["form.field: expected `id_number` to be asked of everybody"]
        );
    }

    #[test]
    fn every_licence_class_has_a_name() {
        let without = refusals("hangzhou-2018", "C5 = { zh", "C6 = { zh");
        assert_eq!(without.len(), 2, "{without:?}");
        assert!(without.contains(&"licence_class.C5: missing; add it".to_owned()));
    }
}
