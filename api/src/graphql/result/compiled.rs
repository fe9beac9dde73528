//! A known look-up, written without the executor.
//!
//! On result day nearly every request is the same document with another code. Where a document asks
//! for nothing but one result, what is written for each outcome is laid out once; an answer is then
//! a look-up and a few pieces of text. It has the very bytes that the executor's has, which a test
//! compares; whatever is not understood here is left to the executor.

/// From a document to what is written for it.
mod reading;

use std::fmt::Write as _;

use async_graphql::{Name, Request, Value as Constant};
use serde_json::json;

use super::{NAMES, in_words, number_of};
use crate::{
    graphql::{global_id::Noun, locale::Locale},
    service::results::{Answer, Entered, Placed},
};

/// A document with one operation, which looks one result up.
#[derive(Debug)]
pub(crate) struct Compiled {
    operation: Option<Name>,
    /// The response key of the result, as JSON.
    key: String,
    period: Input,
    code: Input,
    /// What is written for each outcome, in the order of [`NAMES`].
    outcomes: [Vec<Piece>; NAMES.len()],
}

/// A text of the document, or of the request.
#[derive(Clone, Debug, PartialEq)]
enum Input {
    Text(String),
    Variable(Name),
}

/// A response key, as JSON with its colon, and what stands behind it.
#[derive(Clone, Debug, PartialEq)]
struct Piece {
    key: String,
    part: Part,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Typename,
    Period,
    Code,
    Sentence(Language),
    Draw,
    Category,
    Weight,
    Rank,
    Serial,
    Score,
}

/// The language of a sentence.
#[derive(Clone, Debug, PartialEq)]
enum Language {
    Always(Locale),
    /// A variable, and what it is where it has no value.
    Variable(Name, Locale),
}

/// A look-up as a request asks for it.
pub(crate) struct LookUp<'a, G> {
    pub(crate) asked: Asked<'a>,
    /// Look-ups that it is counted as.
    pub(crate) look_ups: u64,
    /// What it costs.
    pub(crate) cost: u64,
    compiled: &'a Compiled,
    given: &'a G,
}

impl Compiled {
    /// What a request asks with this document, counted and costing as much as is said; nothing where
    /// only the executor can say.
    pub(crate) fn look_up<'a, G: Given>(
        &'a self,
        given: &'a G,
        (look_ups, cost): (u64, u64),
    ) -> Option<LookUp<'a, G>> {
        let wanted = given.operation();
        if wanted.is_some() && wanted != self.operation.as_deref() {
            return None;
        }
        let asked = Asked {
            period: self.period.text(given)?,
            code: self.code.text(given)?,
        };
        Some(LookUp {
            asked,
            look_ups,
            cost,
            compiled: self,
            given,
        })
    }
}

impl<G: Given> LookUp<'_, G> {
    /// Writes what stands under `data` of the answer behind `text`. Where nothing comes back, what was
    /// written until then is of no use.
    #[must_use]
    pub(crate) fn write(&self, answer: &Answer, text: &mut String) -> Option<()> {
        let compiled = self.compiled;
        text.push('{');
        text.push_str(&compiled.key);
        text.push('{');
        for (place, piece) in compiled.outcomes[number_of(answer)].iter().enumerate() {
            if 0 < place {
                text.push(',');
            }
            text.push_str(&piece.key);
            piece.part.write(self.asked, answer, self.given, text)?;
        }
        text.push_str("}}");
        Some(())
    }
}

/// What a request says beside its document.
pub(crate) trait Given {
    /// The operation that it names.
    fn operation(&self) -> Option<&str>;

    /// The value that it gives a variable.
    fn variable(&self, name: &str) -> Variable<'_>;
}

/// The value of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variable<'a> {
    /// The request does not name it.
    Absent,
    /// A text.
    Text(&'a str),
    /// Null, a number, a list: anything else.
    Other,
}

impl Given for Request {
    fn operation(&self) -> Option<&str> {
        self.operation_name.as_deref()
    }

    fn variable(&self, name: &str) -> Variable<'_> {
        match self.variables.get(name) {
            None => Variable::Absent,
            Some(Constant::String(text)) => Variable::Text(text),
            Some(_) => Variable::Other,
        }
    }
}

/// What is asked in a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// The period's number, as it was sent.
    pub(crate) period: &'a str,
    /// The application code, as it was sent.
    pub(crate) code: &'a str,
}

impl Part {
    fn write(
        &self,
        asked: Asked<'_>,
        answer: &Answer,
        given: &impl Given,
        text: &mut String,
    ) -> Option<()> {
        match self {
            Self::Typename => push_text(text, NAMES[number_of(answer)]),
            Self::Period => push_text(text, asked.period),
            Self::Code => push_text(text, asked.code),
            Self::Sentence(language) => {
                push_text(text, &in_words(number_of(answer), language.of(given)?));
            }
            Self::Draw => push_text(text, &Noun::Draw.id(&entered(answer)?.draw).0),
            Self::Category => push_text(text, &entered(answer)?.category),
            Self::Weight => write!(text, "{}", entered(answer)?.weight).ok()?,
            Self::Rank => write!(text, r#""{}""#, placed(answer)?.rank).ok()?,
            Self::Serial => write!(text, r#""{}""#, placed(answer)?.serial).ok()?,
            Self::Score => push_text(text, &placed(answer)?.score),
        }
        Some(())
    }

    /// Whether an outcome has it.
    fn is_of(&self, number: usize) -> bool {
        match self {
            Self::Typename | Self::Period | Self::Code | Self::Sentence(_) => true,
            Self::Draw | Self::Category | Self::Weight => number < 3,
            Self::Rank | Self::Serial | Self::Score => number < 2,
        }
    }
}

fn placed(answer: &Answer) -> Option<&Placed> {
    match answer {
        Answer::Won(placed) | Answer::Reserve(placed) => Some(placed),
        _ => None,
    }
}

fn entered(answer: &Answer) -> Option<&Entered> {
    match answer {
        Answer::NotSelected(entered) => Some(entered),
        _ => placed(answer).map(|placed| &placed.entered),
    }
}

/// Writes a JSON string. Hardly any needs more than its quotation marks.
fn push_text(text: &mut String, value: &str) {
    let is_escaped = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    if value.bytes().any(is_escaped) {
        text.push_str(&json!(value).to_string());
        return;
    }
    text.push('"');
    text.push_str(value);
    text.push('"');
}

impl Input {
    fn text<'a>(&'a self, given: &'a impl Given) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Variable(name) => match given.variable(name) {
                Variable::Text(text) => Some(text),
                Variable::Absent | Variable::Other => None,
            },
        }
    }
}

impl Language {
    fn of(&self, given: &impl Given) -> Option<Locale> {
        match self {
            Self::Always(locale) => Some(*locale),
            Self::Variable(name, otherwise) => match given.variable(name) {
                Variable::Absent => Some(*otherwise),
                Variable::Text(word) => locale(word),
                Variable::Other => None,
            },
        }
    }
}

fn locale(word: &str) -> Option<Locale> {
    match word {
        "ZH_CN" => Some(Locale::ZhCn),
        "EN" => Some(Locale::En),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
