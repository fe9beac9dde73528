//! Messages: the inbox of whoever is signed in, and what officers see of messages on their way.

use ::entity::message::{Channel as Way, State};
use async_graphql::{
    ComplexObject, Context, Description, Enum, ID, InputObject, Object, SimpleObject, Union,
};

use super::{
    context::ContextExt as _,
    error::Result,
    locale::Locale,
    page::{self, PageInfo},
    scalars::{DateTime, Long},
};
use crate::{
    domain::actor::Actor,
    error::Error,
    service::messages::{self, Inbox, InboxLetter, Outgoing, Resent},
};

/// What cursors of these lists begin with.
const CURSOR: &str = "message";

/// A message in an inbox.
#[derive(Description)]
pub(super) struct Message(InboxLetter);

#[Object(use_type_description)]
impl Message {
    /// The message.
    async fn id(&self) -> ID {
        ID(self.0.row.id.to_string())
    }

    /// What it is for, for example `certificate_expiring`. The list grows; show the text of what you do
    /// not know.
    async fn purpose(&self) -> &str {
        &self.0.row.purpose
    }

    /// The application code, certificate number or period that it is about; null where there is none.
    async fn subject(&self) -> Option<&str> {
        Some(self.0.row.subject.as_str()).filter(|subject| !subject.is_empty())
    }

    /// A few words.
    async fn title(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> String {
        self.0.wording(locale.into()).title
    }

    /// The whole message, one line.
    async fn text(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> String {
        self.0.wording(locale.into()).text
    }

    /// When it was written.
    async fn written_at(&self) -> DateTime {
        DateTime(self.0.row.created_at)
    }

    /// When it was marked as read; null until then.
    async fn read_at(&self) -> Option<DateTime> {
        self.0.row.read_at.map(DateTime)
    }
}

/// A page of an inbox, newest first.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct MessageConnection {
    /// The messages, each with its cursor.
    edges: Vec<MessageEdge>,
    /// Where this page lies.
    page_info: PageInfo,
    #[graphql(skip)]
    inbox: Inbox,
}

#[ComplexObject]
impl MessageConnection {
    /// The messages.
    async fn nodes(&self) -> Vec<Message> {
        let letters = self.edges.iter().map(|edge| edge.node.0.clone());
        letters.map(Message).collect()
    }

    /// How many messages of the whole inbox are unread.
    async fn unread_count(&self, ctx: &Context<'_>) -> Result<Long> {
        let count = messages::count_unread(ctx.app(), &self.inbox).await?;
        Ok(Long::try_from(count).map_err(Error::internal)?)
    }
}

/// A message and its cursor.
#[derive(SimpleObject)]
struct MessageEdge {
    /// The message.
    node: Message,
    /// What to give as `after`.
    cursor: String,
}

/// The inbox that is whoever's the session is.
fn inbox_of(actor: &Actor) -> Result<Inbox> {
    Ok(match actor {
        Actor::Officer(officer) => Inbox::of_officers(officer),
        Actor::Account(holder) => Inbox::of_account(holder),
        other => Inbox::of_applicant(other.applicant()?),
    })
}

/// A page of the inbox that is the caller's.
pub(super) async fn inbox(
    ctx: &Context<'_>,
    first: i32,
    after: Option<String>,
) -> Result<MessageConnection> {
    let inbox = inbox_of(ctx.actor())?;
    let (wanted, limit, after) = span(first, after)?;
    let mut letters = messages::list_inbox(ctx.app(), &inbox, after, limit).await?;
    let has_next_page = wanted < letters.len();
    letters.truncate(wanted);
    let edges: Vec<_> = letters
        .into_iter()
        .map(|letter| MessageEdge {
            cursor: page::cursor(CURSOR, &letter.row.id.to_string()),
            node: Message(letter),
        })
        .collect();
    let page_info = PageInfo {
        has_next_page,
        has_previous_page: after.is_some(),
        start_cursor: edges.first().map(|edge| edge.cursor.clone()),
        end_cursor: edges.last().map(|edge| edge.cursor.clone()),
    };
    Ok(MessageConnection {
        edges,
        page_info,
        inbox,
    })
}

/// Rows wanted, rows to ask for (one more tells whether there is a next page), and behind which.
fn span(first: i32, after: Option<String>) -> Result<(usize, u64, Option<uuid::Uuid>)> {
    let wanted = page::rows(first)?;
    let after = after
        .map(|cursor| page::key("after", CURSOR, &cursor))
        .transpose()?
        .map(|key| parse_id("after", &key))
        .transpose()?;
    let limit = u64::try_from(wanted + 1).map_err(Error::internal)?;
    Ok((wanted, limit, after))
}

fn parse_id(field: &str, text: &str) -> std::result::Result<uuid::Uuid, Error> {
    text.parse()
        .map_err(|_| Error::invalid(field, "expected the id of a message, as the server gave it"))
}

/// A message on its way out, as an officer sees it: never what it says, and the address masked.
#[derive(Description)]
struct OutgoingMessage(Outgoing);

#[Object(use_type_description)]
impl OutgoingMessage {
    /// The message.
    async fn id(&self) -> ID {
        ID(self.0.row.id.to_string())
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

/// A page of messages on their way, newest first.
#[derive(SimpleObject)]
struct OutgoingMessageConnection {
    /// The messages, each with its cursor.
    edges: Vec<OutgoingMessageEdge>,
    /// Where this page lies.
    page_info: PageInfo,
    /// How many messages stand at this place in all.
    total_count: Long,
}

/// A message and its cursor.
#[derive(SimpleObject)]
struct OutgoingMessageEdge {
    /// The message.
    node: OutgoingMessage,
    /// What to give as `after`.
    cursor: String,
}

#[derive(Default)]
pub(super) struct MessageQuery;

#[Object]
impl MessageQuery {
    /// Messages on their way out that stand at a place, newest first. Officers only.
    #[graphql(complexity = "page::weight(first) * child_complexity")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where they stand.")] state: MessageState,
        #[graphql(default = 20, desc = "How many, 1 to 100.")] first: i32,
        #[graphql(desc = "Only those behind this cursor, that is older ones.")] after: Option<
            String,
        >,
    ) -> Result<OutgoingMessageConnection> {
        let officer = ctx.actor().officer()?;
        let (wanted, limit, after) = span(first, after)?;
        let app = ctx.app();
        let mut rows = messages::list_outgoing(app, officer, state.into(), after, limit).await?;
        let count = messages::count_outgoing(app, officer, state.into()).await?;
        let has_next_page = wanted < rows.len();
        rows.truncate(wanted);
        let edges: Vec<_> = rows
            .into_iter()
            .map(|outgoing| OutgoingMessageEdge {
                cursor: page::cursor(CURSOR, &outgoing.row.id.to_string()),
                node: OutgoingMessage(outgoing),
            })
            .collect();
        let page_info = PageInfo {
            has_next_page,
            has_previous_page: after.is_some(),
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        };
        Ok(OutgoingMessageConnection {
            edges,
            page_info,
            total_count: Long::try_from(count).map_err(Error::internal)?,
        })
    }
}

/// Which message was read.
#[derive(InputObject)]
struct MarkMessageReadInput {
    /// The message's id.
    message_id: ID,
}

/// The message is marked as read. Marking it again changes nothing.
#[derive(SimpleObject)]
struct MarkMessageReadPayload {
    /// The message.
    message: Message,
}

/// Which dead message is tried again.
#[derive(InputObject)]
struct ResendMessageInput {
    /// The message's id.
    message_id: ID,
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
struct MessageWaiting {
    /// The message.
    message: OutgoingMessage,
}

/// The message is not dead: it waits, or was handed over. Nothing was changed.
#[derive(SimpleObject)]
struct MessageNotDead {
    /// The message.
    message: OutgoingMessage,
}

/// What the message said is no longer kept, because it would have come too late: whoever asked for it
/// asks again. Nothing was changed.
#[derive(SimpleObject)]
struct MessageExpired {
    /// The message.
    message: OutgoingMessage,
}

#[derive(Default)]
pub(super) struct MessageMutation;

#[Object]
impl MessageMutation {
    /// Mark a message of one's own inbox as read.
    async fn mark_message_read(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which message.")] input: MarkMessageReadInput,
    ) -> Result<MarkMessageReadPayload> {
        let inbox = inbox_of(ctx.actor())?;
        let id = parse_id("messageId", &input.message_id)?;
        let message = Message(messages::mark_read(ctx.app(), &inbox, id).await?);
        Ok(MarkMessageReadPayload { message })
    }

    /// Try a dead message again. Officers only.
    async fn resend_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which message.")] input: ResendMessageInput,
    ) -> Result<ResendMessagePayload> {
        let officer = ctx.actor().officer()?;
        let id = parse_id("messageId", &input.message_id)?;
        Ok(match messages::resend(ctx.app(), officer, id).await? {
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
