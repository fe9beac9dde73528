//! Who is signed in.

use async_graphql::{Context, Description, Enum, Object};

use super::{
    account::Account,
    application::{self, ApplicationConnection},
    ban::Ban,
    certificate::Certificate,
    context::ContextExt as _,
    draft::Draft,
    error::ApiError,
    invitation::Invitation,
    message::{self, MessageConnection},
    page,
    session::Session,
};
use crate::{domain::actor::Actor, service};

/// Whoever the request's session belongs to.
#[derive(Description)]
pub(super) struct Viewer(pub(super) Actor);

#[Object(use_type_description)]
impl Viewer {
    /// As what they are signed in.
    async fn role(&self) -> Role {
        match &self.0 {
            Actor::Reviewer(_) => Role::Reviewer,
            Actor::Officer(_) => Role::Officer,
            Actor::Approver(_) => Role::Approver,
            Actor::Auditor(_) => Role::Auditor,
            Actor::Account(_) | Actor::Applicant(_) | Actor::Anonymous => Role::Applicant,
        }
    }

    /// The name of somebody of the city, as it stands in the audit trail; null for an applicant,
    /// whose name is not shown.
    async fn name(&self) -> Option<&str> {
        self.0.find_name()
    }

    /// The account that is signed in; null for officers, and for an applicant at the counter.
    async fn account(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Account>> {
        let holder = self.0.account().ok()?;
        let shown = service::accounts::show(ctx.app(), holder).await;
        Some(
            shown
                .map(Account)
                .map_err(|error| ApiError::from(error).into()),
        )
    }

    /// The account's live sessions, the newest first; empty without an account.
    #[graphql(complexity = "10 * child_complexity")]
    async fn sessions(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Session>>> {
        let Ok(holder) = self.0.account() else {
            return Some(Ok(Vec::new()));
        };
        let shown = service::sessions::list(ctx.app(), holder).await;
        let sessions = shown.map(|shown| shown.into_iter().map(Session).collect());
        Some(sessions.map_err(|error| ApiError::from(error).into()))
    }

    /// The account's applications on their way, the last changed first; empty without an account.
    #[graphql(complexity = "2 * child_complexity")]
    async fn drafts(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Draft>>> {
        let Ok(holder) = self.0.account() else {
            return Some(Ok(Vec::new()));
        };
        let shown = service::drafts::list(ctx.app(), holder).await;
        let drafts = shown.map(|shown| {
            let boxed = shown.into_iter().map(Box::new);
            boxed.map(Draft).collect()
        });
        Some(drafts.map_err(|error| ApiError::from(error).into()))
    }

    /// Messages to whoever is signed in, newest first. Officers share one inbox.
    #[graphql(complexity = "page::weight(first, last) * child_complexity")]
    async fn inbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 1 to 100; 20 without `first` and `last`.")]
        first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100; not together with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only rows behind the row of this cursor.")] after: Option<String>,
        #[graphql(desc = "Only rows ahead of the row of this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<MessageConnection>> {
        let page = message::inbox(ctx, (first, last), (after, before)).await;
        Some(page.map_err(Into::into))
    }

    /// The applicant's own applications, newest first; nobody else has any.
    #[graphql(complexity = "applications_weight(first, last) * child_complexity")]
    async fn applications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 1 to 100; 20 without `first` and `last`.")]
        first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100; not together with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only rows behind the row of this cursor.")] after: Option<String>,
        #[graphql(desc = "Only rows ahead of the row of this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<ApplicationConnection>> {
        let count = (first, last);
        let page = application::list_own(ctx, &self.0, count, (after, before)).await;
        Some(page.map_err(|error| ApiError::from(error).into()))
    }

    /// The applicant's own certificates, newest first; an officer has none.
    #[graphql(complexity = "5 * child_complexity")]
    async fn certificates(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<Vec<Certificate>>> {
        let Ok(applicant) = self.0.applicant() else {
            return Some(Ok(Vec::new()));
        };
        let rows = service::certificates::list(ctx.app(), applicant).await;
        let certificates = rows.map(|rows| rows.into_iter().map(Certificate).collect());
        Some(certificates.map_err(|error| ApiError::from(error).into()))
    }

    /// The times in which the applicant may not apply, past and present, the latest first; an
    /// officer has none.
    #[graphql(complexity = "5 * child_complexity")]
    async fn bans(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Ban>>> {
        let Ok(applicant) = self.0.applicant() else {
            return Some(Ok(Vec::new()));
        };
        let rows = service::certificates::list_bans(ctx.app(), applicant).await;
        let bans = rows.map(|rows| rows.into_iter().map(Ban).collect());
        Some(bans.map_err(|error| ApiError::from(error).into()))
    }

    /// What the applicant was invited to attend as a representative (申请人代表), latest first; an
    /// officer is invited to nothing.
    #[graphql(complexity = "5 * child_complexity")]
    async fn invitations(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<Vec<Invitation>>> {
        let Ok(applicant) = self.0.applicant() else {
            return Some(Ok(Vec::new()));
        };
        let rows = service::representatives::list_invitations(ctx.app(), applicant).await;
        let invitations = rows.map(|rows| rows.into_iter().map(Invitation).collect());
        Some(invitations.map_err(|error| ApiError::from(error).into()))
    }
}

/// Nobody has as many applications as a page could hold: one that is not asked for by number weighs
/// what a person has.
fn applications_weight(first: Option<i32>, last: Option<i32>) -> usize {
    first
        .or(last)
        .map_or(5, |rows| page::weight(Some(rows), None))
}

/// As what somebody is signed in.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum Role {
    /// Somebody who applies.
    Applicant,
    /// Somebody who decides on applications.
    Reviewer,
    /// Somebody who runs the lottery, and may decide on applications too.
    Officer,
    /// Somebody who decides on what officers have proposed.
    Approver,
    /// Somebody who reads the audit trail.
    Auditor,
}

#[derive(Default)]
pub(super) struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Who is signed in; null without a session.
    async fn me(&self, ctx: &Context<'_>) -> Option<Viewer> {
        match ctx.actor() {
            Actor::Anonymous => None,
            actor => Some(Viewer(actor.clone())),
        }
    }
}
