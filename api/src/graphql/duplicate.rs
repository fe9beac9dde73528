//! Applications that may be one person's.

use ::entity::{ApplicationId, contact_index, duplicate_flag};
use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject, Union};
use uuid::Uuid;

use super::{
    application::Application,
    claim::ApplicationClaimedByAnother,
    context::ContextExt as _,
    error::{ApiError, Result},
    once::{self, Once},
    outcome::{Echo, outcome, refusal},
    page,
    scalars::{ApplicationCode, DateTime, PeriodNumber},
};
use crate::{
    app::App,
    domain::actor::Reviewer,
    error::Error,
    service::{
        self,
        duplicates::{Answer, Filter, Resolved},
    },
};

/// Two persons' applications give the same contact. What it is stays sealed; somebody has to say
/// what it means before a pool with one of them is frozen.
#[derive(Clone, Description)]
pub(super) struct DuplicateFlag {
    row: duplicate_flag::Model,
    reviewer: Reviewer,
}

impl DuplicateFlag {
    /// As reviewers see it.
    pub(super) fn new(row: duplicate_flag::Model, reviewer: &Reviewer) -> Self {
        Self {
            row,
            reviewer: reviewer.clone(),
        }
    }

    async fn side(
        &self,
        app: &App,
        id: ApplicationId,
    ) -> Option<async_graphql::Result<Application>> {
        let row = service::duplicates::get_application(app, &self.reviewer, id).await;
        let application = row.map(|row| Application::for_reviewer(row, &self.reviewer));
        Some(application.map_err(|error| ApiError::from(error).into()))
    }
}

#[Object(use_type_description)]
impl DuplicateFlag {
    /// The flag's id, which `resolveDuplicate` takes.
    async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// What is the same.
    async fn kind(&self) -> DuplicateKind {
        self.row.kind.into()
    }

    /// The application that was there first.
    #[graphql(complexity = "2 + child_complexity")]
    async fn earlier(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Application>> {
        self.side(ctx.app(), self.row.earlier_id).await
    }

    /// The other application.
    #[graphql(complexity = "2 + child_complexity")]
    async fn later(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Application>> {
        self.side(ctx.app(), self.row.later_id).await
    }

    /// When it was noticed.
    async fn raised_at(&self) -> DateTime {
        DateTime(self.row.raised_at)
    }

    /// What it turned out to mean; null until somebody has said so.
    async fn resolution(&self) -> Option<DuplicateResolution> {
        self.row.resolution.map(Into::into)
    }

    /// Who said so.
    async fn resolved_by(&self) -> Option<&str> {
        self.row.resolved_by.as_deref()
    }

    /// When.
    async fn resolved_at(&self) -> Option<DateTime> {
        self.row.resolved_at.map(DateTime)
    }
}

/// In what two persons' applications are the same.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contact_index::Kind")]
pub(super) enum DuplicateKind {
    /// The phone number.
    Phone,
    /// The e-mail address and the day of birth.
    EmailAndBirthDate,
}

/// What the same contact turned out to mean.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "duplicate_flag::Resolution")]
enum DuplicateResolution {
    /// Two persons share the contact; both applications stand.
    DifferentPersons,
    /// One of the two gave somebody else's contact by mistake; both applications stand.
    ContactMistaken,
    /// One person has applied as two; the application named in `refusedCode` is refused.
    SamePerson,
}

/// What a flag means.
#[derive(InputObject)]
struct ResolveDuplicateInput {
    /// The flag's id.
    flag_id: ID,
    /// What it means.
    resolution: DuplicateResolution,
    /// Code of the application to refuse; with `SAME_PERSON`, and with nothing else.
    refused_code: Option<ApplicationCode>,
    /// How that is known, for colleagues, 1 to 2000 characters. It is sealed.
    note: String,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

impl ResolveDuplicateInput {
    fn answer(&self) -> crate::Result<Answer> {
        match (self.resolution, &self.refused_code) {
            (DuplicateResolution::DifferentPersons, None) => Ok(Answer::DifferentPersons),
            (DuplicateResolution::ContactMistaken, None) => Ok(Answer::ContactMistaken),
            (DuplicateResolution::SamePerson, Some(code)) => Ok(Answer::SamePerson {
                refused: code.0.clone(),
            }),
            (DuplicateResolution::SamePerson, None) => Err(Error::invalid(
                "refusedCode",
                "of one person's two applications one is refused; say which",
            )),
            (_, Some(_)) => Err(Error::invalid(
                "refusedCode",
                "two persons' applications both stand; leave it out",
            )),
        }
    }
}

/// What became of a resolution.
#[derive(Union)]
enum ResolveDuplicatePayload {
    Resolved(DuplicateResolved),
    Already(DuplicateResolvedBefore),
    Locked(DuplicateLocked),
    Claimed(ApplicationClaimedByAnother),
}

/// The resolution stands.
#[derive(SimpleObject)]
#[graphql(complex)]
struct DuplicateResolved {
    /// The flag.
    flag: DuplicateFlag,
}

/// Somebody had resolved it before, and that stands; nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct DuplicateResolvedBefore {
    /// The flag.
    flag: DuplicateFlag,
}

refusal! {
    DuplicateResolvedBefore:
    "该疑似重复申请已由他人处理，原结论不变。",
    "Somebody has resolved this flag before. That stands.",
}

/// The application to refuse is in the frozen pool of a draw under way; nothing was changed. It can
/// be refused when the draw has ended.
#[derive(SimpleObject)]
#[graphql(complex)]
struct DuplicateLocked {
    /// The draw.
    draw: ID,
}

refusal! {
    DuplicateLocked:
    "申请编码已进入摇号池，摇号结束后才能作不予通过处理。",
    "The code is in the pool of a draw under way. Refuse the application when the draw has ended.",
}

page::connection! {
    /// A page of flags, oldest first.
    DuplicateFlagConnection, DuplicateFlagEdge, DuplicateFlag
}

/// What cursors of this list begin with.
const CURSOR: &str = "duplicate";

#[derive(Default)]
pub(super) struct DuplicateQuery;

#[Object]
impl DuplicateQuery {
    /// Applications that may be one person's, oldest flag first. Reviewers and officers only.
    #[graphql(complexity = "page::weight(first) * child_complexity")]
    async fn duplicate_flags(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those with an application of this period.")] period: Option<
            PeriodNumber,
        >,
        #[graphql(desc = "Only those that are resolved, or only those that are not.")]
        resolved: Option<bool>,
        #[graphql(default = 20, desc = "How many, 1 to 100.")] first: i32,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
    ) -> Result<DuplicateFlagConnection> {
        let (app, reviewer) = (ctx.app(), ctx.actor().reviewer()?);
        let page = page::Page::read(CURSOR, first, after)?;
        let filter = Filter {
            period: period.map(|period| period.0),
            is_resolved: resolved,
        };
        let (after, limit) = (page.after::<Uuid>()?, page.limit()?);
        let rows = service::duplicates::list(app, &reviewer, &filter, after, limit).await?;
        let nodes = rows
            .into_iter()
            .map(|row| (row.id.to_string(), DuplicateFlag::new(row, &reviewer)));
        Ok(DuplicateFlagConnection::of(&page, nodes.collect()))
    }
}

outcome!(DuplicateResolved);

#[derive(Default)]
pub(super) struct DuplicateMutation;

#[Object]
impl DuplicateMutation {
    /// Say what a flag means. Reviewers and officers only.
    async fn resolve_duplicate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The flag and what it means.")] input: ResolveDuplicateInput,
    ) -> Result<ResolveDuplicatePayload> {
        let (app, reviewer) = (ctx.app(), ctx.actor().reviewer()?);
        let answer = input.answer()?;
        let id = Uuid::parse_str(&input.flag_id)
            .map_err(|_| Error::invalid("flagId", "expected the id of a duplicate flag"))?;
        let asked = input.once.asked(ctx, &reviewer.actor(), &input)?;
        let resolving = service::duplicates::resolve(app, &reviewer, id, &answer, &input.note);
        let resolved = once::answer(app, asked, resolving).await?;
        let shown = |row| DuplicateFlag::new(row, &reviewer);
        Ok(match resolved {
            Resolved::Done(row) => {
                ResolveDuplicatePayload::Resolved(DuplicateResolved { flag: shown(row) })
            }
            Resolved::AlreadyResolved(row) => {
                ResolveDuplicatePayload::Already(DuplicateResolvedBefore { flag: shown(row) })
            }
            Resolved::InFrozenPool(draw) => {
                ResolveDuplicatePayload::Locked(DuplicateLocked { draw: draw.into() })
            }
            Resolved::ClaimedByAnother(claim) => {
                let claim = claim.into();
                ResolveDuplicatePayload::Claimed(ApplicationClaimedByAnother { claim })
            }
        })
    }
}
