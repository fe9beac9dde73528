//! Pages of long lists.

use std::str::FromStr;

use async_graphql::SimpleObject;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::error::{Error, Result};

/// Rows a page may have at most.
const ROWS_MAX: i32 = 100;

/// Where a page lies in its list.
#[derive(SimpleObject)]
pub(super) struct PageInfo {
    /// Whether there is more behind this page.
    pub(super) has_next_page: bool,
    /// Whether there is something before this page, as far as the question tells.
    pub(super) has_previous_page: bool,
    /// Cursor of the page's first row; null for an empty page.
    pub(super) start_cursor: Option<String>,
    /// Cursor of the page's last row; give it as `after` to get the next page.
    pub(super) end_cursor: Option<String>,
}

/// Defines the page of a list: a connection of the nodes, and its edge.
macro_rules! connection {
    ($(#[$doc:meta])* $connection:ident, $edge:ident, $node:ty) => {
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        struct $connection {
            /// The rows, each with its cursor.
            edges: Vec<$edge>,
            /// The rows.
            nodes: Vec<$node>,
            /// Where this page lies.
            page_info: super::page::PageInfo,
        }

        /// A row and its cursor.
        #[derive(async_graphql::SimpleObject)]
        struct $edge {
            /// The row.
            node: $node,
            /// What to give as `after`.
            cursor: String,
        }

        impl $connection {
            /// The page of these rows, each with its key.
            fn of(page: &super::page::Page, rows: Vec<(String, $node)>) -> Self {
                let (rows, page_info) = page.cut(rows);
                let edges = rows.iter().map(|(cursor, node)| $edge {
                    node: node.clone(),
                    cursor: cursor.clone(),
                });
                Self {
                    edges: edges.collect(),
                    nodes: rows.into_iter().map(|(_, node)| node).collect(),
                    page_info,
                }
            }
        }
    };
}
pub(super) use connection;

/// The page that is asked for: so many rows behind a row.
pub(super) struct Page {
    kind: &'static str,
    rows: usize,
    after: Option<String>,
}

impl Page {
    /// Checks what was asked for; `kind` is what cursors of the list begin with.
    pub(super) fn read(kind: &'static str, first: i32, after: Option<String>) -> Result<Self> {
        Ok(Self {
            kind,
            rows: rows(first)?,
            after: after
                .map(|cursor| key("after", kind, &cursor))
                .transpose()?,
        })
    }

    /// The key of the row before the page.
    pub(super) fn after<K: FromStr>(&self) -> Result<Option<K>> {
        let parse = |text: &String| {
            text.parse()
                .map_err(|_| Error::invalid("after", "expected a cursor of this very list"))
        };
        self.after.as_ref().map(parse).transpose()
    }

    /// How many rows to look up: one more than wanted tells whether there is a next page.
    pub(super) fn limit(&self) -> Result<u64> {
        u64::try_from(self.rows + 1).map_err(Error::internal)
    }

    /// Of rows with their keys, those that are on the page, with their cursors, and where it lies.
    pub(super) fn cut<T>(&self, mut rows: Vec<(String, T)>) -> (Vec<(String, T)>, PageInfo) {
        let has_next_page = self.rows < rows.len();
        rows.truncate(self.rows);
        for (key, _) in &mut rows {
            *key = cursor(self.kind, key);
        }
        let page_info = PageInfo {
            has_next_page,
            has_previous_page: self.after.is_some(),
            start_cursor: rows.first().map(|(cursor, _)| cursor.clone()),
            end_cursor: rows.last().map(|(cursor, _)| cursor.clone()),
        };
        (rows, page_info)
    }
}

/// How many rows are wanted: 1 to 100.
pub(super) fn rows(first: i32) -> Result<usize> {
    if (1..=ROWS_MAX).contains(&first) {
        return usize::try_from(first).map_err(Error::internal);
    }
    Err(Error::invalid(
        "first",
        format!("expected 1 to {ROWS_MAX} rows, found {first}"),
    ))
}

/// How much a list of that many rows weighs in a document's cost.
pub(super) fn weight(first: i32) -> usize {
    usize::try_from(first.clamp(1, ROWS_MAX)).unwrap_or(1)
}

/// The cursor of a row, by its key. What is in it is nobody's business but ours.
pub(super) fn cursor(kind: &str, key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{kind}:{key}"))
}

/// The key in a cursor that this server gave.
pub(super) fn key(field: &str, kind: &str, cursor: &str) -> Result<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).unwrap_or_default();
    let text = String::from_utf8(bytes).unwrap_or_default();
    let key = text
        .strip_prefix(kind)
        .and_then(|rest| rest.strip_prefix(':'));
    key.map(str::to_owned).ok_or_else(|| {
        Error::invalid(
            field,
            "expected a cursor of this very list, as a page gave it",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let made = cursor("period", "201405");
        assert_eq!(key("after", "period", &made).expect("its own"), "201405");
        for wrong in [cursor("draw", "201405"), "201405".to_owned(), String::new()] {
            assert!(key("after", "period", &wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_page_has_one_to_a_hundred_rows() {
        assert_eq!((rows(1).ok(), rows(100).ok()), (Some(1), Some(100)));
        for wrong in [0, -1, 101, i32::MIN] {
            assert!(rows(wrong).is_err(), "{wrong}");
        }
    }
}
