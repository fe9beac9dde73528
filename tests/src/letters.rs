//! What people were sent: the letters in the city's spool.

use std::fs;

use fairplate::{domain::actor::Worker, jobs, service::leases::Timing};
use serde_json::Value;

use crate::city::TestCity;

/// A letter that left the city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The message's id.
    pub id: String,
    /// To which phone or e-mail address.
    pub to: String,
    /// What for, as in `tier_joined`.
    pub purpose: String,
    /// The code or number that it is about.
    pub subject: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
}

impl TestCity {
    /// Does once, at the moment at which the clock stands, everything that the city does by itself;
    /// letters are in the spool afterwards. Every job has to succeed.
    pub async fn deliver(&self) {
        for outcome in jobs::run_all(&self.app, &Worker, Timing::AtOnce).await {
            outcome.result.expect(outcome.name);
        }
    }

    /// The texts that this phone was sent, oldest first.
    #[must_use]
    pub fn inbox_of(&self, phone: &str) -> Vec<String> {
        let letters = self.sent("sms").into_iter();
        let theirs = letters.filter(|letter| letter.to == phone);
        theirs.map(|letter| letter.text).collect()
    }

    /// The mails that this address was sent, oldest first.
    #[must_use]
    pub fn mails_of(&self, address: &str) -> Vec<Sent> {
        let letters = self.sent("email").into_iter();
        letters.filter(|letter| letter.to == address).collect()
    }

    /// The one-time code that this phone was sent last.
    #[must_use]
    pub fn code_of(&self, phone: &str) -> Option<String> {
        let letters = self.sent("sms").into_iter();
        let last = letters
            .filter(|letter| letter.to == phone && letter.purpose == "one_time_code")
            .next_back()?;
        let digits = last
            .text
            .split(|letter: char| !letter.is_ascii_digit())
            .find(|digits| digits.len() == 7)?;
        Some(digits.to_owned())
    }

    /// Everything in a folder of the spool, `sms` or `email`, oldest first.
    #[must_use]
    pub fn sent(&self, folder: &str) -> Vec<Sent> {
        let folder = self.app.layout.spool().join(folder);
        let Ok(entries) = fs::read_dir(folder) else {
            return Vec::new();
        };
        let mut letters: Vec<_> = entries
            .map(|entry| entry.expect("a letter").path())
            .filter(|path| path.extension().is_some_and(|end| end == "json"))
            .map(|path| {
                let text = fs::read_to_string(path).expect("a text");
                let letter: Value = serde_json::from_str(&text).expect("JSON");
                let word = |name: &str| letter[name].as_str().expect(name).to_owned();
                Sent {
                    id: word("id"),
                    to: word("to"),
                    purpose: word("purpose"),
                    subject: word("subject"),
                    title: word("title"),
                    text: word("text"),
                }
            })
            .collect();
        letters.sort_by(|one, other| one.id.cmp(&other.id));
        letters
    }
}
