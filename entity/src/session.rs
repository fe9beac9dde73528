//! Sessions.

use sea_orm::entity::prelude::*;

/// One signed-in actor. The token itself is nowhere stored.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// SHA-256 of the opaque token.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: Vec<u8>,
    /// What the session may do.
    pub role: Role,
    /// The name of somebody of the city, the account's id, or the applicant's id at the counter.
    pub subject: String,
    /// When it was opened.
    pub created_at: DateTimeUtc,
    /// When it ends.
    pub expires_at: DateTimeUtc,
    /// SHA-256 of the token of the device; none where nobody signed in for it.
    pub device_hash: Option<Vec<u8>>,
    /// When it was last used, to the hour or, where it ends when it is idle, to the minute; none
    /// until then.
    pub last_seen_at: Option<DateTimeUtc>,
    /// The staff account that it is of; none for others, and where the operator printed its token.
    pub staff_id: Option<crate::StaffId>,
    /// What somebody of the city signed in with; none for others.
    pub opened_by: Option<OpenedBy>,
    /// After how many seconds without use it ends; none where only its time ends it.
    pub idle_secs: Option<i32>,
}

impl Model {
    /// Whether it goes on at a moment: its time has not passed, and somebody used it not long ago.
    #[must_use]
    pub fn is_live_at(&self, now: DateTimeUtc) -> bool {
        let used_at = self.last_seen_at.unwrap_or(self.created_at);
        let is_idle = self
            .idle_secs
            .is_some_and(|secs| i64::from(secs) <= (now - used_at).num_seconds());
        now < self.expires_at && !is_idle
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// What a session may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Role {
    /// Act for one applicant, let in at the counter.
    Applicant,
    /// Act for one account, and for its applicant once there is one.
    Account,
    /// Decide on applications.
    Reviewer,
    /// Run the lottery.
    Officer,
    /// Decide on what an officer has proposed.
    Approver,
    /// Read the audit trail.
    Auditor,
}

impl Role {
    /// Those of the people of the city.
    pub const STAFF: [Self; 4] = [Self::Reviewer, Self::Officer, Self::Approver, Self::Auditor];
}

/// What somebody of the city signed in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum OpenedBy {
    /// Password and authenticator code.
    Password,
    /// A passkey.
    Passkey,
}
