//! What a second officer says of a proposal.

use ::entity::{approval, draw};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};

use super::{
    approval::{Approval, ApprovalState},
    context::ContextExt as _,
    draw::Draw,
    error::Result,
    global_id::Noun,
    once::{self, Once},
    outcome::{Echo, outcome, refusal},
    scalars::{Bytes32, Long},
    unsigned::UnsignedRecord,
};
use crate::{
    app::App,
    service::{
        approvals::{self, Decided, Refused, Withdrawn},
        draws,
    },
};

/// What is approved of.
#[derive(InputObject)]
struct ApproveInput {
    /// The approval's id.
    id: ID,
    /// The digest of the content that you have read.
    digest: Bytes32,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    echo: Echo,
}

/// What is refused.
#[derive(InputObject)]
struct RefuseApprovalInput {
    /// The approval's id.
    id: ID,
    #[graphql(flatten)]
    echo: Echo,
}

/// What is taken back.
#[derive(InputObject)]
struct WithdrawApprovalInput {
    /// The approval's id.
    id: ID,
    #[graphql(flatten)]
    echo: Echo,
}

/// What became of approving.
#[derive(Union)]
enum ApprovePayload {
    CarriedOut(ApprovalCarriedOut),
    Own(ApprovalIsOwn),
    OtherDigest(ApprovalDigestDiffers),
    Changed(ApprovalOutdated),
    Expired(ApprovalExpired),
    Decided(ApprovalDecided),
}

/// What became of refusing.
#[derive(Union)]
enum RefuseApprovalPayload {
    Refused(ApprovalRefused),
    Own(ApprovalIsOwn),
    Expired(ApprovalExpired),
    Decided(ApprovalDecided),
}

/// What became of withdrawing.
#[derive(Union)]
enum WithdrawApprovalPayload {
    Withdrawn(ApprovalWithdrawn),
    AnotherOfficers(ApprovalIsAnotherOfficers),
    Expired(ApprovalExpired),
    Decided(ApprovalDecided),
}

/// It is done. A record of it is signed, logged, witnessed and public, or waits for its signature.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApprovalCarriedOut {
    /// The approval.
    approval: Approval,
    /// The draw that was made or changed; null where it is about rules or keys.
    draw: Option<Draw>,
    /// Of a freeze, how many valid applications stayed out, because the person holds a live
    /// certificate, is banned, or is in another pool under way; the audit trail names each with the
    /// reason. Null otherwise.
    excluded: Option<Long>,
    /// The record, where it waits for the signature of a key on a machine without network: nothing is left
    /// to decide, and nothing has changed yet. Null otherwise.
    unsigned: Option<Box<UnsignedRecord>>,
}

/// Another officer's proposal will not be done.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApprovalRefused {
    /// The approval.
    approval: Approval,
}

/// Your own proposal will not be done.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApprovalWithdrawn {
    /// The approval.
    approval: Approval,
}

/// You have proposed it yourself, or in this very session or on this device. Nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApprovalIsOwn {
    /// The approval.
    approval: Approval,
}

refusal! {
    ApprovalIsOwn:
    "提议人本人（或同一会话、同一设备）不能批准或拒绝该提议，须由另一位经办人员处理；本人可撤回。",
    "Whoever has proposed it, their session and their device cannot decide on it. Another officer does; you can withdraw it.",
}

/// Another officer has proposed it. Nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApprovalIsAnotherOfficers {
    /// The approval.
    approval: Approval,
}

refusal! {
    ApprovalIsAnotherOfficers:
    "该提议由另一位经办人员提出，您可以拒绝，但不能撤回。",
    "Another officer has proposed it. You can refuse it and cannot withdraw it.",
}

/// The digest is not that of the proposal. Nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApprovalDigestDiffers {
    /// The approval.
    approval: Approval,
}

refusal! {
    ApprovalDigestDiffers:
    "摘要与提议内容不一致。请重新阅读内容，并填写其摘要。",
    "The digest is not that of the proposal. Read its content again, and give the digest of what you have read.",
}

/// What would be done now is no longer what was proposed, because something has changed since.
/// Nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApprovalOutdated {
    /// The approval.
    approval: Approval,
}

refusal! {
    ApprovalOutdated:
    "提议之后情况已变，现在执行的内容与提议不同。请撤回或拒绝后重新提议。",
    "Something has changed since, and what would be done now is not what was proposed. Withdraw or refuse it, and propose anew.",
}

/// Nobody has decided in time. Nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApprovalExpired {
    /// The approval.
    approval: Approval,
}

refusal! {
    ApprovalExpired:
    "该提议已过期，请重新提议。",
    "Nobody has decided on the proposal in time. Propose it anew.",
}

/// It was carried out, refused or withdrawn before. Nothing was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ApprovalDecided {
    /// The approval.
    approval: Approval,
}

refusal! {
    ApprovalDecided:
    "该提议此前已有处理结果，不再等待批准。",
    "The proposal was carried out, refused or withdrawn before, and does not wait any more.",
}

outcome!(ApprovalCarriedOut, ApprovalRefused, ApprovalWithdrawn);

/// A proposal that does not wait: its time is over, or somebody has decided.
fn not_waiting(
    app: &App,
    row: approval::Model,
) -> crate::Result<std::result::Result<ApprovalExpired, ApprovalDecided>> {
    let approval = Approval::of(app, row)?;
    Ok(if approval.state == ApprovalState::Expired {
        Ok(ApprovalExpired { approval })
    } else {
        Err(ApprovalDecided { approval })
    })
}

async fn carried_out(
    app: &App,
    row: approval::Model,
    draw: Option<draw::Model>,
) -> crate::Result<ApprovalCarriedOut> {
    let excluded = match &draw {
        Some(draw) if row.action == approval::Action::FreezePeriod => {
            let pools = draws::list_pools(app, &draw.id).await?;
            Some(Long(pools.iter().map(|pool| pool.excluded).sum()))
        }
        _ => None,
    };
    Ok(ApprovalCarriedOut {
        approval: Approval::of(app, row)?,
        draw: draw.map(Draw::from),
        excluded,
        unsigned: None,
    })
}

#[derive(Default)]
pub(super) struct ApprovalMutation;

#[Object]
impl ApprovalMutation {
    /// Approve of exactly what another officer has proposed, and do it. Officers and approvers only, and
    /// not the one who has proposed it.
    async fn approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was read.")] input: ApproveInput,
    ) -> Result<ApprovePayload> {
        let (app, by) = (ctx.app(), ctx.actor().approver()?);
        let asked = input.once.asked(ctx, &by.actor(), &input)?;
        let id = Noun::Approval.key("id", &input.id)?;
        let approving = approvals::approve(app, &by, id, input.digest.0);
        Ok(match once::answer(app, asked, approving).await? {
            Decided::CarriedOut {
                approval,
                draw,
                unsigned,
            } => {
                let mut done = carried_out(app, approval, draw).await?;
                done.unsigned = unsigned.map(|row| Box::new((*row).into()));
                ApprovePayload::CarriedOut(done)
            }
            Decided::Own(row) => ApprovePayload::Own(ApprovalIsOwn {
                approval: Approval::of(app, row)?,
            }),
            Decided::OtherDigest(row) => ApprovePayload::OtherDigest(ApprovalDigestDiffers {
                approval: Approval::of(app, row)?,
            }),
            Decided::Changed(row) => ApprovePayload::Changed(ApprovalOutdated {
                approval: Approval::of(app, row)?,
            }),
            Decided::NotWaiting(row) => match not_waiting(app, row)? {
                Ok(expired) => ApprovePayload::Expired(expired),
                Err(decided) => ApprovePayload::Decided(decided),
            },
        })
    }

    /// Refuse what another officer has proposed: it will not be done, and can be proposed anew.
    /// Officers and approvers only.
    async fn refuse_approval(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which proposal.")] input: RefuseApprovalInput,
    ) -> Result<RefuseApprovalPayload> {
        let (app, by) = (ctx.app(), ctx.actor().approver()?);
        let id = Noun::Approval.key("id", &input.id)?;
        Ok(match approvals::refuse(app, &by, id).await? {
            Refused::Done(row) => RefuseApprovalPayload::Refused(ApprovalRefused {
                approval: Approval::of(app, row)?,
            }),
            Refused::Own(row) => RefuseApprovalPayload::Own(ApprovalIsOwn {
                approval: Approval::of(app, row)?,
            }),
            Refused::NotWaiting(row) => match not_waiting(app, row)? {
                Ok(expired) => RefuseApprovalPayload::Expired(expired),
                Err(decided) => RefuseApprovalPayload::Decided(decided),
            },
        })
    }

    /// Take your own proposal back, from whichever session. Officers only.
    async fn withdraw_approval(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which proposal.")] input: WithdrawApprovalInput,
    ) -> Result<WithdrawApprovalPayload> {
        let (app, officer) = (ctx.app(), ctx.actor().officer()?);
        let id = Noun::Approval.key("id", &input.id)?;
        Ok(match approvals::withdraw(app, officer, id).await? {
            Withdrawn::Done(row) => WithdrawApprovalPayload::Withdrawn(ApprovalWithdrawn {
                approval: Approval::of(app, row)?,
            }),
            Withdrawn::AnotherOfficers(row) => {
                WithdrawApprovalPayload::AnotherOfficers(ApprovalIsAnotherOfficers {
                    approval: Approval::of(app, row)?,
                })
            }
            Withdrawn::NotWaiting(row) => match not_waiting(app, row)? {
                Ok(expired) => WithdrawApprovalPayload::Expired(expired),
                Err(decided) => WithdrawApprovalPayload::Decided(decided),
            },
        })
    }
}
