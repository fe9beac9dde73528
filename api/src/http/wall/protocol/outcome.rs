//! The sections of a protocol that say what came of the draw.

use std::fmt::Write as _;

use super::{
    parts::{moment, not_yet},
    sheet::{Sheet, code, escaped},
};
use crate::{domain::Locale, service::wall::Wall};

pub(super) fn beacon(sheet: &mut Sheet, wall: &Wall, locale: Locale) {
    sheet.section(locale.choose("信标与种子", "The beacon and the seed"));
    let Some(announced) = &wall.announced else {
        sheet.add(&format!("<p>{}</p>\n", not_yet(locale)));
        return;
    };
    let or_not_yet = |value: Option<String>| value.unwrap_or_else(|| not_yet(locale));
    let drawn = wall.drawn.as_ref();
    sheet.facts(&[
        (
            locale.choose("信标链", "Beacon chain"),
            code(announced.record.chain),
        ),
        (locale.choose("轮次", "Round"), code(announced.record.round)),
        (
            locale.choose("轮次时间", "Its time"),
            or_not_yet(wall.round_at.map(moment)),
        ),
        (
            locale.choose("轮次签名", "Its signature"),
            or_not_yet(wall.signature().map(code)),
        ),
        (
            locale.choose("签名的 SHA-256", "SHA-256 of that"),
            or_not_yet(wall.randomness().map(code)),
        ),
        (
            locale.choose("种子", "Seed"),
            or_not_yet(drawn.map(|drawn| code(drawn.record.seed))),
        ),
    ]);
    sheet.text("note", locale.choose(
        "种子 = SHA-256(\"fairplate/v1 seed\\n\" ‖ 公告记录哈希 ‖ 截止记录哈希 ‖ 轮次签名的 SHA-256)。",
        "seed = SHA-256(\"fairplate/v1 seed\\n\" ‖ hash of the announcement ‖ hash of the close ‖ SHA-256 of the round's signature).",
    ));
}

pub(super) fn result(sheet: &mut Sheet, wall: &Wall, locale: Locale) {
    sheet.section(locale.choose("结果", "The result"));
    if let Some(voided) = &wall.voided {
        let reason = escaped(&voided.record.reason);
        let why = locale.choose("作废原因", "Void, because");
        sheet.facts(&[(why, reason)]);
        return;
    }
    let Some(drawn) = &wall.drawn else {
        sheet.add(&format!("<p>{}</p>\n", not_yet(locale)));
        return;
    };
    let rows: Vec<Vec<String>> = drawn
        .record
        .outcomes
        .iter()
        .map(|outcome| {
            let file = &outcome.file;
            let cut_off = outcome.cut_off.map_or_else(
                || "–".to_owned(),
                |cut| {
                    format!(
                        "{}<br>{}",
                        code(cut.serial),
                        code(format!("{:016x}", cut.score))
                    )
                },
            );
            vec![
                escaped(wall.label(&outcome.category, locale)),
                outcome.winners.to_string(),
                outcome.reserves.to_string(),
                cut_off,
                format!(
                    "{}<br>SHA-256 {}<br>{} {}",
                    code(format!("result-{}.csv", outcome.category)),
                    code(file.sha256),
                    escaped(locale.choose("根哈希", "root")),
                    code(file.root),
                ),
            ]
        })
        .collect();
    let head = [
        locale.choose("类别", "Category"),
        locale.choose("中签", "Won"),
        locale.choose("候补", "Reserves"),
        locale.choose("截止序号与分值", "Cut-off"),
        locale.choose("文件", "File"),
    ];
    sheet.table(&head, &rows);
}

/// Everybody who was placed, by code; a category of more than are read is cut, and says so.
pub(super) fn places(sheet: &mut Sheet, wall: &Wall, locale: Locale) {
    let Some(drawn) = &wall.drawn else { return };
    sheet.section(locale.choose("名次", "Places"));
    for (outcome, places) in drawn.record.outcomes.iter().zip(&wall.places) {
        let label = escaped(wall.label(&outcome.category, locale));
        let (winners, all) = (outcome.winners, outcome.winners + outcome.reserves);
        let about = match locale {
            Locale::ZhCn => format!("中签为第 1 至 {winners} 名，其后为候补，共 {all} 名"),
            Locale::En => {
                format!("ranks 1 to {winners} won, those behind are reserves, {all} in all")
            }
        };
        let mut list = String::new();
        for place in places {
            let class = if place.rank <= winners {
                "won"
            } else {
                "reserve"
            };
            // Writing to a text does not fail.
            let _ = write!(
                list,
                "<li class=\"{class}\"><span>{}</span>{}</li>",
                place.rank,
                code(&place.code)
            );
        }
        sheet.add(&format!(
            "<h3>{label} <small>{}</small></h3>\n<ol class=\"places\">{list}</ol>\n",
            escaped(&about)
        ));
        let listed = places.len() as u64;
        if listed < all {
            sheet.text(
                "note",
                &match locale {
                    Locale::ZhCn => format!("此处列出前 {listed} 名，全部见结果文件。"),
                    Locale::En => {
                        format!("The first {listed} are listed here; the result file has all.")
                    }
                },
            );
        }
    }
}
