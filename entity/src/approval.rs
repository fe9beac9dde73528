//! Approvals: what one officer proposes and another one approves.

use sea_orm::entity::prelude::*;

/// Something that an officer has proposed, and what became of it. It is carried out only after
/// another officer, in another session, has approved of exactly this content.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "approval")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The approval.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What is to be done.
    pub action: Action,
    /// To which period, draw, rules or change of keys; a public number, id or key.
    pub subject: String,
    /// All of what is to be done, as JSON in one spelling. Neither personal data nor secrets.
    pub content: String,
    /// SHA-256 of the content.
    pub digest: Vec<u8>,
    /// The name of the officer who proposed it.
    pub proposed_by: String,
    /// Hash of the token of the session in which it was proposed; it lets nobody in.
    pub proposed_session: Vec<u8>,
    /// Hash of the token of that session's device, where it has one.
    pub proposed_device: Option<Vec<u8>>,
    /// When it was proposed.
    pub proposed_at: DateTimeUtc,
    /// Until when it can be approved.
    pub expires_at: DateTimeUtc,
    /// Where it stands.
    pub state: State,
    /// The name of the officer who decided; none while it waits, and where it has expired.
    pub decided_by: Option<String>,
    /// Hash of the token of the session in which it was decided.
    pub decided_session: Option<Vec<u8>>,
    /// When it was decided, or was found to have expired.
    pub decided_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// What no officer can do alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Action {
    /// Freeze the pools of a period.
    FreezePeriod,
    /// Freeze the pool of those who may be drawn as representatives.
    FreezeRepresentatives,
    /// Announce a draw.
    AnnounceDraw,
    /// Void a draw.
    VoidDraw,
    /// Confirm the city's rules.
    ConfirmPolicy,
    /// Lift a ban.
    LiftBan,
    /// Amend the result of a draw.
    AmendResult,
    /// Have another key sign records.
    ChangeRecordKey,
    /// Have another log key sign checkpoints, or other witnesses vouch for them.
    ChangeTrust,
    /// Adopt another text of the city's rules.
    ChangePolicy,
}

/// Where an approval stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum State {
    /// Another officer is to look at it.
    Waiting,
    /// Approved and done, in one moment.
    CarriedOut,
    /// Another officer has said no.
    Refused,
    /// Whoever proposed it has taken it back.
    Withdrawn,
    /// Nobody has decided in time.
    Expired,
}

impl Entity {
    /// A city's approvals, newest first.
    #[must_use]
    pub fn of_city(city: crate::CityId) -> Select<Self> {
        use sea_orm::QueryOrder as _;
        Self::find()
            .filter(Column::CityId.eq(city))
            .order_by_desc(Column::Id)
    }
}
