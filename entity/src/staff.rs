//! Staff: people of the city with accounts of their own.

#![expect(
    clippy::struct_excessive_bools,
    reason = "a column for each thing that somebody may act as"
)]

use sea_orm::entity::prelude::*;

use crate::session::Role;

/// Somebody of the city, what they may do, and how they sign in.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: crate::StaffId,
    /// The name, as it stands in the audit trail.
    pub name: String,
    /// The name without its case, by which it is found.
    pub name_key: String,
    /// Whether they may act as a reviewer.
    pub is_reviewer: bool,
    /// Whether they may act as an officer.
    pub is_officer: bool,
    /// Whether they may act as an approver.
    pub is_approver: bool,
    /// Whether they may act as an auditor.
    pub is_auditor: bool,
    /// Password hash and secret of the authenticator codes, encrypted.
    pub sealed: Vec<u8>,
    /// Time step of the last authenticator code that was taken; none is taken that is not later.
    pub totp_step: Option<i64>,
    /// SHA-256 of the invitation that is open; none where there is none.
    pub invitation_hash: Option<Vec<u8>>,
    /// Until when it can be used.
    pub invitation_until: Option<DateTimeUtc>,
    /// Counts up with every change: two changes at once do not overwrite each other.
    pub epoch: i32,
    /// When it was added.
    pub created_at: DateTimeUtc,
    /// Since when nobody can sign in to it; none while somebody can.
    pub blocked_at: Option<DateTimeUtc>,
}

impl Model {
    /// What they may act as, in the order of [`Role::STAFF`].
    #[must_use]
    pub fn roles(&self) -> Vec<Role> {
        let roles = Role::STAFF.into_iter();
        roles.filter(|role| self.has(*role)).collect()
    }

    /// Whether they may act as this.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        match role {
            Role::Reviewer => self.is_reviewer,
            Role::Officer => self.is_officer,
            Role::Approver => self.is_approver,
            Role::Auditor => self.is_auditor,
            Role::Applicant | Role::Account => false,
        }
    }
}

impl ActiveModelBehavior for ActiveModel {}
