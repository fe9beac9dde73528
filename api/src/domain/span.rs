//! A part of an ordered list, as somebody pages through it.

/// Which rows of a list are wanted. The bounds are keys of rows and are not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<K> {
    /// Only rows behind this one.
    pub after: Option<K>,
    /// Only rows ahead of this one.
    pub before: Option<K>,
    /// From which end rows are counted.
    pub from: End,
    /// How many at most.
    pub limit: u64,
}

/// An end of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The row that comes first.
    First,
    /// The row that comes last.
    Last,
}

impl<K> Span<K> {
    /// The rows at the beginning of a list.
    #[must_use]
    pub fn first(limit: u64) -> Self {
        Self {
            after: None,
            before: None,
            from: End::First,
            limit,
        }
    }
}
