//! Where an application stands with the tier.

use async_graphql::{Context, Description, Object};

use crate::{
    graphql::{context::ContextExt as _, locale::Locale, scalars::DateTime},
    policy::Notice,
    service::applications::TierStatus,
};

/// Where an application stands with the tier.
#[derive(Description)]
pub(in crate::graphql) struct ShownTier(pub(super) TierStatus);

#[Object(name = "TierStatus", use_type_description)]
impl ShownTier {
    /// When the tier was joined; null if it was not.
    async fn joined_at(&self) -> Option<DateTime> {
        self.0.joined_at.map(DateTime)
    }

    /// Whether it can be joined now. Once joined, never again.
    async fn can_join(&self) -> bool {
        self.0.can_join
    }

    /// Participations that the tier looks at.
    async fn count(&self) -> u32 {
        self.0.count
    }

    /// How many the tier's pool asks for; null in a city whose tier is no lottery of its own.
    async fn threshold(&self) -> Option<u32> {
        self.0.threshold
    }

    /// How many tickets the application would have in a regular pool frozen today.
    async fn weight(&self) -> u16 {
        self.0.weight
    }

    /// What the city tells the applicant of it; null in a city without a tier to join.
    async fn notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> Option<String> {
        let notice = match self.0.joined_at {
            Some(_) => Notice::TierJoined,
            None => Notice::TierNotJoined,
        };
        ctx.app().policy.find_notice(notice, locale.into())
    }
}
