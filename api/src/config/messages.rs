//! Who takes messages out of the city.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;

/// A receiver of our own interface: JSON, signed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedConfig {
    /// Where it listens; HTTPS, except on this machine.
    pub url: String,
    /// File whose first line is the secret that both sides know.
    pub secret_file: PathBuf,
}

/// Who sends short messages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, tag = "source", rename_all = "kebab-case")]
pub enum SmsConfig {
    /// A gateway that speaks our interface.
    Gateway {
        /// Where it listens; HTTPS, except on this machine.
        url: String,
        /// File whose first line is the secret that both sides know.
        secret_file: PathBuf,
    },
    /// Alibaba Cloud's SMS service.
    Alibaba {
        /// Base URL, where it is not the service's usual one.
        endpoint: Option<String>,
        /// Id of the access key.
        key_id: String,
        /// File whose first line is the access key's secret.
        key_secret_file: PathBuf,
        /// The registered signature, without brackets.
        sign_name: String,
        /// The registered template for each text of ours, by its name.
        templates: BTreeMap<String, String>,
    },
}

/// Which server takes mail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailConfig {
    /// Its name.
    pub host: String,
    /// Its port; 465 with `tls`, 587 with `starttls`, 25 with `none` where it is not said.
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub security: MailSecurity,
    /// File with certificates in PEM of who signs the server's own, where that is the city's own
    /// authority.
    pub ca_file: Option<PathBuf>,
    /// User, where the server wants one.
    pub user: Option<String>,
    /// File whose first line is the user's password.
    pub password_file: Option<PathBuf>,
    /// From whom mail comes, for example `Lottery <no-reply@city.example>`.
    pub from: String,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// TLS from the first byte.
    #[default]
    Tls,
    /// TLS after `STARTTLS`.
    StartTls,
    /// None; only on this machine.
    None,
}
