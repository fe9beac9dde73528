//! Those who were drawn to attend a period's draw.

use ::entity::{ApplicantId, CityId, representative};
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, UpdateMany, sea_query::Expr,
};

use super::connection::insert_pieces;
use crate::error::{Error, Result};

/// Writes those whom a draw has picked, in the order of its result.
pub async fn insert(txn: &impl ConnectionTrait, rows: Vec<representative::Model>) -> Result<()> {
    insert_pieces(txn, rows).await
}

/// Everybody who was drawn for a period, in the order of the result.
pub async fn list_of_period(
    db: &impl ConnectionTrait,
    city: CityId,
    period: &str,
) -> Result<Vec<representative::Model>> {
    Ok(representative::Entity::of_period(city, period)
        .all(db)
        .await?)
}

/// What a person was drawn for, latest draw first.
pub async fn list_of_applicant(
    db: &impl ConnectionTrait,
    city: CityId,
    applicant: ApplicantId,
) -> Result<Vec<representative::Model>> {
    Ok(representative::Entity::find()
        .filter(representative::Column::CityId.eq(city))
        .filter(representative::Column::ApplicantId.eq(applicant))
        .order_by_desc(representative::Column::DrawId)
        .order_by_asc(representative::Column::PlaceRank)
        .limit(100)
        .all(db)
        .await?)
}

/// One place in the result of a draw of representatives.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    draw: &str,
    rank: i64,
) -> Result<Option<representative::Model>> {
    let key = (city, draw.to_owned(), rank);
    Ok(representative::Entity::find_by_id(key).one(db).await?)
}

/// The periods in which an invitation ran out before a moment, and nobody has written it down yet.
pub async fn list_overdue_periods(
    db: &impl ConnectionTrait,
    city: CityId,
    now: DateTime<Utc>,
) -> Result<Vec<String>> {
    Ok(representative::Entity::find()
        .filter(representative::Column::CityId.eq(city))
        .filter(representative::Column::State.eq(representative::State::Invited))
        .filter(representative::Column::AnswerBy.lt(now))
        .select_only()
        .column(representative::Column::PeriodNumber)
        .distinct()
        .order_by_asc(representative::Column::PeriodNumber)
        .into_tuple()
        .all(db)
        .await?)
}

/// Those who have handed in a commitment for a draw, in the order of their places. Where they stand
/// by now does not matter: what was handed in is announced.
pub async fn list_sealed(
    db: &impl ConnectionTrait,
    city: CityId,
    draw: &str,
) -> Result<Vec<representative::Model>> {
    Ok(representative::Entity::find()
        .filter(representative::Column::CityId.eq(city))
        .filter(representative::Column::SealedFor.eq(draw))
        .order_by_asc(representative::Column::PlaceRank)
        .all(db)
        .await?)
}

/// What changes with a state.
#[derive(Default)]
pub struct Times {
    /// When they were invited, and until when they may answer.
    pub invited: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// When they answered.
    pub answered_at: Option<DateTime<Utc>>,
}

/// Moves somebody to a state, if they still stand where the caller saw them.
pub async fn advance(
    txn: &impl ConnectionTrait,
    row: &representative::Model,
    to: representative::State,
    times: Times,
) -> Result<representative::Model> {
    let mut update = representative::Entity::update_many()
        .col_expr(representative::Column::State, Expr::value(to));
    if let Some((at, answer_by)) = times.invited {
        update = update
            .col_expr(representative::Column::InvitedAt, Expr::value(at))
            .col_expr(representative::Column::AnswerBy, Expr::value(answer_by));
    }
    if let Some(at) = times.answered_at {
        update = update.col_expr(representative::Column::AnsweredAt, Expr::value(at));
    }
    run(txn, row, update).await
}

/// Keeps a commitment for a draw, in place of an earlier one.
pub async fn seal(
    txn: &impl ConnectionTrait,
    row: &representative::Model,
    draw: &str,
    commitment: &[u8; 32],
) -> Result<representative::Model> {
    let update = representative::Entity::update_many()
        .col_expr(representative::Column::SealedFor, Expr::value(draw))
        .col_expr(
            representative::Column::Commitment,
            Expr::value(commitment.to_vec()),
        );
    run(txn, row, update).await
}

async fn run(
    txn: &impl ConnectionTrait,
    row: &representative::Model,
    update: UpdateMany<representative::Entity>,
) -> Result<representative::Model> {
    let changed = update
        .filter(representative::Column::CityId.eq(row.city_id))
        .filter(representative::Column::DrawId.eq(row.draw_id.as_str()))
        .filter(representative::Column::PlaceRank.eq(row.place_rank))
        .filter(representative::Column::State.eq(row.state))
        .exec(txn)
        .await?;
    let found = find(txn, row.city_id, &row.draw_id, row.place_rank).await?;
    match (changed.rows_affected, found) {
        (1, Some(found)) => Ok(found),
        _ => Err(Error::Conflict {
            what: format!("invitation {}/{}", row.draw_id, row.place_rank),
        }),
    }
}
