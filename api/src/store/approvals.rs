//! What one officer proposes and another one approves.

use ::entity::{CityId, approval};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, Order, QueryFilter as _, QueryOrder as _,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

use super::{connection::is_violation, span};
use crate::{
    domain::span::Span,
    error::{Error, Result},
};

/// One approval.
pub async fn get(db: &impl ConnectionTrait, city: CityId, id: Uuid) -> Result<approval::Model> {
    find(db, city, id)
        .await?
        .ok_or_else(|| Error::not_found("approval", id))
}

/// One approval, if there is one.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    id: Uuid,
) -> Result<Option<approval::Model>> {
    Ok(approval::Entity::find_by_id((city, id)).one(db).await?)
}

/// A part of the approvals, those that stand in a state at a moment or all, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    city: CityId,
    state: Option<(approval::State, DateTime<Utc>)>,
    span: Span<Uuid>,
) -> Result<Vec<approval::Model>> {
    let mut select = approval::Entity::of_city(city);
    if let Some((state, now)) = state {
        let is_written = approval::Column::State.eq(state);
        let is_over = approval::Column::ExpiresAt.lte(now);
        let still_waits = approval::Column::State.eq(approval::State::Waiting);
        select = select.filter(match state {
            approval::State::Waiting => is_written.and(is_over.not()),
            approval::State::Expired => is_written.or(still_waits.and(is_over)),
            _ => is_written,
        });
    }
    span::list(db, select, (approval::Column::Id, Order::Desc), span).await
}

/// The proposal of an action that waits for somebody, if there is one; whether its time is over or
/// not.
pub async fn find_waiting(
    db: &impl ConnectionTrait,
    city: CityId,
    action: approval::Action,
    subject: &str,
) -> Result<Option<approval::Model>> {
    Ok(approval::Entity::find()
        .filter(approval::Column::CityId.eq(city))
        .filter(approval::Column::Action.eq(action))
        .filter(approval::Column::Subject.eq(subject))
        .filter(approval::Column::State.eq(approval::State::Waiting))
        .one(db)
        .await?)
}

/// What was carried out of an action on a subject, in the order in which it was proposed.
pub async fn list_carried_out(
    db: &impl ConnectionTrait,
    city: CityId,
    action: approval::Action,
    subject: &str,
) -> Result<Vec<approval::Model>> {
    Ok(approval::Entity::find()
        .filter(approval::Column::CityId.eq(city))
        .filter(approval::Column::Action.eq(action))
        .filter(approval::Column::Subject.eq(subject))
        .filter(approval::Column::State.eq(approval::State::CarriedOut))
        .order_by_asc(approval::Column::Id)
        .all(db)
        .await?)
}

/// Writes a proposal.
pub async fn insert(txn: &impl ConnectionTrait, row: approval::Model) -> Result<()> {
    row.into_active_model().insert(txn).await.map_err(|cause| {
        let columns = "approval.city_id, approval.action, approval.subject";
        if is_violation(&cause, "approval_waiting_once", columns) {
            Error::Conflict {
                what: "what waits for a second officer".to_owned(),
            }
        } else {
            cause.into()
        }
    })?;
    Ok(())
}

/// What became of a proposal.
pub struct Decision<'a> {
    /// Where it stands now.
    pub state: approval::State,
    /// Who decided, and the hash of their session's token; none where its time was over.
    pub by: Option<(&'a str, [u8; 32])>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Notes what became of a proposal that still waits.
///
/// # Errors
///
/// [`Error::Conflict`] where somebody has decided on it meanwhile.
pub async fn decide(
    txn: &impl ConnectionTrait,
    row: &approval::Model,
    decision: Decision<'_>,
) -> Result<approval::Model> {
    let (name, session) = decision.by.unzip();
    let decided = approval::Entity::update_many()
        .col_expr(approval::Column::State, Expr::value(decision.state))
        .col_expr(
            approval::Column::DecidedBy,
            Expr::value(name.map(str::to_owned)),
        )
        .col_expr(
            approval::Column::DecidedSession,
            Expr::value(session.map(|hash| hash.to_vec())),
        )
        .col_expr(approval::Column::DecidedAt, Expr::value(decision.at))
        .filter(approval::Column::CityId.eq(row.city_id))
        .filter(approval::Column::Id.eq(row.id))
        .filter(approval::Column::State.eq(approval::State::Waiting))
        .exec(txn)
        .await?;
    if decided.rows_affected != 1 {
        return Err(Error::Conflict {
            what: format!("approval {}", row.id),
        });
    }
    get(txn, row.city_id, row.id).await
}
