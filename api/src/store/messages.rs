//! Messages: written with the change that they tell of, handed over later.

use ::entity::{
    CityId,
    message::{self, State},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, Order,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect, Select, Statement,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::span;
use crate::{
    domain::span::Span,
    error::{Error, Result},
};

/// Rows that one statement writes.
const STATEMENT_ROWS: usize = 500;

/// Writes messages; one whose occasion was told before is left out. Gives how many were new.
pub async fn insert(txn: &impl ConnectionTrait, rows: Vec<message::Model>) -> Result<u64> {
    let mut written = 0;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let piece = rows
            .by_ref()
            .take(STATEMENT_ROWS)
            .map(message::Model::into_active_model);
        let told = OnConflict::columns([
            message::Column::CityId,
            message::Column::DedupeKey,
            message::Column::Channel,
        ])
        .do_nothing()
        .to_owned();
        written += message::Entity::insert_many(piece)
            .on_conflict(told)
            .exec_without_returning(txn)
            .await?;
    }
    Ok(written)
}

/// One message, if there is one.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    id: Uuid,
) -> Result<Option<message::Model>> {
    Ok(message::Entity::find_by_id((city, id)).one(db).await?)
}

/// One message.
pub async fn get(db: &impl ConnectionTrait, city: CityId, id: Uuid) -> Result<message::Model> {
    find(db, city, id)
        .await?
        .ok_or_else(|| Error::not_found("message", id))
}

/// Messages that are due and that nobody is trying, the longest waiting first, at most `limit`.
pub async fn list_due(
    db: &impl ConnectionTrait,
    city: CityId,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<message::Model>> {
    Ok(message::Entity::find()
        .filter(message::Column::CityId.eq(city))
        .filter(message::Column::State.eq(State::Waiting))
        .filter(message::Column::DueAt.lte(now))
        .filter(unclaimed(now))
        .order_by_asc(message::Column::DueAt)
        .limit(limit)
        .all(db)
        .await?)
}

fn unclaimed(now: DateTime<Utc>) -> Condition {
    Condition::any()
        .add(message::Column::ClaimedUntil.is_null())
        .add(message::Column::ClaimedUntil.lte(now))
}

/// Claims a message for one try, if it still stands where the caller saw it. Says whether it did.
pub async fn claim(
    db: &impl ConnectionTrait,
    seen: &message::Model,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool> {
    let claimed = message::Entity::update_many()
        .col_expr(message::Column::Attempts, Expr::value(seen.attempts + 1))
        .col_expr(message::Column::ClaimedUntil, Expr::value(Some(until)))
        .filter(this(seen))
        .filter(message::Column::Attempts.eq(seen.attempts))
        .filter(message::Column::State.eq(State::Waiting))
        .filter(unclaimed(now))
        .exec(db)
        .await?;
    Ok(claimed.rows_affected == 1)
}

/// What became of a try.
pub struct Tried {
    /// Where the message stands now.
    pub state: State,
    /// When it is tried next, or was tried.
    pub due_at: DateTime<Utc>,
    /// When it was handed over.
    pub sent_at: Option<DateTime<Utc>>,
    /// Why it was not.
    pub failure: Option<String>,
    /// Whether address and values are still needed.
    pub keeps_content: bool,
}

/// Writes down what became of a try, if the claim is still the caller's: `held` is the row as it was
/// claimed. Says whether it was.
pub async fn settle(
    db: &impl ConnectionTrait,
    held: &message::Model,
    tried: Tried,
) -> Result<bool> {
    let mut update = message::Entity::update_many()
        .col_expr(message::Column::State, Expr::value(tried.state))
        .col_expr(message::Column::DueAt, Expr::value(tried.due_at))
        .col_expr(message::Column::SentAt, Expr::value(tried.sent_at))
        .col_expr(message::Column::Failure, Expr::value(tried.failure))
        .col_expr(
            message::Column::ClaimedUntil,
            Expr::value(None::<DateTime<Utc>>),
        );
    if !tried.keeps_content {
        update = update.col_expr(message::Column::Sealed, Expr::value(None::<Vec<u8>>));
    }
    let settled = update
        .filter(this(held))
        .filter(message::Column::Attempts.eq(held.attempts))
        .filter(message::Column::State.eq(State::Waiting))
        .exec(db)
        .await?;
    Ok(settled.rows_affected == 1)
}

fn this(row: &message::Model) -> Condition {
    Condition::all()
        .add(message::Column::CityId.eq(row.city_id))
        .add(message::Column::Id.eq(row.id))
}

/// A part of the letters in these inboxes, newest first. Without an owner it is the inbox that the
/// officers share.
pub async fn list_inbox(
    db: &impl ConnectionTrait,
    city: CityId,
    owners: &[Uuid],
    span: Span<Uuid>,
) -> Result<Vec<message::Model>> {
    let order = (message::Column::Id, Order::Desc);
    span::list(db, inbox(city, owners), order, span).await
}

/// The letters in these inboxes behind an identifier, oldest first, at most `limit`.
pub async fn list_newer(
    db: &impl ConnectionTrait,
    city: CityId,
    owners: &[Uuid],
    after: Uuid,
    limit: u64,
) -> Result<Vec<message::Model>> {
    let mut letters = inbox(city, owners).filter(message::Column::Id.gt(after));
    QuerySelect::query(&mut letters).clear_order_by();
    let letters = letters.order_by_asc(message::Column::Id);
    Ok(letters.limit(limit).all(db).await?)
}

/// The letters in all inboxes behind an identifier: each with whose inbox it is in, none for the one
/// that the officers share.
pub async fn list_arrivals(
    db: &impl ConnectionTrait,
    city: CityId,
    after: Uuid,
) -> Result<Vec<(Uuid, Option<Uuid>)>> {
    Ok(message::Entity::find()
        .filter(message::Column::CityId.eq(city))
        .filter(message::Column::Channel.eq(message::Channel::Inbox))
        .filter(message::Column::Id.gt(after))
        .select_only()
        .column(message::Column::Id)
        .column(message::Column::RecipientId)
        .into_tuple()
        .all(db)
        .await?)
}

/// How many letters in these inboxes are unread.
pub async fn count_unread(db: &impl ConnectionTrait, city: CityId, owners: &[Uuid]) -> Result<u64> {
    let unread = inbox(city, owners).filter(message::Column::ReadAt.is_null());
    Ok(unread.count(db).await?)
}

fn inbox(city: CityId, owners: &[Uuid]) -> Select<message::Entity> {
    if owners.is_empty() {
        message::Entity::officers_inbox(city)
    } else {
        message::Entity::inbox_of(city, owners)
    }
}

/// A part of the letters that leave the application and stand at a place, newest first.
pub async fn list_outgoing(
    db: &impl ConnectionTrait,
    city: CityId,
    state: State,
    span: Span<Uuid>,
) -> Result<Vec<message::Model>> {
    let (letters, order) = (
        message::Entity::outgoing(city, state),
        (message::Column::Id, Order::Desc),
    );
    span::list(db, letters, order, span).await
}

/// Marks a letter as read; the first time stands.
pub async fn mark_read(
    txn: &impl ConnectionTrait,
    row: &message::Model,
    at: DateTime<Utc>,
) -> Result<()> {
    message::Entity::update_many()
        .col_expr(message::Column::ReadAt, Expr::value(Some(at)))
        .filter(this(row))
        .filter(message::Column::ReadAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

/// Lets a dead letter wait again, if it is still dead. Says whether it was.
pub async fn revive(
    txn: &impl ConnectionTrait,
    row: &message::Model,
    due_at: DateTime<Utc>,
) -> Result<bool> {
    let revived = message::Entity::update_many()
        .col_expr(message::Column::State, Expr::value(State::Waiting))
        .col_expr(message::Column::Attempts, Expr::value(0))
        .col_expr(message::Column::DueAt, Expr::value(due_at))
        .filter(this(row))
        .filter(message::Column::State.eq(State::Dead))
        .filter(message::Column::Sealed.is_not_null())
        .exec(txn)
        .await?;
    Ok(revived.rows_affected == 1)
}

/// Letters that are kept equally long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Those that left the application and were handed over.
    HandedOver,
    /// Those that were given up.
    Dead,
    /// Those in inboxes.
    Inbox,
}

/// Removes the oldest letters of a kind that were written before an id's moment, at most `limit`;
/// gives how many. One that waits is never among them.
pub async fn delete_before(
    txn: &impl ConnectionTrait,
    city: CityId,
    kept: Kept,
    before: Uuid,
    limit: u64,
) -> Result<u64> {
    // Spelled as the partial indexes are, so that each kind is found without the others.
    let which = match kept {
        Kept::HandedOver => "state = 'sent' AND channel <> 'inbox'",
        Kept::Dead => "state = 'dead'",
        Kept::Inbox => "channel = 'inbox'",
    };
    let sql = format!(
        "DELETE FROM message WHERE city_id = $1 AND id IN (
            SELECT id FROM message WHERE city_id = $1 AND id < $2 AND {which}
            ORDER BY id LIMIT $3)"
    );
    let limit = i64::try_from(limit).map_err(Error::internal)?;
    let values = [city.into(), before.into(), limit.into()];
    let statement = Statement::from_sql_and_values(txn.get_database_backend(), sql, values);
    Ok(txn.execute_raw(statement).await?.rows_affected())
}

/// How many messages stand at a place.
pub async fn count(db: &impl ConnectionTrait, city: CityId, state: State) -> Result<u64> {
    Ok(message::Entity::find()
        .filter(message::Column::CityId.eq(city))
        .filter(message::Column::State.eq(state))
        .count(db)
        .await?)
}
