//! Applications.

use ::entity::{ApplicationId, application};
use async_graphql::{Context, Description, Enum, ID, Object};
use tokio::sync::OnceCell;

use super::{
    context::ContextExt as _,
    error::{ApiError, Result},
    form::ApplicationForm,
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
    domain::{
        actor::{Actor, Reviewer},
        code::mask,
        masking,
    },
    error::Error,
    policy::Notice,
    service::{
        self,
        applications::{Shown, TierStatus},
    },
};

/// One request to take part in a category's lottery.
#[derive(Clone, Description)]
pub(super) struct Application {
    row: Box<application::Model>,
    /// What depends on the period and on the pools; looked up when a field asks for it.
    shown: OnceCell<Box<Shown>>,
    viewer: Viewer,
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
        Self {
            row: Box::new(row),
            shown: OnceCell::new(),
            viewer: Viewer::Applicant,
        }
    }

    /// The same, already looked up.
    pub(super) fn own_shown(shown: Shown) -> Self {
        let row = Box::new(shown.row.clone());
        Self {
            row,
            shown: OnceCell::new_with(Some(Box::new(shown))),
            viewer: Viewer::Applicant,
        }
    }

    /// An application as those see it who decide on it.
    pub(super) fn for_reviewer(row: application::Model, _: &Reviewer) -> Self {
        Self {
            row: Box::new(row),
            shown: OnceCell::new(),
            viewer: Viewer::Reviewer,
        }
    }

    async fn shown(&self, app: &App) -> crate::Result<&Shown> {
        let looking = async || {
            service::applications::show(app, self.row.as_ref().clone())
                .await
                .map(Box::new)
        };
        self.shown.get_or_try_init(looking).await.map(AsRef::as_ref)
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
    async fn id(&self) -> ID {
        self.row.id.to_string().into()
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
        let Some(period) = &self.shown(app).await?.period else {
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
        let form = service::applications::open_form(app, row).await;
        Some(
            form.map(|form| ApplicationForm::of_application(app, &row.identity_type, form))
                .map_err(|error| ApiError::from(error).into()),
        )
    }

    /// The number of the applicant's identity document, masked.
    #[graphql(complexity = 5)]
    async fn masked_id_number(&self, ctx: &Context<'_>) -> Result<String> {
        let form = service::applications::open_form(ctx.app(), &self.row).await?;
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
        let validity = service::renewals::validity_of(ctx.app(), &self.row).await;
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
        match self.shown(ctx.app()).await {
            Ok(shown) => shown.period.clone().map(|period| Ok(Period(period))),
            Err(error) => Some(Err(ApiError::from(error).into())),
        }
    }

    /// Where it stands with the tier (阶梯摇号), as of today.
    #[graphql(complexity = "5 + child_complexity")]
    async fn tier_status(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ShownTier>> {
        let status = service::applications::tier_status(ctx.app(), &self.row).await;
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
        let counted = service::applications::participation(app, &self.row, as_of).await;
        Some(
            counted
                .map(Participation)
                .map_err(|error| ApiError::from(error).into()),
        )
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

/// Where an application stands.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "application::Status")]
pub(super) enum ApplicationStatus {
    /// Submitted; no review result is public.
    New,
    /// Approved: its code is a valid code (有效编码) and enters the next pool.
    Valid,
    /// Refused, with reasons.
    Refused,
    /// Refused, and on the applicant's request looked at once more by somebody else (复核).
    SecondLook,
    /// Refused again after the second look; that is final.
    RefusedFinal,
    /// Cancelled by the applicant.
    Cancelled,
    /// Has won a quota.
    Allocated,
    /// Its validity ran out; it can be renewed where the city's rules say so.
    Lapsed,
}

fn status_text(status: application::Status, locale: Locale) -> String {
    match status {
        application::Status::New => locale.choose("新申请", "New application"),
        application::Status::Valid => {
            locale.choose("审核通过，有效编码", "Approved; the code is valid")
        }
        application::Status::Refused => locale.choose("审核未通过", "Not approved"),
        application::Status::SecondLook => locale.choose("复核中", "Under a second look"),
        application::Status::RefusedFinal => {
            locale.choose("复核未通过", "Not approved after the second look")
        }
        application::Status::Cancelled => locale.choose("已取消", "Cancelled"),
        application::Status::Allocated => locale.choose("已中签", "Selected"),
        application::Status::Lapsed => locale.choose("已失效", "Lapsed"),
    }
}

/// Where an application stands with the tier.
#[derive(Description)]
pub(super) struct ShownTier(TierStatus);

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

/// The id of an application, as clients write it.
pub(super) fn parse_id(field: &str, id: &ID) -> crate::Result<ApplicationId> {
    id.parse()
        .map_err(|_| Error::invalid(field, "expected the id of an application"))
}

#[derive(Default)]
pub(super) struct ApplicationQuery;

#[Object]
impl ApplicationQuery {
    /// An application: the signed-in applicant's own, or any for a reviewer or an officer. Null if
    /// there is no such application, or it is somebody else's.
    async fn application(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The application's id.")] id: ID,
    ) -> Option<async_graphql::Result<Application>> {
        let found = find(ctx.app(), ctx.actor(), &id).await.transpose()?;
        Some(found.map_err(|error| ApiError::from(error).into()))
    }
}

async fn find(app: &App, actor: &Actor, id: &ID) -> crate::Result<Option<Application>> {
    if *actor == Actor::Anonymous {
        return Err(Error::Unauthenticated);
    }
    let row = match service::applications::get(app, parse_id("id", id)?).await {
        Err(Error::NotFound { .. }) => return Ok(None),
        row => row?,
    };
    if let Ok(reviewer) = actor.reviewer() {
        return Ok(Some(Application::for_reviewer(row, &reviewer)));
    }
    let applicant = match actor {
        Actor::Account(_) => actor.applicant().ok(),
        _ => Some(actor.applicant()?),
    };
    let is_own = applicant.is_some_and(|applicant| applicant.id() == row.applicant_id);
    Ok(is_own.then(|| Application::own(row)))
}
