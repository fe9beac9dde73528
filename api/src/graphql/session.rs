//! Sessions, device by device.

use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject};

use super::{
    context::ContextExt as _,
    error::Result,
    global_id::Noun,
    outcome::{Echo, outcome},
    scalars::{DateTime, Long},
};
use crate::{
    error::Error,
    service::sessions::{self, Ending, Shown},
};

/// A session of the account, on one device.
#[derive(Description)]
pub(super) struct Session(pub(super) Shown);

#[Object(use_type_description)]
impl Session {
    /// How `endSession` names it; it is not the token.
    pub(super) async fn id(&self) -> ID {
        Noun::Session.id(self.0.id)
    }

    /// What the device is called; null where it was given no name.
    async fn device(&self) -> Option<&str> {
        Some(self.0.device.as_str()).filter(|label| !label.is_empty())
    }

    /// When somebody signed in.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last used, to the hour.
    async fn last_seen_at(&self) -> DateTime {
        DateTime(self.0.last_seen_at)
    }

    /// When it ends by itself.
    async fn expires_at(&self) -> DateTime {
        DateTime(self.0.expires_at)
    }

    /// Whether it is the one that asks.
    async fn is_current(&self) -> bool {
        self.0.is_current
    }
}

/// Which sessions end.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Ending")]
enum SessionsEnding {
    /// The one that asks.
    This,
    /// All others.
    Others,
    /// All of them.
    All,
}

/// Where to sign out.
#[derive(InputObject)]
struct SignOutInput {
    /// Which sessions end.
    sessions: SessionsEnding,
    #[graphql(flatten)]
    echo: Echo,
}

/// The sessions have ended.
#[derive(SimpleObject)]
#[graphql(complex)]
struct SignOutPayload {
    /// How many.
    count: Long,
}

/// Which session ends.
#[derive(InputObject)]
struct EndSessionInput {
    /// The session's id, from `me { sessions { id } }`.
    session: ID,
    #[graphql(flatten)]
    echo: Echo,
}

/// The session has ended.
#[derive(SimpleObject)]
#[graphql(complex)]
struct EndSessionPayload {
    /// How many have ended: this one.
    count: Long,
}

outcome!(SignOutPayload, EndSessionPayload);

#[derive(Default)]
pub(super) struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Sign out (退出系统), here or elsewhere. Accounts, and the people of the city.
    async fn sign_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which sessions end.")] input: SignOutInput,
    ) -> Result<SignOutPayload> {
        let (app, actor) = (ctx.app(), ctx.actor());
        let count = sessions::end_many(app, actor, input.sessions.into()).await?;
        let count = count.try_into().map_err(Error::internal)?;
        Ok(SignOutPayload { count })
    }

    /// End one session of the own account. Accounts only.
    async fn end_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which session ends.")] input: EndSessionInput,
    ) -> Result<EndSessionPayload> {
        let (app, holder) = (ctx.app(), ctx.actor().account()?);
        let id = Noun::Session.key("session", &input.session)?;
        if !sessions::end_one(app, holder, id).await? {
            return Err(Error::not_found("session", id).into());
        }
        Ok(EndSessionPayload { count: Long(1) })
    }
}
