//! In what two texts of rules differ, value by value, for whoever decides on a change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::de::{DeTable, DeValue};

use super::Policy;

/// One value that is not the same in two texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Where it stands, for example `tier.threshold.participations`; places in lists count from 0.
    pub path: String,
    /// The value of the one text, as TOML writes it; none where it has no such value.
    pub old: Option<String>,
    /// The value of the other text.
    pub new: Option<String>,
}

/// Every value in which two texts differ, in the order of paths. Where nothing comes out and the
/// digests differ, the texts differ in comments, order of tables or spelling alone.
#[must_use]
pub fn list_differences(old: &Policy, new: &Policy) -> Vec<Difference> {
    let (mut old, new) = (values_of(old.text()), values_of(new.text()));
    let mut differences = Vec::new();
    for (path, new) in new {
        let old = old.remove(&path);
        if old.as_ref() != Some(&new) {
            differences.push(Difference {
                path,
                old,
                new: Some(new),
            });
        }
    }
    differences.extend(old.into_iter().map(|(path, old)| Difference {
        path,
        old: Some(old),
        new: None,
    }));
    differences.sort_by(|one, other| one.path.cmp(&other.path));
    differences
}

/// The values of a text that was read before, by their paths.
fn values_of(text: &str) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    let (root, _) = DeTable::parse_recoverable(text);
    for (key, value) in root.get_ref() {
        gather(key.get_ref(), value.get_ref(), &mut values);
    }
    values
}

fn gather(path: &str, value: &DeValue<'_>, values: &mut BTreeMap<String, String>) {
    match value {
        DeValue::Table(table) if !table.is_empty() => {
            for (key, value) in table {
                gather(
                    &format!("{path}.{}", key.get_ref()),
                    value.get_ref(),
                    values,
                );
            }
        }
        DeValue::Array(list)
            if list
                .iter()
                .any(|value| matches!(value.get_ref(), DeValue::Table(_))) =>
        {
            for (place, value) in list.iter().enumerate() {
                gather(&format!("{path}[{place}]"), value.get_ref(), values);
            }
        }
        value => {
            values.insert(path.to_owned(), written(value));
        }
    }
}

/// A value in one line.
fn written(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
        DeValue::Integer(number) => format!("{} (base {})", number.as_str(), number.radix()),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(moment) => moment.to_string(),
        DeValue::Array(list) => {
            let values = list.iter().map(|value| written(value.get_ref()));
            format!("[{}]", values.collect::<Vec<_>>().join(", "))
        }
        DeValue::Table(table) => {
            let values = table
                .iter()
                .map(|(key, value)| format!("{} = {}", key.get_ref(), written(value.get_ref())));
            format!("{{{}}}", values.collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::find_builtin;

    fn hangzhou() -> Policy {
        let builtin = find_builtin("hangzhou-2018").expect("built in");
        builtin.policy().expect("valid")
    }

    fn changed(from: &str, to: &str) -> Policy {
        let text = hangzhou().text().to_owned();
        assert_eq!(text.matches(from).count(), 1, "{from}");
        Policy::parse("city.toml", &text.replace(from, to)).expect("valid")
    }

    #[test]
    fn a_text_differs_from_another_in_the_values_that_were_changed() {
        let old = hangzhou();
        assert_eq!(list_differences(&old, &old), []);
        let remark = Policy::parse("city.toml", &format!("{}\n# remark\n", old.text()));
        assert_eq!(list_differences(&old, &remark.expect("valid")), []);

        let new = changed("\nrevision = 1\n", "\nrevision = 2\n");
        let one = |path: &str, old: &str, new: &str| Difference {
            path: path.to_owned(),
            old: Some(old.to_owned()),
            new: Some(new.to_owned()),
        };
        assert_eq!(list_differences(&old, &new), [one("revision", "1", "2")]);
        assert_eq!(list_differences(&new, &old), [one("revision", "2", "1")]);
    }

    #[test]
    fn what_moves_in_a_list_is_a_difference_and_so_is_what_is_not_there_any_more() {
        let old: BTreeMap<_, _> = values_of("a = [{ k = \"x\" }, { k = \"y\" }]\nb = [1, 2]\n");
        let new = values_of("a = [{ k = \"y\" }]\nb = [2, 1]\n");
        assert_eq!(old["a[0].k"], "\"x\"");
        assert_eq!(new["a[0].k"], "\"y\"");
        assert_eq!((old["b"].as_str(), new["b"].as_str()), ("[1, 2]", "[2, 1]"));
        assert!(!new.contains_key("a[1].k"));
    }
}
