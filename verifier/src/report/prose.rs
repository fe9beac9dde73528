//! The report for people, in their language, with marks where a terminal shows them.

use std::fmt;

use crate::{
    language::Language,
    report::{Conclusion, Failure, FollowedKeys, Report, Status, StepAnswer, Verdict},
};

/// How the report is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// The language of its texts.
    pub language: Language,
    /// Whether marks and colours are wanted; otherwise plain words.
    pub terminal: bool,
}

const GREEN: &str = "32";
const RED: &str = "31";
const YELLOW: &str = "33";

impl Style {
    fn coloured(self, colour: &str, text: &str) -> String {
        if self.terminal {
            format!("\u{1b}[{colour}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
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
        if self.terminal {
            self.coloured(colour, mark)
        } else {
            self.language.pick(english, chinese).to_owned()
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
        let keys: Vec<String> = self.keys.iter().map(ToString::to_string).collect();
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
            writeln!(f, "{words}: {reason}")?;
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
