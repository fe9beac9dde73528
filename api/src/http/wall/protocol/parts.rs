//! The sections of a protocol, but for what came of the draw.

use ::entity::{draw, record};
use verifier::text::{Digest, Time};

use super::{
    qr,
    sheet::{Sheet, code, escaped},
};
use crate::{
    app::App,
    domain::Locale,
    service::{
        ceremony::instant,
        wall::{Contributed, Seen, Wall},
    },
};

/// What stands where something has not happened.
pub(super) fn not_yet(locale: Locale) -> String {
    escaped(locale.choose("（尚无）", "(not yet)"))
}

/// A moment: by the city's time, and as records write it.
pub(super) fn moment(time: Time) -> String {
    let here = App::in_city(instant(time)).format("%Y-%m-%d %H:%M:%S");
    format!("{here} <small>({time})</small>")
}

pub(super) fn draw(sheet: &mut Sheet, wall: &Wall, locale: Locale) {
    sheet.section(locale.choose("摇号", "The draw"));
    let purpose = match wall.purpose {
        draw::Purpose::Allocation => locale.choose("配置指标", "to allocate a quota"),
        draw::Purpose::Representatives => {
            locale.choose("抽取申请人代表", "to pick representatives")
        }
    };
    let mut facts = vec![
        (
            locale.choose("城市", "City"),
            escaped(wall.city.get(locale)),
        ),
        (locale.choose("期号", "Period"), escaped(&wall.period)),
        (locale.choose("摇号编号", "Draw"), code(&wall.draw)),
        (locale.choose("用途", "Purpose"), escaped(purpose)),
        (
            locale.choose("日志名称", "Log (origin)"),
            code(&wall.origin),
        ),
    ];
    if let Some(announced) = &wall.announced {
        let terms = &announced.record;
        let seconds = |secs: u64| match locale {
            Locale::ZhCn => format!("{secs} 秒"),
            Locale::En => format!("{secs} seconds"),
        };
        facts.extend([
            (
                locale.choose("序号", "Number in the city's series"),
                code(terms.sequence),
            ),
            (
                locale.choose("政策规则 SHA-256", "SHA-256 of the rules"),
                code(terms.policy),
            ),
            (
                locale.choose("前一次摇号的记录", "Record of the draw before"),
                previous(terms.previous, locale),
            ),
            (
                locale.choose("公示时间至少", "Announced at least"),
                seconds(terms.window_secs),
            ),
            (
                locale.choose("距信标轮次至少", "Before the beacon round at least"),
                seconds(terms.margin_secs),
            ),
        ]);
    }
    sheet.facts(&facts);
}

fn previous(hash: Digest, locale: Locale) -> String {
    if hash == Digest::ZERO {
        return escaped(locale.choose("（首次摇号）", "(this is the first)"));
    }
    code(hash)
}

fn kind_name(kind: record::Kind, locale: Locale) -> &'static str {
    match kind {
        record::Kind::Announce => locale.choose("公告", "Announcement"),
        record::Kind::Close => locale.choose("截止", "Close"),
        record::Kind::Result => locale.choose("结果", "Result"),
        record::Kind::Void => locale.choose("作废", "Void"),
        record::Kind::Amend => locale.choose("更正", "Amend"),
        record::Kind::Keys => locale.choose("密钥", "Keys"),
    }
}

pub(super) fn times(sheet: &mut Sheet, wall: &Wall, locale: Locale) {
    sheet.section(locale.choose("记录与见证时间", "Records, and when witnesses saw them"));
    let rows: Vec<Vec<String>> = wall
        .steps()
        .into_iter()
        .map(|(kind, seen)| {
            vec![
                escaped(kind_name(kind, locale)),
                format!("{}<br>{}", code(seen.hash), code(seen.signed_by.join(", "))),
                seen.index.to_string(),
                witnessed(seen, locale),
            ]
        })
        .collect();
    if rows.is_empty() {
        sheet.add(&format!("<p>{}</p>\n", not_yet(locale)));
        return;
    }
    let head = [
        locale.choose("记录", "Record"),
        locale.choose("记录哈希；签名密钥", "Hash; key that signed it"),
        locale.choose("日志位置", "Place"),
        locale.choose(
            "见证方与时间（UTC+8）",
            "Witnesses, with their times (UTC+8)",
        ),
    ];
    sheet.table(&head, &rows);
    let mut facts = Vec::new();
    if let Some(announced) = &wall.announced {
        let closes = locale.choose("贡献截止时间", "Contributions close");
        facts.push((closes, moment(announced.record.closes)));
    }
    if let Some(round_at) = wall.round_at {
        let round = locale.choose("信标轮次时间", "The beacon round comes");
        facts.push((round, moment(round_at)));
    }
    sheet.facts(&facts);
}

fn witnessed(seen: &Seen, locale: Locale) -> String {
    if seen.cosigned.is_empty() {
        return escaped(locale.choose("（无见证方）", "(no witness)"));
    }
    let lines = seen.cosigned.iter();
    let lines = lines.map(|it| {
        let witness = escaped(it.witness.name());
        format!("{witness}<br>{}", moment(it.at))
    });
    lines.collect::<Vec<_>>().join("<br>")
}

pub(super) fn pools(sheet: &mut Sheet, wall: &Wall, locale: Locale) {
    sheet.section(locale.choose("摇号池", "The pools"));
    let Some(announced) = &wall.announced else {
        sheet.add(&format!("<p>{}</p>\n", not_yet(locale)));
        return;
    };
    let rows: Vec<Vec<String>> = announced
        .record
        .pools
        .iter()
        .map(|pool| {
            let file = &pool.file;
            vec![
                escaped(wall.label(&pool.category, locale)),
                file.rows.to_string(),
                file.tickets.to_string(),
                pool.quota.to_string(),
                pool.reserve.to_string(),
                format!(
                    "{}<br>SHA-256 {}<br>{} {}",
                    code(format!("pool-{}.csv", pool.category)),
                    code(file.sha256),
                    escaped(locale.choose("根哈希", "root")),
                    code(file.root),
                ),
            ]
        })
        .collect();
    let head = [
        locale.choose("类别", "Category"),
        locale.choose("编码数", "Codes"),
        locale.choose("基数", "Tickets"),
        locale.choose("指标", "Quota"),
        locale.choose("候补", "Reserves"),
        locale.choose("文件", "File"),
    ];
    sheet.table(&head, &rows);
}

pub(super) fn contributions(sheet: &mut Sheet, wall: &Wall, locale: Locale) {
    sheet.section(locale.choose("随机数贡献", "Contributions"));
    let mut rows: Vec<Vec<String>> = Vec::new();
    for it in wall.contributors() {
        let came = match it.state {
            Contributed::Sealed => not_yet(locale),
            Contributed::Revealed(secret) => {
                let word = locale.choose("秘密", "secret");
                format!("{} {}", escaped(word), code(secret))
            }
            Contributed::Missing => format!(
                "<b>{}</b>",
                escaped(locale.choose("未揭示", "missing: not revealed"))
            ),
        };
        let promised = locale.choose("承诺值", "commitment");
        let commitment = code(it.sealed.commitment);
        rows.push(vec![
            escaped(&it.sealed.name),
            format!("{} {commitment}<br>{came}", escaped(promised)),
        ]);
    }
    for (label, value) in wall.open_values() {
        let value = value.map_or_else(|| not_yet(locale), code);
        let made = escaped(locale.choose("现场产生", "made in the hall"));
        rows.push(vec![escaped(label), format!("{made} {value}")]);
    }
    if rows.is_empty() {
        sheet.text("", locale.choose("（无）", "(none)"));
        return;
    }
    let head = [
        locale.choose("贡献方", "Contributor"),
        locale.choose("承诺值与揭示的秘密", "Commitment, and what was revealed"),
    ];
    sheet.table(&head, &rows);
}

pub(super) fn log(sheet: &mut Sheet, wall: &Wall, locale: Locale) {
    sheet.section(locale.choose("日志检查点与密钥", "The log's checkpoint, and the keys"));
    let Some((seen, coded)) = wall.last().and_then(|seen| {
        let coded = qr::code(&seen.note, &wall.origin)?;
        Some((seen, coded))
    }) else {
        sheet.add(&format!("<p>{}</p>\n", not_yet(locale)));
        return;
    };
    let about = if coded.is_whole {
        locale.choose(
            "二维码即此检查点的全文。",
            "The code is the whole text of this checkpoint.",
        )
    } else {
        locale.choose(
            "二维码为此检查点中由日志签名的部分。",
            "The code is the part of this checkpoint that the log signed.",
        )
    };
    sheet.add(&format!(
        "<div class=\"checkpoint\">{}<div><pre>{}</pre><p>{}</p></div></div>\n",
        coded.svg(),
        escaped(&seen.note.to_string()),
        escaped(about),
    ));
    let Some(keys) = &wall.keys else { return };
    let mut facts = vec![
        (
            locale.choose("记录密钥（首个）", "Record key (the first)"),
            code(&keys.records),
        ),
        (locale.choose("日志密钥", "Log key"), code(&keys.log)),
    ];
    let witness = locale.choose("见证方密钥", "Witness's key");
    facts.extend(keys.witnesses.iter().map(|key| (witness, code(key))));
    sheet.facts(&facts);
}

pub(super) fn verify(sheet: &mut Sheet, wall: &Wall, locale: Locale) {
    sheet.section(locale.choose("如何核验", "How to check it"));
    let draw = &wall.draw;
    let policies = match &wall.keys {
        Some(keys) => keys.policies.clone(),
        None => vec!["trust.policy".to_owned()],
    };
    let files = policies.join(locale.choose("、", ", "));
    sheet.text("", &match locale {
        Locale::ZhCn => format!("从他处取得并保存 {files} 与 records.vkey，与上列密钥比对；从本市网站下载 /public/draws/{draw}.tar，运行："),
        Locale::En => format!("Get {files} and records.vkey by another way, keep them, and compare them with the keys above; download /public/draws/{draw}.tar from the city, and run:"),
    });
    let pinned: Vec<_> = policies
        .iter()
        .map(|file| format!("--trust {file}"))
        .collect();
    sheet.add(&format!(
        "<pre>fairplate-verifier draw {}.tar {} --records records.vkey</pre>\n",
        escaped(draw),
        escaped(&pinned.join(" "))
    ));
}

pub(super) fn signatures(sheet: &mut Sheet, locale: Locale) {
    sheet.section(locale.choose("签名", "Signatures"));
    sheet.text(
        "",
        locale.choose(
            "记录中没有经办人员的姓名；以下由本人填写。",
            "Records name no officer; these lines are for the people themselves.",
        ),
    );
    let lines = [
        locale.choose("提议人（经办人员）", "Proposed by (officer)"),
        locale.choose("批准人（另一经办人员）", "Approved by (another officer)"),
        locale.choose("截止与结果（经办人员）", "Closed and finished by (officer)"),
        locale.choose("公证员", "Notary"),
        locale.choose("日期与地点", "Date and place"),
    ];
    sheet.add("<div class=\"lines\">");
    for line in lines {
        sheet.add(&format!("<div><span></span>{}</div>", escaped(line)));
    }
    sheet.add("</div>\n");
}
