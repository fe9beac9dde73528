//! What applicants read before they fill in the form (填报说明).

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::{Text, form, reader::Section, rule};

/// One paragraph of the instructions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paragraph {
    /// What it says.
    pub text: Text,
    /// Keys of the identity types it is for; all of them when there is no list.
    pub identity_types: Option<Vec<String>>,
}

impl Paragraph {
    /// Whether applicants of this identity type read it.
    #[must_use]
    pub fn applies_to(&self, identity_type: &str) -> bool {
        self.identity_types
            .as_ref()
            .is_none_or(|keys| keys.iter().any(|key| key == identity_type))
    }
}

/// SHA-256 of paragraphs, both languages: what somebody acknowledges to have read.
pub(super) fn digest<'a>(paragraphs: impl Iterator<Item = &'a Paragraph>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for paragraph in paragraphs {
        for text in [&paragraph.text.zh, &paragraph.text.en] {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text);
        }
    }
    hasher.finalize().into()
}

pub(super) fn read_all(
    section: &Section<'_>,
    identity_types: Option<&BTreeSet<&str>>,
) -> Option<Vec<Paragraph>> {
    let paragraphs = section.sections("paragraph");
    rule::read(section);
    section.refuse_unknown_keys();
    let read = |section: &Section<'_>| {
        let text = section.bilingual("text");
        let identity_types = form::identity_types(section, identity_types);
        section.refuse_unknown_keys();
        Some(Paragraph {
            text: text?,
            identity_types: identity_types?,
        })
    };
    let read: Vec<Option<Paragraph>> = paragraphs?.iter().map(read).collect();
    read.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use crate::policy::{Policy, find_builtin};

    #[test]
    fn whoever_reads_other_paragraphs_acknowledges_another_digest() {
        let file = find_builtin("hangzhou-2018").expect("built in");
        let policy = file.policy().expect("valid");
        let local = policy.instructions_digest("local-household");
        assert_ne!(local, policy.instructions_digest("residence-permit"));

        let paragraph = policy.instructions_of("local-household").next();
        let zh = &paragraph.expect("a paragraph").text.zh;
        let changed = file.text.replacen(zh.as_str(), "请如实填写。", 1);
        let other = Policy::parse("city.toml", &changed).expect("valid");
        assert_ne!(other.instructions_digest("local-household"), local);
        let renumbered = file.text.replacen("revision = 1", "revision = 2", 1);
        let same = Policy::parse("city.toml", &renumbered).expect("valid");
        assert_eq!(same.instructions_digest("local-household"), local);
    }
}
