//! Messages: the inbox of whoever is signed in.

use async_graphql::{ComplexObject, Context, Description, ID, InputObject, Object, SimpleObject};

use super::{
    context::ContextExt as _,
    error::Result,
    global_id::Noun,
    locale::Locale,
    outcome::{Echo, outcome},
    page,
    scalars::{DateTime, Long},
};
use crate::{
    error::Error,
    service::messages::{self, Inbox, InboxLetter},
};

/// What cursors of this list begin with.
pub(super) const CURSOR: &str = "message";

/// A message in an inbox.
#[derive(Clone, Description)]
pub(super) struct Message(pub(super) InboxLetter);

#[Object(use_type_description)]
impl Message {
    /// The message.
    pub(super) async fn id(&self) -> ID {
        Noun::Message.id(self.0.row.id)
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

page::connection! {
    /// A page of an inbox, newest first.
    MessageConnection, MessageEdge, Message,
    inbox: Inbox
}

#[ComplexObject]
impl MessageConnection {
    /// How many messages of the whole inbox are unread.
    async fn unread_count(&self, ctx: &Context<'_>) -> Result<Long> {
        let count = messages::count_unread(ctx.app(), &self.inbox).await?;
        Ok(Long::try_from(count).map_err(Error::internal)?)
    }
}

/// A page of the inbox that is the caller's.
pub(super) async fn inbox(
    ctx: &Context<'_>,
    count: (Option<i32>, Option<i32>),
    bounds: (Option<String>, Option<String>),
) -> Result<MessageConnection> {
    let inbox = Inbox::of(ctx.actor())?;
    let page = page::Page::read(CURSOR, count, bounds)?;
    let letters = messages::list_inbox(ctx.app(), &inbox, page.span()?).await?;
    let rows = letters
        .into_iter()
        .map(|letter| (letter.row.id.to_string(), Message(letter)));
    Ok(MessageConnection::of(&page, rows.collect(), inbox))
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
        let inbox = Inbox::of(ctx.actor())?;
        let id = Noun::Message.key("messageId", &input.message_id)?;
        let message = Message(messages::mark_read(ctx.app(), &inbox, id).await?);
        Ok(MarkMessageReadPayload { message })
    }
}
