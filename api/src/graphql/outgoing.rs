//! What officers see of messages on their way.

use ::entity::message::{Channel as Way, State};
use async_graphql::{
    ComplexObject, Context, Description, Enum, ID, InputObject, Object, SimpleObject, Union,
};

use super::{
    context::ContextExt as _,
    error::Result,
    global_id::Noun,
    once::{self, Once},
    outcome::{Echo, outcome, refusal},
    page,
    scalars::{DateTime, Long},
};
use crate::{
    domain::actor::Officer,
    error::Error,
    service::messages::{self, Outgoing, Resent},
};

/// A message on its way out, as an officer sees it: never what it says, and the address masked.
#[derive(Clone, Description)]
pub(super) struct OutgoingMessage(pub(super) Outgoing);

#[Object(use_type_description)]
impl OutgoingMessage {
    /// The message.
    pub(super) async fn id(&self) -> ID {
        Noun::OutgoingMessage.id(self.0.row.id)
    }

    /// How it goes out.
    async fn channel(&self) -> Channel {
        match self.0.row.channel {
            Way::Email => Channel::Email,
            Way::Webhook => Channel::Webhook,
            Way::Sms | Way::Inbox => Channel::Sms,
        }
    }

    /// What it is for, for example `one_time_code`; of an event its topic.
    async fn purpose(&self) -> &str {
        &self.0.row.purpose
    }

    /// The application code, certificate number, period or draw that it is about; null where there is
    /// none.
    async fn subject(&self) -> Option<&str> {
        Some(self.0.row.subject.as_str()).filter(|subject| !subject.is_empty())
    }

    /// The phone number or e-mail address, masked; null where it is no longer kept.
    async fn masked_address(&self) -> Option<&str> {
        self.0.masked_address.as_deref()
    }

    /// Where it stands.
    async fn state(&self) -> MessageState {
        self.0.row.state.into()
    }

    /// How many times it was tried.
    async fn attempts(&self) -> i32 {
        self.0.row.attempts
    }

    /// Why the last try failed; null where none has.
    async fn failure(&self) -> Option<&str> {
        self.0.row.failure.as_deref()
    }

    /// When it was written.
    async fn written_at(&self) -> DateTime {
        DateTime(self.0.row.created_at)
    }

    /// When it is tried next, or was tried last.
    async fn due_at(&self) -> DateTime {
        DateTime(self.0.row.due_at)
    }
}

/// How a message goes out.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum Channel {
    /// A short message to a phone.
    Sms,
    /// A mail.
    Email,
    /// An event for the city's own systems.
    Webhook,
}

/// Where a message on its way stands.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "State")]
enum MessageState {
    /// To be handed over when it is due.
    Waiting,
    /// Handed over.
    Sent,
    /// Given up, for an officer to look at.
    Dead,
}

page::connection! {
    /// A page of messages on their way, newest first.
    OutgoingMessageConnection, OutgoingMessageEdge, OutgoingMessage,
    place: (Officer, State)
}

#[ComplexObject]
impl OutgoingMessageConnection {
    /// How many messages stand at this place in all.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<Long> {
        let (officer, state) = &self.place;
        let count = messages::count_outgoing(ctx.app(), officer, *state).await?;
        Ok(Long::try_from(count).map_err(Error::internal)?)
    }
}

/// What cursors of this list begin with.
const CURSOR: &str = "outgoing";

#[derive(Default)]
pub(super) struct OutgoingQuery;

#[Object]
impl OutgoingQuery {
    /// Messages on their way out that stand at a place, newest first. Officers only.
    #[graphql(complexity = "page::weight(first, last) * child_complexity")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where they stand.")] state: MessageState,
        #[graphql(desc = "How many from the beginning, 1 to 100; 20 without `first` and `last`.")]
        first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100; not together with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only rows behind the row of this cursor.")] after: Option<String>,
        #[graphql(desc = "Only rows ahead of the row of this cursor.")] before: Option<String>,
    ) -> Result<OutgoingMessageConnection> {
        let officer = ctx.actor().officer()?;
        let page = page::Page::read(CURSOR, (first, last), (after, before))?;
        let state = state.into();
        let rows = messages::list_outgoing(ctx.app(), officer, state, page.span()?).await?;
        let rows = rows.into_iter().map(|outgoing| {
            let key = outgoing.row.id.to_string();
            (key, OutgoingMessage(outgoing))
        });
        let place = (officer.clone(), state);
        Ok(OutgoingMessageConnection::of(&page, rows.collect(), place))
    }
}

/// Which dead message is tried again.
#[derive(InputObject)]
struct ResendMessageInput {
    /// The message's id.
    message_id: ID,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of sending again.
#[derive(Union)]
enum ResendMessagePayload {
    Waiting(MessageWaiting),
    NotDead(MessageNotDead),
    Expired(MessageExpired),
}

/// The message waits again and is tried from the beginning.
#[derive(SimpleObject)]
#[graphql(complex)]
struct MessageWaiting {
    /// The message.
    message: OutgoingMessage,
}

/// The message is not dead: it waits, or was handed over. Nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct MessageNotDead {
    /// The message.
    message: OutgoingMessage,
}

refusal! {
    MessageNotDead:
    "该消息仍在发送或已经送出，无需重发。",
    "The message waits or was handed over, so there is nothing to send again.",
}

/// What the message said is no longer kept, because it would have come too late: whoever asked for it
/// asks again. Nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct MessageExpired {
    /// The message.
    message: OutgoingMessage,
}

refusal! {
    MessageExpired:
    "该消息内容已过保存期，请由本人重新申请发送。",
    "What the message said is no longer kept. Whoever asked for it asks again.",
}

outcome!(MessageWaiting);

#[derive(Default)]
pub(super) struct OutgoingMutation;

#[Object]
impl OutgoingMutation {
    /// Try a dead message again. Officers only.
    async fn resend_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which message.")] input: ResendMessageInput,
    ) -> Result<ResendMessagePayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let id = Noun::OutgoingMessage.key("messageId", &input.message_id)?;
        let asked = input.once.asked(ctx, &officer.actor(), &input)?;
        let resending = messages::resend(app, officer, id);
        Ok(match once::answer(app, asked, resending).await? {
            Resent::Waiting(outgoing) => ResendMessagePayload::Waiting(MessageWaiting {
                message: OutgoingMessage(outgoing),
            }),
            Resent::NotDead(outgoing) => ResendMessagePayload::NotDead(MessageNotDead {
                message: OutgoingMessage(outgoing),
            }),
            Resent::Expired(outgoing) => ResendMessagePayload::Expired(MessageExpired {
                message: OutgoingMessage(outgoing),
            }),
        })
    }
}
