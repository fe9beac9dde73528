//! What no officer can do alone: what exactly is proposed, and whether somebody may approve of it.

use ::entity::approval::{Action, Model, State};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::locale::Locale;

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
    /// Have another key sign records.
    ChangeRecordKey(KeyChange),
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
            Self::ChangeRecordKey(_) => Action::ChangeRecordKey,
        }
    }

    /// The period, draw or policy that it is done to, or what the change of keys is called.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            Self::FreezePeriod(freeze) | Self::FreezeRepresentatives(freeze) => &freeze.period,
            Self::AnnounceDraw(announcement) => &announcement.draw,
            Self::VoidDraw(voiding) => &voiding.draw,
            Self::ConfirmPolicy(rules) => &rules.policy,
            Self::ChangeRecordKey(change) => &change.change,
        }
    }

    /// The draw that it makes or changes, if it is about one.
    #[must_use]
    pub fn find_draw(&self) -> Option<&str> {
        match self {
            Self::FreezePeriod(freeze) | Self::FreezeRepresentatives(freeze) => Some(&freeze.draw),
            Self::AnnounceDraw(announcement) => Some(&announcement.draw),
            Self::VoidDraw(voiding) => Some(&voiding.draw),
            Self::ConfirmPolicy(_) | Self::ChangeRecordKey(_) => None,
        }
    }

    /// What is to be done, in a sentence for whoever decides on it.
    #[must_use]
    pub fn summary(&self, locale: Locale) -> String {
        match self {
            Self::FreezePeriod(freeze) => freeze.summary(
                locale,
                "封存 {period} 期摇号池，建立 {draw} 号摇号：{quotas}",
                "freeze the pools of period {period} and make draw {draw}: {quotas}",
            ),
            Self::FreezeRepresentatives(freeze) => freeze.summary(
                locale,
                "封存 {period} 期申请人代表候选池，建立 {draw} 号摇号：{quotas}",
                "freeze the pool of representatives of period {period} and make draw {draw}: {quotas}",
            ),
            Self::AnnounceDraw(announcement) => announcement.summary(locale),
            Self::VoidDraw(voiding) => {
                let template = locale.choose(
                    "作废 {draw} 号摇号，理由：{reason}",
                    "void draw {draw}, with the reason: {reason}",
                );
                filled(
                    template,
                    &[("{draw}", &voiding.draw), ("{reason}", &voiding.reason)],
                )
            }
            Self::ConfirmPolicy(rules) => rules.summary(locale),
            Self::ChangeRecordKey(change) => change.summary(locale),
        }
    }
}

impl Rules {
    fn summary(&self, locale: Locale) -> String {
        let template = locale.choose(
            "确认规则 {policy}（SHA-256 {sha256}）中依据不足的条款：{rules}",
            "confirm the weakly sourced rules of {policy} (SHA-256 {sha256}): {rules}",
        );
        let paths = self.rules.join(", ");
        let values = [
            ("{policy}", self.policy.as_str()),
            ("{sha256}", &self.sha256),
            ("{rules}", &paths),
        ];
        filled(template, &values)
    }
}

impl KeyChange {
    fn summary(&self, locale: Locale) -> String {
        let template = locale.choose(
            "第 {epoch} 次更换记录密钥：由 {old} 更换为 {new}",
            "change {epoch} of the record key: from {old} to {new}",
        );
        let values = [
            ("{epoch}", self.epoch.to_string()),
            ("{old}", self.old.clone()),
            ("{new}", self.new.clone()),
        ];
        let values = values
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        filled(template, &values)
    }
}

impl Freeze {
    fn summary(&self, locale: Locale, zh: &str, en: &str) -> String {
        let quotas = self.quotas.iter().map(|pool| {
            let (category, quota, reserve) = (&pool.category, pool.quota, pool.reserve);
            format!("{category} {quota}+{reserve}")
        });
        let quotas = quotas.collect::<Vec<_>>().join(", ");
        let values = [
            ("{period}", self.period.as_str()),
            ("{draw}", &self.draw),
            ("{quotas}", &quotas),
        ];
        filled(locale.choose(zh, en), &values)
    }
}

impl Announcement {
    fn summary(&self, locale: Locale) -> String {
        let pools = self.pools.iter().map(|pool| {
            let template = locale.choose(
                "{category} {rows} 个编码 {tickets} 个基数 {quota}+{reserve}",
                "{category} {rows} codes {tickets} tickets {quota}+{reserve}",
            );
            let [rows, tickets] = [pool.rows, pool.tickets].map(|count| count.to_string());
            let [quota, reserve] = [pool.quota, pool.reserve].map(|count| count.to_string());
            let values = [
                ("{category}", pool.category.as_str()),
                ("{rows}", &rows),
                ("{tickets}", &tickets),
                ("{quota}", &quota),
                ("{reserve}", &reserve),
            ];
            filled(template, &values)
        });
        let pools = pools.collect::<Vec<_>>().join("; ");
        let template = locale.choose(
            "公告 {draw} 号摇号：{pools}；随机数贡献截止 {closes}（密封 {sealed} 份、公开 {open} 份），信标第 {round} 轮 {at}",
            "announce draw {draw}: {pools}; contributions until {closes} ({sealed} sealed, {open} open), beacon round {round} at {at}",
        );
        let sealed = (self.sealed.len() + self.handed_in.len()).to_string();
        let values = [
            ("{draw}", self.draw.as_str()),
            ("{pools}", &pools),
            ("{closes}", &moment(self.closes_at)),
            ("{sealed}", &sealed),
            ("{open}", &self.open.len().to_string()),
            ("{round}", &self.round.to_string()),
            ("{at}", &moment(self.round_at)),
        ];
        filled(template, &values)
    }
}

/// A text with its values, put in from left to right, so that no value is read as a place for another.
fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let (mut text, mut rest) = (String::new(), template);
    while let Some(at) = rest.find('{') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = values.iter().find(|(name, _)| rest.starts_with(name));
        let (name, value) = known.copied().unwrap_or(("{", "{"));
        text.push_str(value);
        rest = &rest[name.len()..];
    }
    text.push_str(rest);
    text
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
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
mod tests {
    use super::*;

    fn voiding(reason: &str) -> Content {
        Content::VoidDraw(Voiding {
            origin: "linan.example/draws".to_owned(),
            draw: "202607".to_owned(),
            announce: "ab".repeat(32),
            reason: reason.to_owned(),
        })
    }

    #[test]
    fn a_content_has_one_spelling_and_is_read_back_from_it() {
        let content = voiding("会场进水");
        let text = serde_json::to_string(&content).unwrap();
        assert_eq!(
            text,
            format!(
                "{{\"action\":\"void_draw\",\"origin\":\"linan.example/draws\",\"draw\":\"202607\",\
                 \"announce\":\"{}\",\"reason\":\"会场进水\"}}",
                "ab".repeat(32)
            )
        );
        assert_eq!(serde_json::from_str::<Content>(&text).unwrap(), content);
    }

    #[test]
    fn a_reason_is_no_place_for_another_value() {
        assert_eq!(
            voiding("{draw} {").summary(Locale::En),
            "void draw 202607, with the reason: {draw} {"
        );
    }
}
