//! What is to be done, in a sentence.

use chrono::{DateTime, SecondsFormat, Utc};

use super::{
    AmendLine, Amending, Announcement, Content, Freeze, KeyChange, Lifting, Rules, RulesChange,
    TrustChange,
};
use crate::domain::locale::Locale;

impl Content {
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
            Self::LiftBan(lifting) => lifting.summary(locale),
            Self::AmendResult(amending) => amending.summary(locale),
            Self::ChangeRecordKey(change) => change.summary(locale),
            Self::ChangeTrust(change) => change.summary(locale),
            Self::ChangePolicy(change) => change.summary(locale),
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

impl Lifting {
    fn summary(&self, locale: Locale) -> String {
        let template = locale.choose(
            "解除指标确认通知书 {certificate} 所致的不得申请（{from} 至 {until}），理由：{reason}",
            "lift the ban that follows from certificate {certificate} ({from} to {until}), with the reason: {reason}",
        );
        let [from, until] = [self.begins_on, self.ends_on].map(|day| day.to_string());
        let values = [
            ("{certificate}", self.certificate.as_str()),
            ("{from}", &from),
            ("{until}", &until),
            ("{reason}", &self.reason),
        ];
        filled(template, &values)
    }
}

impl Amending {
    fn summary(&self, locale: Locale) -> String {
        let lines = self.lines.iter().map(|line| line.summary(locale));
        let lines = lines.collect::<Vec<_>>().join(locale.choose("；", "; "));
        let template = locale.choose(
            "第 {number} 次更正 {draw} 号摇号结果：{lines}",
            "amend {number} of the result of draw {draw}: {lines}",
        );
        let values = [
            ("{number}", self.number.to_string()),
            ("{draw}", self.draw.clone()),
            ("{lines}", lines),
        ];
        let values = values
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        filled(template, &values)
    }
}

impl AmendLine {
    fn summary(&self, locale: Locale) -> String {
        let (template, category, rank, code, reason) = match self {
            Self::Drop {
                category,
                rank,
                code,
                reason,
            } => (
                locale.choose(
                    "剔除 {category} 第 {rank} 位 {code}，理由：{reason}",
                    "drop {category} {rank} {code}, with the reason: {reason}",
                ),
                category,
                rank,
                code,
                reason.as_str(),
            ),
            Self::Promote {
                category,
                rank,
                code,
            } => (
                locale.choose(
                    "{category} 第 {rank} 位 {code} 递补",
                    "promote {category} {rank} {code}",
                ),
                category,
                rank,
                code,
                "",
            ),
        };
        let values = [
            ("{category}", category.as_str()),
            ("{rank}", &rank.to_string()),
            ("{code}", code),
            ("{reason}", reason),
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
        replaced(template, self.epoch, &self.old, &self.new)
    }
}

impl TrustChange {
    fn summary(&self, locale: Locale) -> String {
        let template = locale.choose(
            "第 {epoch} 次更换密钥：更换日志密钥或见证方，信任策略由\n{old}更换为\n{new}",
            "change {epoch} of keys: another log key or other witnesses, and the trust policy changes from\n{old}to\n{new}",
        );
        replaced(template, self.epoch, &self.old, &self.new)
    }
}

/// What a change of keys puts in the place of what.
fn replaced(template: &str, epoch: u64, old: &str, new: &str) -> String {
    let epoch = epoch.to_string();
    let values = [("{epoch}", epoch.as_str()), ("{old}", old), ("{new}", new)];
    filled(template, &values)
}

impl RulesChange {
    fn summary(&self, locale: Locale) -> String {
        let template = locale.choose(
            "以规则 {policy}（SHA-256 {sha256}）取代现行规则 {replaces}（SHA-256 {adopted}）：{differences}",
            "adopt the rules {policy} (SHA-256 {sha256}) in the place of {replaces} (SHA-256 {adopted}): {differences}",
        );
        let none = locale.choose("（无）", "(none)");
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| none.to_owned());
        let differences = self.differences.iter().map(|difference| {
            let (old, new) = (value(&difference.old), value(&difference.new));
            format!("{}: {old} → {new}", difference.path)
        });
        let differences = differences.collect::<Vec<_>>().join("; ");
        let same = locale.choose(
            "各项内容相同，仅注释、顺序或写法不同",
            "all values are the same; comments, order or spelling are not",
        );
        let differences = if differences.is_empty() {
            same
        } else {
            &differences
        };
        let values = [
            ("{policy}", self.policy.as_str()),
            ("{sha256}", &self.sha256),
            ("{replaces}", &self.replaces),
            ("{adopted}", &self.adopted),
            ("{differences}", differences),
        ];
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
