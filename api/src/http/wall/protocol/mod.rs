//! The protocol of a ceremony: one page that is printed, signed and kept.
//!
//! It is a function of the records that are public of a draw and of the files that they speak of, so
//! that every node, and anybody who runs this program on the same records, prints the same bytes.
//! Records name no officer; what people sign for is left blank.

/// A page of facts.
mod sheet;

/// What is written into it.
mod parts;

/// What came of the draw.
mod outcome;

/// The checkpoint as a picture.
mod qr;

use std::{fmt::Write as _, sync::LazyLock};

use ::entity::draw;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use verifier::text::Digest;

use self::sheet::{Sheet, escaped};
use crate::{domain::Locale, service::wall::Wall};

/// How it looks, inside the page: a saved copy is whole.
const STYLE: &str = include_str!("../../../../assets/wall/protocol.css");

/// The browser applies this style, and loads and runs nothing.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(Digest::of(STYLE.as_bytes()).0);
    format!("default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'")
});

/// The content security policy of the page.
pub(super) fn policy() -> &'static str {
    &POLICY
}

/// The protocol of a draw in one language.
pub(crate) fn write(wall: &Wall, locale: Locale) -> String {
    let mut sheet = Sheet::default();
    parts::draw(&mut sheet, wall, locale);
    parts::times(&mut sheet, wall, locale);
    parts::pools(&mut sheet, wall, locale);
    parts::contributions(&mut sheet, wall, locale);
    outcome::beacon(&mut sheet, wall, locale);
    outcome::result(&mut sheet, wall, locale);
    parts::log(&mut sheet, wall, locale);
    parts::verify(&mut sheet, wall, locale);
    parts::signatures(&mut sheet, locale);
    outcome::places(&mut sheet, wall, locale);
    whole(wall, locale, &sheet.finish())
}

fn whole(wall: &Wall, locale: Locale, sections: &str) -> String {
    let title = match (wall.purpose, locale) {
        (draw::Purpose::Allocation, Locale::ZhCn) => "摇号现场记录",
        (draw::Purpose::Representatives, Locale::ZhCn) => "申请人代表摇号现场记录",
        (draw::Purpose::Allocation, Locale::En) => "Protocol of a draw",
        (draw::Purpose::Representatives, Locale::En) => {
            "Protocol of a draw of applicant representatives"
        }
    };
    let (state, is_final) = state(wall, locale);
    let warning = wall.warning(locale).map_or_else(String::new, |text| {
        format!("<p class=\"rehearsal\">{}</p>\n", escaped(text))
    });
    let programme = escaped(wall.programme.get(locale));
    let draw = escaped(&wall.draw);
    let mut html = String::new();
    // Writing to a text does not fail.
    let _ = write!(
        html,
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} {draw} · {programme}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header>\n{warning}<p>{programme}</p>\n<h1>{title}</h1>\n<p class=\"number\">{draw}</p>\n\
         <p class=\"state {}\">{}</p>\n</header>\n{sections}\
         <footer>{warning}{}</footer>\n</body>\n</html>\n",
        locale.tag(),
        escaped(policy()),
        if is_final { "ended" } else { "open" },
        escaped(state),
        escaped(locale.choose(
            "本记录由已公布的记录与文件生成。纸面可能有误，以公布的文件及其核验结论为准。",
            "Made from published records and files. Paper can be wrong: what counts is the published folder, and what a verifier says of it.",
        )),
    );
    html
}

/// Where the draw stands, and whether that is its end.
fn state(wall: &Wall, locale: Locale) -> (&'static str, bool) {
    match wall.phase() {
        draw::Phase::Frozen => (
            locale.choose(
                "摇号池已封存；尚无公布的记录。这不是最终记录。",
                "The pool is frozen; no record is public yet. This is not the final protocol.",
            ),
            false,
        ),
        draw::Phase::Announced => (
            locale.choose(
                "已公告；贡献尚未截止。这不是最终记录。",
                "Announced; contributions are not closed. This is not the final protocol.",
            ),
            false,
        ),
        draw::Phase::Closed => (
            locale.choose(
                "贡献已截止；结果尚未公布。这不是最终记录。",
                "Contributions are closed; no result is public. This is not the final protocol.",
            ),
            false,
        ),
        draw::Phase::Finished => (locale.choose("结果已公布。", "The result is public."), true),
        draw::Phase::Voided => (locale.choose("本次摇号已作废。", "The draw is void."), true),
    }
}
