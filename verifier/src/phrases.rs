//! The fragments of reports in Chinese. Reports are made in English, where programs and signed
//! evidence take them from; a reader's language is put on at the very end.

use crate::language::Language;

const CHINESE: &str = include_str!("phrases.zh-CN.txt");

/// So deep may phrases stand in phrases.
const DEPTH: usize = 4;

impl Language {
    /// A fragment of a report, such as what was expected, in this language. What is no phrase of
    /// ours, such as a value of a file, stays as it is.
    #[must_use]
    pub fn phrase(self, english: &str) -> String {
        match self {
            Self::English => english.to_owned(),
            Self::Chinese => chinese(english, DEPTH),
        }
    }
}

fn pairs() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = CHINESE.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(" = "))
}

fn chinese(english: &str, depth: usize) -> String {
    let found = pairs().find_map(|(pattern, chinese)| Some((captures(pattern, english)?, chinese)));
    match (found, depth.checked_sub(1)) {
        (Some((captures, chinese)), Some(depth)) => fill(chinese, &captures, depth),
        _ => english.to_owned(),
    }
}

/// What stands in a text at a pattern's blanks, and whether each is a phrase; none when the text
/// does not fit.
fn captures<'a>(pattern: &str, text: &'a str) -> Option<Vec<(&'a str, bool)>> {
    let (head, mut pattern) = split(pattern);
    let mut text = text.strip_prefix(head)?;
    let mut captures = Vec::new();
    while let Some((is_phrase, rest)) = pattern {
        let (literal, next) = split(rest);
        let end = match next {
            None => text
                .len()
                .checked_sub(literal.len())
                .filter(|_| text.ends_with(literal))?,
            Some(_) => text.find(literal)?,
        };
        captures.push((&text[..end], is_phrase));
        text = &text[end + literal.len()..];
        pattern = next;
    }
    text.is_empty().then_some(captures)
}

/// What stands before a pattern's first blank, and, where there is one, whether it is for a phrase
/// and what follows it.
fn split(pattern: &str) -> (&str, Option<(bool, &str)>) {
    let blanks = [("{}", false), ("{t}", true)];
    let places = blanks.map(|(blank, is_phrase)| Some((pattern.find(blank)?, blank, is_phrase)));
    match places.into_iter().flatten().min() {
        Some((place, blank, is_phrase)) => {
            let rest = &pattern[place + blank.len()..];
            (&pattern[..place], Some((is_phrase, rest)))
        }
        None => (pattern, None),
    }
}

/// Fills a translation's blanks: each with the next capture, or with the one that it numbers.
fn fill(mut chinese_text: &str, captures: &[(&str, bool)], depth: usize) -> String {
    let mut text = String::new();
    let mut next = 0;
    while let Some((head, rest)) = chinese_text.split_once('{') {
        text += head;
        let (blank, rest) = rest.split_once('}').unwrap_or((rest, ""));
        let place = blank.parse::<usize>().map_or(next, |number| number - 1);
        next += 1;
        match captures.get(place) {
            Some((phrase, true)) => text += &chinese(phrase, depth),
            Some((value, false)) => text += value,
            None => {}
        }
        chinese_text = rest;
    }
    text + chinese_text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_chinese(english: &str, expected: &str) {
        assert_eq!(Language::Chinese.phrase(english), expected);
        assert_eq!(Language::English.phrase(english), english);
    }

    #[test]
    fn a_phrase_is_translated_and_its_values_are_kept() {
        assert_chinese("none", "无");
        assert_chinese("rows 5", "行数 5");
        assert_chinese(
            "one announce of draw 202607, the folder's",
            "摇号 202607 只有文件夹中的那一份 announce",
        );
        assert_chinese(
            "the witnessed close at least 60 seconds before the beacon's round at \
             2026-07-26T06:06:00Z",
            "见证的截止记录时间至少比信标轮次（2026-07-26T06:06:00Z）早 60 秒",
        );
    }

    #[test]
    fn phrases_stand_in_phrases() {
        assert_chinese(
            "expected a text, an empty line, and signature lines",
            "应为 正文、一个空行和签名行",
        );
        assert_chinese(
            "line 3: expected 32 bytes in base64, found `none`",
            "第 3 行：应为 base64 写成的 32 个字节，实为 `none`",
        );
    }

    #[test]
    fn what_is_no_phrase_stays_as_it_is() {
        for text in [
            "",
            "`origin <log origin>`",
            "1,8801109990001,43,023aa1640bbc761c",
            "{}",
        ] {
            assert_chinese(text, text);
        }
    }

    #[test]
    fn every_pair_is_one_and_has_the_same_blanks_on_both_sides() {
        let lines = CHINESE.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(lines.count(), pairs().count());
        let mut seen = std::collections::BTreeSet::new();
        for (english, chinese) in pairs() {
            assert!(seen.insert(english), "{english}");
            let count = |text: &str| text.matches('{').count();
            assert_eq!(count(english), count(chinese), "{english}");
            assert!(!chinese.is_ascii(), "{english}");
        }
    }
}
