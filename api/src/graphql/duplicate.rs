//! Applications that may be one person's.

use std::sync::Arc;

use ::entity::{ApplicationId, contact_index, duplicate_flag};
use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject, Union};

use super::{
    application::Application,
    claim::ApplicationClaimedByAnother,
    context::ContextExt as _,
    error::{ApiError, Result},
    global_id::Noun,
    once::{self, Once},
    outcome::{Echo, outcome, refusal},
    page,
    scalars::{ApplicationCode, DateTime, PeriodNumber},
    together::Facts,
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
    listed: Arc<Listed>,
}

/// Flags that were listed together, and their applications.
struct Listed {
    rows: Vec<duplicate_flag::Model>,
    reviewer: Reviewer,
    applications: Facts<ApplicationId, Application>,
}

impl DuplicateFlag {
    /// As reviewers see it.
    pub(super) fn new(row: duplicate_flag::Model, reviewer: &Reviewer) -> Self {
        let listed = Listed::of(vec![row.clone()], reviewer);
        Self { row, listed }
    }

    /// Flags that were listed together.
    pub(super) fn all(rows: &[duplicate_flag::Model], reviewer: &Reviewer) -> Vec<Self> {
        let listed = Listed::of(rows.to_vec(), reviewer);
        let flags = rows.iter().map(|row| Self {
            row: row.clone(),
            listed: Arc::clone(&listed),
        });
        flags.collect()
    }

    async fn side(
        &self,
        app: &App,
        id: ApplicationId,
    ) -> Option<async_graphql::Result<Application>> {
        let listed = &*self.listed;
        let look_up = async {
            let (reviewer, flags) = (&listed.reviewer, &listed.rows);
            let rows = service::duplicates::list_applications(app, reviewer, flags).await?;
            let applications = Application::all_for_reviewer(rows, reviewer).into_iter();
            Ok(applications.map(|it| (it.key(), it)).collect())
        };
        let found = listed.applications.get(&id, look_up).await;
        let found =
            found.and_then(|found| found.ok_or_else(|| Error::not_found("application", id)));
        Some(found.map_err(|error| ApiError::from(error).into()))
    }
}

impl Listed {
    fn of(rows: Vec<duplicate_flag::Model>, reviewer: &Reviewer) -> Arc<Self> {
        Arc::new(Self {
            rows,
            reviewer: reviewer.clone(),
            applications: Facts::default(),
        })
    }
}

#[Object(use_type_description)]
impl DuplicateFlag {
    /// The flag's id, which `resolveDuplicate` takes.
    pub(super) async fn id(&self) -> ID {
        Noun::DuplicateFlag.id(self.row.id)
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
    #[graphql(complexity = "page::weight(first, last) * child_complexity")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of a connection, and two filters"
    )]
    async fn duplicate_flags(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those with an application of this period.")] period: Option<
            PeriodNumber,
        >,
        #[graphql(desc = "Only those that are resolved, or only those that are not.")]
        resolved: Option<bool>,
        #[graphql(desc = "How many from the beginning, 1 to 100; 20 without `first` and `last`.")]
        first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100; not together with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only rows behind the row of this cursor.")] after: Option<String>,
        #[graphql(desc = "Only rows ahead of the row of this cursor.")] before: Option<String>,
    ) -> Result<DuplicateFlagConnection> {
        let (app, reviewer) = (ctx.app(), ctx.actor().reviewer()?);
        let page = page::Page::read(CURSOR, (first, last), (after, before))?;
        let filter = Filter {
            period: period.map(|period| period.0),
            is_resolved: resolved,
        };
        let rows = service::duplicates::list(app, &reviewer, &filter, page.span()?).await?;
        let nodes = DuplicateFlag::all(&rows, &reviewer)
            .into_iter()
            .map(|flag| (flag.row.id.to_string(), flag));
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
        let id = Noun::DuplicateFlag.key("flagId", &input.flag_id)?;
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
            Resolved::InFrozenPool(draw) => ResolveDuplicatePayload::Locked(DuplicateLocked {
                draw: Noun::Draw.id(draw),
            }),
            Resolved::ClaimedByAnother(claim) => {
                let claim = claim.into();
                ResolveDuplicatePayload::Claimed(ApplicationClaimedByAnother { claim })
            }
        })
    }
}
