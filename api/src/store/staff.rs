//! Staff accounts: found by their name, whatever its case.

use ::entity::{CityId, StaffId, staff};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, sea_query::Expr,
};

use super::connection::is_violation;
use crate::error::Result;

/// One account.
pub async fn find(
    db: &impl ConnectionTrait,
    city: CityId,
    id: StaffId,
) -> Result<Option<staff::Model>> {
    Ok(staff::Entity::find_by_id((city, id)).one(db).await?)
}

/// The account of this name without its case.
pub async fn find_by_name(
    db: &impl ConnectionTrait,
    city: CityId,
    name_key: &str,
) -> Result<Option<staff::Model>> {
    Ok(staff::Entity::find()
        .filter(staff::Column::CityId.eq(city))
        .filter(staff::Column::NameKey.eq(name_key))
        .one(db)
        .await?)
}

/// All accounts, by name.
pub async fn list(db: &impl ConnectionTrait, city: CityId) -> Result<Vec<staff::Model>> {
    Ok(staff::Entity::find()
        .filter(staff::Column::CityId.eq(city))
        .order_by_asc(staff::Column::NameKey)
        .all(db)
        .await?)
}

/// Writes a new account; `false` where somebody has the name.
pub async fn insert(txn: &impl ConnectionTrait, row: staff::Model) -> Result<bool> {
    match row.into_active_model().insert(txn).await {
        Ok(_) => Ok(true),
        Err(cause) if is_violation(&cause, "staff_name_once", "staff.city_id, staff.name_key") => {
            Ok(false)
        }
        Err(cause) => Err(cause.into()),
    }
}

/// Writes a changed account over the one that the caller saw; `false` where it has changed since.
pub async fn update(txn: &impl ConnectionTrait, row: &staff::Model) -> Result<bool> {
    use staff::Column;

    let updated = staff::Entity::update_many()
        .col_expr(Column::IsReviewer, Expr::value(row.is_reviewer))
        .col_expr(Column::IsOfficer, Expr::value(row.is_officer))
        .col_expr(Column::IsApprover, Expr::value(row.is_approver))
        .col_expr(Column::IsAuditor, Expr::value(row.is_auditor))
        .col_expr(Column::Sealed, Expr::value(row.sealed.clone()))
        .col_expr(Column::TotpStep, Expr::value(row.totp_step))
        .col_expr(
            Column::InvitationHash,
            Expr::value(row.invitation_hash.clone()),
        )
        .col_expr(Column::InvitationUntil, Expr::value(row.invitation_until))
        .col_expr(Column::BlockedAt, Expr::value(row.blocked_at))
        .col_expr(Column::Epoch, Expr::value(row.epoch + 1))
        .filter(Column::CityId.eq(row.city_id))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Epoch.eq(row.epoch))
        .exec(txn)
        .await?;
    Ok(updated.rows_affected == 1)
}
