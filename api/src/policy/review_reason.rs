//! The reasons a reviewer may give.

use std::collections::BTreeSet;

use super::{Text, reader::Section};

/// A reason for refusing an application, with what the applicant can do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewReason {
    /// Name for programs, for example `SOCIAL_INSURANCE_GAP`.
    pub code: String,
    /// The reason, for people.
    pub text: Text,
    /// What the applicant can do.
    pub remedy: Text,
}

pub(super) fn read_all(section: &Section<'_>) -> Option<Vec<ReviewReason>> {
    let reasons = section.sections("reason");
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    let mut complete = true;
    for section in &reasons? {
        match read(section) {
            Some(reason) if seen.insert(reason.code.clone()) => all.push(reason),
            Some(reason) => section.fault("code", format!("`{}` is there twice", reason.code)),
            None => complete = false,
        }
    }
    complete.then_some(all)
}

fn read(section: &Section<'_>) -> Option<ReviewReason> {
    let code = section.text("code").filter(|code| {
        let is_code = code
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        if !is_code {
            section.fault(
                "code",
                format!("expected capitals and underscores, found `{code}`"),
            );
        }
        is_code
    });
    let text = section.bilingual("text");
    let remedy = section.bilingual("remedy");
    section.refuse_unknown_keys();
    Some(ReviewReason {
        code: code?,
        text: text?,
        remedy: remedy?,
    })
}
