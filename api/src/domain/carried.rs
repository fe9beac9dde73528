//! A record in words, for whoever signs it on a machine without network.

use verifier::record::{Announce, Close, Contribution, Record, ResultRecord};

use super::Locale;

/// What a record says, in a sentence. Whoever signs reads its text as well: the sentence leaves things
/// out.
#[must_use]
pub fn summary(record: &Record, locale: Locale) -> String {
    match record {
        Record::Announce(it) => announce(it, locale),
        Record::Close(it) => close(it, locale),
        Record::Result(it) => result(it, locale),
        Record::Void(it) => {
            let (draw, reason) = (&it.draw, &it.reason);
            in_words(
                locale,
                format!("作废 {draw} 号摇号，理由：{reason}"),
                format!("draw {draw} is voided, with the reason: {reason}"),
            )
        }
        Record::Keys(it) => {
            let keys: Vec<_> = it.keys.iter().map(ToString::to_string).collect();
            let (origin, keys) = (&it.origin, keys.join("、"));
            in_words(
                locale,
                format!("{origin} 的记录此后由 {keys} 签名"),
                format!("records of {origin} are signed by {keys} from now on"),
            )
        }
        Record::Amend(it) => {
            let draw = &it.draw;
            in_words(
                locale,
                format!("更正 {draw} 号摇号的结果"),
                format!("the result of draw {draw} is amended"),
            )
        }
    }
}

fn announce(it: &Announce, locale: Locale) -> String {
    let (draw, round, closes) = (&it.draw, it.round, it.closes);
    let pools = it.pools.iter().map(|pool| {
        let (category, quota, rows) = (&pool.category, pool.quota, pool.file.rows);
        in_words(
            locale,
            format!("{category} 池 {rows} 个编码，指标 {quota} 个"),
            format!("{category} with {rows} codes for {quota} places"),
        )
    });
    let pools = pools.collect::<Vec<_>>().join(locale.choose("；", "; "));
    let (sealed, open) = (it.sealed.len(), it.open.len());
    in_words(
        locale,
        format!(
            "公布 {draw} 号摇号：{pools}；{sealed} 项承诺、{open} 项公开取值，{closes} 截止；信标轮次 {round}"
        ),
        format!(
            "draw {draw} is announced: {pools}; {sealed} commitments and {open} open values, until {closes}; beacon round {round}"
        ),
    )
}

fn close(it: &Close, locale: Locale) -> String {
    let is_missing = |line: &&Contribution| matches!(line, Contribution::Missing { .. });
    let missing = it.sealed.iter().filter(is_missing).count();
    let (draw, revealed, open) = (&it.draw, it.sealed.len() - missing, it.open.len());
    in_words(
        locale,
        format!("{draw} 号摇号截止：已揭示 {revealed} 项，缺 {missing} 项，公开取值 {open} 项"),
        format!(
            "the contributions of draw {draw} are closed: {revealed} revealed, {missing} missing, {open} open values"
        ),
    )
}

fn result(it: &ResultRecord, locale: Locale) -> String {
    let outcomes = it.outcomes.iter().map(|line| {
        let (category, winners, reserves) = (&line.category, line.winners, line.reserves);
        in_words(
            locale,
            format!("{category} 中签 {winners} 个，候补 {reserves} 个"),
            format!("{category} with {winners} winners and {reserves} reserves"),
        )
    });
    let outcomes = outcomes.collect::<Vec<_>>().join(locale.choose("；", "; "));
    let (draw, seed) = (&it.draw, it.seed);
    in_words(
        locale,
        format!("{draw} 号摇号结果：{outcomes}；种子 {seed}"),
        format!("the result of draw {draw}: {outcomes}; seed {seed}"),
    )
}

fn in_words(locale: Locale, zh: String, en: String) -> String {
    match locale {
        Locale::ZhCn => zh,
        Locale::En => en,
    }
}
