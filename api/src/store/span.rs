//! A part of an ordered list, as a statement.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait, Order, QueryFilter as _, QueryOrder,
    QuerySelect as _, Select, Value,
};

use crate::{
    domain::span::{End, Span},
    error::Result,
};

/// The rows of a span, in the order of the list. The list is ordered by one column that no two rows
/// share, descending or ascending; an order that the selection has already is dropped.
pub(super) async fn list<E, K>(
    db: &impl ConnectionTrait,
    mut select: Select<E>,
    (column, order): (E::Column, Order),
    span: Span<K>,
) -> Result<Vec<E::Model>>
where
    E: EntityTrait,
    K: Into<Value>,
{
    let is_ascending = order == Order::Asc;
    for (bound, is_behind) in [(span.after, true), (span.before, false)] {
        if let Some(bound) = bound {
            select = select.filter(if is_behind == is_ascending {
                column.gt(bound)
            } else {
                column.lt(bound)
            });
        }
    }
    let is_from_first = span.from == End::First;
    let direction = if is_from_first == is_ascending {
        Order::Asc
    } else {
        Order::Desc
    };
    QueryOrder::query(&mut select).clear_order_by();
    let mut rows = select
        .order_by(column, direction)
        .limit(span.limit)
        .all(db)
        .await?;
    if !is_from_first {
        rows.reverse();
    }
    Ok(rows)
}
