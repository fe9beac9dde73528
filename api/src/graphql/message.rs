//! Messages: the inbox of whoever is signed in.

use async_graphql::{ComplexObject, Context, Description, ID, InputObject, Object, SimpleObject};

use super::{
    context::ContextExt as _,
    error::Result,
    locale::Locale,
    outcome::{Echo, outcome},
    page::{self, PageInfo},
    scalars::{DateTime, Long},
};
use crate::{
    domain::actor::Actor,
    error::Error,
    service::messages::{self, Inbox, InboxLetter},
};

/// What cursors of these lists begin with.
pub(super) const CURSOR: &str = "message";

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
pub(super) fn span(first: i32, after: Option<String>) -> Result<(usize, u64, Option<uuid::Uuid>)> {
    let wanted = page::rows(first)?;
    let after = after
        .map(|cursor| page::key("after", CURSOR, &cursor))
        .transpose()?
        .map(|key| parse_id("after", &key))
        .transpose()?;
    let limit = u64::try_from(wanted + 1).map_err(Error::internal)?;
    Ok((wanted, limit, after))
}

pub(super) fn parse_id(field: &str, text: &str) -> std::result::Result<uuid::Uuid, Error> {
    text.parse()
        .map_err(|_| Error::invalid(field, "expected the id of a message, as the server gave it"))
}

/// Which message was read.
#[derive(InputObject)]
struct MarkMessageReadInput {
    /// The message's id.
    message_id: ID,
    #[graphql(flatten)]
    echo: Echo,
}

/// The message is marked as read. Marking it again changes nothing.
#[derive(SimpleObject)]
#[graphql(complex)]
struct MarkMessageReadPayload {
    /// The message.
    message: Message,
}

outcome!(MarkMessageReadPayload);

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
}
