//! A draw as plain lines, one a step; what was told stays as it is when more becomes public.

use verifier::text::Time;

use crate::{
    cli::visible,
    domain::Locale,
    service::wall::{Contributed, Seen, Wall},
};

/// Everything that is public of a draw.
pub(super) fn of(wall: &Wall, locale: Locale) -> Vec<String> {
    let draw = &wall.draw;
    let mut lines = vec![match locale {
        Locale::ZhCn => format!("{} 摇号池已封存：{draw}（{}）", wall.frozen_at, wall.origin),
        Locale::En => format!("{} frozen: draw {draw} of {}", wall.frozen_at, wall.origin),
    }];
    announced(&mut lines, wall, locale);
    closed(&mut lines, wall, locale);
    drawn(&mut lines, wall, locale);
    if let Some(voided) = &wall.voided {
        let reason = visible(&voided.record.reason);
        let when = when(&voided.seen, voided.record.issued);
        lines.push(match locale {
            Locale::ZhCn => format!("{when} 作废：{reason}"),
            Locale::En => format!("{when} void: {reason}"),
        });
    }
    if wall.is_over()
        && let Some(seen) = wall.last()
    {
        lines.push(checkpoint(seen, locale));
    }
    lines
}

/// When the witnesses had seen a record; in a city without any, when the city says that it was made.
fn when(seen: &Seen, issued: Time) -> Time {
    seen.witnessed_at.unwrap_or(issued)
}

fn announced(lines: &mut Vec<String>, wall: &Wall, locale: Locale) {
    let Some(announced) = &wall.announced else {
        return;
    };
    lines.extend(wall.warning(locale).map(str::to_owned));
    let terms = &announced.record;
    let (when, hash) = (when(&announced.seen, terms.issued), announced.seen.hash);
    let (round, closes) = (terms.round, terms.closes);
    let at = wall.round_at.unwrap_or(closes);
    lines.push(match locale {
        Locale::ZhCn => {
            format!("{when} 公告 {hash}；贡献截止 {closes}；信标第 {round} 轮 {at}")
        }
        Locale::En => {
            format!("{when} announced: {hash}; contributions close {closes}; beacon round {round} at {at}")
        }
    });
    for pool in &terms.pools {
        let label = visible(wall.label(&pool.category, locale));
        let (rows, tickets, sha256) = (pool.file.rows, pool.file.tickets, pool.file.sha256);
        let (quota, reserve) = (pool.quota, pool.reserve);
        lines.push(match locale {
            Locale::ZhCn => format!(
                "  摇号池 {label}：编码 {rows}，基数 {tickets}，指标 {quota}，候补 {reserve}，SHA-256 {sha256}"
            ),
            Locale::En => format!(
                "  pool {label}: {rows} codes, {tickets} tickets, {quota} to win, {reserve} reserves, SHA-256 {sha256}"
            ),
        });
    }
    for sealed in &terms.sealed {
        let (name, commitment) = (visible(&sealed.name), sealed.commitment);
        lines.push(match locale {
            Locale::ZhCn => format!("  承诺值 {name} {commitment}"),
            Locale::En => format!("  commitment {name} {commitment}"),
        });
    }
    lines.extend(cosigned(&announced.seen, locale));
}

fn closed(lines: &mut Vec<String>, wall: &Wall, locale: Locale) {
    let Some(closed) = &wall.closed else { return };
    let (when, hash) = (when(&closed.seen, closed.record.issued), closed.seen.hash);
    lines.push(match locale {
        Locale::ZhCn => format!("{when} 截止 {hash}"),
        Locale::En => format!("{when} closed: {hash}"),
    });
    for it in wall.contributors() {
        let name = visible(&it.sealed.name);
        lines.push(match (it.state, locale) {
            (Contributed::Revealed(secret), Locale::ZhCn) => format!("  揭示 {name} {secret}"),
            (Contributed::Revealed(secret), Locale::En) => format!("  revealed {name} {secret}"),
            (_, Locale::ZhCn) => format!("  未揭示 {name}"),
            (_, Locale::En) => format!("  missing {name}"),
        });
    }
    for (label, value) in wall.open_values() {
        let value = value.unwrap_or("-");
        lines.push(match locale {
            Locale::ZhCn => format!("  现场值 {label} {value}"),
            Locale::En => format!("  made in the hall {label} {value}"),
        });
    }
    lines.extend(cosigned(&closed.seen, locale));
}

fn drawn(lines: &mut Vec<String>, wall: &Wall, locale: Locale) {
    let Some(drawn) = &wall.drawn else { return };
    let record = &drawn.record;
    let signature = wall.signature().unwrap_or_default();
    let (when, hash) = (when(&drawn.seen, record.issued), drawn.seen.hash);
    let (round, seed) = (record.round, record.seed);
    lines.extend(match locale {
        Locale::ZhCn => [
            format!("{when} 结果 {hash}"),
            format!("  信标第 {round} 轮签名 {signature}"),
            format!("  种子 {seed}"),
        ],
        Locale::En => [
            format!("{when} result: {hash}"),
            format!("  signature of beacon round {round} {signature}"),
            format!("  seed {seed}"),
        ],
    });
    for (outcome, places) in record.outcomes.iter().zip(&wall.places) {
        let label = visible(wall.label(&outcome.category, locale));
        let (winners, reserves) = (outcome.winners, outcome.reserves);
        let sha256 = outcome.file.sha256;
        lines.push(match locale {
            Locale::ZhCn => {
                format!("  {label}：中签 {winners}，候补 {reserves}，SHA-256 {sha256}")
            }
            Locale::En => {
                format!("  {label}: {winners} won, {reserves} in reserve, SHA-256 {sha256}")
            }
        });
        let won = places.iter().take_while(|place| place.rank <= winners);
        lines.extend(won.map(|place| format!("  {:>6} {}", place.rank, place.code)));
        let listed = places.len() as u64;
        if listed < winners {
            lines.push(match locale {
                Locale::ZhCn => format!("  前 {listed} 名；全部见结果文件"),
                Locale::En => format!("  the first {listed}; the result file has all"),
            });
        }
    }
    lines.extend(cosigned(&drawn.seen, locale));
}

fn cosigned(seen: &Seen, locale: Locale) -> Vec<String> {
    let word = locale.choose("见证", "cosigned by");
    let cosigned = seen.cosigned.iter();
    cosigned
        .map(|it| format!("  {word} {} {}", visible(it.witness.name()), it.at))
        .collect()
}

fn checkpoint(seen: &Seen, locale: Locale) -> String {
    let (size, root) = (seen.checkpoint.size, seen.checkpoint.root);
    match locale {
        Locale::ZhCn => format!("检查点：日志 {size} 条，根哈希 {root}"),
        Locale::En => format!("checkpoint: {size} entries, root {root}"),
    }
}
