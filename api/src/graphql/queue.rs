//! What waits for a reviewer.

use ::entity::{ApplicationId, application};
use async_graphql::{Context, Description, Enum, InputObject, Object};
use uuid::Uuid;

use super::{
    application::Application,
    claim::ReviewClaim,
    context::ContextExt as _,
    duplicate::{DuplicateFlag, DuplicateKind},
    error::{ApiError, Result},
    page,
    scalars::{Long, PeriodNumber},
};
use crate::{
    domain::actor::Reviewer,
    error::Error,
    service::{self, reviews::Waiting},
};

/// An application that waits for a reviewer.
#[derive(Clone, Description)]
pub(super) struct WaitingApplication {
    waiting: Box<Waiting>,
    reviewer: Reviewer,
}

impl WaitingApplication {
    /// As reviewers see it.
    pub(super) fn new(waiting: Waiting, reviewer: &Reviewer) -> Self {
        Self {
            waiting: Box::new(waiting),
            reviewer: reviewer.clone(),
        }
    }
}

#[Object(use_type_description)]
impl WaitingApplication {
    /// The application, without what its applicant wrote: that is behind `viewForm`.
    async fn application(&self) -> Application {
        Application::for_reviewer(self.waiting.application.clone(), &self.reviewer)
    }

    /// What it waits for.
    async fn waits_for(&self) -> AwaitedReview {
        match self.waiting.application.status {
            application::Status::SecondLook => AwaitedReview::SecondLook,
            _ => AwaitedReview::First,
        }
    }

    /// Who works on it; null if nobody does.
    async fn claim(&self) -> Option<ReviewClaim> {
        self.waiting.claim.clone().map(Into::into)
    }

    /// The unresolved flags that say it may be one of two applications of the same person.
    #[graphql(complexity = "2 * child_complexity")]
    async fn flags(&self) -> Vec<DuplicateFlag> {
        let flags = self.waiting.flags.iter().cloned();
        flags
            .map(|flag| DuplicateFlag::new(flag, &self.reviewer))
            .collect()
    }
}

/// What an application waits for.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum AwaitedReview {
    /// Its first decision.
    First,
    /// A second look (复核), by somebody who has not decided on it before.
    SecondLook,
}

/// Which waiting applications are wanted; every part narrows the list.
#[derive(Default, InputObject)]
pub(super) struct ReviewQueueFilter {
    /// Those of this period.
    period: Option<PeriodNumber>,
    /// Those of this identity type, a key of the policy.
    identity_type: Option<String>,
    /// Those of this category, a key of the policy.
    category: Option<String>,
    /// Those with an unresolved flag of this kind.
    flag: Option<DuplicateKind>,
    /// Those that the reviewer of this name works on.
    claimed_by: Option<String>,
    /// Second looks alone; or with `false` first reviews alone.
    second_look: Option<bool>,
}

impl From<ReviewQueueFilter> for service::reviews::Filter {
    fn from(input: ReviewQueueFilter) -> Self {
        Self {
            period: input.period.map(|period| period.0),
            identity_type: input.identity_type,
            category: input.category,
            flag: input.flag.map(Into::into),
            claimed_by: input.claimed_by,
            is_second_look: input.second_look,
        }
    }
}

page::connection! {
    /// A page of what waits for a reviewer, longest first.
    ReviewQueueConnection, ReviewQueueEdge, WaitingApplication
}

/// What cursors of this list begin with.
const CURSOR: &str = "waiting";

#[derive(Default)]
pub(super) struct QueueQuery;

#[Object]
impl QueueQuery {
    /// What waits for a reviewer, longest first: new applications and second looks. Reviewers and
    /// officers only.
    #[graphql(complexity = "page::weight(first) * child_complexity")]
    async fn review_queue(
        &self,
        ctx: &Context<'_>,
        #[graphql(default, desc = "Only those.")] filter: ReviewQueueFilter,
        #[graphql(default = 20, desc = "How many, 1 to 100.")] first: i32,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
    ) -> Result<ReviewQueueConnection> {
        let (app, reviewer) = (ctx.app(), ctx.actor().reviewer()?);
        let page = page::Page::read(CURSOR, first, after)?;
        let after = page.after::<Uuid>()?.map(ApplicationId);
        let limit = page.limit()?;
        let filter = filter.into();
        let rows = service::reviews::list_queue(app, &reviewer, &filter, after, limit).await?;
        let nodes = rows.into_iter().map(|waiting| {
            let id = waiting.application.id.to_string();
            (id, WaitingApplication::new(waiting, &reviewer))
        });
        Ok(ReviewQueueConnection::of(&page, nodes.collect()))
    }

    /// How many applications of a period wait for their first review. Reviewers and officers only.
    async fn waiting_count(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period.")] period: PeriodNumber,
    ) -> Option<async_graphql::Result<Long>> {
        let (app, reviewer) = (ctx.app(), ctx.actor().reviewer());
        let counted = match reviewer {
            Ok(reviewer) => service::reviews::count_waiting(app, &reviewer, &period.0).await,
            Err(error) => Err(error),
        };
        let counted = counted.and_then(|count| count.try_into().map_err(Error::internal));
        Some(counted.map_err(|error| ApiError::from(error).into()))
    }
}
