//! What waits for an officer.

use async_graphql::{Context, Description, Enum, Object};

use super::{
    approval::{self, ApprovalConnection, ApprovalState},
    context::ContextExt as _,
    error::{ApiError, Result},
    locale::Locale,
    page,
    scalars::{Date, DateTime, Long},
};
use crate::{domain::duty, service};

/// An officer's desk.
#[derive(Description)]
struct Desk;

#[Object(use_type_description)]
impl Desk {
    /// Everything that a person has to do, what is due first before the rest. The city's own
    /// calendar does what it can; this is what it waits for.
    #[graphql(complexity = "20 + 20 * child_complexity")]
    async fn todo(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Duty>>> {
        let app = ctx.app();
        let listed = match ctx.actor().officer() {
            Ok(officer) => service::duties::list(app, officer).await,
            Err(error) => Err(error),
        };
        Some(
            listed
                .map(|duties| duties.into_iter().map(Duty).collect())
                .map_err(|error| ApiError::from(error).into()),
        )
    }

    /// What officers have proposed, newest first; each needs another officer's word.
    #[graphql(complexity = "page::weight(first, last) * child_complexity")]
    async fn approvals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that stand here.")] state: Option<ApprovalState>,
        #[graphql(desc = "How many from the beginning, 1 to 100; 20 without `first` and `last`.")]
        first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100; not together with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only rows behind the row of this cursor.")] after: Option<String>,
        #[graphql(desc = "Only rows ahead of the row of this cursor.")] before: Option<String>,
    ) -> Result<ApprovalConnection> {
        approval::list(ctx, state, (first, last), (after, before)).await
    }
}

/// Something that an officer has to do.
#[derive(Description)]
struct Duty(duty::Duty);

#[Object(use_type_description)]
impl Duty {
    /// What.
    async fn kind(&self) -> DutyKind {
        self.0.kind.into()
    }

    /// The period, draw or year that it is about, or the key of the rules.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// How many, where something is counted; null otherwise.
    async fn count(&self) -> Option<Long> {
        self.0.count.and_then(|count| Long::try_from(count).ok())
    }

    /// Until when it has to be done, so that what comes after it is in time.
    async fn due_at(&self) -> DateTime {
        DateTime(self.0.due_at)
    }

    /// The day of that, in the city.
    async fn due_on(&self) -> Date {
        Date(self.0.due_on)
    }

    /// Whether that moment has passed.
    async fn is_overdue(&self, ctx: &Context<'_>) -> bool {
        self.0.is_overdue(ctx.app().clock.now())
    }

    /// The duty as a sentence.
    async fn text(
        &self,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> String {
        self.0.text(locale.into())
    }

    /// The mutation that does it; null where somebody at the machine has to.
    async fn mutation(&self) -> Option<&str> {
        self.0.kind.mutation()
    }
}

/// What an officer has to do.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "duty::DutyKind")]
enum DutyKind {
    /// The calendar of working days lacks a year that periods need.
    AddCalendarYear,
    /// Rules that rest on weak sources wait for the city's word.
    ConfirmRules,
    /// The tier period of this part of the year has no days yet.
    PlanTierPeriod,
    /// A planned period has no quotas.
    SetQuotas,
    /// A planned period's days for applying went by before it could open.
    GiveNewDays,
    /// Applications wait for a review.
    DecideReviews,
    /// Refused applicants wait for a second look.
    DecideSecondLooks,
    /// Applications that may be one person's stand before a freeze.
    ResolveDuplicates,
    /// A period's draw day is not a working day any more.
    MoveDraw,
    /// The representatives of the applicants are to be drawn, which begins with the freeze of
    /// their own pool.
    DrawRepresentatives,
    /// The pool is to be frozen.
    Freeze,
    /// The frozen pool is to be announced.
    Announce,
    /// The contributions are to be opened.
    CloseContributions,
    /// The draw is to be finished.
    Finish,
    /// Something that an officer has proposed waits for another one.
    Approve,
    /// Messages could not be delivered.
    DeadLetters,
}

#[derive(Default)]
pub(super) struct OfficerQuery;

#[Object]
impl OfficerQuery {
    /// The desk of the officer who asks. Officers only.
    async fn officer(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Desk>> {
        let officer = ctx.actor().officer();
        Some(
            officer
                .map(|_| Desk)
                .map_err(|error| ApiError::from(error).into()),
        )
    }
}
