//! Global ids: one opaque name for everything that has an identity.
//!
//! Every `ID` of the schema is one, read or sent. They are made and read here alone; which service
//! function answers for which noun stands in `node`.

use std::{fmt::Display, str::FromStr};

use async_graphql::ID;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::error::{Error, Result};

/// What an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// An account.
    Account,
    /// An application.
    Application,
    /// An application on its way.
    ApplicationDraft,
    /// Something that an officer has proposed.
    Approval,
    /// A row of the audit trail.
    AuditRow,
    /// A ban.
    Ban,
    /// A certificate; its key is its number.
    Certificate,
    /// The city; its key is its division.
    City,
    /// A request for a one-time code. It goes back with the code and is no node.
    CodeRequest,
    /// A draw; its key is its public id.
    Draw,
    /// A duplicate flag.
    DuplicateFlag,
    /// A representative, as they are invited; its key is their name.
    Invitation,
    /// A message in an inbox.
    Message,
    /// A message on its way.
    OutgoingMessage,
    /// What a passkey is asked to answer. It goes back with the answer and is no node.
    PasskeyRequest,
    /// A period; its key is its number.
    Period,
    /// A representative, as everybody sees them; its key is their name.
    Representative,
    /// A session.
    Session,
}

impl Noun {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::Account,
        Self::Application,
        Self::ApplicationDraft,
        Self::Approval,
        Self::AuditRow,
        Self::Ban,
        Self::Certificate,
        Self::City,
        Self::CodeRequest,
        Self::Draw,
        Self::DuplicateFlag,
        Self::Invitation,
        Self::Message,
        Self::OutgoingMessage,
        Self::PasskeyRequest,
        Self::Period,
        Self::Representative,
        Self::Session,
    ];

    /// The word that ids begin with, and a noun phrase for sentences.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Account => ("Account", "an account"),
            Self::Application => ("Application", "an application"),
            Self::ApplicationDraft => ("ApplicationDraft", "a draft"),
            Self::Approval => ("Approval", "an approval"),
            Self::AuditRow => ("AuditRow", "a row of the audit trail"),
            Self::Ban => ("Ban", "a ban"),
            Self::Certificate => ("Certificate", "a certificate"),
            Self::City => ("City", "a city"),
            Self::CodeRequest => ("CodeRequest", "a request for a code"),
            Self::Draw => ("Draw", "a draw"),
            Self::DuplicateFlag => ("DuplicateFlag", "a duplicate flag"),
            Self::Invitation => ("Invitation", "an invitation"),
            Self::Message => ("Message", "a message"),
            Self::OutgoingMessage => ("OutgoingMessage", "an outgoing message"),
            Self::PasskeyRequest => ("PasskeyRequest", "a request for a passkey"),
            Self::Period => ("Period", "a period"),
            Self::Representative => ("Representative", "a representative"),
            Self::Session => ("Session", "a session"),
        }
    }

    /// The id of the one with this key.
    #[must_use]
    pub fn id(self, key: impl Display) -> ID {
        let (word, _) = self.words();
        URL_SAFE_NO_PAD.encode(format!("{word}:{key}")).into()
    }

    /// The key in an id of this noun; `field` is where the id stood.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] for anything but the one spelling that this server gives.
    pub fn key<K: FromStr + Display>(self, field: &str, id: &ID) -> Result<K> {
        let (_, what) = self.words();
        let wrong = || {
            Error::invalid(
                field,
                format!("expected the id of {what}, as the server gave it"),
            )
        };
        let (noun, text) = split(id).ok_or_else(wrong)?;
        let key: K = text.parse().map_err(|_| wrong())?;
        if noun == self && key.to_string() == text {
            Ok(key)
        } else {
            Err(wrong())
        }
    }

    /// What an id names, whatever it is.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] for a text that this server never gives as an id.
    pub(super) fn of(field: &str, id: &ID) -> Result<Self> {
        let noun = split(id).map(|(noun, _)| noun);
        noun.ok_or_else(|| Error::invalid(field, "expected an id, as the server gave it"))
    }
}

fn split(id: &ID) -> Option<(Noun, String)> {
    let bytes = URL_SAFE_NO_PAD.decode(id.as_str()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (word, key) = text.split_once(':')?;
    let noun = Noun::ALL.into_iter().find(|noun| noun.words().0 == word)?;
    Some((noun, key.to_owned()))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_id_gives_its_key_back_to_its_own_noun_alone() {
        let key = Uuid::from_u128(7);
        for noun in Noun::ALL {
            let id = noun.id(key);
            assert_eq!(Noun::of("id", &id).ok(), Some(noun));
            for other in Noun::ALL {
                let read = other.key::<Uuid>("id", &id).ok();
                assert_eq!(read, (other == noun).then_some(key), "{noun:?} {other:?}");
            }
        }
    }

    #[test]
    fn an_id_has_one_spelling() {
        let key = Uuid::from_u128(0xabc);
        let upper = Noun::Session.id(key.to_string().to_uppercase());
        let id = Noun::Session.id(key);
        for wrong in [
            upper,
            ID(key.to_string()),
            ID(format!("{}=", id.as_str())),
            ID(String::new()),
            ID("U2Vzc2lvbg".to_owned()),
        ] {
            assert!(
                Noun::Session.key::<Uuid>("id", &wrong).is_err(),
                "{wrong:?}"
            );
        }
    }
}
