//! Messages: the outbox.

use sea_orm::entity::prelude::*;

/// One letter to one recipient over one channel. A notice that goes to the inbox and to a phone is
/// two letters.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    /// The city.
    #[sea_orm(primary_key, auto_increment = false)]
    pub city_id: crate::CityId,
    /// The message; receivers know a repetition by it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose inbox it belongs to: an applicant or an account. Null for an address that is nobody's
    /// yet, for the officers together, and for what concerns no person.
    pub recipient_id: Option<Uuid>,
    /// How it goes out.
    pub channel: Channel,
    /// What it is for, for example `certificate_expiring`.
    pub purpose: String,
    /// The public code or number that it is about; empty where there is none.
    pub subject: String,
    /// BCP 47 tag of the language in which it goes out.
    pub locale: String,
    /// Address and values, encrypted; null once they are no longer needed.
    pub sealed: Option<Vec<u8>>,
    /// What tells this occasion from every other. One message a key and channel.
    pub dedupe_key: String,
    /// Where it stands.
    pub state: State,
    /// How many times it was tried.
    pub attempts: i32,
    /// Why the last try failed, without the address.
    pub failure: Option<String>,
    /// When it was written.
    pub created_at: DateTimeUtc,
    /// When it is tried next.
    pub due_at: DateTimeUtc,
    /// From when it would come too late.
    pub expires_at: Option<DateTimeUtc>,
    /// Until when somebody is trying it.
    pub claimed_until: Option<DateTimeUtc>,
    /// When it was handed over.
    pub sent_at: Option<DateTimeUtc>,
    /// When its recipient read it; inbox only.
    pub read_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// How a message goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Channel {
    /// Read in the application; nothing is sent.
    Inbox,
    /// A short message to a phone.
    Sms,
    /// A mail.
    Email,
    /// An event for the city's own systems, without personal data.
    Webhook,
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum State {
    /// To be handed over when it is due.
    Waiting,
    /// Handed over; in an inbox from the beginning.
    Sent,
    /// Given up, for an officer to look at.
    Dead,
}

impl Entity {
    /// The letters in the inboxes of these recipients, newest first.
    #[must_use]
    pub fn inbox_of(city: crate::CityId, owners: &[Uuid]) -> Select<Self> {
        Self::inboxes(city).filter(Column::RecipientId.is_in(owners.iter().copied()))
    }

    /// The letters in the inbox that the officers share, newest first.
    #[must_use]
    pub fn officers_inbox(city: crate::CityId) -> Select<Self> {
        Self::inboxes(city).filter(Column::RecipientId.is_null())
    }

    fn inboxes(city: crate::CityId) -> Select<Self> {
        use sea_orm::QueryOrder as _;
        Self::find()
            .filter(Column::CityId.eq(city))
            .filter(Column::Channel.eq(Channel::Inbox))
            .order_by_desc(Column::Id)
    }

    /// The letters that leave the application and stand at this place, newest first.
    #[must_use]
    pub fn outgoing(city: crate::CityId, state: State) -> Select<Self> {
        use sea_orm::QueryOrder as _;
        Self::find()
            .filter(Column::CityId.eq(city))
            .filter(Column::State.eq(state))
            .filter(Column::Channel.ne(Channel::Inbox))
            .order_by_desc(Column::Id)
    }
}
