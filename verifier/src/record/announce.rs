//! `announce` (R30 to R35): the pools, frozen and named by their hashes, and when and how the seed will come.

use std::{collections::BTreeSet, fmt, str::FromStr};

use crate::{
    pool::{MAX_ROWS, MAX_TICKETS},
    record::{RecordError, VERSION, is_draw_id, is_name, lines::Lines, same_text, write_trail},
    root::FileSummary,
    text::{Digest, SpellingError, Time, decimal},
    trail::TrailHead,
};

const MAX_POOLS: usize = 64;
const MAX_SEALED: usize = 64;
const MAX_OPEN: usize = 8;

/// Fixes everything the operator could have chosen, before any randomness exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announce {
    /// The log this record goes to.
    pub origin: String,
    /// The draw's id, used once in the log.
    pub draw: String,
    /// The draw's number in the city's series, from 1.
    pub sequence: u64,
    /// When the operator says it was signed; trusted for nothing.
    pub issued: Time,
    /// Where the city's audit trail ended then; none in records that were made before R15.
    pub trail: Option<TrailHead>,
    /// SHA-256 of `policy.toml`.
    pub policy: Digest,
    /// Hash of the result or void record before this draw, or zeros.
    pub previous: Digest,
    /// The categories in the order of the record, at least one, each named once.
    pub pools: Vec<PoolLine>,
    /// Who sealed a contribution, and to which value; at most 64.
    pub sealed: Vec<Sealed>,
    /// Which values will be drawn in the open, by label; at most 8.
    pub open: Vec<String>,
    /// Least seconds from the witnessed announce to `closes`.
    pub window_secs: u64,
    /// Least seconds from `closes`, and from the witnessed close, to the beacon's round.
    pub margin_secs: u64,
    /// When contributions close.
    pub closes: Time,
    /// Hash of the beacon chain.
    pub chain: Digest,
    /// The beacon's round.
    pub round: u64,
}

/// One category: how many plates, and the file of those who may win one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolLine {
    /// The category's name; the pool is `pool-<category>.csv`.
    pub category: String,
    /// How winners are chosen.
    pub method: Method,
    /// How many win.
    pub quota: u64,
    /// How many follow them as ordered reserves.
    pub reserve: u64,
    /// The pool's file.
    pub file: FileSummary,
}

/// How winners are chosen from a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By the lowest score of one's tickets.
    ScoreV1,
    /// By points and waiting time; no chance in it.
    RankV1,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ScoreV1 => "score-v1",
            Self::RankV1 => "rank-v1",
        })
    }
}

impl FromStr for Method {
    type Err = SpellingError;

    fn from_str(text: &str) -> Result<Self, SpellingError> {
        match text {
            "score-v1" => Ok(Self::ScoreV1),
            "rank-v1" => Ok(Self::RankV1),
            _ => Err(SpellingError::new("score-v1 or rank-v1", text)),
        }
    }
}

/// A promise to reveal a secret of one's own choosing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The contributor.
    pub name: String,
    /// [`commitment`] of their secret.
    pub commitment: Digest,
}

/// What a contributor publishes before their secret.
#[must_use]
pub fn commitment(origin: &str, draw: &str, name: &str, secret: &[u8; 32]) -> Digest {
    let head = format!("{VERSION} sealed\n{origin}\n{draw}\n{name}\n");
    Digest::of_parts(&[head.as_bytes(), secret])
}

const HEAD: &str = "fairplate/v1 announce";

impl Announce {
    /// Reads the record's text.
    pub fn parse(text: &str) -> Result<Self, RecordError> {
        let mut lines = Lines::new(text, HEAD)?;
        let origin = lines.checked("origin", "<log origin>", is_name)?;
        let draw = lines.checked("draw", "<1 to 64 of 0-9 A-Z a-z ->", is_draw_id)?;
        let sequence = lines.number("sequence")?;
        if sequence == 0 {
            return Err(lines.refuse("`sequence <number from 1>`"));
        }
        let issued = lines.parsed("issued", "<time>")?;
        let trail = lines.trail()?;
        let policy = lines.parsed("policy", "<64 hex digits>")?;
        let previous = lines.parsed("previous", "<64 hex digits>")?;
        let pools = parse_pools(&mut lines)?;
        let sealed = parse_sealed(&mut lines)?;
        let open = parse_open(&mut lines)?;
        let window_secs = lines.number("window")?;
        let margin_secs = lines.number("margin")?;
        let closes = lines.parsed("closes", "<time>")?;
        let expected = "drand <chain hash> <round>";
        let [network, chain, round] = lines.words("beacon", expected)?;
        let refuse = || lines.refuse(&format!("`beacon {expected}`"));
        let chain = chain.parse().map_err(|_| refuse())?;
        let round = decimal(round).filter(|_| network == "drand");
        let round = round.filter(|round| *round > 0).ok_or_else(refuse)?;
        lines.end()?;
        let record = Self {
            origin,
            draw,
            sequence,
            issued,
            trail,
            policy,
            previous,
            pools,
            sealed,
            open,
            window_secs,
            margin_secs,
            closes,
            chain,
            round,
        };
        same_text(&record, text).map(|()| record)
    }
}

fn parse_pools(lines: &mut Lines<'_>) -> Result<Vec<PoolLine>, RecordError> {
    let mut pools = Vec::new();
    let mut categories = BTreeSet::new();
    while pools.is_empty() || lines.find_value("pool") {
        let pool = parse_pool(lines)?;
        if !categories.insert(pool.category.clone()) {
            return Err(lines.refuse("each category once"));
        }
        pools.push(pool);
        if pools.len() > MAX_POOLS {
            return Err(lines.refuse("at most 64 categories"));
        }
    }
    Ok(pools)
}

fn parse_pool(lines: &mut Lines<'_>) -> Result<PoolLine, RecordError> {
    let words: [&str; 9] = lines.words(
        "pool",
        "<category> <method> <quota> <reserve> <rows> <tickets> <bytes> <root> <sha256>",
    )?;
    let [
        category,
        method,
        quota,
        reserve,
        rows,
        tickets,
        bytes,
        root,
        sha256,
    ] = words;
    if !is_draw_id(category) {
        return Err(lines.refuse("a category of 1 to 64 of 0-9 A-Z a-z -"));
    }
    let number = |word, what: &str| decimal(word).ok_or_else(|| lines.refuse(what));
    let hash = |word: &str, what: &str| word.parse().map_err(|_| lines.refuse(what));
    let method = method
        .parse()
        .map_err(|_| lines.refuse("score-v1 or rank-v1 as the method"))?;
    let pool = PoolLine {
        category: category.to_owned(),
        method,
        quota: number(quota, "a whole number as the quota")?,
        reserve: number(reserve, "a whole number as the reserve")?,
        file: FileSummary {
            rows: number(rows, "a whole number of rows")?,
            tickets: number(tickets, "a whole number of tickets")?,
            bytes: number(bytes, "a whole number of bytes")?,
            root: hash(root, "64 hex digits as the root")?,
            sha256: hash(sha256, "64 hex digits as the SHA-256")?,
        },
    };
    if pool.file.rows > MAX_ROWS || pool.file.tickets > MAX_TICKETS {
        return Err(lines.refuse("at most 134217728 rows and 4294967295 tickets"));
    }
    if method == Method::RankV1 && pool.file.tickets != 0 {
        return Err(lines.refuse("0 tickets, because rank-v1 has none"));
    }
    Ok(pool)
}

fn parse_sealed(lines: &mut Lines<'_>) -> Result<Vec<Sealed>, RecordError> {
    let mut sealed: Vec<Sealed> = Vec::new();
    while lines.find_value("sealed") {
        let [name, commitment] = lines.words("sealed", "<name> <commitment>")?;
        let known = sealed.iter().any(|one| one.name == name);
        if !is_name(name) || known || sealed.len() == MAX_SEALED {
            return Err(lines.refuse("at most 64 names without spaces or plus, each once"));
        }
        let commitment = commitment
            .parse()
            .map_err(|_| lines.refuse("64 hex digits as the commitment"))?;
        let name = name.to_owned();
        sealed.push(Sealed { name, commitment });
    }
    Ok(sealed)
}

fn parse_open(lines: &mut Lines<'_>) -> Result<Vec<String>, RecordError> {
    let mut open = Vec::new();
    while lines.find_value("open") {
        let label = lines.checked("open", "<1 to 64 of 0-9 A-Z a-z ->", is_draw_id)?;
        if open.contains(&label) || open.len() == MAX_OPEN {
            return Err(lines.refuse("at most 8 labels, each once"));
        }
        open.push(label);
    }
    Ok(open)
}

/// The record's text.
impl fmt::Display for Announce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        writeln!(f, "origin {}", self.origin)?;
        writeln!(f, "draw {}", self.draw)?;
        writeln!(f, "sequence {}", self.sequence)?;
        writeln!(f, "issued {}", self.issued)?;
        write_trail(f, self.trail)?;
        writeln!(f, "policy {}", self.policy)?;
        writeln!(f, "previous {}", self.previous)?;
        for pool in &self.pools {
            writeln!(f, "{pool}")?;
        }
        for sealed in &self.sealed {
            writeln!(f, "sealed {} {}", sealed.name, sealed.commitment)?;
        }
        for label in &self.open {
            writeln!(f, "open {label}")?;
        }
        writeln!(f, "window {}", self.window_secs)?;
        writeln!(f, "margin {}", self.margin_secs)?;
        writeln!(f, "closes {}", self.closes)?;
        writeln!(f, "beacon drand {} {}", self.chain, self.round)
    }
}

/// The line without its newline.
impl fmt::Display for PoolLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = &self.file;
        write!(f, "pool {} {}", self.category, self.method)?;
        write!(f, " {} {}", self.quota, self.reserve)?;
        write!(f, " {} {} {}", file.rows, file.tickets, file.bytes)?;
        write!(f, " {} {}", file.root, file.sha256)
    }
}
