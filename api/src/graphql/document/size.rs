//! How much an operation asks for, its fragments spread out.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, ServerError,
    parser::types::{FragmentDefinition, OperationDefinition, Selection, SelectionSet},
};

use super::{ALIASES_MAX, ENTRANCES, ENTRANCES_MAX, FIELDS_MAX, LOOK_UPS, ROOT_FIELDS_MAX};
use crate::graphql::error::DocumentCode;

/// What a selection comes to, with its fragments spread out.
#[derive(Clone, Copy, Default)]
pub(super) struct Size {
    fields: u64,
    aliases: u64,
    /// Fields of its outermost level.
    outermost: u64,
    /// Those of them that look something up by a code or number.
    pub(super) look_ups: u64,
    /// Those of them that open a session, or take or send a secret.
    pub(super) entrances: u64,
}

/// Counts each fragment once, so that fragments which spread one another do not multiply the work of
/// counting them.
pub(super) struct Counting<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// Sizes of fragments; none while one is being counted.
    known: HashMap<&'a str, Option<Size>>,
}

impl<'a> Counting<'a> {
    pub(super) fn new(fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>) -> Self {
        Self {
            fragments,
            known: HashMap::new(),
        }
    }

    /// The size of an operation, if one request may ask for as much.
    pub(super) fn require_modest(
        &mut self,
        operation: &'a OperationDefinition,
    ) -> Result<Size, ServerError> {
        let size = self.size_of(&operation.selection_set.node)?;
        for (what, found, most) in [
            ("root fields", size.outermost, ROOT_FIELDS_MAX),
            ("aliases", size.aliases, ALIASES_MAX),
            ("fields", size.fields, FIELDS_MAX),
            (
                "field that takes or sends a code or password",
                size.entrances,
                ENTRANCES_MAX,
            ),
        ] {
            if most < found {
                return Err(DocumentCode::TooCostly.error(format!(
                    "expected at most {most} {what}, found {found}; ask in several requests"
                )));
            }
        }
        Ok(size)
    }

    fn size_of(&mut self, set: &'a SelectionSet) -> Result<Size, ServerError> {
        let mut sum = Size::default();
        for selection in &set.items {
            let part = match &selection.node {
                Selection::Field(field) => {
                    let inner = self.size_of(&field.node.selection_set.node)?;
                    let name = field.node.name.node.as_str();
                    Size {
                        fields: inner.fields.saturating_add(1),
                        aliases: inner
                            .aliases
                            .saturating_add(field.node.alias.is_some().into()),
                        outermost: 1,
                        look_ups: LOOK_UPS.contains(&name).into(),
                        entrances: ENTRANCES.contains(&name).into(),
                    }
                }
                Selection::InlineFragment(inline) => {
                    self.size_of(&inline.node.selection_set.node)?
                }
                Selection::FragmentSpread(spread) => {
                    self.size_of_fragment(spread.node.fragment_name.node.as_str())?
                }
            };
            sum.fields = sum.fields.saturating_add(part.fields);
            sum.aliases = sum.aliases.saturating_add(part.aliases);
            sum.outermost = sum.outermost.saturating_add(part.outermost);
            sum.look_ups = sum.look_ups.saturating_add(part.look_ups);
            sum.entrances = sum.entrances.saturating_add(part.entrances);
        }
        Ok(sum)
    }

    fn size_of_fragment(&mut self, name: &'a str) -> Result<Size, ServerError> {
        // Validation says that a fragment is missing, in better words.
        let Some(fragment) = self.fragments.get(name) else {
            return Ok(Size::default());
        };
        match self.known.get(name) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => {
                let sentence = format!("the fragment {name} spreads itself; take the circle out");
                return Err(DocumentCode::ValidationFailed.error(sentence));
            }
            None => {}
        }
        self.known.insert(name, None);
        let size = self.size_of(&fragment.node.selection_set.node)?;
        self.known.insert(name, Some(size));
        Ok(size)
    }
}
