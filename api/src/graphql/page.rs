//! Pages of long lists.

use std::str::FromStr;

use async_graphql::SimpleObject;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    domain::span::{End, Span},
    error::{Error, Result},
};

/// Rows a page may have at most.
const ROWS_MAX: i32 = 100;

/// Rows of a page when nobody says how many.
const ROWS: i32 = 20;

/// Where a page lies in its list.
#[derive(SimpleObject)]
pub(super) struct PageInfo {
    /// Whether there is more behind this page. Of a page that was asked for with `last`: whether it
    /// was cut off by `before`.
    has_next_page: bool,
    /// Whether there is more ahead of this page. Of a page that was not asked for with `last`:
    /// whether it was cut off by `after`.
    has_previous_page: bool,
    /// Cursor of the page's first row; give it as `before` to get the page ahead of this one. Null
    /// for an empty page.
    start_cursor: Option<String>,
    /// Cursor of the page's last row; give it as `after` to get the page behind this one. Null for
    /// an empty page.
    end_cursor: Option<String>,
}

/// Defines the page of a list: a connection of the nodes, and its edge. A field after the node is
/// kept for resolvers of the connection's own.
macro_rules! connection {
    (
        $(#[$doc:meta])* $connection:ident, $edge:ident, $node:ty
        $(, $(#[$kept_doc:meta])* $kept:ident: $kind:ty)?
    ) => {
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        $(#[graphql(complex)] $(#[$kept_doc])*)?
        pub(in crate::graphql) struct $connection {
            /// The rows, each with its cursor.
            edges: Vec<$edge>,
            /// The rows.
            nodes: Vec<$node>,
            /// Where this page lies.
            page_info: crate::graphql::page::PageInfo,
            $(#[graphql(skip)] $kept: $kind,)?
        }

        /// A row and its cursor.
        #[derive(async_graphql::SimpleObject)]
        pub(in crate::graphql) struct $edge {
            /// The row.
            node: $node,
            /// What to give as `after` or `before`.
            cursor: String,
        }

        impl $connection {
            /// The page of these rows, each with its key.
            fn of(
                page: &crate::graphql::page::Page,
                rows: Vec<(String, $node)>
                $(, $kept: $kind)?
            ) -> Self {
                let (rows, page_info) = page.cut(rows);
                let edges = rows.iter().map(|(cursor, node)| $edge {
                    node: node.clone(),
                    cursor: cursor.clone(),
                });
                Self {
                    edges: edges.collect(),
                    nodes: rows.into_iter().map(|(_, node)| node).collect(),
                    page_info,
                    $($kept,)?
                }
            }
        }
    };
}
pub(super) use connection;

/// The page that is asked for.
pub(super) struct Page {
    kind: &'static str,
    rows: usize,
    from: End,
    after: Option<String>,
    before: Option<String>,
}

impl Page {
    /// Checks what was asked for; `kind` is what cursors of the list begin with.
    pub(super) fn read(
        kind: &'static str,
        (first, last): (Option<i32>, Option<i32>),
        (after, before): (Option<String>, Option<String>),
    ) -> Result<Self> {
        let (from, rows) = match (first, last) {
            (Some(_), Some(_)) => {
                let reason = "expected `first` or `last`, found both; leave one out";
                return Err(Error::invalid("last", reason));
            }
            (first, None) => (End::First, rows("first", first.unwrap_or(ROWS))?),
            (None, Some(last)) => (End::Last, rows("last", last)?),
        };
        let key_of = |field, cursor: Option<String>| {
            let cursor = cursor.map(|cursor| key(field, kind, &cursor));
            cursor.transpose()
        };
        Ok(Self {
            kind,
            rows,
            from,
            after: key_of("after", after)?,
            before: key_of("before", before)?,
        })
    }

    /// The rows to look up: one more than wanted, which tells whether there is more.
    pub(super) fn span<K: FromStr>(&self) -> Result<Span<K>> {
        let parse = |field: &'static str, text: &Option<String>| {
            let parsed = text.as_ref().map(|text| text.parse());
            let parsed = parsed.transpose();
            parsed.map_err(|_| Error::invalid(field, FOREIGN_CURSOR))
        };
        Ok(Span {
            after: parse("after", &self.after)?,
            before: parse("before", &self.before)?,
            from: self.from,
            limit: u64::try_from(self.rows + 1).map_err(Error::internal)?,
        })
    }

    /// Of a whole list of rows with their keys, those that a span would have looked up.
    pub(super) fn look_up<T>(&self, mut rows: Vec<(String, T)>) -> Result<Vec<(String, T)>> {
        let place = |field: &'static str, key: &Option<String>| {
            let Some(key) = key else { return Ok(None) };
            let place = rows.iter().position(|(other, _)| other == key);
            place
                .map(Some)
                .ok_or_else(|| Error::invalid(field, FOREIGN_CURSOR))
        };
        let (after, before) = (place("after", &self.after)?, place("before", &self.before)?);
        rows.truncate(before.unwrap_or(rows.len()));
        let begin = after.map_or(0, |after| after + 1).min(rows.len());
        let mut rows = rows.split_off(begin);
        match self.from {
            End::First => rows.truncate(self.rows + 1),
            End::Last => rows = rows.split_off(rows.len().saturating_sub(self.rows + 1)),
        }
        Ok(rows)
    }

    /// Of rows that were looked up, those that are on the page, with their cursors, and where it
    /// lies.
    pub(super) fn cut<T>(&self, mut rows: Vec<(String, T)>) -> (Vec<(String, T)>, PageInfo) {
        let has_more = self.rows < rows.len();
        let (has_next_page, has_previous_page) = match self.from {
            End::First => {
                rows.truncate(self.rows);
                (has_more, self.after.is_some())
            }
            End::Last => {
                rows = rows.split_off(rows.len().saturating_sub(self.rows));
                (self.before.is_some(), has_more)
            }
        };
        for (key, _) in &mut rows {
            *key = cursor(self.kind, key);
        }
        let page_info = PageInfo {
            has_next_page,
            has_previous_page,
            start_cursor: rows.first().map(|(cursor, _)| cursor.clone()),
            end_cursor: rows.last().map(|(cursor, _)| cursor.clone()),
        };
        (rows, page_info)
    }
}

const FOREIGN_CURSOR: &str = "expected a cursor of this very list, as a page gave it";

fn rows(field: &str, wanted: i32) -> Result<usize> {
    if (1..=ROWS_MAX).contains(&wanted) {
        return usize::try_from(wanted).map_err(Error::internal);
    }
    Err(Error::invalid(
        field,
        format!("expected 1 to {ROWS_MAX} rows, found {wanted}"),
    ))
}

/// How much a list of that many rows weighs in a document's cost.
pub(super) fn weight(first: Option<i32>, last: Option<i32>) -> usize {
    let wanted = first.or(last).unwrap_or(ROWS);
    usize::try_from(wanted.clamp(1, ROWS_MAX)).unwrap_or(1)
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
    key.map(str::to_owned)
        .ok_or_else(|| Error::invalid(field, FOREIGN_CURSOR))
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
    fn a_page_has_one_to_a_hundred_rows_from_one_end() {
        let read = |first, last| Page::read("period", (first, last), (None, None)).is_ok();
        for (first, last) in [(None, None), (Some(1), None), (None, Some(100))] {
            assert!(read(first, last), "{first:?} {last:?}");
        }
        for wrong in [0, -1, 101, i32::MIN] {
            assert!(!read(Some(wrong), None), "{wrong}");
            assert!(!read(None, Some(wrong)), "{wrong}");
        }
        assert!(!read(Some(1), Some(1)));
    }

    /// All pages of a list of that many rows, in the order in which they are walked.
    fn walk(list: &[String], size: i32, is_forward: bool) -> Vec<Vec<String>> {
        let (mut pages, mut bound) = (Vec::new(), None);
        loop {
            let count = if is_forward {
                (Some(size), None)
            } else {
                (None, Some(size))
            };
            let bounds = if is_forward {
                (bound, None)
            } else {
                (None, bound)
            };
            let is_inner = bounds.0.is_some() || bounds.1.is_some();
            let page = Page::read("n", count, bounds).expect("a page");
            let rows = list.iter().map(|row| (row.clone(), row.clone())).collect();
            let (rows, lies) = page.cut(page.look_up(rows).expect("rows"));
            pages.push(rows.into_iter().map(|(_, row)| row).collect());
            let (has_more, came_from) = if is_forward {
                (lies.has_next_page, lies.has_previous_page)
            } else {
                (lies.has_previous_page, lies.has_next_page)
            };
            assert_eq!(came_from, is_inner);
            if !has_more {
                return pages;
            }
            bound = if is_forward {
                lies.end_cursor
            } else {
                lies.start_cursor
            };
        }
    }

    #[test]
    fn pages_of_any_size_give_exactly_the_list_in_both_directions() {
        for length in 0..12 {
            let list: Vec<String> = (0..length).map(|row| row.to_string()).collect();
            for size in 1..14 {
                assert_eq!(walk(&list, size, true).concat(), list, "{size}");
                let mut backward = walk(&list, size, false);
                backward.reverse();
                assert_eq!(backward.concat(), list, "{size}");
            }
        }
    }

    #[test]
    fn a_page_between_two_rows_has_neither() {
        let cursor = |row: &str| Some(cursor("n", row));
        let list = ["a", "b", "c", "d", "e"];
        let between = |count| {
            let page = Page::read("n", count, (cursor("a"), cursor("e"))).expect("a page");
            let rows = list.map(|row| (row.to_owned(), row)).into();
            let (rows, _) = page.cut(page.look_up(rows).expect("rows"));
            rows.into_iter().map(|(_, row)| row).collect::<String>()
        };
        assert_eq!(between((Some(9), None)), "bcd");
        assert_eq!(between((Some(2), None)), "bc");
        assert_eq!(between((None, Some(2))), "cd");
    }
}
