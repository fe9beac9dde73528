//! What a contributor keeps and hands in (R80 to R84): a secret, the commitment to it before the
//! draw's announce, and the secret again after it. Three short texts with one spelling each, so that
//! people can send them to each other.

use std::{fmt, str::FromStr};

use crate::{
    record::{Announce, RecordError, commitment, is_draw_id, is_name, lines::Lines},
    text::{Digest, SpellingError, excerpt, hex, unhex},
};

const KEPT: &str = "fairplate/v1 contribution";
const COMMITTED: &str = "fairplate/v1 commitment";
const REVEALED: &str = "fairplate/v1 reveal";

/// Who contributes to which draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contributor {
    /// The log of the draw's city.
    pub origin: String,
    /// The draw's id.
    pub draw: String,
    /// The contributor's name, as `announce` has it.
    pub name: String,
}

/// A contributor's name: 1 to 255 bytes without white space, control characters and plus (R33).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(pub String);

/// A draw's id: 1 to 64 of 0-9 A-Z a-z - (R30).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawId(pub String);

impl FromStr for Name {
    type Err = SpellingError;

    fn from_str(text: &str) -> Result<Self, SpellingError> {
        if is_name(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(SpellingError::new(
            "1 to 255 bytes without white space or plus",
            text,
        ))
    }
}

impl FromStr for DrawId {
    type Err = SpellingError;

    fn from_str(text: &str) -> Result<Self, SpellingError> {
        if is_draw_id(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(SpellingError::new("1 to 64 of 0-9 A-Z a-z -", text))
    }
}

impl Contributor {
    fn parse(lines: &mut Lines<'_>) -> Result<Self, RecordError> {
        Ok(Self {
            origin: lines.checked("origin", "<log origin>", is_name)?,
            draw: lines.checked("draw", "<1 to 64 of 0-9 A-Z a-z ->", is_draw_id)?,
            name: lines.checked("name", "<name>", is_name)?,
        })
    }

    /// The commitment to a secret of theirs (D30).
    #[must_use]
    pub fn commit(&self, secret: &[u8; 32]) -> Digest {
        commitment(&self.origin, &self.draw, &self.name, secret)
    }

    /// Succeeds when this is somebody who contributes to this draw of this log. The error's line is
    /// that of any of the three texts.
    pub fn check_draw(&self, origin: &str, draw: &str) -> Result<(), RecordError> {
        let lines = [
            (2, "origin", origin, self.origin.as_str()),
            (3, "draw", draw, self.draw.as_str()),
        ];
        match lines.iter().find(|(.., wanted, found)| wanted != found) {
            Some((line, key, wanted, found)) => Err(RecordError {
                line: *line,
                expected: format!("`{key} {}`", excerpt(wanted)),
                found: excerpt(&format!("{key} {found}")),
            }),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Contributor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "origin {}", self.origin)?;
        writeln!(f, "draw {}", self.draw)?;
        writeln!(f, "name {}", self.name)
    }
}

/// What a contributor keeps to itself until the draw is announced.
#[derive(Clone, PartialEq, Eq)]
pub struct Contribution {
    /// Whose, to which draw.
    pub contributor: Contributor,
    /// 32 random bytes.
    pub secret: [u8; 32],
}

impl Contribution {
    /// Reads the text. What an error shows is no secret.
    pub fn parse(text: &str) -> Result<Self, RecordError> {
        let (contributor, secret) = parse_secret(text, KEPT)?;
        Ok(Self {
            contributor,
            secret,
        })
    }

    /// What is handed in before the draw is announced.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        Commitment {
            contributor: self.contributor.clone(),
            commitment: self.contributor.commit(&self.secret),
        }
    }

    /// What is handed in when the draw is announced.
    #[must_use]
    pub fn reveal(&self) -> Reveal {
        Reveal {
            contributor: self.contributor.clone(),
            secret: self.secret,
        }
    }

    /// Succeeds when the draw's announce carries exactly this name with the commitment to this
    /// secret. The error's line is that of the announce.
    pub fn check_announced(&self, announce: &Announce) -> Result<(), RecordError> {
        let Contributor { origin, draw, name } = &self.contributor;
        let text = announce.to_string();
        let lines: Vec<&str> = text.lines().collect();
        let sealed = format!("sealed {name} {}", self.commitment().commitment);
        let known = format!("sealed {name} ");
        let is_sealed = |line: &&str| line.starts_with("sealed ");
        let start = lines.iter().position(|line| line.starts_with(&known));
        // Where a name that was left out would stand at the latest: behind the others.
        let behind = || {
            let last = lines.iter().rposition(is_sealed);
            last.or_else(|| lines.iter().rposition(|line| line.starts_with("pool ")))
        };
        let place = start.or_else(|| behind().map(|last| last + 1));
        let wanted = [
            (1, format!("origin {origin}")),
            (2, format!("draw {draw}")),
            (place.unwrap_or_default(), sealed),
        ];
        for (place, wanted) in wanted {
            let found = lines.get(place).copied().unwrap_or_default();
            if found != wanted {
                return Err(RecordError {
                    line: place + 1,
                    expected: format!("`{}`", excerpt(&wanted)),
                    found: excerpt(found),
                });
            }
        }
        Ok(())
    }
}

/// Without the secret.
impl fmt::Debug for Contribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.commitment(), f)
    }
}

/// The text.
impl fmt::Display for Contribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = hex(&self.secret);
        writeln!(f, "{KEPT}\n{}secret {secret}", self.contributor)
    }
}

/// What a contributor hands in before the draw is announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// Whose, to which draw.
    pub contributor: Contributor,
    /// The commitment to their secret (D30).
    pub commitment: Digest,
}

impl Commitment {
    /// Reads the text.
    pub fn parse(text: &str) -> Result<Self, RecordError> {
        let mut lines = Lines::new(text, COMMITTED).map_err(hidden)?;
        let contributor = Contributor::parse(&mut lines).map_err(hidden)?;
        let commitment = lines.parsed("commitment", "<64 hex digits>");
        let commitment = commitment.map_err(hidden)?;
        lines.end().map_err(hidden)?;
        Ok(Self {
            contributor,
            commitment,
        })
    }
}

/// The text.
impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            contributor,
            commitment,
        } = self;
        writeln!(f, "{COMMITTED}\n{contributor}commitment {commitment}")
    }
}

/// What a contributor hands in when the draw is announced.
#[derive(Clone, PartialEq, Eq)]
pub struct Reveal {
    /// Whose, to which draw.
    pub contributor: Contributor,
    /// The secret that their commitment was made from.
    pub secret: [u8; 32],
}

impl Reveal {
    /// Reads the text. What an error shows is no secret.
    pub fn parse(text: &str) -> Result<Self, RecordError> {
        let (contributor, secret) = parse_secret(text, REVEALED)?;
        Ok(Self {
            contributor,
            secret,
        })
    }
}

impl Reveal {
    /// Succeeds when the draw has announced a commitment under this name and the secret opens it. The
    /// error's line is that of this text.
    pub fn check_announced(&self, announce: &Announce) -> Result<(), RecordError> {
        let Contributor { name, .. } = &self.contributor;
        self.contributor
            .check_draw(&announce.origin, &announce.draw)?;
        let mut sealed = announce.sealed.iter();
        let Some(sealed) = sealed.find(|sealed| sealed.name == *name) else {
            return Err(RecordError {
                line: 4,
                expected: "a name that the announce has sealed".to_owned(),
                found: excerpt(&format!("name {name}")),
            });
        };
        if self.contributor.commit(&self.secret) != sealed.commitment {
            let commitment = sealed.commitment;
            return Err(RecordError {
                line: 5,
                expected: format!("the secret of the announced commitment {commitment}"),
                found: "another secret".to_owned(),
            });
        }
        Ok(())
    }
}

/// Without the secret.
impl fmt::Debug for Reveal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reveal")
            .field("contributor", &self.contributor)
            .finish_non_exhaustive()
    }
}

/// The text.
impl fmt::Display for Reveal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = hex(&self.secret);
        writeln!(f, "{REVEALED}\n{}secret {secret}", self.contributor)
    }
}

fn parse_secret(text: &str, head: &str) -> Result<(Contributor, [u8; 32]), RecordError> {
    let read = || {
        let mut lines = Lines::new(text, head)?;
        let contributor = Contributor::parse(&mut lines)?;
        let secret = unhex(lines.value("secret")?);
        let secret = secret.ok_or_else(|| lines.refuse("`secret <64 hex digits>`"))?;
        lines.end()?;
        Ok((contributor, secret))
    };
    read().map_err(hidden)
}

/// The error without what it found, unless that begins like a line without a secret: the secret may
/// stand on a line where nobody expects it, and errors go to logs and to other people.
fn hidden(error: RecordError) -> RecordError {
    const SHOWN: [&str; 4] = ["fairplate/", "origin ", "draw ", "name "];
    let found = error.found.as_str();
    let is_known = found.is_empty() || SHOWN.iter().any(|head| found.starts_with(head));
    let has_room = found.ends_with('…') || found.split(' ').any(|word| word.len() >= 32);
    if is_known && !has_room {
        return error;
    }
    let found = "…".to_owned();
    RecordError { found, ..error }
}

#[cfg(test)]
mod tests;
