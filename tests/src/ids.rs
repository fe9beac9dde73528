//! The ids by which clients name things.

use std::fmt::Display;

pub use fairplate::graphql::global_id::Noun;

/// What the API gives as the `id` of the thing with this key, and takes wherever it is named.
#[must_use]
pub fn id_of(noun: Noun, key: impl Display) -> String {
    noun.id(key).to_string()
}

/// The same of a draw, by its public id.
#[must_use]
pub fn draw_id(public_id: &str) -> String {
    id_of(Noun::Draw, public_id)
}
