//! What no officer can do alone: proposals, and where they stand.

use ::entity::approval;
use async_graphql::{ComplexObject, Context, Enum, ID, Object, SimpleObject};

use super::{
    context::ContextExt as _,
    error::Result,
    global_id::Noun,
    locale::Locale,
    outcome::{outcome, refusal},
    page,
    scalars::{Bytes32, DateTime},
};
use crate::{
    app::App,
    domain::{
        amend,
        approval::{Content, state_at},
    },
    error::Error,
    service::approvals::{self, Proposed},
};

/// Something that an officer has proposed, and what became of it.
#[derive(Clone, SimpleObject)]
#[graphql(complex)]
pub(super) struct Approval {
    /// SHA-256 of `content`, as UTF-8.
    digest: Bytes32,
    /// What is to be done.
    action: ApprovedAction,
    /// The period, draw, policy or certificate that it is done to; of a change of the record key, what it
    /// is called.
    subject: String,
    /// All of what is to be done, as JSON. Read it, or `summary`, before you approve.
    content: String,
    /// The officer who has proposed it.
    proposed_by: String,
    /// When they did.
    proposed_at: DateTime,
    /// Until when another officer can approve of it.
    expires_at: DateTime,
    /// Where it stands.
    pub(super) state: ApprovalState,
    /// The officer who has decided; null while nobody has.
    decided_by: Option<String>,
    /// When it was decided, or found to have expired; null until then.
    decided_at: Option<DateTime>,
    #[graphql(skip)]
    id: uuid::Uuid,
    #[graphql(skip)]
    whole: Content,
}

#[ComplexObject]
impl Approval {
    /// The approval's id.
    pub(super) async fn id(&self) -> ID {
        Noun::Approval.id(self.id)
    }

    /// What is to be done, in a sentence.
    async fn summary(
        &self,
        #[graphql(default, desc = "Language of the sentence.")] locale: Locale,
    ) -> String {
        self.whole.summary(locale.into())
    }
}

impl Approval {
    /// An approval as it stands now.
    pub(super) fn of(app: &App, row: approval::Model) -> crate::Result<Self> {
        Ok(Self {
            whole: approvals::content_of(&row)?,
            state: state_at(&row, app.clock.now()).into(),
            digest: Bytes32(row.digest.as_slice().try_into().map_err(Error::internal)?),
            action: row.action.into(),
            id: row.id,
            subject: row.subject,
            content: row.content,
            proposed_by: row.proposed_by,
            proposed_at: DateTime(row.proposed_at),
            expires_at: DateTime(row.expires_at),
            decided_by: row.decided_by,
            decided_at: row.decided_at.map(DateTime),
        })
    }
}

/// What no officer can do alone.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "approval::Action")]
enum ApprovedAction {
    /// Freeze the pools of a period.
    FreezePeriod,
    /// Freeze the pool of those who may be drawn as representatives.
    FreezeRepresentatives,
    /// Announce a draw.
    AnnounceDraw,
    /// Void a draw.
    VoidDraw,
    /// Confirm the rules that rest on weak sources.
    ConfirmPolicy,
    /// Lift a ban.
    LiftBan,
    /// Amend the result of a draw.
    AmendResult,
    /// Have another key sign the city's records.
    ChangeRecordKey,
    /// Have another log key sign the log's checkpoints, or other witnesses vouch for them.
    ChangeTrust,
    /// Adopt another text of the rules.
    ChangePolicy,
}

/// Where an approval stands.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "approval::State")]
pub(super) enum ApprovalState {
    /// Another officer is to look at it.
    Waiting,
    /// Approved and done.
    CarriedOut,
    /// Another officer has said no.
    Refused,
    /// Whoever has proposed it has taken it back.
    Withdrawn,
    /// Nobody has decided in time.
    Expired,
}

page::connection! {
    /// A page of approvals, newest first.
    ApprovalConnection, ApprovalEdge, Approval
}

/// What cursors of the list of approvals begin with.
const APPROVALS: &str = "approval";

/// A page of the approvals, for whoever may decide on them.
pub(super) async fn list(
    ctx: &Context<'_>,
    state: Option<ApprovalState>,
    count: (Option<i32>, Option<i32>),
    between: (Option<String>, Option<String>),
) -> Result<ApprovalConnection> {
    let (app, desk) = (ctx.app(), ctx.actor().approver()?);
    let page = page::Page::read(APPROVALS, count, between)?;
    let state = state.map(Into::into);
    let rows = approvals::list(app, &desk, state, page.span()?).await?;
    Ok(ApprovalConnection::page(app, &page, rows)?)
}

#[derive(Default)]
pub(super) struct ApprovalQuery;

#[Object]
impl ApprovalQuery {
    /// The desk of whoever decides on what officers have proposed, newest first. Officers and
    /// approvers only.
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
    ) -> Option<async_graphql::Result<ApprovalConnection>> {
        let page = list(ctx, state, (first, last), (after, before)).await;
        Some(page.map_err(Into::into))
    }
}

impl ApprovalConnection {
    /// The page of these rows.
    pub(super) fn page(
        app: &App,
        page: &page::Page,
        rows: Vec<approval::Model>,
    ) -> crate::Result<Self> {
        let rows = rows.into_iter().map(|row| {
            let key = row.id.to_string();
            Ok((key, Approval::of(app, row)?))
        });
        let rows: crate::Result<Vec<_>> = rows.collect();
        Ok(Self::of(page, rows?))
    }
}

/// The proposal waits for another officer, who calls `approve` with its id and digest. Nothing else
/// was done.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct ApprovalRequested {
    /// The proposal.
    approval: Approval,
}

/// The same thing was proposed before, perhaps with other content, and nobody has decided. Nothing was
/// changed.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct ApprovalAlreadyWaiting {
    /// The earlier proposal.
    approval: Approval,
}

refusal! {
    ApprovalAlreadyWaiting:
    "该事项已有待批准的提议。请由另一位经办人员批准或拒绝，或由提议人撤回后重新提议。",
    "The same was proposed before and waits for a second officer. Have it approved or refused, or withdraw it and propose anew.",
}

outcome!(ApprovalRequested);

/// Defines what a mutation answers with that a second officer has to approve of.
macro_rules! proposal {
    ($($(#[$doc:meta])* $payload:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(async_graphql::Union)]
        pub(in crate::graphql) enum $payload {
            Requested(crate::graphql::approval::ApprovalRequested),
            Waiting(crate::graphql::approval::ApprovalAlreadyWaiting),
        }

        impl $payload {
            /// What became of a proposal.
            fn of(
                app: &crate::app::App,
                proposed: crate::service::approvals::Proposed,
            ) -> crate::Result<Self> {
                use crate::graphql::approval::shown;
                Ok(match shown(app, proposed)? {
                    Ok(requested) => Self::Requested(requested),
                    Err(waiting) => Self::Waiting(waiting),
                })
            }
        }
    )+};
}
pub(super) use proposal;

/// What became of a proposal: that it was made, or why not.
pub(super) fn shown(
    app: &App,
    proposed: Proposed,
) -> crate::Result<std::result::Result<ApprovalRequested, ApprovalAlreadyWaiting>> {
    Ok(match proposed {
        Proposed::Requested(row) => Ok(ApprovalRequested {
            approval: Approval::of(app, row)?,
        }),
        Proposed::AlreadyWaiting(row) => Err(ApprovalAlreadyWaiting {
            approval: Approval::of(app, row)?,
        }),
        Proposed::Refused(obstacles) => return Err(amend::refusal(&obstacles)),
    })
}
