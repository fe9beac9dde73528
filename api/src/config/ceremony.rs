//! How the city's officers work together.

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, de::Error as _};

/// Minutes for which a proposal can wait.
const MINUTES: std::ops::RangeInclusive<u16> = 5..=1_440;

/// What officers do to periods and draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CeremonyConfig {
    /// How many minutes a proposal waits for a second officer, 5 to 1440.
    #[serde(deserialize_with = "minutes")]
    pub approval_minutes: u16,
}

impl Default for CeremonyConfig {
    fn default() -> Self {
        Self {
            approval_minutes: 60,
        }
    }
}

impl CeremonyConfig {
    /// The same as a length of time.
    #[must_use]
    pub fn approval_time(self) -> TimeDelta {
        TimeDelta::minutes(self.approval_minutes.into())
    }
}

fn minutes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let minutes = u16::deserialize(deserializer)?;
    if MINUTES.contains(&minutes) {
        return Ok(minutes);
    }
    Err(D::Error::custom(format!(
        "approval_minutes: expected {} to {}, found {minutes}",
        MINUTES.start(),
        MINUTES.end()
    )))
}
