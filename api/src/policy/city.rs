//! The city and its lottery's names.

use super::{Text, reader::Section, rule};

/// A city and the names its lottery goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct City {
    /// Division code of GB/T 2260, for example 330100.
    pub id: u32,
    /// Short name for addresses and files, for example `hangzhou`.
    pub key: String,
    /// The city.
    pub name: Text,
    /// The lottery.
    pub programme: Text,
    /// The office that runs it.
    pub office: Text,
}

pub(super) fn read(section: &Section<'_>) -> Option<City> {
    let id = section.number("id", 110_000..=829_999);
    let key = key(section);
    let name = section.bilingual("name");
    let programme = section.bilingual("programme");
    let office = section.bilingual("office");
    rule::read(section);
    section.refuse_unknown_keys();
    Some(City {
        id: id?,
        key: key?,
        name: name?,
        programme: programme?,
        office: office?,
    })
}

/// A name for programs: small letters, digits and hyphens, beginning with a letter.
pub(super) fn key(section: &Section<'_>) -> Option<String> {
    let key = section.text("key")?;
    let is_key = key.starts_with(|first: char| first.is_ascii_lowercase())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !is_key {
        section.fault(
            "key",
            format!("expected small letters, digits and hyphens, found `{key}`"),
        );
        return None;
    }
    Some(key)
}
