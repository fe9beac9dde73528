//! The ways out to people and to the city's own systems: worlds that we do not own, behind one
//! trait.
//!
//! Nothing here logs or keeps an address or a text, and no error carries one.

mod letter;
mod spool;
mod http;
mod signed;
mod alibaba;
mod mail;

use std::{path::Path, sync::Arc};

pub use alibaba::{Account, Alibaba, ENDPOINT};
pub use letter::{Letter, SendError, Sending, Transport};
pub use mail::{Mail, MailError, MailServer, Security};
pub use signed::{Signed, signature};
pub use spool::Spool;

/// The ways out of one city.
pub struct Transports {
    /// Short messages.
    pub sms: Arc<dyn Transport>,
    /// Mail.
    pub email: Arc<dyn Transport>,
    /// Events for the city's own systems, where there are any that want them.
    pub webhook: Option<Arc<dyn Transport>>,
}

impl Transports {
    /// Folders under this one, and no webhook: a city that has set nothing up loses nothing.
    #[must_use]
    pub fn spooled(folder: &Path) -> Self {
        Self {
            sms: Arc::new(Spool::new(folder.join("sms"))),
            email: Arc::new(Spool::new(folder.join("email"))),
            webhook: None,
        }
    }
}
