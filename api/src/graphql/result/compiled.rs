//! A known look-up, written without the executor.
//!
//! On result day nearly every request is the same document with another code. Where a document asks
//! for nothing but one result, what is written for each outcome is laid out once; an answer is then
//! a look-up and a few pieces of text. It has the very bytes that the executor's has, which a test
//! compares; whatever is not understood here is left to the executor.

use async_graphql::{
    Name, Positioned, Request, Value as Constant,
    parser::types::{
        BaseType, DocumentOperations, ExecutableDocument, Field, OperationDefinition,
        OperationType, Selection, SelectionSet, Type,
    },
};
use async_graphql_value::Value;
use serde_json::json;

use super::{INTERFACE, NAMES, in_words, number_of};
use crate::{
    graphql::{global_id::Noun, locale::Locale},
    service::results::{Answer, Entered, Placed},
};

/// How deep fragments are followed; what is nested deeper is left to the executor.
const DEPTH_MAX: u8 = 8;

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

impl Compiled {
    /// Lays out what a document asks for; nothing where it is not one look-up of one result.
    #[must_use]
    pub(crate) fn of(document: &ExecutableDocument) -> Option<Self> {
        let (name, operation) = only_operation(&document.operations)?;
        let [selection] = &operation.selection_set.node.items[..] else {
            return None;
        };
        let Selection::Field(field) = &selection.node else {
            return None;
        };
        let field = &field.node;
        let is_plain = operation.ty == OperationType::Query
            && operation.directives.is_empty()
            && field.directives.is_empty()
            && field.name.node == "result";
        let [first, second] = &field.arguments[..] else {
            return None;
        };
        let (period, code) = match (&*first.0.node, &*second.0.node) {
            ("period", "code") => (first, second),
            ("code", "period") => (second, first),
            _ => return None,
        };
        let reading = Reading {
            document,
            operation,
        };
        let mut outcomes = NAMES.map(|_| Vec::new());
        for (number, pieces) in outcomes.iter_mut().enumerate() {
            reading.lay_out(&field.selection_set.node, number, DEPTH_MAX, pieces)?;
        }
        let compiled = Self {
            operation: name.cloned(),
            key: key_of(field),
            period: reading.input(&period.1, "PeriodNumber")?,
            code: reading.input(&code.1, "ApplicationCode")?,
            outcomes,
        };
        (is_plain && reading.knows_all_variables()).then_some(compiled)
    }

    /// Writes what is under `data` of the answer, where `find` has the result at once.
    #[must_use]
    pub(crate) fn write(
        &self,
        request: &Request,
        find: impl FnOnce(&str, &str) -> Option<Answer>,
    ) -> Option<String> {
        let wanted = request.operation_name.as_deref();
        if wanted.is_some() && wanted != self.operation.as_deref() {
            return None;
        }
        let asked = Asked {
            period: self.period.text(request)?,
            code: self.code.text(request)?,
        };
        let answer = find(asked.period, asked.code)?;
        let mut text = String::with_capacity(400);
        text.push('{');
        text.push_str(&self.key);
        text.push('{');
        for (place, piece) in self.outcomes[number_of(&answer)].iter().enumerate() {
            if 0 < place {
                text.push(',');
            }
            text.push_str(&piece.key);
            piece.part.write(&asked, &answer, request, &mut text)?;
        }
        text.push_str("}}");
        Some(text)
    }
}

/// What is asked in a request.
struct Asked<'a> {
    period: &'a str,
    code: &'a str,
}

impl Part {
    fn write(
        &self,
        asked: &Asked<'_>,
        answer: &Answer,
        request: &Request,
        text: &mut String,
    ) -> Option<()> {
        let value = match self {
            Self::Typename => json!(NAMES[number_of(answer)]),
            Self::Period => json!(asked.period),
            Self::Code => json!(asked.code),
            Self::Sentence(language) => json!(in_words(number_of(answer), language.of(request)?)),
            Self::Draw => json!(Noun::Draw.id(&entered(answer)?.draw).0),
            Self::Category => json!(entered(answer)?.category),
            Self::Weight => json!(entered(answer)?.weight),
            Self::Rank => json!(placed(answer)?.rank.to_string()),
            Self::Serial => json!(placed(answer)?.serial.to_string()),
            Self::Score => json!(placed(answer)?.score),
        };
        text.push_str(&value.to_string());
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

impl Input {
    fn text<'a>(&'a self, request: &'a Request) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Variable(name) => match request.variables.get(name) {
                Some(Constant::String(text)) => Some(text),
                _ => None,
            },
        }
    }
}

impl Language {
    fn of(&self, request: &Request) -> Option<Locale> {
        let locale = match self {
            Self::Always(locale) => *locale,
            Self::Variable(name, otherwise) => match request.variables.get(name) {
                None => *otherwise,
                Some(Constant::String(word)) => locale(word)?,
                Some(_) => return None,
            },
        };
        Some(locale)
    }
}

fn locale(word: &str) -> Option<Locale> {
    match word {
        "ZH_CN" => Some(Locale::ZhCn),
        "EN" => Some(Locale::En),
        _ => None,
    }
}

fn only_operation(
    operations: &DocumentOperations,
) -> Option<(Option<&Name>, &OperationDefinition)> {
    let mut all = operations.iter();
    match (all.next(), all.next()) {
        (Some((name, operation)), None) => Some((name, &operation.node)),
        _ => None,
    }
}

fn key_of(field: &Field) -> String {
    let key = field.alias.as_ref().unwrap_or(&field.name);
    format!("\"{}\":", key.node)
}

/// A document while it is laid out.
struct Reading<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
}

impl Reading<'_> {
    /// Lays out what is selected for one outcome.
    fn lay_out(
        &self,
        selected: &SelectionSet,
        number: usize,
        depth: u8,
        pieces: &mut Vec<Piece>,
    ) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        for selection in &selected.items {
            match &selection.node {
                Selection::Field(field) => self.add(&field.node, number, pieces)?,
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    let on = fragment.type_condition.as_ref();
                    let on = on.map_or(INTERFACE, |on| on.node.on.node.as_str());
                    if !fragment.directives.is_empty() {
                        return None;
                    }
                    if is_on(on, number)? {
                        self.lay_out(&fragment.selection_set.node, number, depth, pieces)?;
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self
                        .document
                        .fragments
                        .get(&spread.node.fragment_name.node)?;
                    let fragment = &fragment.node;
                    if !spread.node.directives.is_empty() || !fragment.directives.is_empty() {
                        return None;
                    }
                    if is_on(&fragment.type_condition.node.on.node, number)? {
                        self.lay_out(&fragment.selection_set.node, number, depth, pieces)?;
                    }
                }
            }
        }
        Some(())
    }

    fn add(&self, field: &Field, number: usize, pieces: &mut Vec<Piece>) -> Option<()> {
        let is_leaf = field.directives.is_empty() && field.selection_set.node.items.is_empty();
        let part = match (field.name.node.as_str(), &field.arguments[..]) {
            ("__typename", []) => Part::Typename,
            ("period", []) => Part::Period,
            ("code", []) => Part::Code,
            ("sentence", []) => Part::Sentence(Language::Always(Locale::default())),
            ("sentence", [(name, value)]) if name.node == "locale" => {
                Part::Sentence(self.language(&value.node)?)
            }
            ("draw", []) => Part::Draw,
            ("category", []) => Part::Category,
            ("weight", []) => Part::Weight,
            ("rank", []) => Part::Rank,
            ("serial", []) => Part::Serial,
            ("score", []) => Part::Score,
            _ => return None,
        };
        let piece = Piece {
            key: key_of(field),
            part,
        };
        if !is_leaf || !piece.part.is_of(number) {
            return None;
        }
        match pieces.iter().find(|other| other.key == piece.key) {
            None => pieces.push(piece),
            Some(same) if *same == piece => {}
            Some(_) => return None,
        }
        Some(())
    }

    fn language(&self, value: &Value) -> Option<Language> {
        match value {
            Value::Enum(word) => Some(Language::Always(locale(word)?)),
            Value::Variable(name) => {
                let (kind, otherwise) = self.variable(name)?;
                let is_locale = matches!(&kind.base, BaseType::Named(name) if name == "Locale");
                let Some(Constant::Enum(word)) = otherwise.filter(|_| is_locale) else {
                    return None;
                };
                Some(Language::Variable(name.clone(), locale(word)?))
            }
            _ => None,
        }
    }

    /// A text, or a required variable of this type.
    fn input(&self, value: &Positioned<Value>, wanted: &str) -> Option<Input> {
        match &value.node {
            Value::String(text) => Some(Input::Text(text.clone())),
            Value::Variable(name) => {
                let (kind, otherwise) = self.variable(name)?;
                let is_it = matches!(&kind.base, BaseType::Named(name) if name == wanted);
                let is_required = !kind.nullable && otherwise.is_none();
                (is_it && is_required).then(|| Input::Variable(name.clone()))
            }
            _ => None,
        }
    }

    /// The type of a variable, and its default.
    fn variable(&self, name: &Name) -> Option<(&Type, Option<&Constant>)> {
        let mut all = self.operation.variable_definitions.iter();
        let found = all.find(|definition| definition.node.name.node == *name)?;
        let otherwise = found.node.default_value.as_ref();
        Some((
            &found.node.var_type.node,
            otherwise.map(|value| &value.node),
        ))
    }

    /// Whether no variable needs a look that only the executor gives it.
    fn knows_all_variables(&self) -> bool {
        self.operation
            .variable_definitions
            .iter()
            .all(|definition| {
                let BaseType::Named(kind) = &definition.node.var_type.node.base else {
                    return false;
                };
                definition.node.directives.is_empty()
                    && matches!(kind.as_str(), "PeriodNumber" | "ApplicationCode" | "Locale")
            })
    }
}

/// Whether a fragment on this type is of an outcome.
fn is_on(name: &str, number: usize) -> Option<bool> {
    if name == INTERFACE {
        return Some(true);
    }
    let place = NAMES.iter().position(|known| *known == name)?;
    Some(place == number)
}

#[cfg(test)]
mod tests;
