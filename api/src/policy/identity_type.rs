//! The kinds of identity papers a form asks for.

use std::collections::BTreeSet;

use super::{Text, city, reader::Section, rule};

/// One way to be an applicant (身份类型).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityType {
    /// Name for programs, for example `local-household`.
    pub key: String,
    /// The code that the city's own forms use, where it is known.
    pub official: Option<String>,
    /// Name for people.
    pub name: Text,
    /// What the number of the identity document looks like.
    pub number: IdentityNumberFormat,
}

/// What the number of an identity document looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityNumberFormat {
    /// An identity card's eighteen characters with their check character.
    Gb11643,
    /// Another document: 5 to 32 capital letters and digits.
    Document,
}

pub(super) fn read_all(sections: &[Section<'_>]) -> Option<Vec<IdentityType>> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    let mut complete = true;
    for section in sections {
        match read(section) {
            Some(identity_type) if seen.insert(identity_type.key.clone()) => {
                all.push(identity_type);
            }
            Some(identity_type) => {
                section.fault("key", format!("`{}` is there twice", identity_type.key));
                complete = false;
            }
            None => complete = false,
        }
    }
    complete.then_some(all)
}

fn read(section: &Section<'_>) -> Option<IdentityType> {
    let key = city::key(section);
    let official = section.has("official").then(|| section.text("official"));
    let name = section.bilingual("name");
    let number = section.choice(
        "number",
        &[
            ("gb-11643", IdentityNumberFormat::Gb11643),
            ("document", IdentityNumberFormat::Document),
        ],
    );
    rule::read(section);
    section.refuse_unknown_keys();
    Some(IdentityType {
        key: key?,
        official: match official {
            None => None,
            Some(official) => Some(official?),
        },
        name: name?,
        number: number?,
    })
}
