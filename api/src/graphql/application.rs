//! Applications.

mod asked;
mod listed;
mod status;
mod tier;

use std::sync::Arc;

use ::entity::{ApplicationId, application};
use async_graphql::{Context, Description, ID, Object};

pub(super) use asked::{ApplicationConnection, ApplicationQuery, list_own, list_visible};
use listed::Listed;
use status::{ApplicationStatus, status_text};
use tier::ShownTier;

use super::{
    context::ContextExt as _,
    error::{ApiError, Result},
    form::ApplicationForm,
    global_id::Noun,
    locale::Locale,
    participation::Participation,
    period::Period,
    review::Review,
    scalars::{ApplicationCode, Date, DateTime, PeriodNumber},
    second_look::SecondLook,
    validity::Validity,
};
use crate::{
    app::App,
    domain::{actor::Reviewer, code::mask, masking},
    policy::Notice,
    service,
};

/// One request to take part in a category's lottery.
#[derive(Clone, Description)]
pub(super) struct Application {
    row: Box<application::Model>,
    viewer: Viewer,
    listed: Arc<Listed>,
}

/// As whom an application is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Viewer {
    /// Its applicant, who learns of a review when the period publishes its results.
    Applicant,
    /// Somebody of the city.
    Reviewer,
}

impl Application {
    /// An application as its applicant sees it.
    pub(super) fn own(row: application::Model) -> Self {
        Self::alone(row, Viewer::Applicant)
    }

    /// The same of several that were listed together.
    pub(super) fn all_own(rows: Vec<application::Model>) -> Vec<Self> {
        Self::all(rows, Viewer::Applicant)
    }

    /// An application as those see it who decide on it.
    pub(super) fn for_reviewer(row: application::Model, _: &Reviewer) -> Self {
        Self::alone(row, Viewer::Reviewer)
    }

    /// The same of several that were listed together.
    pub(super) fn all_for_reviewer(rows: Vec<application::Model>, _: &Reviewer) -> Vec<Self> {
        Self::all(rows, Viewer::Reviewer)
    }

    fn alone(row: application::Model, viewer: Viewer) -> Self {
        let listed = Listed::of(vec![row.clone()]);
        let row = Box::new(row);
        Self {
            row,
            viewer,
            listed,
        }
    }

    fn all(rows: Vec<application::Model>, viewer: Viewer) -> Vec<Self> {
        let listed = Listed::of(rows.clone());
        let applications = rows.into_iter().map(|row| Self {
            row: Box::new(row),
            viewer,
            listed: Arc::clone(&listed),
        });
        applications.collect()
    }

    /// What it is found by.
    pub(super) fn key(&self) -> ApplicationId {
        self.row.id
    }

    async fn visible_status(&self, app: &App) -> crate::Result<application::Status> {
        match self.viewer {
            Viewer::Reviewer => Ok(self.row.status),
            Viewer::Applicant => Ok(self.shown(app).await?.status()),
        }
    }
}

#[Object(use_type_description)]
impl Application {
    /// The application's id, which mutations take.
    pub(super) async fn id(&self) -> ID {
        Noun::Application.id(self.row.id)
    }

    /// The application code (申请编码); public.
    async fn code(&self) -> ApplicationCode {
        ApplicationCode(self.row.code.clone())
    }

    /// The code with its middle hidden, for screens that others may see.
    async fn masked_code(&self) -> String {
        mask(&self.row.code)
    }

    /// Where the application stands, as far as whoever asks may know: applicants learn of their
    /// review when the period publishes its review results.
    async fn status(&self, ctx: &Context<'_>) -> Result<ApplicationStatus> {
        Ok(self.visible_status(ctx.app()).await?.into())
    }

    /// The same for people.
    async fn status_text(
        &self,
        ctx: &Context<'_>,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> Result<String> {
        Ok(status_text(self.visible_status(ctx.app()).await?, locale))
    }

    /// What the city tells the applicant now, if anything: until its review is public, the day on
    /// which it will be.
    async fn notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(default, desc = "Language of the text.")] locale: Locale,
    ) -> Result<Option<String>> {
        let app = ctx.app();
        if self.visible_status(app).await? != application::Status::New {
            return Ok(None);
        }
        let shown = self.shown(app).await?;
        let Some(period) = &shown.period else {
            return Ok(None);
        };
        let notice = Notice::NewApplication {
            review_publish_on: period.review_publish_on,
        };
        Ok(app.policy.find_notice(notice, locale.into()))
    }

    /// The form as it was submitted, to be read or printed by the applicant; null for anybody else.
    #[graphql(complexity = "5 + child_complexity")]
    async fn form(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ApplicationForm>> {
        if self.viewer != Viewer::Applicant {
            return None;
        }
        let (app, row) = (ctx.app(), &self.row);
        let form = self.open_form(app).await;
        Some(
            form.map(|form| ApplicationForm::of_application(app, &row.identity_type, form))
                .map_err(|error| ApiError::from(error).into()),
        )
    }

    /// The number of the applicant's identity document, masked.
    #[graphql(complexity = 5)]
    async fn masked_id_number(&self, ctx: &Context<'_>) -> Result<String> {
        let form = self.open_form(ctx.app()).await?;
        Ok(masking::id_number(&form.id_number))
    }

    /// Whether the code is in the frozen pool of a draw under way. While it is, the application
    /// cannot be cancelled.
    async fn is_locked(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.shown(ctx.app()).await?.is_locked)
    }

    /// When it was submitted.
    async fn submitted_at(&self) -> DateTime {
        DateTime(self.row.submitted_at)
    }

    /// How long it is valid, and whether it can be renewed today.
    #[graphql(complexity = "5 + child_complexity")]
    async fn validity(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Validity>> {
        let validity = self.renewal(ctx.app()).await;
        Some(
            validity
                .map(|validity| Validity::new(&self.row, validity))
                .map_err(|error| ApiError::from(error).into()),
        )
    }

    /// The category applied for, a key of the policy.
    async fn category(&self) -> &str {
        &self.row.category
    }

    /// The identity type, a key of the policy.
    async fn identity_type(&self) -> &str {
        &self.row.identity_type
    }

    /// Number of the period whose review takes it in.
    async fn period_number(&self) -> PeriodNumber {
        PeriodNumber(self.row.period_number.clone())
    }

    /// That period; null for an application from before this system.
    async fn period(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Period>> {
        let found = self.find_period(ctx.app()).await.transpose()?;
        Some(found.map_err(|error| ApiError::from(error).into()))
    }

    /// Where it stands with the tier (阶梯摇号), as of today.
    #[graphql(complexity = "5 + child_complexity")]
    async fn tier_status(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ShownTier>> {
        let app = ctx.app();
        let status = match (self.shown(app).await, self.entries(app).await) {
            (Ok(shown), Ok(entries)) => {
                Ok(service::applications::tier_status(app, &shown, &entries))
            }
            (Err(error), _) | (_, Err(error)) => Err(error),
        };
        Some(
            status
                .map(ShownTier)
                .map_err(|error| ApiError::from(error).into()),
        )
    }

    /// How often the person behind it has taken part, as of a day.
    #[graphql(complexity = "5 + child_complexity")]
    async fn participation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day; today if it is not given.")] as_of: Option<Date>,
    ) -> Option<async_graphql::Result<Participation>> {
        let app = ctx.app();
        let as_of = as_of.map_or_else(|| app.today(), |day| day.0);
        let entries = self.entries(app).await;
        let counted = entries
            .map(|entries| service::applications::participation(app, &entries, as_of))
            .map(Participation);
        Some(counted.map_err(|error| ApiError::from(error).into()))
    }

    /// What was decided on it; null until the period has published its review results.
    async fn review(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Review>> {
        match self.shown(ctx.app()).await {
            Ok(shown) => shown.review.clone().map(|review| Ok(Review(review))),
            Err(error) => Some(Err(ApiError::from(error).into())),
        }
    }

    /// The second look (复核), if one was asked for.
    async fn second_look(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<SecondLook>> {
        match self.shown(ctx.app()).await {
            Ok(shown) => shown.second_look.clone().map(|row| Ok(row.into())),
            Err(error) => Some(Err(ApiError::from(error).into())),
        }
    }

    /// The last day on which a second look at the refusal can be asked for; null where it cannot
    /// be, or not any more.
    async fn second_look_until(&self, ctx: &Context<'_>) -> Result<Option<Date>> {
        Ok(self.shown(ctx.app()).await?.second_look_until.map(Date))
    }
}
