//! What no officer can do alone: what exactly is proposed, and whether somebody may approve of it.

/// The same in a sentence for whoever decides.
mod summary;

use ::entity::approval::{Action, Model, State};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::policy::Difference;

/// All of what is to be done. It is written as JSON in one spelling: the fields in the order in
/// which they stand here, digests as lowercase hex. A second officer approves of its SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Content {
    /// Freeze the pools of a period.
    FreezePeriod(Freeze),
    /// Freeze the pool of those who may be drawn as representatives.
    FreezeRepresentatives(Freeze),
    /// Announce a draw.
    AnnounceDraw(Box<Announcement>),
    /// Void a draw.
    VoidDraw(Voiding),
    /// Confirm the city's rules.
    ConfirmPolicy(Rules),
    /// Lift a ban.
    LiftBan(Lifting),
    /// Amend the result of a draw.
    AmendResult(Amending),
    /// Have another key sign records.
    ChangeRecordKey(KeyChange),
    /// Have another log key sign checkpoints, or other witnesses vouch for them.
    ChangeTrust(TrustChange),
    /// Adopt another text of the rules.
    ChangePolicy(Box<RulesChange>),
}

/// What is fixed of a freeze before it. Who is in the pools is not: people apply, cancel and are
/// decided on until the freeze itself, and what came of it is in the announcement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// The city.
    pub city: i32,
    /// The period's number.
    pub period: String,
    /// Id of the draw that it makes.
    pub draw: String,
    /// SHA-256 of the rules that the period runs under.
    pub policy: String,
    /// What is drawn for.
    pub quotas: Vec<Quota>,
}

/// How many places a pool has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// The pool.
    pub category: String,
    /// Winners.
    pub quota: i64,
    /// Ordered reserves behind them.
    pub reserve: i64,
}

/// What is announced of a draw. The moment of the announcement and the hash of the record before it
/// are the log's, and stand in the record alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// The log's origin.
    pub origin: String,
    /// The draw's id.
    pub draw: String,
    /// Which draw of the city it is, from 1.
    pub sequence: i64,
    /// SHA-256 of the rules.
    pub policy: String,
    /// The frozen pools, in the order of the record.
    pub pools: Vec<Pool>,
    /// Contributions that the officers name.
    pub sealed: Vec<Sealed>,
    /// Contributions that representatives have handed in.
    pub handed_in: Vec<Sealed>,
    /// Labels of values that are made in public.
    pub open: Vec<String>,
    /// How long the announcement must have stood before contributions close; seconds.
    pub window_secs: u64,
    /// How far records must lie before the beacon round; seconds.
    pub margin_secs: u64,
    /// Until when contributions may be revealed.
    pub closes_at: DateTime<Utc>,
    /// Hash of the beacon chain.
    pub chain_hash: String,
    /// The chain itself, as its `chain.json`.
    pub chain: String,
    /// The beacon round.
    pub round: u64,
    /// When that round comes.
    pub round_at: DateTime<Utc>,
}

/// A frozen pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// The pool.
    pub category: String,
    /// Winners.
    pub quota: u64,
    /// Ordered reserves behind them.
    pub reserve: u64,
    /// Codes in it.
    pub rows: u64,
    /// Tickets in it.
    pub tickets: u64,
    /// Length of its file.
    pub bytes: u64,
    /// Its root.
    pub root: String,
    /// SHA-256 of its file.
    pub sha256: String,
}

/// A contributor's commitment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Who.
    pub name: String,
    /// The commitment.
    pub commitment: String,
}

/// A draw that is given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voiding {
    /// The log's origin.
    pub origin: String,
    /// The draw's id.
    pub draw: String,
    /// Hash of its announcement.
    pub announce: String,
    /// The reason, as everybody will read it.
    pub reason: String,
}

/// Rules that rest on weak sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// The city.
    pub city: i32,
    /// The policy's key.
    pub policy: String,
    /// SHA-256 of its text.
    pub sha256: String,
    /// Paths of the rules that are confirmed.
    pub rules: Vec<String>,
}

/// A ban that counts no more, before its last day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifting {
    /// The city.
    pub city: i32,
    /// The certificate that the ban follows from.
    pub certificate: String,
    /// First day of the ban.
    pub begins_on: NaiveDate,
    /// Last day of the ban.
    pub ends_on: NaiveDate,
    /// The reason, for whoever reads the audit trail; it names nobody.
    pub reason: String,
}

/// A result of which places are taken and given. Moment and trail of the record are the log's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amending {
    /// The log's origin.
    pub origin: String,
    /// The draw's id.
    pub draw: String,
    /// Hash of its result.
    pub result: String,
    /// Which amend of the draw it is, from 1.
    pub number: i32,
    /// What it changes, in the order of the record.
    pub lines: Vec<AmendLine>,
}

/// One line of an amend; rank and code are those of the result file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum AmendLine {
    /// Somebody loses their place.
    Drop {
        /// The category.
        category: String,
        /// Their rank.
        rank: u64,
        /// Their application code.
        code: String,
        /// The reason, as everybody will read it.
        reason: String,
    },
    /// A reserve moves up.
    Promote {
        /// The category.
        category: String,
        /// Their rank.
        rank: u64,
        /// Their application code.
        code: String,
    },
}

/// Another record key in the place of the one that signs. Moment and trail of the record are the log's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyChange {
    /// The log's origin.
    pub origin: String,
    /// What the change is called.
    pub change: String,
    /// Its number, from 1.
    pub epoch: u64,
    /// The key that signs, and signs for its successor.
    pub old: String,
    /// The key that signs from then on.
    pub new: String,
}

/// Another trust policy in the place of the one in force. Moment and trail of the record are the log's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustChange {
    /// The log's origin.
    pub origin: String,
    /// What the change is called.
    pub change: String,
    /// Its number, from 1.
    pub epoch: u64,
    /// The trust policy that the public was asked to pin until then.
    pub old: String,
    /// The one from then on.
    pub new: String,
}

/// Another text of the rules in the place of the one in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesChange {
    /// The city.
    pub city: i32,
    /// Key of the text in force.
    pub replaces: String,
    /// SHA-256 of the text in force.
    pub adopted: String,
    /// Key of the new text.
    pub policy: String,
    /// SHA-256 of the new text.
    pub sha256: String,
    /// Every value in which they differ.
    pub differences: Vec<Difference>,
    /// The new text, byte for byte.
    pub text: String,
}

impl Content {
    /// What is done.
    #[must_use]
    pub fn action(&self) -> Action {
        match self {
            Self::FreezePeriod(_) => Action::FreezePeriod,
            Self::FreezeRepresentatives(_) => Action::FreezeRepresentatives,
            Self::AnnounceDraw(_) => Action::AnnounceDraw,
            Self::VoidDraw(_) => Action::VoidDraw,
            Self::ConfirmPolicy(_) => Action::ConfirmPolicy,
            Self::LiftBan(_) => Action::LiftBan,
            Self::AmendResult(_) => Action::AmendResult,
            Self::ChangeRecordKey(_) => Action::ChangeRecordKey,
            Self::ChangeTrust(_) => Action::ChangeTrust,
            Self::ChangePolicy(_) => Action::ChangePolicy,
        }
    }

    /// The period, draw, policy or certificate that it is done to, or what the change of keys is called.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            Self::FreezePeriod(freeze) | Self::FreezeRepresentatives(freeze) => &freeze.period,
            Self::AnnounceDraw(announcement) => &announcement.draw,
            Self::VoidDraw(voiding) => &voiding.draw,
            Self::ConfirmPolicy(rules) => &rules.policy,
            Self::LiftBan(lifting) => &lifting.certificate,
            Self::AmendResult(amending) => &amending.draw,
            Self::ChangeRecordKey(change) => &change.change,
            Self::ChangeTrust(change) => &change.change,
            Self::ChangePolicy(change) => &change.replaces,
        }
    }

    /// The draw that it makes or changes, if it is about one.
    #[must_use]
    pub fn find_draw(&self) -> Option<&str> {
        match self {
            Self::FreezePeriod(freeze) | Self::FreezeRepresentatives(freeze) => Some(&freeze.draw),
            Self::AnnounceDraw(announcement) => Some(&announcement.draw),
            Self::VoidDraw(voiding) => Some(&voiding.draw),
            Self::AmendResult(amending) => Some(&amending.draw),
            Self::ConfirmPolicy(_)
            | Self::LiftBan(_)
            | Self::ChangeRecordKey(_)
            | Self::ChangeTrust(_)
            | Self::ChangePolicy(_) => None,
        }
    }
}

/// Where an approval stands at a moment: one that still waits has expired when its time is over.
#[must_use]
pub fn state_at(row: &Model, now: DateTime<Utc>) -> State {
    if row.state == State::Waiting && row.expires_at <= now {
        State::Expired
    } else {
        row.state
    }
}

/// A signed-in officer, as far as it matters whether two of them are one.
#[derive(Clone, Copy, Debug)]
pub struct Signatory<'a> {
    /// The name.
    pub name: &'a str,
    /// Hash of the token of the session.
    pub session: &'a [u8],
    /// Hash of the token of the session's device, where it has one.
    pub device: Option<&'a [u8]>,
}

/// Whether somebody may be whoever has proposed this: by name, whatever its case, by session, or by
/// device.
#[must_use]
pub fn is_proposer(row: &Model, who: Signatory<'_>) -> bool {
    row.proposed_by.to_lowercase() == who.name.to_lowercase()
        || row.proposed_session == who.session
        || who
            .device
            .is_some_and(|device| row.proposed_device.as_deref() == Some(device))
}

#[cfg(test)]
mod tests;
