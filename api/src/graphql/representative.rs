//! Who attends a draw for the applicants.

use ::entity::{draw, representative};
use async_graphql::{Context, Description, Enum, ID, Object};

use super::{
    context::ContextExt as _,
    draw::Draw,
    error::{ApiError, Result},
    global_id::Noun,
    locale::Locale,
    scalars::{ApplicationCode, DateTime, Long, PeriodNumber},
};
use crate::{
    domain::{
        code::mask,
        representative::{RepresentativeName, state_at},
    },
    error::Error,
    policy::Notice,
    service,
};

/// The representatives of one period's applicants (申请人代表).
#[derive(Description)]
struct Representatives {
    period: String,
    rows: Vec<representative::Model>,
}

#[Object(use_type_description)]
impl Representatives {
    /// The period whose draw they attend.
    async fn period(&self) -> PeriodNumber {
        PeriodNumber(self.period.clone())
    }

    /// What the city tells about them, as its rules word it; null where it has none.
    async fn notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> Option<String> {
        let policy = &ctx.app().policy;
        policy.find_notice(Notice::Representatives, locale.into())
    }

    /// The draws that picked them, newest first: the one that counts, then those given up before
    /// it. Each has records and files of its own, which anybody can verify.
    #[graphql(complexity = "5 + 2 * child_complexity")]
    async fn draws(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<Draw>>> {
        let purpose = draw::Purpose::Representatives;
        let rows = service::draws::list_of_period(ctx.app(), &self.period, purpose).await;
        let draws = rows.map(Draw::all);
        Some(draws.map_err(|error| ApiError::from(error).into()))
    }

    /// Everybody who was drawn, in the order of the result: those who are invited at once, then the
    /// reserves. Empty until the draw has ended.
    #[graphql(complexity = "5 + 20 * child_complexity")]
    async fn places(&self) -> Vec<Representative> {
        self.rows.iter().cloned().map(Representative).collect()
    }
}

/// Somebody who was drawn to attend a draw for the applicants.
#[derive(Description)]
pub(super) struct Representative(pub(super) representative::Model);

#[Object(use_type_description)]
impl Representative {
    /// The representative's id.
    pub(super) async fn id(&self) -> ID {
        Noun::Representative.id(RepresentativeName::of(&self.0))
    }

    /// The name under which they are invited and contribute: the draw that picked them and their
    /// place in it, for example `202606R/3`.
    async fn name(&self) -> String {
        RepresentativeName::of(&self.0).to_string()
    }

    /// Their place in the result, from 1; reserves are called in this order.
    async fn rank(&self) -> Long {
        Long(self.0.place_rank)
    }

    /// The application code that was drawn, its middle hidden.
    async fn masked_code(&self) -> String {
        mask(&self.0.code)
    }

    /// Where they stand.
    async fn state(&self, ctx: &Context<'_>) -> RepresentativeState {
        state_at(&self.0, ctx.app().clock.now()).into()
    }

    /// The whole code; null for anybody but officers. The result file has it as well.
    async fn code(&self, ctx: &Context<'_>) -> Option<ApplicationCode> {
        self.for_officers(ctx)
            .map(|row| ApplicationCode(row.code.clone()))
    }

    /// When they were invited; null for anybody but officers.
    async fn invited_at(&self, ctx: &Context<'_>) -> Option<DateTime> {
        self.for_officers(ctx)?.invited_at.map(DateTime)
    }

    /// Until when they may answer; null for anybody but officers.
    async fn answer_by(&self, ctx: &Context<'_>) -> Option<DateTime> {
        self.for_officers(ctx)?.answer_by.map(DateTime)
    }

    /// When they answered; null for anybody but officers.
    async fn answered_at(&self, ctx: &Context<'_>) -> Option<DateTime> {
        self.for_officers(ctx)?.answered_at.map(DateTime)
    }

    /// The draw that they have handed in a commitment for; null for anybody but officers, and where
    /// there is none.
    async fn sealed_for(&self, ctx: &Context<'_>) -> Option<&str> {
        self.for_officers(ctx)?.sealed_for.as_deref()
    }
}

impl Representative {
    fn for_officers(&self, ctx: &Context<'_>) -> Option<&representative::Model> {
        ctx.actor().officer().ok().map(|_| &self.0)
    }
}

/// Where somebody stands who was drawn as a representative.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "representative::State")]
pub(super) enum RepresentativeState {
    /// Drawn, and not invited: a reserve whose turn has not come.
    Selected,
    /// Invited; the answer is awaited.
    Invited,
    /// Will come.
    Accepted,
    /// Will not come.
    Declined,
    /// Did not answer in time.
    Expired,
    /// Was passed over when the turn came: the application had ended by then.
    Withdrawn,
    /// Came.
    Attended,
    /// Had accepted and did not come.
    Absent,
}

#[derive(Default)]
pub(super) struct RepresentativeQuery;

#[Object]
impl RepresentativeQuery {
    /// Who was drawn to attend a period's draw for the applicants; null if there is no such period.
    async fn representatives(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period's number.")] period: PeriodNumber,
    ) -> Result<Option<Representatives>> {
        let period = period.0;
        match service::representatives::list_of_period(ctx.app(), &period).await {
            Err(Error::NotFound { .. }) => Ok(None),
            rows => Ok(Some(Representatives {
                rows: rows?,
                period,
            })),
        }
    }
}
