//! The report for people, in their language, with marks where a terminal shows them.

use std::fmt;

use crate::{
    language::Language,
    report::{Conclusion, Failure, FollowedKeys, Report, Status, StepAnswer, Verdict},
    text::visible,
};

/// How a report shows whether a step passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Marks {
    /// In words, for files and other programs.
    #[default]
    Words,
    /// With a sign such as ✓.
    Signs,
    /// With a sign and a terminal's colours.
    Colours,
}

/// How the report is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// The language of its texts.
    pub language: Language,
    /// How it shows whether a step passed.
    pub marks: Marks,
}

const GREEN: &str = "32";
const RED: &str = "31";
const YELLOW: &str = "33";

impl Style {
    fn coloured(self, colour: &str, text: &str) -> String {
        match self.marks {
            Marks::Colours => format!("\u{1b}[{colour}m{text}\u{1b}[0m"),
            Marks::Words | Marks::Signs => text.to_owned(),
        }
    }

    fn mark(self, status: Status) -> String {
        let (colour, mark, english, chinese) = match status {
            Status::Passed => (GREEN, "✓", "ok", "通过"),
            Status::Failed => (RED, "✗", "FALSE", "不符"),
            Status::Missing => (YELLOW, "?", "missing", "缺失"),
            Status::Unwitnessed => (YELLOW, "~", "unwitnessed", "无见证"),
            Status::Unsupported => (YELLOW, "?", "unsupported", "不支持"),
            Status::NotChecked => (YELLOW, "-", "not checked", "未核验"),
        };
        match self.marks {
            Marks::Words => self.language.pick(english, chinese).to_owned(),
            Marks::Signs | Marks::Colours => self.coloured(colour, mark),
        }
    }
}

impl Verdict {
    /// What the verdict means, in one sentence.
    #[must_use]
    pub fn sentence(self, language: Language) -> &'static str {
        let (english, chinese) = match self {
            Self::Verified => (
                "everything was checked and is right, and the witnesses saw it in time",
                "全部核验无误，且见证人按时见证",
            ),
            Self::VerifiedUnwitnessed => (
                "everything was checked and is right, but too few witnesses vouch for when",
                "全部核验无误，但见证人不足，无法证明各步骤的时间",
            ),
            Self::Incomplete => (
                "something is missing; nothing that is there is wrong",
                "文件不全；已有的文件没有发现错误",
            ),
            Self::False => (
                "something is wrong: the first finding is above",
                "核验不符：第一处错误见上文",
            ),
            Self::Unsupported => (
                "the draw follows a later version of the protocol: get a newer verifier",
                "该摇号使用更新的协议版本，请换用新版核验程序",
            ),
        };
        language.pick(english, chinese)
    }
}

impl Failure {
    /// The failure as a sentence.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let Self { file, line, .. } = self;
        let expected = language.phrase(&self.expected);
        let found = language.phrase(&self.found);
        match (language, line) {
            (Language::English, _) => self.to_string(),
            (Language::Chinese, Some(line)) => {
                format!("{file} 第 {line} 行：应为 {expected}，实为 {found}")
            }
            (Language::Chinese, None) => format!("{file}：应为 {expected}，实为 {found}"),
        }
    }
}

impl FollowedKeys {
    /// The change as a sentence.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let keys = self.keys.iter().map(|key| visible(&key.to_string()));
        let keys: Vec<String> = keys.collect();
        let (epoch, keys) = (self.epoch, keys.join(" "));
        let place = match (self.index, language) {
            (Some(index), Language::English) => format!(" at log entry {index}"),
            (Some(index), Language::Chinese) => format!("在日志第 {index} 条"),
            (None, _) => String::new(),
        };
        match language {
            Language::English => {
                format!("record keys followed from the pinned one: change {epoch}{place} to {keys}")
            }
            Language::Chinese => {
                format!("记录密钥由您固定的密钥逐次核对而来：第 {epoch} 次更换{place}，改用 {keys}")
            }
        }
    }
}

impl Report {
    /// The report as text, a line a step, the verdict last.
    #[must_use]
    pub fn to_text(&self, style: Style) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _infallible = self.write_text(&mut text, style);
        text
    }

    fn write_text(&self, f: &mut impl fmt::Write, style: Style) -> fmt::Result {
        if let (Some(origin), Some(draw)) = (&self.origin, &self.draw) {
            let word = style.language.pick("draw", "摇号");
            writeln!(f, "{word} {draw} · {origin}")?;
        }
        for answer in &self.steps {
            write_step(f, answer, style)?;
        }
        for category in &self.categories {
            let name = &category.category;
            let (applicants, tickets) = (category.applicants, category.tickets);
            let (winners, reserves) = (category.winners, category.reserves);
            match style.language {
                Language::English => writeln!(
                    f,
                    "{name}: {applicants} applicants, {tickets} tickets, {winners} winners, \
                     {reserves} reserves"
                )?,
                Language::Chinese => writeln!(
                    f,
                    "{name}：{applicants} 个申请编码，{tickets} 个基数序号，中签 {winners} 个，\
                     候补 {reserves} 个"
                )?,
            }
        }
        if let Some(Conclusion::Void { reason }) = &self.conclusion {
            let words = style
                .language
                .pick("the draw was called off", "本次摇号已作废");
            writeln!(f, "{words}: {}", visible(reason))?;
        }
        for change in &self.keys {
            writeln!(f, "{}", change.sentence(style.language))?;
        }
        let colour = match self.verdict {
            Verdict::Verified => GREEN,
            Verdict::False => RED,
            _ => YELLOW,
        };
        let verdict = style.coloured(colour, &self.verdict.to_string());
        writeln!(f, "{verdict}: {}", self.verdict.sentence(style.language))
    }
}

fn write_step(f: &mut impl fmt::Write, answer: &StepAnswer, style: Style) -> fmt::Result {
    let number = answer.step.number();
    let mark = style.mark(answer.status);
    let title = answer.step.title_in(style.language);
    writeln!(f, "{number:>2} {:<13} {mark} {title}", answer.id())?;
    if let Some(failure) = &answer.failure {
        writeln!(f, "   {}", failure.sentence(style.language))?;
    }
    Ok(())
}

/// The report as plain English text.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_text(f, Style::default())
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::{
        key::{KeyKind, VerifierKey},
        note::Note,
        report::Timeline,
    };

    fn style(language: Language, marks: Marks) -> Style {
        Style { language, marks }
    }

    #[test]
    fn a_mark_is_a_word_a_sign_or_a_coloured_sign() {
        for (language, marks, expected) in [
            (Language::English, Marks::Words, "ok"),
            (Language::Chinese, Marks::Words, "通过"),
            (Language::English, Marks::Signs, "✓"),
            (Language::English, Marks::Colours, "\u{1b}[32m✓\u{1b}[0m"),
        ] {
            assert_eq!(style(language, marks).mark(Status::Passed), expected);
        }
        assert!(
            !called_off("rain", &[])
                .to_text(style(Language::English, Marks::Signs))
                .contains('\u{1b}')
        );
    }

    #[test]
    fn a_verdict_has_the_colour_of_what_it_means() {
        for (verdict, coloured) in [
            (Verdict::Verified, "\u{1b}[32mVERIFIED\u{1b}[0m: "),
            (Verdict::False, "\u{1b}[31mFALSE\u{1b}[0m: "),
            (Verdict::Incomplete, "\u{1b}[33mINCOMPLETE\u{1b}[0m: "),
        ] {
            let mut report = called_off("rain", &[]);
            report.verdict = verdict;
            let text = report.to_text(style(Language::English, Marks::Colours));
            assert!(text.contains(coloured), "{text}");
        }
    }

    /// A report of a draw that was called off, by keys that were followed.
    fn called_off(reason: &str, keys: &[VerifierKey]) -> Report {
        Report {
            verdict: Verdict::Verified,
            steps: Vec::new(),
            origin: None,
            draw: None,
            categories: Vec::new(),
            timeline: Timeline::default(),
            conclusion: Some(Conclusion::Void {
                reason: reason.to_owned(),
            }),
            keys: vec![FollowedKeys {
                epoch: 1,
                index: None,
                keys: keys.to_vec(),
            }],
            evidence: Vec::new(),
            log: None,
        }
    }

    #[test]
    fn no_name_or_reason_turns_the_direction_of_a_line() {
        let public = SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes();
        let name = "linan.example/\u{202e}sdrocer";
        let key = VerifierKey::new(name, KeyKind::Ed25519, public).expect("a key");
        let unsigned = Note::new("text\n".to_owned()).expect("a text");
        let error = unsigned.verify(&key).expect_err("no signature");
        assert_eq!(
            error.to_string(),
            "expected a signature by linan.example/\\u{202e}sdrocer, found none"
        );
        let report = called_off("no\u{2066}ne", &[key]);
        for language in [Language::English, Language::Chinese] {
            let text = report.to_text(style(language, Marks::Words));
            assert!(text.contains("linan.example/\\u{202e}sdrocer+"), "{text}");
            assert!(text.contains("no\\u{2066}ne\n"), "{text}");
            assert!(!text.contains(['\u{202e}', '\u{2066}']), "{text}");
        }
        let failure = Failure::new("announce.note", name, name);
        let spelled = "linan.example/\\u{202e}sdrocer";
        assert_eq!(
            failure.to_string(),
            format!("announce.note: expected {spelled}, found {spelled}")
        );
    }
}
