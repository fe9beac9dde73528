//! From the settings to the ways out.

use std::{path::Path, sync::Arc, time::Duration};

use zeroize::Zeroizing;

use crate::{
    beacon::Limits,
    clock::Clock,
    config::{Config, EmailConfig, MailSecurity, SmsConfig},
    domain::message::list_texts,
    error::{Error, Result},
    layout::Layout,
    notify::{
        Account, Alibaba, ENDPOINT, Mail, MailServer, Security, Signed, Transport, Transports,
    },
};

/// How long a mail server may take for one command.
const MAIL_TIMEOUT: Duration = Duration::from_secs(10);

/// Opens the ways out that the settings name; what they do not name goes to the spool.
pub(super) fn open(layout: &Layout, config: &Config, clock: &Arc<dyn Clock>) -> Result<Transports> {
    let mut transports = Transports::spooled(&layout.spool());
    if let Some(sms) = &config.sms {
        transports.sms = open_sms(layout, sms, clock)?;
    }
    if let Some(email) = &config.email {
        transports.email = open_email(layout, email)?;
    }
    if let Some(webhook) = &config.webhook {
        let url = safe_url("webhook", &webhook.url)?;
        let secret = secret(layout, "webhook", &webhook.secret_file)?;
        let signed = Signed::webhook(url, secret, Limits::default(), Arc::clone(clock));
        transports.webhook = Some(Arc::new(signed));
    }
    Ok(transports)
}

fn open_sms(
    layout: &Layout,
    config: &SmsConfig,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn Transport>> {
    Ok(match config {
        SmsConfig::Gateway { url, secret_file } => {
            let url = safe_url("sms", url)?;
            let secret = secret(layout, "sms", secret_file)?;
            let clock = Arc::clone(clock);
            Arc::new(Signed::gateway(url, secret, Limits::default(), clock))
        }
        SmsConfig::Alibaba {
            endpoint,
            key_id,
            key_secret_file,
            sign_name,
            templates,
        } => {
            let endpoint = endpoint.as_deref().unwrap_or(ENDPOINT);
            let account = Account {
                endpoint: safe_url("sms", endpoint)?.trim_end_matches('/').to_owned(),
                key_id: key_id.clone(),
                key_secret: Zeroizing::new(Config::secret(layout, key_secret_file)?),
                sign_name: sign_name.clone(),
                templates: templates.clone(),
            };
            Arc::new(Alibaba::new(account, Limits::default(), Arc::clone(clock)))
        }
    })
}

fn open_email(layout: &Layout, config: &EmailConfig) -> Result<Arc<dyn Transport>> {
    let (security, usual_port) = match config.security {
        MailSecurity::Tls => (Security::Tls, 465),
        MailSecurity::StartTls => (Security::StartTls, 587),
        MailSecurity::None if is_loopback(&config.host) => (Security::None, 25),
        MailSecurity::None => {
            return Err(Error::NotSetUp(
                "email.security: mail leaves this machine only under `tls` or `starttls`"
                    .to_owned(),
            ));
        }
    };
    let credentials = match (&config.user, &config.password_file) {
        (Some(user), Some(file)) => Some((user.clone(), Config::secret(layout, file)?)),
        (None, None) => None,
        _ => {
            return Err(Error::NotSetUp(
                "email: `user` and `password_file` belong together; give both or none".to_owned(),
            ));
        }
    };
    let server = MailServer {
        host: config.host.clone(),
        port: config.port.unwrap_or(usual_port),
        security,
        credentials,
        authority: match &config.ca_file {
            Some(file) => Some(read_authority(layout, file)?),
            None => None,
        },
        timeout: MAIL_TIMEOUT,
    };
    let mail = Mail::new(&server, &config.from)
        .map_err(|cause| Error::NotSetUp(format!("email.{cause}")))?;
    Ok(Arc::new(mail))
}

/// The certificates of the city's own authority.
fn read_authority(layout: &Layout, file: &Path) -> Result<Vec<u8>> {
    let path = layout.root().join(file);
    std::fs::read(&path).map_err(|cause| {
        Error::NotSetUp(format!(
            "email.ca_file: {} cannot be read: {cause}",
            path.display()
        ))
    })
}

/// Texts for which the settings name no template, where the service needs one.
pub(super) fn missing_templates(config: &Config) -> Vec<&'static str> {
    let Some(SmsConfig::Alibaba { templates, .. }) = &config.sms else {
        return Vec::new();
    };
    let texts = list_texts().into_iter();
    texts
        .map(|text| text.name)
        .filter(|name| !templates.contains_key(*name))
        .collect()
}

/// Letters and addresses travel under TLS, or stay on this machine.
fn safe_url<'a>(section: &str, url: &'a str) -> Result<&'a str> {
    let rest = url.strip_prefix("http://").unwrap_or_default();
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    if url.starts_with("https://") || is_loopback(host) {
        return Ok(url);
    }
    Err(Error::NotSetUp(format!(
        "{section}: expected an address that begins with https:// (http:// only on this machine), found {url}"
    )))
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1")
}

/// A secret that is hard to guess: at least 16 characters.
fn secret(layout: &Layout, section: &str, file: &Path) -> Result<String> {
    let secret = Config::secret(layout, file)?;
    if secret.len() < 16 {
        return Err(Error::NotSetUp(format!(
            "{section}.secret_file: expected a secret of at least 16 characters, found a shorter one; make it with `openssl rand -hex 32`"
        )));
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    /// What settings with this text make of the ways out; `secret` is a long secret and `short` none.
    fn opened(text: &str) -> std::result::Result<Transports, String> {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        std::fs::write(layout.config(), text).unwrap();
        std::fs::write(folder.path().join("secret"), "sixteen letters and more\n").unwrap();
        std::fs::write(folder.path().join("short"), "geheim\n").unwrap();
        let config = Config::load(&layout).map_err(|error| error.to_string())?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        open(&layout, &config, &clock).map_err(|error| error.to_string())
    }

    fn refusal(text: &str) -> String {
        match opened(text) {
            Ok(_) => panic!("expected a refusal of {text}"),
            Err(sentence) => sentence,
        }
    }

    #[test]
    fn without_settings_messages_go_to_the_spool_and_nobody_is_told_of_events() {
        let transports = opened("").unwrap();
        assert!(transports.sms.describe().ends_with("spool/sms"));
        assert!(transports.email.describe().ends_with("spool/email"));
        assert!(transports.webhook.is_none());
    }

    #[test]
    fn settings_name_a_gateway_a_mail_server_and_a_webhook() {
        let transports = opened(
            r#"
            [sms]
            source = "gateway"
            url = "https://sms.city.example/messages"
            secret_file = "secret"
            [email]
            host = "mail.city.example"
            security = "starttls"
            user = "lottery"
            password_file = "secret"
            from = "no-reply@city.example"
            [webhook]
            url = "http://127.0.0.1:9/events"
            secret_file = "secret"
            "#,
        )
        .unwrap();
        let described = [transports.sms.describe(), transports.email.describe()];
        assert!(described[0].ends_with("https://sms.city.example/messages"));
        assert_eq!(described[1], "mail through mail.city.example:587");
        assert!(transports.webhook.is_some());
        assert!(!described.concat().contains("sixteen"));
    }

    #[test]
    fn what_would_send_addresses_in_the_open_or_under_a_weak_secret_is_refused() {
        for (text, part) in [
            (
                "[webhook]\nurl = \"http://desk.city.example\"\nsecret_file = \"secret\"",
                "begins with https://",
            ),
            (
                "[webhook]\nurl = \"http://127.0.0.1.city.example\"\nsecret_file = \"secret\"",
                "begins with https://",
            ),
            (
                "[webhook]\nurl = \"https://desk.city.example\"\nsecret_file = \"short\"",
                "at least 16 characters",
            ),
            (
                "[email]\nhost = \"mail.city.example\"\nsecurity = \"none\"\nfrom = \"a@b.example\"",
                "email.security",
            ),
            (
                "[email]\nhost = \"mail.city.example\"\nuser = \"u\"\nfrom = \"a@b.example\"",
                "belong together",
            ),
            (
                "[email]\nhost = \"mail.city.example\"\nfrom = \"nobody\"",
                "expected a mailbox",
            ),
            (
                "[email]\nhost = \"mail.city.example\"\nca_file = \"none.pem\"\nfrom = \"a@b.example\"",
                "email.ca_file",
            ),
            ("[sms]\nsource = \"pigeon\"", "fairplate.toml:"),
        ] {
            let sentence = refusal(text);
            assert!(sentence.contains(part), "{text}: {sentence}");
            assert!(!sentence.contains("geheim"), "{sentence}");
        }
    }

    #[test]
    fn texts_without_a_template_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let text = "[sms]\nsource = \"alibaba\"\nkey_id = \"k\"\nkey_secret_file = \"s\"\nsign_name = \"n\"\n[sms.templates]\n\"one_time_code.sign_in\" = \"SMS_1\"\n";
        std::fs::write(layout.config(), text).unwrap();
        let missing = missing_templates(&Config::load(&layout).unwrap());
        assert_eq!(missing.len(), list_texts().len() - 1);
        assert!(!missing.contains(&"one_time_code.sign_in"));
    }
}
