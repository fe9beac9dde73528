//! What a verifier believes before it looks at anything: the log's key, the witnesses and how many
//! of them must agree (C2SP tlog-policy), and the city's record key.

mod pinned;

use std::{fmt, str::FromStr};

pub use pinned::{Trust, parse_record_key, published_policies};

use crate::{
    key::{KeyKind, VerifierKey},
    note::{Note, NoteError},
    text::{Time, decimal, excerpt},
};

const MAX_LINES: usize = 1_000;

/// Why a text is not a trust policy or a key file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: expected {expected}, found `{found}`")]
pub struct TrustError {
    /// `trust.policy` or `records.vkey`.
    pub file: &'static str,
    /// The line, counted from 1.
    pub line: usize,
    /// What would have been accepted.
    pub expected: String,
    /// What was there.
    pub found: String,
}

/// One log, some witnesses, and which of them make a quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustPolicy {
    log: (VerifierKey, Option<String>),
    members: Vec<Member>,
    quorum: Quorum,
}

/// Which member's cosigning is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quorum {
    /// Nobody's is asked for.
    Nobody,
    /// The member at this place.
    Member(usize),
}

/// A witness or a group of earlier members.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Member {
    name: String,
    rule: Rule,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Witness {
        key: Box<VerifierKey>,
        url: Option<String>,
    },
    Group {
        needed: usize,
        members: Vec<usize>,
    },
}

impl TrustPolicy {
    /// The log's key; its name is the log's origin.
    #[must_use]
    pub fn log(&self) -> &VerifierKey {
        &self.log.0
    }

    /// A policy of one log and one witness who alone is the quorum.
    pub fn of_one_witness(
        log: &VerifierKey,
        name: &str,
        witness: &VerifierKey,
    ) -> Result<Self, TrustError> {
        format!("log {log}\nwitness {name} {witness}\nquorum {name}\n").parse()
    }

    /// The names and keys of all witnesses.
    pub fn witnesses(&self) -> impl Iterator<Item = (&str, &VerifierKey)> {
        self.members.iter().filter_map(|member| match &member.rule {
            Rule::Witness { key, .. } => Some((member.name.as_str(), &**key)),
            Rule::Group { .. } => None,
        })
    }

    /// Whether it asks for any witness at all.
    #[must_use]
    pub fn asks_somebody(&self) -> bool {
        self.quorum != Quorum::Nobody
    }

    /// The earliest time by which the quorum had cosigned the checkpoint; none when it has not, or
    /// when the policy asks for no witness at all. A line by a known witness that does not verify
    /// is an error, whether or not it was needed.
    pub fn quorum_met_at(&self, checkpoint: &Note) -> Result<Option<Time>, NoteError> {
        let mut times: Vec<Option<Time>> = Vec::new();
        for member in &self.members {
            let time = match &member.rule {
                Rule::Witness { key, .. } => checkpoint.cosigned_at(key)?,
                Rule::Group { needed, members } => {
                    let mut seen: Vec<Time> =
                        members.iter().filter_map(|index| times[*index]).collect();
                    seen.sort_unstable();
                    seen.get(needed - 1).copied()
                }
            };
            times.push(time);
        }
        Ok(match self.quorum {
            Quorum::Nobody => None,
            Quorum::Member(index) => times[index],
        })
    }
}

/// What has been read of a policy so far.
#[derive(Default)]
struct Draft {
    log: Option<(VerifierKey, Option<String>)>,
    members: Vec<Member>,
    quorum: Option<Quorum>,
}

impl Draft {
    fn find(&self, name: &str) -> Option<usize> {
        self.members.iter().position(|member| member.name == name)
    }

    /// Takes one line; the error says what would have been accepted.
    fn line(&mut self, words: &[&str]) -> Result<(), &'static str> {
        match words {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key, rest @ ..] if rest.len() <= 1 => self.add_log(key, rest.first()),
            ["witness", name, key, rest @ ..] if rest.len() <= 1 => {
                self.add_witness(name, key, rest.first())
            }
            ["group", name, needed, members @ ..] => self.add_group(name, needed, members),
            ["quorum", name] => self.set_quorum(name),
            _ => Err("log, witness, group or quorum with its words"),
        }
    }

    fn add_log(&mut self, key: &str, url: Option<&&str>) -> Result<(), &'static str> {
        let key: VerifierKey = key.parse().map_err(|_| "the verifier key of a log")?;
        if key.kind() != KeyKind::Ed25519 {
            return Err("an Ed25519 key as the log's");
        }
        if self.log.is_some() {
            return Err("one log: a city's draws are in one");
        }
        self.log = Some((key, url.map(|url| (*url).to_owned())));
        Ok(())
    }

    fn add_witness(
        &mut self,
        name: &str,
        key: &str,
        url: Option<&&str>,
    ) -> Result<(), &'static str> {
        let key: VerifierKey = key.parse().map_err(|_| "the verifier key of a witness")?;
        if key.kind() != KeyKind::CosignatureV1 {
            return Err("a cosignature/v1 key as the witness's");
        }
        let known = |member: &Member| match &member.rule {
            Rule::Witness { key: other, .. } => other.public() == key.public(),
            Rule::Group { .. } => false,
        };
        if self.members.iter().any(known) {
            return Err("each witness key once");
        }
        let url = url.map(|url| (*url).to_owned());
        let key = Box::new(key);
        self.add(name, Rule::Witness { key, url })
    }

    fn add_group(&mut self, name: &str, needed: &str, names: &[&str]) -> Result<(), &'static str> {
        let members: Option<Vec<usize>> = names.iter().map(|name| self.find(name)).collect();
        let members = members.ok_or("names of witnesses and groups above this line")?;
        let used = |rule: &Rule, index: &usize| match rule {
            Rule::Group { members, .. } => members.contains(index),
            Rule::Witness { .. } => false,
        };
        let taken = |index: &usize| self.members.iter().any(|member| used(&member.rule, index));
        let repeated = |at: usize| members[..at].contains(&members[at]);
        if members.iter().any(taken) || (0..members.len()).any(repeated) {
            return Err("each name in one group only");
        }
        let needed = match needed {
            "any" => Some(1),
            "all" => Some(members.len()),
            number => decimal(number).and_then(|number| usize::try_from(number).ok()),
        };
        let needed = needed
            .filter(|needed| (1..=members.len()).contains(needed))
            .ok_or("any, all, or a number from 1 to the number of members")?;
        self.add(name, Rule::Group { needed, members })
    }

    fn add(&mut self, name: &str, rule: Rule) -> Result<(), &'static str> {
        if name == "none" || self.find(name).is_some() {
            return Err("each name once, and none called none");
        }
        let name = name.to_owned();
        self.members.push(Member { name, rule });
        Ok(())
    }

    fn set_quorum(&mut self, name: &str) -> Result<(), &'static str> {
        if self.quorum.is_some() {
            return Err("one quorum line");
        }
        self.quorum = Some(match name {
            "none" => Quorum::Nobody,
            name => Quorum::Member(
                self.find(name)
                    .ok_or("a witness or group above this line")?,
            ),
        });
        Ok(())
    }
}

const FILE: &str = "trust.policy";

impl FromStr for TrustPolicy {
    type Err = TrustError;

    fn from_str(text: &str) -> Result<Self, TrustError> {
        let refuse = |line, expected: &str, found: &str| TrustError {
            file: FILE,
            line,
            expected: expected.to_owned(),
            found: excerpt(found),
        };
        let allowed = |letter: char| letter == '\t' || !letter.is_control();
        let mut draft = Draft::default();
        let lines = text.lines().count();
        if !text.ends_with('\n') || lines > MAX_LINES {
            return Err(refuse(
                lines,
                "at most 1000 lines, each ended by a newline",
                "",
            ));
        }
        for (line, found) in (1..).zip(text.split_terminator('\n')) {
            if !found.chars().all(allowed) {
                return Err(refuse(line, "no control character but the tab", found));
            }
            let words: Vec<&str> = found
                .split([' ', '\t'])
                .filter(|word| !word.is_empty())
                .collect();
            draft
                .line(&words)
                .map_err(|expected| refuse(line, expected, found))?;
        }
        Ok(Self {
            log: draft
                .log
                .ok_or_else(|| refuse(lines, "a log line", "the end of the file"))?,
            members: draft.members,
            quorum: draft
                .quorum
                .ok_or_else(|| refuse(lines, "a quorum line", "the end of the file"))?,
        })
    }
}

/// The policy without comments and needless spaces.
impl fmt::Display for TrustPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |index: &usize| self.members[*index].name.as_str();
        let (key, url) = &self.log;
        let tail =
            |url: &Option<String>| url.as_ref().map_or(String::new(), |url| format!(" {url}"));
        writeln!(f, "log {key}{}", tail(url))?;
        for member in &self.members {
            match &member.rule {
                Rule::Witness { key, url } => {
                    writeln!(f, "witness {} {key}{}", member.name, tail(url))?;
                }
                Rule::Group { needed, members } => {
                    let members: Vec<&str> = members.iter().map(name).collect();
                    writeln!(f, "group {} {needed} {}", member.name, members.join(" "))?;
                }
            }
        }
        let quorum = match &self.quorum {
            Quorum::Nobody => "none",
            Quorum::Member(index) => name(index),
        };
        writeln!(f, "quorum {quorum}")
    }
}
