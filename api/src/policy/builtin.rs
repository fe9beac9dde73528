//! The files that come with the house.

use super::{Fault, Policy, parse_working_days};
use crate::domain::WorkingDays;

/// A policy file inside the program.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// The policy's name, for example `hangzhou-2018`.
    pub key: &'static str,
    /// The file's name in messages.
    pub file: &'static str,
    /// Its text.
    pub text: &'static str,
}

impl Builtin {
    /// Reads the file. A test of the house makes sure that it can be read.
    pub fn policy(&self) -> Result<Policy, Vec<Fault>> {
        Policy::parse(self.file, self.text)
    }
}

const BUILTIN: [Builtin; 2] = [
    Builtin {
        key: "hangzhou-2018",
        file: "policies/hangzhou-2018.toml",
        text: include_str!("../../policies/hangzhou-2018.toml"),
    },
    Builtin {
        key: "beijing-2016",
        file: "policies/beijing-2016.toml",
        text: include_str!("../../policies/beijing-2016.toml"),
    },
];

/// The policies that come with the house, the demo's default first.
#[must_use]
pub fn builtin() -> &'static [Builtin] {
    &BUILTIN
}

/// The built-in policy of that name.
#[must_use]
pub fn find_builtin(key: &str) -> Option<&'static Builtin> {
    BUILTIN.iter().find(|builtin| builtin.key == key)
}

/// The calendar of working days that comes with the house.
pub fn working_days() -> Result<WorkingDays, Vec<Fault>> {
    parse_working_days(
        "policies/calendar-cn.toml",
        include_str!("../../policies/calendar-cn.toml"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_policy_is_found_under_its_own_name() {
        for file in builtin() {
            assert_eq!(file.policy().expect(file.key).key, file.key);
            assert_eq!(file.file, format!("policies/{}.toml", file.key));
        }
        assert!(find_builtin("shanghai-1994").is_none());
    }

    #[test]
    fn the_digest_is_that_of_the_exact_text() {
        let hangzhou = find_builtin("hangzhou-2018").expect("built in");
        let policy = hangzhou.policy().expect("valid");
        let longer = format!("{}\n# one more line\n", hangzhou.text);
        let other = Policy::parse("city.toml", &longer).expect("valid");

        assert_eq!(policy.text(), hangzhou.text);
        assert_ne!(policy.digest(), other.digest());
        assert_eq!(other.text(), longer);
    }
}
