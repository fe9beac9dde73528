//! What waits for a reviewer.

use ::entity::{application, review_claim};
use async_graphql::{Context, Description, Enum, InputObject, Object};

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
    application: Application,
    waits_for: AwaitedReview,
    claim: Option<review_claim::Model>,
    flags: Vec<DuplicateFlag>,
}

impl WaitingApplication {
    /// As reviewers see it.
    pub(super) fn new(waiting: Waiting, reviewer: &Reviewer) -> Self {
        Self {
            waits_for: AwaitedReview::of(&waiting),
            flags: DuplicateFlag::all(&waiting.flags, reviewer),
            application: Application::for_reviewer(waiting.application, reviewer),
            claim: waiting.claim,
        }
    }

    /// Those that were listed together.
    pub(super) fn all(waiting: Vec<Waiting>, reviewer: &Reviewer) -> Vec<Self> {
        let flags = waiting.iter().flat_map(|waiting| waiting.flags.clone());
        let flags = DuplicateFlag::all(&flags.collect::<Vec<_>>(), reviewer);
        let rows = waiting.iter().map(|waiting| waiting.application.clone());
        let applications = Application::all_for_reviewer(rows.collect(), reviewer);
        let mut flags = flags.into_iter();
        let both = waiting.into_iter().zip(applications);
        both.map(|(waiting, application)| Self {
            waits_for: AwaitedReview::of(&waiting),
            flags: flags.by_ref().take(waiting.flags.len()).collect(),
            application,
            claim: waiting.claim,
        })
        .collect()
    }
}

#[Object(use_type_description)]
impl WaitingApplication {
    /// The application, without what its applicant wrote: that is behind `viewForm`.
    async fn application(&self) -> Application {
        self.application.clone()
    }

    /// What it waits for.
    async fn waits_for(&self) -> AwaitedReview {
        self.waits_for
    }

    /// Who works on it; null if nobody does.
    async fn claim(&self) -> Option<ReviewClaim> {
        self.claim.clone().map(Into::into)
    }

    /// The unresolved flags that say it may be one of two applications of the same person.
    #[graphql(complexity = "2 * child_complexity")]
    async fn flags(&self) -> Vec<DuplicateFlag> {
        self.flags.clone()
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

impl AwaitedReview {
    fn of(waiting: &Waiting) -> Self {
        match waiting.application.status {
            application::Status::SecondLook => Self::SecondLook,
            _ => Self::First,
        }
    }
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
    #[graphql(complexity = "page::weight(first, last) * child_complexity")]
    async fn review_queue(
        &self,
        ctx: &Context<'_>,
        #[graphql(default, desc = "Only those.")] filter: ReviewQueueFilter,
        #[graphql(desc = "How many from the beginning, 1 to 100; 20 without `first` and `last`.")]
        first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100; not together with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only rows behind the row of this cursor.")] after: Option<String>,
        #[graphql(desc = "Only rows ahead of the row of this cursor.")] before: Option<String>,
    ) -> Result<ReviewQueueConnection> {
        let (app, reviewer) = (ctx.app(), ctx.actor().reviewer()?);
        let page = page::Page::read(CURSOR, (first, last), (after, before))?;
        let (filter, span) = (filter.into(), page.span()?);
        let rows = service::reviews::list_queue(app, &reviewer, &filter, span).await?;
        let waiting = WaitingApplication::all(rows, &reviewer).into_iter();
        let nodes = waiting.map(|waiting| (waiting.application.key().to_string(), waiting));
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
