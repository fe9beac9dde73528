//! The demo's two officers: what one proposes, the other approves of.

use ::entity::{approval, draw};

use crate::{
    App,
    domain::{
        actor::{Officer, Operator},
        span::Span,
    },
    error::{Error, Result},
    service::{
        approvals::{self, Action, Decided, Proposed},
        sessions,
    },
};

/// Who proposes, and does whatever one officer does.
const FIRST: &str = "demo";

/// Who approves.
const SECOND: &str = "demo-second";

/// How many proposals are looked through.
const LOOKED_THROUGH: u64 = 100;

/// The officer in whose name the demo acts.
pub(super) fn officer() -> Officer {
    Officer::new(FIRST)
}

/// One of them, in a session of their own.
async fn signed_in(app: &App, name: &str) -> Result<Officer> {
    let token = sessions::open_for_officer(app, &Operator, name).await?;
    let actor = sessions::identify(app, &token).await?;
    actor.officer().cloned()
}

/// Has something proposed and approved; gives the draw that it makes or changes. What a run before
/// this one has proposed and not come to approve is withdrawn.
pub(super) async fn agree(app: &App, action: Action) -> Result<Option<draw::Model>> {
    let first = signed_in(app, FIRST).await?;
    let waiting = Some(approval::State::Waiting);
    for row in approvals::list(app, &first, waiting, Span::first(LOOKED_THROUGH)).await? {
        if row.proposed_by == first.name() {
            approvals::withdraw(app, &first, row.id).await?;
        }
    }
    let row = match approvals::propose(app, &first, action).await? {
        Proposed::Requested(row) => row,
        Proposed::AlreadyWaiting(row) => return Err(disagreed(&row)),
    };
    let second = signed_in(app, SECOND).await?;
    let digest = row.digest.as_slice().try_into().map_err(Error::internal)?;
    match approvals::approve(app, &second, row.id, digest).await? {
        Decided::CarriedOut { draw, .. } => Ok(draw),
        Decided::Own(row)
        | Decided::OtherDigest(row)
        | Decided::Changed(row)
        | Decided::NotWaiting(row) => Err(disagreed(&row)),
    }
}

/// The same for what makes or changes a draw.
pub(super) async fn agree_on_draw(app: &App, action: Action) -> Result<draw::Model> {
    let draw = agree(app, action).await?;
    draw.ok_or_else(|| Error::internal(anyhow::anyhow!("the action is about no draw")))
}

fn disagreed(row: &approval::Model) -> Error {
    Error::invalid(
        "approval",
        format!(
            "the demo's officers cannot agree on {}, which {} has proposed; withdraw or refuse it",
            row.id, row.proposed_by
        ),
    )
}
