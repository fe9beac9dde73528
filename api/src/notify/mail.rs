//! Mail over SMTP.
//!
//! The message's id stands in `Message-ID`, by which mail systems tell a repetition.

use std::time::{Duration, SystemTime};

use lettre::{
    Message, SmtpTransport, Transport as _,
    address::AddressError,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
        extension::ClientId,
    },
};
use tokio::task::spawn_blocking;

use super::{Letter, SendError, Sending, Transport};

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (port 465).
    Tls,
    /// TLS after `STARTTLS` (port 587); without it nothing is sent.
    StartTls,
    /// None: a server on this machine.
    None,
}

/// The mail server, and in whose name it is asked.
pub struct MailServer {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// User and password, where it wants them.
    pub credentials: Option<(String, String)>,
    /// Certificates in PEM of who signs the server's own, beside those that are publicly known.
    pub authority: Option<Vec<u8>>,
    /// How long one command may take.
    pub timeout: Duration,
}

/// Sends mail.
pub struct Mail {
    server: String,
    from: Mailbox,
    transport: SmtpTransport,
}

/// Why a mail transport cannot be made of the settings.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The sender is no mailbox.
    #[error("from: expected a mailbox such as `Lottery <no-reply@city.example>`: {0}")]
    From(#[from] AddressError),
    /// The authority's certificates cannot be read.
    #[error("ca_file: expected certificates in PEM")]
    Authority(#[source] lettre::transport::smtp::Error),
    /// TLS cannot be set up.
    #[error("host: TLS to this name cannot be set up")]
    Tls(#[source] lettre::transport::smtp::Error),
}

impl Mail {
    /// A transport through a server, from a mailbox.
    pub fn new(server: &MailServer, from: &str) -> Result<Self, MailError> {
        let from: Mailbox = from.parse()?;
        let parameters = || -> Result<TlsParameters, MailError> {
            let mut builder = TlsParameters::builder(server.host.clone());
            if let Some(pem) = &server.authority {
                let authority = Certificate::from_pem(pem).map_err(MailError::Authority)?;
                builder = builder.add_root_certificate(authority);
            }
            builder.build().map_err(MailError::Tls)
        };
        let tls = match server.security {
            Security::Tls => Tls::Wrapper(parameters()?),
            Security::StartTls => Tls::Required(parameters()?),
            Security::None => Tls::None,
        };
        let mut builder = SmtpTransport::builder_dangerous(server.host.clone())
            .port(server.port)
            .tls(tls)
            .hello_name(ClientId::Domain(from.email.domain().to_owned()))
            .timeout(Some(server.timeout));
        if let Some((user, password)) = &server.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self {
            server: format!("{}:{}", server.host, server.port),
            from,
            transport: builder.build(),
        })
    }

    fn compose(&self, letter: &Letter) -> Result<Message, SendError> {
        let to: Mailbox = letter
            .to
            .parse()
            .map_err(|_| SendError::refused("the address is no e-mail address"))?;
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&letter.title)
            .date(SystemTime::from(letter.written_at))
            .message_id(Some(format!(
                "<{}@{}>",
                letter.id,
                self.from.email.domain()
            )))
            .header(ContentType::TEXT_PLAIN)
            .body(format!("{}\n", letter.text))
            .map_err(|_| SendError::refused("the letter cannot be written as a mail"))
    }
}

impl Transport for Mail {
    fn describe(&self) -> String {
        format!("mail through {}", self.server)
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        let composed = self.compose(letter);
        let transport = self.transport.clone();
        Box::pin(async move {
            let message = composed?;
            let sent = spawn_blocking(move || transport.send(&message)).await;
            match sent {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(cause)) => Err(judge(&cause)),
                Err(_) => Err(SendError::not_now("sending was broken off on our side")),
            }
        })
    }
}

/// A server's own words may name the address; only its status is repeated.
fn judge(cause: &lettre::transport::smtp::Error) -> SendError {
    match cause.status() {
        Some(code) if cause.is_permanent() => {
            SendError::refused(format!("the mail server answered {code}"))
        }
        Some(code) => SendError::not_now(format!("the mail server answered {code}")),
        None if cause.is_timeout() => SendError::not_now("the mail server did not answer in time"),
        None if cause.is_tls() => SendError::not_now("no TLS with the mail server"),
        None => SendError::not_now("the mail server could not be reached or broke off"),
    }
}
