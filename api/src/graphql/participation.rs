//! How often somebody has taken part.

use async_graphql::{Context, Description, Object, SimpleObject};

use super::{
    context::ContextExt as _,
    locale::Locale,
    scalars::{Date, PeriodNumber},
};
use crate::{domain, policy::Notice};

/// How often a person has taken part, as of a day. It never sinks: cancelling or a new code change
/// nothing, and only a published correction takes a period back.
#[derive(Description)]
pub(super) struct Participation(pub(super) domain::Participation);

#[Object(use_type_description)]
impl Participation {
    /// The day.
    async fn as_of(&self) -> Date {
        Date(self.0.as_of)
    }

    /// All participations published until the end of that day.
    async fn count(&self) -> u32 {
        self.0.count_total
    }

    /// Those since the last reset, which the tier looks at.
    async fn count_for_tier(&self) -> u32 {
        self.0.count_for_tier
    }

    /// The count as the city tells it.
    async fn notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> Option<String> {
        let (as_of, count) = (self.0.as_of, self.0.count_total);
        ctx.app()
            .policy
            .find_notice(Notice::ParticipationCount { as_of, count }, locale.into())
    }

    /// What the city says above the list of periods.
    async fn list_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> Option<String> {
        let policy = &ctx.app().policy;
        policy.find_notice(Notice::PeriodList, locale.into())
    }

    /// The periods by year: every year from the programme's first to that of the day, ascending,
    /// empty ones included.
    #[graphql(complexity = "12 * child_complexity")]
    async fn years(&self) -> Vec<ParticipationYear> {
        let years = self.0.years.iter();
        years
            .map(|year| ParticipationYear {
                year: year.year,
                periods: year
                    .periods
                    .iter()
                    .map(|n| PeriodNumber(n.to_string()))
                    .collect(),
            })
            .collect()
    }
}

/// One year of a person's participation.
#[derive(SimpleObject)]
pub(super) struct ParticipationYear {
    /// The year.
    year: u16,
    /// Numbers of the periods taken part in, ascending.
    periods: Vec<PeriodNumber>,
}
