//! One's own inbox, live.

use std::sync::Arc;

use async_graphql::{Context, Enum, Interface, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt as _};

use super::{
    context::ContextExt as _,
    error::{ApiError, Result},
    message::{self, Message},
    page,
    scalars::Long,
};
use crate::{
    domain::message::Purpose,
    error::Error,
    service::{
        live::{InboxEvent, InboxPosition, Live},
        sessions::Ticket,
    },
};

/// Something about the inbox of whoever is signed in.
#[derive(Interface)]
#[expect(
    clippy::large_enum_variant,
    reason = "one at a time: made, written and dropped"
)]
#[graphql(field(
    name = "cursor",
    desc = "Its place in the inbox; what to give as `after` to go on from here.",
    ty = "&String"
))]
enum MyEvent {
    Opened(InboxOpened),
    Arrived(MessageArrived),
}

/// The inbox is followed from here on; always the first event.
#[derive(SimpleObject)]
struct InboxOpened {
    /// Its place in the inbox; what to give as `after` to go on from here.
    cursor: String,
    /// How many messages are unread now.
    unread_count: Long,
}

/// A message has arrived. Every change that concerns somebody is told by a message, at the moment at
/// which it may be known.
#[derive(SimpleObject)]
struct MessageArrived {
    /// Its place in the inbox; what to give as `after` to go on from here.
    cursor: String,
    /// What has changed, and so what to ask for again.
    about: EventSubject,
    /// The message.
    message: Message,
}

/// What a message tells a change of.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum EventSubject {
    /// An application: it came in, was reviewed, is to be renewed, was renewed or has ended.
    Application,
    /// An application has joined the tier.
    Tier,
    /// The result of a draw is public, or was amended.
    Result,
    /// A certificate: issued, soon over, or forfeited.
    Certificate,
    /// A ban has ended.
    Ban,
    /// The days of a period.
    Period,
    /// An invitation to attend a draw as a representative.
    Invitation,
    /// The account, its phone, its password or its sessions.
    Account,
    /// Something waits for an officer.
    Task,
}

impl EventSubject {
    fn of(purpose: &Purpose) -> Self {
        match purpose {
            Purpose::ApplicationReceived { .. }
            | Purpose::ApplicationCancelled { .. }
            | Purpose::RenewalDue { .. }
            | Purpose::ApplicationRenewed { .. }
            | Purpose::ApplicationLapsed { .. }
            | Purpose::ReviewPublished { .. }
            | Purpose::SecondLookDecided { .. } => Self::Application,
            Purpose::TierJoined { .. } => Self::Tier,
            Purpose::ResultPublished { .. }
            | Purpose::PlaceLost { .. }
            | Purpose::PlaceGained { .. } => Self::Result,
            Purpose::CertificateIssued { .. }
            | Purpose::CertificateExpiring { .. }
            | Purpose::CertificateForfeited { .. } => Self::Certificate,
            Purpose::BanLifted => Self::Ban,
            Purpose::PeriodMoved { .. } => Self::Period,
            Purpose::RepresentativeInvited { .. } | Purpose::ReserveCalled { .. } => {
                Self::Invitation
            }
            Purpose::OneTimeCode { .. }
            | Purpose::CodeRecovered { .. }
            | Purpose::SignInFromNewDevice { .. }
            | Purpose::PhoneChanged { .. }
            | Purpose::PasswordChanged { .. } => Self::Account,
            Purpose::TaskDue { .. } => Self::Task,
        }
    }
}

impl MyEvent {
    fn of(event: InboxEvent) -> async_graphql::Result<Self> {
        let InboxPosition(id) = event.position();
        let cursor = page::cursor(message::CURSOR, &id.to_string());
        Ok(match event {
            InboxEvent::Opened { unread, .. } => Self::Opened(InboxOpened {
                cursor,
                unread_count: Long::try_from(unread)
                    .map_err(|cause| ApiError::from(Error::internal(cause)))?,
            }),
            InboxEvent::Arrived(letter) => Self::Arrived(MessageArrived {
                cursor,
                about: EventSubject::of(letter.purpose()),
                message: Message(*letter),
            }),
        })
    }
}

#[derive(Default)]
pub(super) struct InboxSubscription;

#[Subscription]
impl InboxSubscription {
    /// What happens to whoever is signed in, live: each message of the own inbox as it arrives.
    /// Applicants and accounts, and officers, who share one inbox. After a reconnect with `after`
    /// messages of the two minutes before may come again; nothing is left out.
    async fn my_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Cursor of the last event that was seen, or of a message of the inbox; what came behind it is told first."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = async_graphql::Result<MyEvent>> + use<>> {
        let after = after
            .map(|cursor| position(&cursor))
            .transpose()?
            .map(InboxPosition);
        let live: &Arc<Live> = ctx.data_unchecked();
        let ticket = ctx.data_opt::<Ticket>().cloned();
        let events = live.follow_inbox(ctx.actor(), ticket, after).await?;
        Ok(events.map(|event| {
            let event = event.map_err(|error| ApiError::from(error).into());
            event.and_then(MyEvent::of)
        }))
    }
}

/// The message in a cursor of an inbox.
fn position(cursor: &str) -> crate::Result<uuid::Uuid> {
    let key = page::key("after", message::CURSOR, cursor)?;
    key.parse()
        .map_err(|_| Error::invalid("after", "expected a cursor of this inbox"))
}
