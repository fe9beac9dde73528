//! A draw as a hall is shown it, and as the protocol of its ceremony writes it down.
//!
//! The terminal in the hall, the page of the stream and the paper that is signed are three ways of
//! writing one reading, which is made here. It knows what everybody may know: the records that their
//! witnesses have cosigned and that lie in this node's public folder, and the files that these speak
//! of. What is recorded and waits for its witnesses is not in it.

mod places;
mod seen;

use ::entity::{draw, record};
use chrono::{DateTime, Utc};
use verifier::{
    note::VerifierKey,
    record::{Announce, Close, Contribution, Record, ResultRecord, Sealed, Void},
    text::{Digest, Time},
    trust::parse_record_key,
};

pub use places::{PLACES_MAX, Place};
pub use seen::{Cosigned, Seen};

use super::{ceremony, live, log, rehearsal, rules, trust::Policies};
use crate::{
    app::App,
    domain::{Locale, PeriodNumber},
    error::{Error, Result},
    policy::Text,
    store,
};

/// What is public of a draw.
#[derive(Clone, Debug)]
pub struct Wall {
    /// The draw's public id.
    pub draw: String,
    /// The period it belongs to.
    pub period: String,
    /// What it is for.
    pub purpose: draw::Purpose,
    /// The log's name.
    pub origin: String,
    /// Whether the log or the beacon chain says that nothing follows from the draw.
    pub is_rehearsal: bool,
    /// The city.
    pub city: Text,
    /// The lottery.
    pub programme: Text,
    /// When the pool was frozen, by the city's clock; no record says it.
    pub frozen_at: Time,
    /// When the beacon round comes, once it is announced.
    pub round_at: Option<Time>,
    /// The announcement.
    pub announced: Option<Step<Announce>>,
    /// The contributions.
    pub closed: Option<Step<Close>>,
    /// The result.
    pub drawn: Option<Step<ResultRecord>>,
    /// That the draw is given up.
    pub voided: Option<Step<Void>>,
    /// The places of each category, as [`ResultRecord::outcomes`] orders them; at most
    /// [`PLACES_MAX`] of each.
    pub places: Vec<Vec<Place>>,
    /// What the public pins; none before the city has published anything.
    pub keys: Option<Keys>,
    /// What the categories are called.
    labels: Vec<(String, Text)>,
}

/// A record with what the log and the witnesses say of it.
#[derive(Clone, Debug)]
pub struct Step<R> {
    /// The record.
    pub record: R,
    /// Where it stands in the log, and who has seen it there.
    pub seen: Seen,
}

/// The public halves of the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The city's first record key; the log leads to later ones.
    pub records: VerifierKey,
    /// The log's key.
    pub log: VerifierKey,
    /// The witnesses.
    pub witnesses: Vec<VerifierKey>,
    /// The files that name log key and witnesses; the last one names these.
    pub policies: Vec<String>,
}

/// What a contributor promised, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contributor<'a> {
    /// Who, and the commitment.
    pub sealed: &'a Sealed,
    /// Where the contribution stands.
    pub state: Contributed,
}

/// Where a sealed contribution stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contributed {
    /// The contributions are not closed.
    Sealed,
    /// This secret was revealed.
    Revealed(Digest),
    /// It was not revealed; the draw goes on without it.
    Missing,
}

/// Reads what is public of a draw.
///
/// # Errors
///
/// [`Error::NotFound`] for a draw that does not exist; [`Error::NotSetUp`] where its rules were
/// written by another version.
pub async fn read(app: &App, id: &str) -> Result<Wall> {
    let row = store::draws::get(&app.db, app.city, id).await?;
    let mut wall = frozen(app, &row).await?;
    let records = live::list_public(app, id).await?;
    if records.is_empty() {
        return Ok(wall);
    }
    let policies = Policies::of(app, &app.db).await?;
    // Those of this draw, so that its paper stays what it is once others vouch for later ones.
    let size = records.iter().map(|row| row.log_index + 1).max();
    let size = size.unwrap_or_default();
    let trust = policies.at(size);
    wall.keys = Some(Keys {
        records: read_record_key(app).await?,
        log: trust.log().clone(),
        witnesses: trust.witnesses().map(|(_, key)| key.clone()).collect(),
        policies: policies.named(size).into_iter().map(|it| it.0).collect(),
    });
    for row in &records {
        let seen = seen::read(app, &policies, row).await?;
        wall.add(log::read(row)?, seen);
    }
    if let Some(announced) = &wall.announced {
        wall.origin.clone_from(&announced.record.origin);
        let chain = ceremony::chain_of(&row)?;
        wall.is_rehearsal = rehearsal::is_named_so(&wall.origin, Some(&chain));
        let round_at = ceremony::find_beacon_time(&row)?;
        wall.round_at = round_at.map(time);
    }
    if let Some(drawn) = &wall.drawn {
        let outcomes = &drawn.record.outcomes;
        wall.places = places::read(app, id, outcomes).await?;
    }
    Ok(wall)
}

/// A draw of which nothing is public but that its pool is frozen.
async fn frozen(app: &App, row: &draw::Model) -> Result<Wall> {
    let policy = rules::get(app, &row.policy_digest).await?;
    let number: PeriodNumber = row.period_number.parse().map_err(Error::internal)?;
    let drawn = policy.categories.iter();
    let drawn = drawn.filter(|category| category.period_kind == number.kind());
    Ok(Wall {
        draw: row.id.clone(),
        period: row.period_number.clone(),
        purpose: row.purpose,
        origin: app.origin.to_string(),
        is_rehearsal: rehearsal::is_named_so(&app.origin, None),
        city: policy.city.name.clone(),
        programme: policy.city.programme.clone(),
        frozen_at: time(row.frozen_at),
        round_at: None,
        announced: None,
        closed: None,
        drawn: None,
        voided: None,
        places: Vec::new(),
        keys: None,
        labels: drawn
            .map(|category| (category.key.clone(), category.name.clone()))
            .collect(),
    })
}

async fn read_record_key(app: &App) -> Result<VerifierKey> {
    let read = tokio::fs::read(app.layout.public().join("records.vkey")).await;
    parse_record_key(&read.map_err(Error::internal)?).map_err(Error::internal)
}

fn time(at: DateTime<Utc>) -> Time {
    Time(at.timestamp())
}

impl Wall {
    fn add(&mut self, record: Record, seen: Seen) {
        match record {
            Record::Announce(record) => self.announced = Some(Step { record, seen }),
            Record::Close(record) => self.closed = Some(Step { record, seen }),
            Record::Result(record) => self.drawn = Some(Step { record, seen }),
            Record::Void(record) => self.voided = Some(Step { record, seen }),
            // Neither belongs to the ceremony of a draw.
            Record::Amend(_) | Record::Keys(_) => {}
        }
    }

    /// Where the draw stands, as far as that is public.
    #[must_use]
    pub fn phase(&self) -> draw::Phase {
        if self.voided.is_some() {
            draw::Phase::Voided
        } else if self.drawn.is_some() {
            draw::Phase::Finished
        } else if self.closed.is_some() {
            draw::Phase::Closed
        } else if self.announced.is_some() {
            draw::Phase::Announced
        } else {
            draw::Phase::Frozen
        }
    }

    /// What stands over a draw that is rehearsed.
    #[must_use]
    pub fn warning(&self, locale: Locale) -> Option<&'static str> {
        self.is_rehearsal.then(|| {
            locale.choose(
                "演练：这不是本市的摇号，不产生任何指标。",
                "REHEARSAL: this is not a draw of the city, and nobody wins anything.",
            )
        })
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.drawn.is_some() || self.voided.is_some()
    }

    /// The draw's records in the order of the log.
    #[must_use]
    pub fn steps(&self) -> Vec<(record::Kind, &Seen)> {
        let announced = self.announced.as_ref().map(|step| &step.seen);
        let closed = self.closed.as_ref().map(|step| &step.seen);
        let drawn = self.drawn.as_ref().map(|step| &step.seen);
        let voided = self.voided.as_ref().map(|step| &step.seen);
        [
            (record::Kind::Announce, announced),
            (record::Kind::Close, closed),
            (record::Kind::Result, drawn),
            (record::Kind::Void, voided),
        ]
        .into_iter()
        .filter_map(|(kind, seen)| seen.map(|seen| (kind, seen)))
        .collect()
    }

    /// The last record's place in the log: its checkpoint holds all the records of the draw.
    #[must_use]
    pub fn last(&self) -> Option<&Seen> {
        self.steps().last().map(|(_, seen)| *seen)
    }

    /// The sealed contributions, in the order of the announcement.
    #[must_use]
    pub fn contributors(&self) -> Vec<Contributor<'_>> {
        let Some(announced) = &self.announced else {
            return Vec::new();
        };
        let state = |name: &str| {
            let Some(closed) = &self.closed else {
                return Contributed::Sealed;
            };
            let brought = closed.record.sealed.iter().find(|it| it.name() == name);
            match brought {
                Some(Contribution::Reveal { secret, .. }) => Contributed::Revealed(Digest(*secret)),
                Some(Contribution::Missing { .. }) | None => Contributed::Missing,
            }
        };
        let sealed = announced.record.sealed.iter();
        sealed
            .map(|sealed| Contributor {
                sealed,
                state: state(&sealed.name),
            })
            .collect()
    }

    /// The values made in public, by label; without a value until the contributions are closed.
    #[must_use]
    pub fn open_values(&self) -> Vec<(&str, Option<&str>)> {
        let Some(announced) = &self.announced else {
            return Vec::new();
        };
        let closed = self.closed.as_ref();
        let value = |label: &str| {
            let mut open = closed?.record.open.iter();
            open.find(|open| open.label == label)
                .map(|open| open.value.as_str())
        };
        let labels = announced.record.open.iter();
        labels.map(|label| (label.as_str(), value(label))).collect()
    }

    /// What a category is called; its own name where the rules have none for it.
    #[must_use]
    pub fn label<'a>(&'a self, category: &'a str, locale: Locale) -> &'a str {
        let found = self.labels.iter().find(|(key, _)| key == category);
        match (found, self.purpose) {
            (Some((_, name)), draw::Purpose::Allocation) => name.get(locale),
            _ => category,
        }
    }

    /// What a draw's seed takes of the beacon: SHA-256 of its signature (D31).
    #[must_use]
    pub fn randomness(&self) -> Option<Digest> {
        let drawn = self.drawn.as_ref()?;
        Some(Digest::of(&drawn.record.signature))
    }

    /// The beacon's signature, 96 hex digits.
    #[must_use]
    pub fn signature(&self) -> Option<String> {
        let drawn = self.drawn.as_ref()?;
        // The record writes it last of its line.
        let text = drawn.record.to_string();
        let line = text.lines().find(|line| line.starts_with("beacon "))?;
        line.rsplit(' ').next().map(str::to_owned)
    }
}
