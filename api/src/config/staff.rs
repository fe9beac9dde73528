//! How the people of the city sign in.

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, de::Error as _};
use webauthn_rs::prelude::{Url, WebauthnBuilder};

/// Minutes that a session can last.
const SESSION: std::ops::RangeInclusive<u16> = 15..=720;

/// Minutes for which a session can lie unused.
const IDLE: std::ops::RangeInclusive<u16> = 5..=120;

/// How the people of the city sign in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StaffConfig {
    /// How many minutes a session lasts that somebody opened by signing in, 15 to 720.
    #[serde(deserialize_with = "session_minutes")]
    pub session_minutes: u16,
    /// How many minutes it can lie unused before it ends, 5 to 120.
    #[serde(deserialize_with = "idle_minutes")]
    pub idle_minutes: u16,
    /// Where passkeys are used; without it there are none.
    pub passkeys: Option<PasskeyPlace>,
}

/// Where passkeys are used. An authenticator signs for this place and no other.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct PasskeyPlace {
    /// Where browsers open the page, such as `https://draws.hangzhou.example`.
    pub origin: Url,
    /// The domain that passkeys belong to: the origin's, or one above it.
    pub domain: String,
}

/// The same as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    origin: Url,
    domain: Option<String>,
}

impl TryFrom<Written> for PasskeyPlace {
    type Error = String;

    fn try_from(Written { origin, domain }: Written) -> Result<Self, String> {
        let own = origin.domain().unwrap_or_default().to_owned();
        // Browsers have passkeys nowhere else.
        if origin.scheme() != "https" && !(origin.scheme() == "http" && own == "localhost") {
            return Err(format!(
                "origin: expected https:// and a domain, or http://localhost, found {origin}"
            ));
        }
        if origin.path() != "/" || origin.query().is_some() || origin.fragment().is_some() {
            return Err(format!(
                "origin: expected nothing behind the domain and port, found {origin}"
            ));
        }
        let domain = domain.unwrap_or(own);
        if WebauthnBuilder::new(&domain, &origin).is_err() {
            return Err(format!(
                "domain: expected that of {origin} or one above it, found {domain:?}"
            ));
        }
        Ok(Self { origin, domain })
    }
}

impl Default for StaffConfig {
    fn default() -> Self {
        Self {
            session_minutes: 480,
            idle_minutes: 15,
            passkeys: None,
        }
    }
}

impl StaffConfig {
    /// How long a session lasts.
    #[must_use]
    pub fn session_time(&self) -> TimeDelta {
        TimeDelta::minutes(self.session_minutes.into())
    }

    /// For how many seconds a session can lie unused.
    #[must_use]
    pub fn idle_secs(&self) -> i32 {
        i32::from(self.idle_minutes) * 60
    }
}

fn session_minutes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    within(deserializer, "session_minutes", &SESSION)
}

fn idle_minutes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    within(deserializer, "idle_minutes", &IDLE)
}

fn within<'de, D: Deserializer<'de>>(
    deserializer: D,
    name: &str,
    range: &std::ops::RangeInclusive<u16>,
) -> Result<u16, D::Error> {
    let minutes = u16::deserialize(deserializer)?;
    if range.contains(&minutes) {
        return Ok(minutes);
    }
    Err(D::Error::custom(format!(
        "{name}: expected {} to {}, found {minutes}",
        range.start(),
        range.end()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<StaffConfig, String> {
        toml::from_str(text).map_err(|fault| fault.message().to_owned())
    }

    #[test]
    fn a_session_is_short_unless_said_otherwise_and_has_bounds() {
        let config = read("").unwrap();
        assert_eq!((config.session_minutes, config.idle_minutes), (480, 15));
        assert_eq!(config.passkeys, None);
        for wrong in ["session_minutes = 14", "session_minutes = 721"] {
            let sentence = read(wrong).unwrap_err();
            assert!(sentence.contains("expected 15 to 720"), "{sentence}");
        }
        for wrong in ["idle_minutes = 4", "idle_minutes = 121"] {
            let sentence = read(wrong).unwrap_err();
            assert!(sentence.contains("expected 5 to 120"), "{sentence}");
        }
    }

    #[test]
    fn passkeys_belong_to_a_domain_of_their_origin() {
        let place = |text: &str| {
            let config = read(&format!("[passkeys]\n{text}\n"))?;
            Ok::<_, String>(config.passkeys.map(|place| place.domain))
        };
        let own = place("origin = \"https://draws.hangzhou.example\"");
        assert_eq!(own.unwrap().as_deref(), Some("draws.hangzhou.example"));
        let above =
            place("origin = \"https://draws.hangzhou.example\"\ndomain = \"hangzhou.example\"");
        assert_eq!(above.unwrap().as_deref(), Some("hangzhou.example"));
        assert!(place("origin = \"http://localhost:4000\"").is_ok());
        for wrong in [
            "origin = \"http://draws.hangzhou.example\"",
            "origin = \"https://10.0.0.1\"",
            "origin = \"https://draws.hangzhou.example/staff\"",
            "origin = \"https://draws.hangzhou.example\"\ndomain = \"beijing.example\"",
            "origin = \"draws\"",
            "domain = \"hangzhou.example\"",
        ] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
