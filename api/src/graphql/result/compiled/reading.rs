//! From a document to what is written for it.

use async_graphql::{
    Name, Positioned, Value as Constant,
    parser::types::{
        BaseType, DocumentOperations, ExecutableDocument, Field, OperationDefinition,
        OperationType, Selection, SelectionSet, Type,
    },
};
use async_graphql_value::Value;

use super::{Compiled, Input, Language, Part, Piece, locale};
use crate::graphql::{
    locale::Locale,
    result::{INTERFACE, NAMES},
};

/// How deep fragments are followed; what is nested deeper is left to the executor.
const DEPTH_MAX: u8 = 8;

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
