//! Sessions: opaque tokens, kept as hashes.

use ::entity::{CityId, session};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, sea_query::Expr,
};

use crate::error::Result;

/// The session of a token that has not ended.
pub async fn find_live(
    db: &impl ConnectionTrait,
    city: CityId,
    token_hash: [u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<session::Model>> {
    let found = session::Entity::find_by_id((city, token_hash.to_vec()))
        .one(db)
        .await?;
    Ok(found.filter(|row| row.is_live_at(now)))
}

/// The sessions of somebody that have not ended, the newest first.
pub async fn list_live(
    db: &impl ConnectionTrait,
    city: CityId,
    role: session::Role,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<Vec<session::Model>> {
    let mut rows = session::Entity::find()
        .filter(of_subject(city, role, subject))
        .filter(session::Column::ExpiresAt.gt(now))
        .order_by_desc(session::Column::CreatedAt)
        .order_by_asc(session::Column::TokenHash)
        .all(db)
        .await?;
    rows.retain(|row| row.is_live_at(now));
    Ok(rows)
}

/// Writes a new session.
pub async fn insert(txn: &impl ConnectionTrait, row: session::Model) -> Result<()> {
    row.into_active_model().insert(txn).await?;
    Ok(())
}

/// Notes when a session was last used.
pub async fn see(
    db: &impl ConnectionTrait,
    city: CityId,
    token_hash: &[u8],
    at: DateTime<Utc>,
) -> Result<()> {
    session::Entity::update_many()
        .col_expr(session::Column::LastSeenAt, Expr::value(at))
        .filter(session::Column::CityId.eq(city))
        .filter(session::Column::TokenHash.eq(token_hash.to_vec()))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends one session; gives how many there were.
pub async fn delete(txn: &impl ConnectionTrait, city: CityId, token_hash: &[u8]) -> Result<u64> {
    let deleted = session::Entity::delete_many()
        .filter(session::Column::CityId.eq(city))
        .filter(session::Column::TokenHash.eq(token_hash.to_vec()))
        .exec(txn)
        .await?;
    Ok(deleted.rows_affected)
}

/// Ends the sessions of somebody, all but one where one is named; gives how many.
pub async fn delete_of_subject(
    txn: &impl ConnectionTrait,
    city: CityId,
    role: session::Role,
    subject: &str,
    except: Option<[u8; 32]>,
) -> Result<u64> {
    let mut ending = of_subject(city, role, subject);
    if let Some(kept) = except {
        ending = ending.add(session::Column::TokenHash.ne(kept.to_vec()));
    }
    let deleted = session::Entity::delete_many()
        .filter(ending)
        .exec(txn)
        .await?;
    Ok(deleted.rows_affected)
}

/// Ends the sessions of somebody of the city, whatever they act as, all but one where one is named;
/// gives how many.
pub async fn delete_of_staff(
    txn: &impl ConnectionTrait,
    city: CityId,
    name: &str,
    except: Option<[u8; 32]>,
) -> Result<u64> {
    let mut ended = 0;
    for role in session::Role::STAFF {
        ended += delete_of_subject(txn, city, role, name, except).await?;
    }
    Ok(ended)
}

/// Removes the sessions that ended before a moment; gives how many.
pub async fn delete_before(
    txn: &impl ConnectionTrait,
    city: CityId,
    moment: DateTime<Utc>,
) -> Result<u64> {
    let deleted = session::Entity::delete_many()
        .filter(session::Column::CityId.eq(city))
        .filter(session::Column::ExpiresAt.lt(moment))
        .exec(txn)
        .await?;
    Ok(deleted.rows_affected)
}

fn of_subject(city: CityId, role: session::Role, subject: &str) -> Condition {
    Condition::all()
        .add(session::Column::CityId.eq(city))
        .add(session::Column::Role.eq(role))
        .add(session::Column::Subject.eq(subject))
}
