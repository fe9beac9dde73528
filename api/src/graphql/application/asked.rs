//! Applications that are asked for, one by one or by the page.

use ::entity::ApplicationId;
use async_graphql::{Context, ID, Object};

use super::Application;
use crate::{
    app::App,
    domain::actor::Actor,
    error::Error,
    graphql::{
        context::ContextExt as _,
        error::ApiError,
        global_id::Noun,
        page::{self, Page},
    },
    service,
};

page::connection! {
    /// A page of an applicant's applications, newest first.
    ApplicationConnection, ApplicationEdge, Application
}

/// What cursors of this list begin with.
const CURSOR: &str = "application";

/// A page of the applications of whoever asks; nobody but an applicant has any.
pub(in crate::graphql) async fn list_own(
    ctx: &Context<'_>,
    actor: &Actor,
    count: (Option<i32>, Option<i32>),
    bounds: (Option<String>, Option<String>),
) -> crate::Result<ApplicationConnection> {
    let (app, page) = (ctx.app(), Page::read(CURSOR, count, bounds)?);
    let rows = match actor.applicant() {
        Ok(applicant) => service::applications::list(app, applicant).await?,
        Err(_) => Vec::new(),
    };
    let keyed = rows.into_iter().map(|row| (row.id.to_string(), row));
    let rows = page.look_up(keyed.collect())?;
    let (keys, rows): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let rows = keys.into_iter().zip(Application::all_own(rows));
    Ok(ApplicationConnection::of(&page, rows.collect()))
}

#[derive(Default)]
pub(in crate::graphql) struct ApplicationQuery;

#[Object]
impl ApplicationQuery {
    /// An application: the signed-in applicant's own, or any for a reviewer or an officer. Null if
    /// there is no such application, or it is somebody else's.
    async fn application(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The application's id.")] id: ID,
    ) -> Option<async_graphql::Result<Application>> {
        let found = match Noun::Application.key("id", &id) {
            Ok(id) => find(ctx.app(), ctx.actor(), id).await,
            Err(error) => Err(error),
        };
        Some(
            found
                .transpose()?
                .map_err(|error| ApiError::from(error).into()),
        )
    }
}

async fn find(app: &App, actor: &Actor, id: ApplicationId) -> crate::Result<Option<Application>> {
    if *actor == Actor::Anonymous {
        return Err(Error::Unauthenticated);
    }
    if !matches!(actor, Actor::Account(_)) && actor.reviewer().is_err() {
        actor.applicant()?;
    }
    Ok(list_visible(app, actor, &[id]).await?.pop())
}

/// Of these applications those that whoever asks may see: one's own, or any for a reviewer or an
/// officer.
pub(in crate::graphql) async fn list_visible(
    app: &App,
    actor: &Actor,
    ids: &[ApplicationId],
) -> crate::Result<Vec<Application>> {
    let (reviewer, applicant) = (actor.reviewer().ok(), actor.applicant().ok());
    if ids.is_empty() || (reviewer.is_none() && applicant.is_none()) {
        return Ok(Vec::new());
    }
    let mut rows = service::applications::list_by_ids(app, ids).await?;
    if let Some(reviewer) = reviewer {
        return Ok(Application::all_for_reviewer(rows, &reviewer));
    }
    rows.retain(|row| applicant.is_some_and(|applicant| applicant.id() == row.applicant_id));
    Ok(Application::all_own(rows))
}
