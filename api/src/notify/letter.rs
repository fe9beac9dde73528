//! What goes out, and what may become of it.

use std::pin::Pin;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

/// One message on its way.
#[derive(Clone)]
pub struct Letter {
    /// The message's id. It is the same however often it is tried, and goes along as the receiver's
    /// means to tell a repetition.
    pub id: Uuid,
    /// The phone or e-mail address; empty for the city's own systems.
    pub to: String,
    /// What it is for, for example `certificate_expiring`.
    pub purpose: String,
    /// Name of its text, for example `one_time_code.sign_in`.
    pub template: String,
    /// The public code or number it is about; empty where there is none.
    pub subject: String,
    /// A few words, without anything secret.
    pub title: String,
    /// What is to be read, with the name of the lottery before it.
    pub text: String,
    /// The values of the text by their names, as they stand in it, for receivers that keep the texts
    /// themselves; of an event its facts.
    pub values: Map<String, Value>,
    /// BCP 47 tag of the text's language.
    pub locale: String,
    /// When it was written.
    pub written_at: DateTime<Utc>,
}

/// Shows what tells nothing about its recipient.
impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Letter({}, {})", self.id, self.purpose)
    }
}

/// Why a letter was not taken. The sentence never holds an address or a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It may be taken later.
    #[error("{reason}")]
    NotNow {
        /// What was tried and what came back.
        reason: String,
    },
    /// It will never be taken as it is.
    #[error("{reason}")]
    Refused {
        /// What came back, and what to do.
        reason: String,
    },
}

impl SendError {
    /// It may be taken later.
    pub fn not_now(reason: impl std::fmt::Display) -> Self {
        Self::NotNow {
            reason: reason.to_string(),
        }
    }

    /// It will never be taken as it is.
    pub fn refused(reason: impl std::fmt::Display) -> Self {
        Self::Refused {
            reason: reason.to_string(),
        }
    }
}

/// A letter being handed over.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>>;

/// A way out.
pub trait Transport: Send + Sync {
    /// What it is, for the doctor: no secret, no address.
    fn describe(&self) -> String;

    /// Hands a letter over. `Ok` means that somebody else answers for it now.
    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a>;
}
